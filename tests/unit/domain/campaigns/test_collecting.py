"""When a collection will be complete, and why it waits: arithmetic on what is left of the days."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from confrere.domain.account import AccountStatus
from confrere.domain.campaigns.audience import Audience, AudienceStatus
from confrere.domain.campaigns.collecting import completes_at, why_collection_waits
from confrere.domain.campaigns.collection import (
    Collection,
    CollectionFault,
    GroupFilters,
    parse_filter_text,
    people_among,
)
from confrere.domain.errors import InvalidField
from confrere.domain.group import GroupMember
from confrere.domain.limits import Action, Quota
from confrere.domain.urns import GroupId
from tests.unit.domain.samples import ACCOUNT, NOON

MIDNIGHT = datetime(2026, 3, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def collecting(
    total: int | None, read: int = 0, *, count: int = 0, most: int | None = None, headline: str = ""
) -> Audience:
    """An audience that has read so many places."""
    collection = Collection("0" * 24, GroupFilters(headline_contains=headline, most=most), read, total, next_at=NOON)
    values = ("0" * 32, "default", "Buyers", GroupId("42"), "group", NOON, count)
    return replace(Audience(*values), status=AudienceStatus.COLLECTING, collection=collection)


def quota(used: int) -> Quota:
    """The day's members."""
    return Quota(Action.GROUP_MEMBERS, 1_000, used, MIDNIGHT)


@pytest.mark.parametrize(
    ("audience", "others", "used", "expected"),
    [
        (collecting(None), [], 0, None),
        (collecting(300), [], 0, NOON + timedelta(seconds=15)),
        (collecting(300, 300), [], 0, NOON),
        (collecting(1_000), [], 0, NOON + timedelta(seconds=50)),
        (collecting(1_001), [], 0, MIDNIGHT + timedelta(seconds=5)),
        (collecting(1_000), [], 400, MIDNIGHT + timedelta(seconds=20)),
        (collecting(5_000), [], 0, MIDNIGHT + 3 * DAY + timedelta(seconds=50)),
        (collecting(5_001), [], 0, MIDNIGHT + 4 * DAY + timedelta(seconds=5)),
        (collecting(5_000, count=10, most=20), [], 0, NOON + timedelta(seconds=5)),
        (collecting(None, count=10, most=20), [], 0, NOON + timedelta(seconds=5)),
        (collecting(5_000, count=10, most=20, headline="x"), [], 0, MIDNIGHT + 3 * DAY + timedelta(seconds=50)),
        (collecting(600), [collecting(600), collecting(100)], 0, MIDNIGHT + timedelta(seconds=15)),
        (collecting(100), [collecting(5_000)], 0, NOON + timedelta(seconds=10)),
        (collecting(600), [collecting(None)], 0, MIDNIGHT + timedelta(seconds=10)),
    ],
)
def test_completion_is_computed_from_what_is_left_of_the_days(
    audience: Audience, others: list[Audience], used: int, expected: datetime | None
) -> None:
    """A thousand members a day, taking turns with the account's other collections; unknown without a length."""
    assert completes_at(audience, others, quota(used), None, NOON) == expected


def test_completion_begins_after_what_keeps_it_waiting() -> None:
    """A day that is used up, or a hold, comes first; while somebody has to act nobody knows."""
    audience = collecting(1_500)
    why = why_collection_waits(audience, ACCOUNT, quota(1_000), NOON)
    assert why is not None
    assert (why.reason, why.until) == ("day_used_up", MIDNIGHT)
    assert completes_at(audience, [], quota(1_000), why, NOON) == MIDNIGHT + DAY + timedelta(seconds=25)
    held = replace(ACCOUNT, hold_until=NOON + timedelta(hours=1))
    why = why_collection_waits(audience, held, quota(0), NOON)
    assert why is not None
    assert (why.reason, why.until) == ("account_held", NOON + timedelta(hours=1))
    assert completes_at(collecting(900), [], quota(0), why, NOON) == NOON + timedelta(hours=1, seconds=45)
    why = why_collection_waits(audience, replace(ACCOUNT, enabled=False), quota(0), NOON)
    assert why is not None
    assert (why.reason, why.until) == ("account_error", None)
    assert completes_at(audience, [], quota(0), why, NOON) is None


def test_nothing_waits_without_a_reason() -> None:
    """Whatever keeps a page has a reason and a remedy; a collection that may go on, or is over, has none."""
    audience = collecting(300)
    assert audience.collection is not None
    assert why_collection_waits(audience, ACCOUNT, quota(0), NOON) is None
    assert why_collection_waits(replace(audience, status=AudienceStatus.READY), None, quota(1_000), NOON) is None
    accounts = [
        None,
        replace(ACCOUNT, enabled=False),
        replace(ACCOUNT, status=AccountStatus.ERROR),
        replace(ACCOUNT, session_version=0),
        replace(ACCOUNT, hold_until=MIDNIGHT),
    ]
    for account in accounts:
        why = why_collection_waits(audience, account, quota(0), NOON)
        assert why is not None
        assert why.remedy
    for fault in CollectionFault:
        faulty = replace(audience, collection=replace(audience.collection, fault=fault))
        why = why_collection_waits(faulty, ACCOUNT, quota(0), NOON)
        assert why is not None
        assert why.remedy


def test_members_who_cannot_be_written_to_are_left_out() -> None:
    """LinkedIn may list somebody without a profile's id."""
    members = [
        GroupMember(None, "urn:li:fsd_groupMembership:1"),
        GroupMember("urn:li:company:5", None),
        GroupMember("urn:li:fsd_profile:ACoAAMarta", None, "marta", "Marta", "Muster", "Buyer"),
    ]
    [(member, person)] = people_among(members)
    assert member is members[2]
    assert (person.profile_urn, person.public_id, person.full_name, person.headline) == (
        "urn:li:fsd_profile:ACoAAMarta",
        "marta",
        "Marta Muster",
        "Buyer",
    )


@pytest.mark.parametrize("text", [5, "x" * 201, "a\nb", "\0"])
def test_filter_is_a_short_printable_text(text: object) -> None:
    """Anything else is refused by the name of its field."""
    with pytest.raises(InvalidField, match=r"^headline must be a printable text"):
        parse_filter_text(text, field="headline")
