"""Why the collection of an audience waits, and when it will be complete."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from confrere.domain import remedies
from confrere.domain.account import Account, Condition
from confrere.domain.campaigns.audience import Audience, AudienceStatus
from confrere.domain.campaigns.campaign import WaitReason
from confrere.domain.campaigns.collection import Collection, CollectionFault
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, Action, Quota, window_end
from confrere.domain.why_not import WhyNot, why_account_waits

PAGE: Final = 100
"""Places of LinkedIn's list that are read at a time."""

PAGE_PAUSE: Final = timedelta(seconds=5)
"""The least time between two pages."""


def why_collection_waits(audience: Audience, account: Account | None, quota: Quota, now: datetime) -> WhyNot | None:
    """Return why no page is read now; None where one may be, or where the audience is ready.

    account:  that reads; None where it is gone.  quota: its GROUP_MEMBERS.
    """
    collection = audience.collection
    if audience.status is AudienceStatus.READY or collection is None:
        return None
    if account is None:
        return WhyNot(WaitReason.ACCOUNT_ERROR, None, remedies.CONNECT_AGAIN)
    if account.condition(now) is not Condition.AVAILABLE:
        return why_account_waits(account, None, None, now)
    if quota.remaining == 0:
        return WhyNot(WaitReason.DAY_USED_UP, quota.resets_at, remedies.WAIT)
    return _why_faulty(collection)


def _why_faulty(collection: Collection) -> WhyNot | None:
    match collection.fault:
        case CollectionFault.REFUSED:
            return WhyNot(WaitReason.ACCOUNT_ERROR, None, remedies.JOIN_GROUP)
        case CollectionFault.UNREADABLE:
            return WhyNot(WaitReason.NEXT_IN_LINE, collection.next_at, remedies.WAIT)
        case CollectionFault.PROTOCOL_MOVED:
            return WhyNot(WaitReason.NEXT_IN_LINE, collection.next_at, remedies.UPDATE_QUERY_ID)
        case None:
            return None


def completes_at(
    audience: Audience, others: Iterable[Audience], quota: Quota, why: WhyNot | None, now: datetime
) -> datetime | None:
    """Return when the whole list will be read at the latest, if nothing else reads members with the account.

    others:  audiences that the same account collects meanwhile, in turn with this one.
    Returns None where that cannot be known: LinkedIn has not returned its length, or somebody has to act first.
    """
    left = _left(audience)
    if left is None or (why is not None and why.until is None):
        return None
    reads = left + sum(left if (other := _left(one)) is None else min(left, other) for one in others)
    begins = max(now, why.until) if why is not None and why.until is not None else now
    remaining = GROUP_MEMBERS_PER_DAY if begins >= quota.resets_at else quota.remaining or 0
    if reads > remaining:
        days = ceil((reads - remaining) / GROUP_MEMBERS_PER_DAY)
        begins = window_end(Action.GROUP_MEMBERS, begins) + timedelta(days=days - 1)
        reads -= remaining + (days - 1) * GROUP_MEMBERS_PER_DAY
    return (begins + PAGE_PAUSE * ceil(reads / PAGE)).replace(microsecond=0)


def _left(audience: Audience) -> int | None:
    return None if audience.collection is None else audience.collection.places_left(audience.count)


def begin_collection(audience: Audience, collection: Collection, now: datetime) -> Audience:
    """Return the audience as it is before its first page."""
    return replace(audience, status=AudienceStatus.COLLECTING, collection=replace(collection, next_at=now))
