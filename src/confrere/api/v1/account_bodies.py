"""The bodies about accounts and their pacing, and their conversion from the domain's values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from confrere.api.shared_bodies import (
    AccountBody,
    Body,
    Cursor,
    Moment,
    QuotaItem,
    Status,
    account_fields,
    optional_time,
    quota_item,
)
from confrere.domain.account import Account
from confrere.domain.limits import Quota, iso_z
from confrere.domain.pacing import Pacing
from confrere.domain.pacing_json import RULES, show_pacing


class RestoredBackup(Body, frozen=True, kw_only=True):
    """A backup was restored, and what the account sent between the two times is in no row.

    Before each message is sent, it is looked for in its conversation.
    """

    backup_at: Moment
    restored_at: Moment
    looks_until: Annotated[
        Moment | None,
        Meta(
            description="When that ends, or later: once no campaign that the backup held is left. Null while the "
            "account is held since the restore."
        ),
    ]


class ManagedAccount(AccountBody, frozen=True, kw_only=True):
    """A LinkedIn account, without its session."""

    profile_urn: str
    picture: str | None
    is_premium: bool | None
    status: Status
    status_reason: Annotated[str | None, Meta(description="Why the status is `ERROR`, in one clause.")]
    hold_until: Annotated[
        Moment | None, Meta(description="LinkedIn throttled the account: it is on hold until then. Null if it is not.")
    ]
    restored: Annotated[RestoredBackup | None, Meta(description="Null where no backup was restored, or all is known.")]
    enabled: bool
    is_default: Annotated[bool, Meta(description="Whether it sends where no account is named.")]
    daily_limit: Annotated[int, Meta(description="Messages a day (UTC).")]
    has_session: Annotated[bool, Meta(description="Whether a session is stored.")]
    session_connected_at: Annotated[
        Moment | None,
        Meta(description="When a person last connected its session. Null if there is none, or not known."),
    ]
    session_answered_at: Annotated[
        Moment | None, Meta(description="When LinkedIn last took its session, to a minute. Null if not known.")
    ]
    created_at: Moment
    last_used_at: Moment | None


class PacingHours(Body, frozen=True, kw_only=True):
    """When an account sends, in local time. `to` is exclusive; if it is before `from`, it is on the next day."""

    time_zone: Annotated[str, Meta(description="The IANA name of a time zone.")]
    weekdays: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]
    begins: str = msgspec.field(name="from")
    ends: str = msgspec.field(name="to")


class PacingWarmUp(Body, frozen=True, kw_only=True):
    """A daily limit that grows. Before `startsOn` (a UTC day) nothing is sent."""

    starts_on: Annotated[str, Meta(extra_json_schema={"format": "date"})]
    first_day: int
    growth_per_day: int


class PacingRules(Body, frozen=True, kw_only=True):
    """Rules that make accounts slower than their daily limit; a null rule is off."""

    writes_per_minute: Annotated[int | None, Meta(description="Messages of an account in any 60 s.")]
    calls_per_minute: Annotated[
        int | None, Meta(description="Calls of a key in any 60 s, at each process; of a workspace only.")
    ]
    min_gap_seconds: Annotated[int | float | None, Meta(description="Seconds between two messages of an account.")]
    sending_hours: PacingHours | None
    first_contacts_per_month: Annotated[
        int | None, Meta(description="First messages to a person through a group, in a UTC month.")
    ]
    warm_up: PacingWarmUp | None
    repeat_window_seconds: Annotated[
        int | None,
        Meta(description="How long after a 200 an identical send without a key returns it again; of a workspace only."),
    ]
    group_monthly_share: Annotated[
        int | float | None,
        Meta(
            description="Percent of a group's members who are first written to in a UTC month, by all accounts "
            "together; of a workspace only."
        ),
    ]


class ManagedAccountDetail(ManagedAccount, frozen=True, kw_only=True):
    """The same, its quotas, and its own rules of pacing; the workspace's apply as well."""

    quotas: list[QuotaItem]
    pacing: PacingRules


class ManagedAccountPage(Body, frozen=True, kw_only=True):
    """All accounts on one page, the default one first."""

    items: list[ManagedAccount]
    next_cursor: Cursor


class SessionCheck(Body, frozen=True, kw_only=True):
    """The result of a check of an account's session."""

    alive: Annotated[bool | None, Meta(description="Null if LinkedIn could not be reached, or throttles the account.")]
    detail: Annotated[str | None, Meta(description="Why it is not known to be alive, in one clause.")]
    account: ManagedAccount


def account_shape(account: Account, now: datetime) -> ManagedAccount:
    """Convert an account, without its quotas."""
    return ManagedAccount(
        **account_fields(account),
        profile_urn=account.profile_urn,
        picture=account.picture,
        is_premium=account.premium,
        status_reason=account.status_reason,
        hold_until=optional_time(account.hold_until) if account.is_held(now) else None,
        restored=_restored(account),
        is_default=account.is_default,
        daily_limit=account.daily_limit,
        has_session=account.has_session,
        session_connected_at=optional_time(account.connected_at),
        session_answered_at=optional_time(account.answered_at),
        created_at=iso_z(account.created_at),
        last_used_at=optional_time(account.last_used_at),
    )


def _restored(account: Account) -> RestoredBackup | None:
    if account.lost is None:
        return None
    return RestoredBackup(
        backup_at=iso_z(account.lost.since),
        restored_at=iso_z(account.lost.until),
        looks_until=optional_time(account.looks_until),
    )


def account_detail(account: Account, quotas: Sequence[Quota], pacing: Pacing, now: datetime) -> ManagedAccountDetail:
    """Convert an account with its quotas and its own pacing."""
    return ManagedAccountDetail(
        **msgspec.structs.asdict(account_shape(account, now)),
        quotas=[quota_item(quota) for quota in quotas],
        pacing=pacing_shape(pacing),
    )


def pacing_shape(pacing: Pacing) -> PacingRules:
    """Convert the pacing of a workspace or an account."""
    return msgspec.convert({**dict.fromkeys(RULES), **show_pacing(pacing)}, PacingRules)
