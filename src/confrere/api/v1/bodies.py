"""The bodies of the management API's answers, and their conversion from the domain's values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from confrere.api.shared_bodies import AccountId, Body, LedgerOutcome, Moment, QuotaItem, Status, quota_item
from confrere.domain.account import Account
from confrere.domain.keys import ApiKey, Scope
from confrere.domain.limits import Quota, iso_z
from confrere.domain.opt_out import OptOut
from confrere.domain.pacing import Pacing
from confrere.domain.pacing_json import RULES, show_pacing
from confrere.domain.send import History, Send

KeyId = Annotated[str, Meta(pattern="^[0-9a-f]{24}$")]
SendId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
Cursor = Annotated[str | None, Meta(description="The `cursor` of the next page; null on the last one.")]
Added = Annotated[int, Meta(description="How many are new on the list.")]
AlreadyListed = Annotated[int, Meta(description="How many were on it already; they stay as they were.")]


class ManagedAccount(Body, frozen=True, kw_only=True):
    """A LinkedIn account, without its session."""

    id: AccountId
    first_name: str
    last_name: str
    public_id: str
    profile_urn: str
    picture: str | None
    is_premium: bool | None
    status: Status
    status_reason: Annotated[str | None, Meta(description="Why the status is `ERROR`, in one clause.")]
    hold_until: Annotated[
        Moment | None, Meta(description="LinkedIn throttled the account: until then it rests. Null where it does not.")
    ]
    enabled: bool
    is_default: Annotated[bool, Meta(description="Whether it sends where no account is named.")]
    daily_limit: Annotated[int, Meta(description="Messages a day (UTC).")]
    has_session: Annotated[bool, Meta(description="Whether a session is stored.")]
    created_at: Moment
    last_used_at: Moment | None


class PacingHours(Body, frozen=True, kw_only=True):
    """When an account sends, by the clock on a wall. `to` is not within; before `from` it is on the next day."""

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
    """Rules that make accounts slower than their daily limit; null is no such rule."""

    writes_per_minute: Annotated[int | None, Meta(description="Messages of an account in any 60 s.")]
    calls_per_minute: Annotated[
        int | None, Meta(description="Calls of a key in any 60 s, at each process; of a workspace only.")
    ]
    min_gap_seconds: Annotated[int | float | None, Meta(description="Between two messages of an account.")]
    sending_hours: PacingHours | None
    first_contacts_per_month: Annotated[
        int | None, Meta(description="First messages to a person through a group, in a UTC month.")
    ]
    warm_up: PacingWarmUp | None
    repeat_window_seconds: Annotated[
        int | None,
        Meta(description="How long after a 200 an identical send without a key gets it again; of a workspace only."),
    ]


class ManagedAccountDetail(ManagedAccount, frozen=True, kw_only=True):
    """The same, its quotas, and its own rules of pacing; the workspace's apply beside them."""

    quotas: list[QuotaItem]
    pacing: PacingRules


class ManagedAccountPage(Body, frozen=True, kw_only=True):
    """All accounts, the default one first: they are one page."""

    items: list[ManagedAccount]
    next_cursor: Cursor


class SessionCheck(Body, frozen=True, kw_only=True):
    """What LinkedIn said of an account's session."""

    alive: Annotated[bool | None, Meta(description="Null where LinkedIn could not be asked, or throttles the account.")]
    detail: Annotated[str | None, Meta(description="Why it is not known to be alive, in one clause.")]
    account: ManagedAccount


class ManagedKey(Body, frozen=True, kw_only=True):
    """What is kept of an API key: never the key."""

    id: KeyId
    name: str
    visible_part: Annotated[str, Meta(description="How the key begins.")]
    scopes: list[Scope]
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    last_used_at: Moment | None


class NewKey(ManagedKey, frozen=True, kw_only=True):
    """A key that has just been made; the key itself is told this once."""

    key: Annotated[str, Meta(description="The key itself. It cannot be read again.")]


class ManagedKeyPage(Body, frozen=True, kw_only=True):
    """All keys, revoked ones too, newest first: they are one page."""

    items: list[ManagedKey]
    next_cursor: Cursor


class ListedPerson(Body, frozen=True, kw_only=True):
    """Somebody who is never written to."""

    recipient_profile_urn: str
    reason: str | None
    source: Annotated[str, Meta(description="Who or what added them.")]
    added_at: Moment


class ListedPersonPage(Body, frozen=True, kw_only=True):
    """A page of the do-not-contact list, in the order of the URNs."""

    items: list[ListedPerson]
    next_cursor: Cursor


class PeopleAdded(Body, frozen=True, kw_only=True):
    """What became of those who were to be put on the list."""

    added: Added
    already_listed: AlreadyListed


class SkippedLine(Body, frozen=True, kw_only=True):
    """A line that was not taken."""

    line: int
    detail: str


class PeopleImported(Body, frozen=True, kw_only=True):
    """What became of an imported table."""

    added: Added
    already_listed: AlreadyListed
    skipped: Annotated[int, Meta(description="How many lines were bad.")]
    errors: Annotated[list[SkippedLine], Meta(description="The first of them.")]


class LedgerItem(Body, frozen=True, kw_only=True):
    """One send, without its text."""

    id: SendId
    request_id: str
    account_id: AccountId
    recipient_profile_urn: str
    group_id: str
    outcome: LedgerOutcome
    reason: Annotated[str | None, Meta(description="Why the outcome is what it is, in one clause.")]
    message_urn: Annotated[str | None, Meta(description="LinkedIn's own name for the message.")]
    conversation_urn: Annotated[str | None, Meta(description="LinkedIn's own name for the conversation.")]
    created_at: Moment
    settled_at: Annotated[Moment | None, Meta(description="When the outcome was known; null while in flight.")]


class LedgerPage(Body, frozen=True, kw_only=True):
    """A page of the workspace's sends, newest first."""

    items: list[LedgerItem]
    next_cursor: Cursor


class Refusal(Body, frozen=True, kw_only=True):
    """LinkedIn's own answer, or the do-not-contact list's; null where it gave no words."""

    status: int
    status_text: str
    code: str | None
    message: str | None


class SendHistory(Body, frozen=True, kw_only=True):
    """What happened to a send, step by step; null for what has not happened."""

    reserved_at: Annotated[Moment, Meta(description="When its unit was taken and its row written.")]
    ended_at: Annotated[Moment | None, Meta(description="When the attempt ended, or was found to be dead.")]
    first_absent_at: Annotated[
        Moment | None, Meta(description="When the conversation was first read without the message in it.")
    ]
    settled_at: Annotated[Moment | None, Meta(description="When the present outcome was known.")]
    looks: Annotated[int, Meta(description="How often the worker took it up to look for it in LinkedIn.")]
    next_look_at: Annotated[Moment | None, Meta(description="When it is due again, while it is `unknown`.")]
    answer_delivered: Annotated[
        bool | None,
        Meta(
            description="Whether a certain answer was handed to a caller's connection; null where that is not known "
            "yet, or nobody keeps track of it because nothing was sent."
        ),
    ]
    holds_unit: Annotated[bool, Meta(description="Whether it spends a unit of the account's day.")]
    idempotency_key: str | None


class LedgerDetail(LedgerItem, frozen=True, kw_only=True):
    """One send with its history, and with its text where that was asked for."""

    refusal: Refusal | None
    history: SendHistory
    message: Annotated[str | UnsetType, Meta(description="The text; only with `include=text`.")] = UNSET


class ResolvedPerson(Body, frozen=True, kw_only=True):
    """A person, as LinkedIn shows them to the account that asked; null is what it does not show."""

    account_id: Annotated[AccountId, Meta(description="The account that asked.")]
    profile_urn: Annotated[str, Meta(description="What `recipientProfileUrn` of a send takes. It never changes.")]
    profile_id: Annotated[str, Meta(description="The bare id at its end.")]
    name: Annotated[str | None, Meta(description="First and last name.")]
    first_name: str | None
    last_name: str | None
    headline: str | None
    public_identifier: Annotated[
        str | None, Meta(description="The name in the address of their profile. People can change it.")
    ]
    profile_url: str | None


class PreflightCheck(Body, frozen=True, kw_only=True):
    """One thing that was looked at."""

    name: str
    ok: Annotated[bool | None, Meta(description="Null where it cannot be told.")]
    detail: str


class PreflightBody(Body, frozen=True, kw_only=True):
    """Whether a send would go through."""

    would_send: Annotated[
        bool | None, Meta(description="False if any check is false, else null if any is null, else true.")
    ]
    checks: list[PreflightCheck]


def account_shape(account: Account, now: datetime) -> ManagedAccount:
    """Convert an account, without its quotas."""
    return ManagedAccount(
        id=account.id,
        first_name=account.first_name,
        last_name=account.last_name,
        public_id=account.public_id,
        profile_urn=account.profile_urn,
        picture=account.picture,
        is_premium=account.premium,
        status=account.status,
        status_reason=account.status_reason,
        hold_until=_time(account.hold_until) if account.is_held(now) else None,
        enabled=account.enabled,
        is_default=account.is_default,
        daily_limit=account.daily_limit,
        has_session=account.has_session,
        created_at=iso_z(account.created_at),
        last_used_at=_time(account.last_used_at),
    )


def account_detail(account: Account, quotas: Sequence[Quota], pacing: Pacing, now: datetime) -> ManagedAccountDetail:
    """Convert an account with its quotas and its own pacing."""
    return ManagedAccountDetail(
        **_fields_of(account_shape(account, now)),
        quotas=[quota_item(quota) for quota in quotas],
        pacing=pacing_shape(pacing),
    )


def pacing_shape(pacing: Pacing) -> PacingRules:
    """Convert the pacing of a workspace or an account."""
    return msgspec.convert({**dict.fromkeys(RULES), **show_pacing(pacing)}, PacingRules)


def key_shape(key: ApiKey) -> ManagedKey:
    """Convert what is stored of a key."""
    return ManagedKey(
        id=key.id,
        name=key.name,
        visible_part=key.visible_part,
        scopes=sorted(key.scopes),
        created_at=iso_z(key.created_at),
        expires_at=_time(key.expires_at),
        revoked_at=_time(key.revoked_at),
        last_used_at=_time(key.last_used_at),
    )


def new_key_shape(kept: ApiKey, key: str) -> NewKey:
    """Convert a new key with its secret, which is shown this once."""
    return NewKey(**_fields_of(key_shape(kept)), key=key)


def person_shape(opt_out: OptOut) -> ListedPerson:
    """Convert an entry of the do-not-contact list."""
    return ListedPerson(
        recipient_profile_urn=opt_out.recipient,
        reason=opt_out.reason,
        source=opt_out.source,
        added_at=iso_z(opt_out.added_at),
    )


def send_shape(send: Send) -> LedgerItem:
    """Convert a send, without its text."""
    return LedgerItem(
        id=send.id,
        request_id=send.request_id,
        account_id=send.account_id,
        recipient_profile_urn=send.recipient,
        group_id=send.group_id,
        outcome=send.outcome,
        reason=send.reason,
        message_urn=send.message_urn,
        conversation_urn=send.conversation_urn,
        created_at=iso_z(send.created_at),
        settled_at=_time(send.settled_at),
    )


def send_detail(send: Send, history: History, text: str | None) -> LedgerDetail:
    """Convert a send with its history; `text` None where it was not asked for."""
    refusal = send.refusal
    return LedgerDetail(
        **_fields_of(send_shape(send)),
        refusal=None
        if refusal is None
        else Refusal(status=refusal.status, status_text=refusal.status_text, code=refusal.code, message=refusal.text),
        history=SendHistory(
            reserved_at=iso_z(send.created_at),
            ended_at=_time(send.ended_at),
            first_absent_at=_time(send.absent_at),
            settled_at=_time(send.settled_at),
            looks=history.looks,
            next_look_at=_time(history.look_at),
            answer_delivered=history.answer_delivered,
            holds_unit=history.holds_unit,
            idempotency_key=history.idempotency_key,
        ),
        message=UNSET if text is None else text,
    )


def _time(at: datetime | None) -> str | None:
    return None if at is None else iso_z(at)


def _fields_of(shape: Body) -> dict[str, Any]:
    return msgspec.structs.asdict(shape)
