"""Conversion between rows of the database and values of the domain, the same for both engines."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple, overload

import msgspec

from confrere.domain.account import Account, AccountStatus, LostSends
from confrere.domain.campaigns.audience import Audience, AudiencePerson, AudienceStatus
from confrere.domain.campaigns.campaign import (
    Campaign,
    CampaignPerson,
    CampaignStatus,
    Candidate,
    PauseCause,
    PersonStatus,
    SkipReason,
)
from confrere.domain.campaigns.collection import Collection, CollectionFault, GroupFilters
from confrere.domain.campaigns.saved_template import SavedTemplate
from confrere.domain.conversation import ContentKind
from confrere.domain.group import AccountGroup, ListedMember, Relationship
from confrere.domain.keys import ApiKey, Caller, Scope
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, Action, Quota, as_utc, window_end, window_start
from confrere.domain.opt_out import OptOut
from confrere.domain.opt_out_csv import BadRow
from confrere.domain.outcome import (
    UNCERTAIN,
    Accepted,
    NotSent,
    Outcome,
    OutcomeName,
    Refused,
    SessionDead,
    Throttled,
    Unknown,
)
from confrere.domain.pacing import message_limit
from confrere.domain.person import Person
from confrere.domain.reply import Reply
from confrere.domain.send import DayCount, History, Send
from confrere.domain.session import Session
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.users import Rights, Role, User
from confrere.domain.webhooks import Delivery, DeliveryStatus, DisabledReason, EventType, Webhook
from confrere.store.damage import damage_is_reported
from confrere.store.pacing_json import rules_of

Row = Sequence[Any]
"""One row as either driver gives it: its columns by position."""

COLUMNS = {
    "send": "id, request_id, workspace_id, account_id, recipient, group_id, origin_token, outcome, reason, "
    "refusal_status, refusal_status_text, refusal_code, refusal_text, message_urn, conversation_urn, window_start, "
    "created_at, ended_at, settled_at, absent_at",
    "account": "id, workspace_id, profile_urn, first_name, last_name, public_id, picture, premium, status, "
    "status_reason, enabled, COALESCE(id = (SELECT default_account_id FROM workspaces w WHERE w.id = workspace_id), "
    "1 = 0), daily_limit, hold_until, CASE WHEN session IS NULL THEN 0 ELSE session_version END, created_at, "
    "(SELECT q.last_taken_at FROM quotas q WHERE q.account_id = accounts.id AND q.action = 'MESSAGE' "
    "ORDER BY q.window_start DESC LIMIT 1), lost_from, lost_until, looks_until, connected_at, answered_at",
    "api_key": "id, workspace_id, name, visible_part, scopes, created_at, expires_at, revoked_at, last_used_at",
    "user": "u.id, u.workspace_id, u.name, u.role, u.inbox, u.accounts, u.password_hash IS NOT NULL, u.created_at, "
    "u.disabled_at, u.logged_in_at, "
    "EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL), "
    "(SELECT MIN(i.issuer) FROM identities i WHERE i.user_id = u.id)",
    "account_group": "g.group_id, k.name, k.members, (SELECT COUNT(*) FROM (SELECT 1 FROM group_members m "
    "WHERE m.workspace_id = g.workspace_id AND m.group_id = g.group_id LIMIT 10001) c), g.listed_at, g.places_read, "
    "g.is_read, g.members_read_at",
    "listed_member": "p.recipient, p.public_id, p.first_name, p.last_name, p.headline, "
    "CASE WHEN p.read_by = CAST(:account_id AS TEXT) THEN p.relationship END, p.read_at, "
    "{is_written_to}, {is_opted_out}, "
    "CASE WHEN EXISTS (SELECT 1 FROM replies r WHERE r.recipient = p.recipient AND r.workspace_id = p.workspace_id) "
    "THEN 1 ELSE 0 END",
    "is_written_to": "CASE WHEN EXISTS (SELECT 1 FROM sends s WHERE s.recipient = p.recipient AND s.holds_unit = 1 "
    "AND s.workspace_id = p.workspace_id) THEN 1 ELSE 0 END",
    "is_opted_out": "CASE WHEN EXISTS (SELECT 1 FROM do_not_contact d WHERE d.workspace_id = p.workspace_id "
    "AND d.recipient = p.recipient) THEN 1 ELSE 0 END",
    "opt_out": "recipient, reason, source, added_at",
    "audience": "a.id, a.workspace_id, a.name, a.group_id, a.source, a.created_at, a.columns, a.people_count, "
    "a.group_name, a.status, a.bad_rows, a.bad_row_count, a.account_id, a.filters, a.places_read, a.total, a.fault, "
    "a.next_at",
    "audience_person": "recipient, public_id, first_name, last_name, headline, custom",
    "template": "id, workspace_id, name, text, version, variables, created_at, changed_at",
    "campaign": "id, workspace_id, name, account_id, group_id, audience_id, status, cause, starts_at, daily_cap, "
    "spread, skip_existing_conversations, first_left, created_by, started_by, created_at, started_at, ended_at, "
    "template_id, COALESCE((SELECT t.version FROM templates t WHERE t.id = template_id AND status = 'draft'), "
    "template_version), revision",
    "campaign_person": "p.id, p.campaign_id, p.workspace_id, p.recipient, p.name, p.status, p.reason, p.is_held, "
    "p.due_at, p.send_id, p.changed_at, "
    "(SELECT s.account_id FROM sends s WHERE s.id = p.send_id AND s.holds_unit = 1), "
    "(SELECT s.created_at FROM sends s WHERE s.id = p.send_id AND s.holds_unit = 1), (SELECT MAX(r.received_at) "
    "FROM replies r WHERE r.recipient = p.recipient AND r.workspace_id = p.workspace_id)",
    "reply": "id, workspace_id, account_id, recipient, name, conversation_urn, message_urn, send_id, campaign_id, "
    "text, kinds, received_at, may_want_out, opted_out, handled_at, handled_by",
    "webhook": "id, workspace_id, url, events, description, enabled, disabled_reason, failing_since, previous_until, "
    "created_at",
    "delivery": "id, webhook_id, event_id, event, status, attempts, last_status, last_error, last_answer, last_at, "
    "next_at, lease_until, created_at",
}
"""The columns of each kind of row, in the order in which the functions below read them."""

COLUMNS["settled_send"] = ", ".join(f"(f.o_send).{column}" for column in COLUMNS["send"].split(", "))
"""The columns of a send that a function returned as one value."""

SEND_COLUMN_COUNT = COLUMNS["send"].count(",") + 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND
_OUTCOMES = {name.value: name for name in OutcomeName}


@overload
def to_micros(time: datetime) -> int: ...
@overload
def to_micros(time: datetime | None) -> int | None: ...
def to_micros(time: datetime | None) -> int | None:
    """Convert to microseconds since 1970. Raises ValueError for a naive datetime."""
    return None if time is None else (as_utc(time) - _EPOCH) // _MICROSECOND


@overload
def from_micros(micros: int) -> datetime: ...
@overload
def from_micros(micros: int | None) -> datetime | None: ...
def from_micros(micros: int | None) -> datetime | None:
    """Convert to an aware UTC datetime; exact, unlike `fromtimestamp` of a float."""
    return None if micros is None else _EPOCH + timedelta(0, 0, micros)


class Windows(NamedTuple):
    """The windows of a time: where its day and its month begin, in microseconds, and when its day ends."""

    day: int
    month: int
    day_end: datetime


def windows_of(now: int) -> Windows:
    """Return the windows of this time; computed once a day, since every UTC day has the same length."""
    return _windows_of_day(now // _DAY)


@lru_cache(maxsize=16)
def _windows_of_day(number: int) -> Windows:
    day = from_micros(number * _DAY)
    return Windows(
        to_micros(window_start(Action.MESSAGE, day)),
        to_micros(window_start(Action.GROUP_FIRST_CONTACT, day)),
        window_end(Action.MESSAGE, day),
    )


@damage_is_reported
def send_of(row: Row) -> Send:
    """A row of `COLUMNS["send"]`; what follows those columns is ignored."""
    status = row[9]
    return Send(
        id=row[0],
        request_id=row[1],
        workspace_id=row[2],
        account_id=row[3],
        recipient=row[4],
        group_id=row[5] or None,
        origin_token=row[6],
        outcome=_OUTCOMES[row[7]],
        reason=row[8],
        refusal=None if status is None else Refused(status, row[10] or "", row[11], row[12]),
        message_urn=row[13],
        conversation_urn=row[14],
        window_start=from_micros(row[15]),
        created_at=from_micros(row[16]),
        ended_at=from_micros(row[17]),
        settled_at=from_micros(row[18]),
        absent_at=from_micros(row[19]),
    )


@damage_is_reported
def history_of(row: Row) -> History:
    """What follows the columns of a send: answer, looks, look_at, holds_unit, idempotency_key."""
    answer, looks, look_at, holds_unit, idempotency_key = row[SEND_COLUMN_COUNT : SEND_COLUMN_COUNT + 5]
    return History(
        answer_delivered={"delivered": True, "lost": False}.get(answer),
        looks=looks,
        look_at=from_micros(look_at),
        holds_unit=bool(holds_unit),
        idempotency_key=idempotency_key,
    )


@damage_is_reported
def day_counts_of(rows: Iterable[Row]) -> list[DayCount]:
    """window_start, account_id, outcome and count. `held`: accepted ones, with the unknown and those in flight."""
    held: dict[tuple[int, str], int] = {}
    counts = []
    for day, account_id, outcome, count in rows:
        if outcome in ("held", *UNCERTAIN):
            key = (day, account_id)
            held[key] = held.get(key, 0) + (count if outcome == "held" else -count)
        if outcome != "held":
            counts.append(DayCount(from_micros(day), account_id, _OUTCOMES[outcome], count))
    counts += [
        DayCount(from_micros(day), account_id, OutcomeName.ACCEPTED, count)
        for (day, account_id), count in held.items()
        if count > 0
    ]
    return counts


class OutcomeColumns(NamedTuple):
    """The columns in which an outcome is stored."""

    outcome: str
    reason: str | None = None
    refusal_status: int | None = None
    refusal_status_text: str | None = None
    refusal_code: str | None = None
    refusal_text: str | None = None
    message_urn: str | None = None
    conversation_urn: str | None = None


def outcome_columns(outcome: Outcome) -> OutcomeColumns:
    """Split an outcome into its columns; `reason` is a sentence for every outcome but an accepted one."""
    name = outcome.name.value
    match outcome:
        case Accepted(message_urn, conversation_urn):
            return OutcomeColumns(name, message_urn=message_urn, conversation_urn=conversation_urn)
        case Refused(status, status_text, code, text):
            reason = text or code or f"LinkedIn answered {status} {status_text}".rstrip()
            return OutcomeColumns(name, reason, status, status_text, code, text)
        case Throttled(status):
            return OutcomeColumns(name, f"LinkedIn throttled the account with status {status}")
        case SessionDead(why) | NotSent(why) | Unknown(why):
            return OutcomeColumns(name, why)


@damage_is_reported
def account_of(row: Row) -> Account:
    """A row of `COLUMNS["account"]`."""
    return Account(
        id=row[0],
        workspace_id=row[1],
        profile_urn=row[2],
        first_name=row[3],
        last_name=row[4],
        public_id=row[5],
        picture=row[6],
        premium=None if row[7] is None else bool(row[7]),
        status=AccountStatus(row[8]),
        status_reason=row[9],
        enabled=bool(row[10]),
        is_default=bool(row[11]),
        daily_limit=row[12],
        hold_until=from_micros(row[13]),
        session_version=row[14],
        created_at=from_micros(row[15]),
        last_used_at=from_micros(row[16]),
        lost=lost_of(row[17], row[18]),
        looks_until=from_micros(row[19]),
        connected_at=from_micros(row[20]),
        answered_at=from_micros(row[21]),
    )


def lost_of(since: int | None, until: int | None) -> LostSends | None:
    """Return the time that the columns lost_from and lost_until of an account name."""
    return None if since is None or until is None else LostSends(from_micros(since), from_micros(until))


@damage_is_reported
@lru_cache(maxsize=256)
def scopes_of(text: str) -> frozenset[Scope]:
    """Decode stored scopes: their names, separated by spaces."""
    return frozenset(Scope(name) for name in text.split())


@damage_is_reported
def api_key_of(row: Row) -> ApiKey:
    """A row of `COLUMNS["api_key"]`."""
    return ApiKey(
        id=row[0],
        workspace_id=row[1],
        name=row[2],
        visible_part=row[3],
        scopes=scopes_of(row[4]),
        created_at=from_micros(row[5]),
        expires_at=from_micros(row[6]),
        revoked_at=from_micros(row[7]),
        last_used_at=from_micros(row[8]),
    )


@damage_is_reported
def caller_of(row: Row) -> Caller:
    """id, workspace_id, scopes, expires_at of a key; its workspace's calls_per_minute."""
    return Caller(row[0], row[1], scopes_of(row[2]), from_micros(row[3]), row[4])


@damage_is_reported
def user_of(row: Row) -> User:
    """A row of `COLUMNS["user"]`."""
    return User(
        id=row[0],
        workspace_id=row[1],
        name=row[2],
        rights=rights_of(row[3:6]),
        has_password=bool(row[6]),
        created_at=from_micros(row[7]),
        disabled_at=from_micros(row[8]),
        logged_in_at=from_micros(row[9]),
        has_second_factor=bool(row[10]),
        issuer=row[11],
    )


@damage_is_reported
def rights_of(row: Row) -> Rights:
    """role, inbox and accounts of a user or an invite."""
    return Rights(Role(row[0]), bool(row[1]), None if row[2] is None else frozenset(row[2].split()))


@damage_is_reported
def opt_out_of(row: Row) -> OptOut:
    """A row of `COLUMNS["opt_out"]`."""
    return OptOut(row[0], row[1], row[2], from_micros(row[3]))


@damage_is_reported
def account_group_of(row: Row) -> AccountGroup:
    """A row of `COLUMNS["account_group"]`."""
    group_id, name, members, known, listed_at, places, is_read, read_at = row
    return AccountGroup(
        group_id, name, members, known, from_micros(listed_at), places, bool(is_read), from_micros(read_at)
    )


@damage_is_reported
def listed_member_of(row: Row) -> ListedMember:
    """A row of `COLUMNS["listed_member"]`."""
    relationship = None if row[5] is None else Relationship(row[5])
    read_at = from_micros(int(row[6]))
    return ListedMember(person_of(row), relationship, read_at, bool(row[7]), bool(row[8]), bool(row[9]))


@damage_is_reported
def audience_of(row: Row) -> Audience:
    """A row of `COLUMNS["audience"]`."""
    return Audience(
        id=row[0],
        workspace_id=row[1],
        name=row[2],
        group_id=GroupId(row[3]),
        source=row[4],
        created_at=from_micros(row[5]),
        count=row[7],
        columns=tuple(json.loads(row[6])),
        group_name=row[8],
        status=AudienceStatus(row[9]),
        bad_rows=tuple(BadRow(*bad) for bad in json.loads(row[10])),
        bad_row_count=row[11],
        collection=None if row[12] is None else _collection_of(row[12:]),
    )


def _collection_of(row: Row) -> Collection:
    return Collection(
        account_id=row[0],
        filters=_FILTERS.decode(row[1]),
        places_read=row[2],
        total=row[3],
        fault=None if row[4] is None else CollectionFault(row[4]),
        next_at=from_micros(row[5]),
    )


_FILTERS: Final = msgspec.json.Decoder(GroupFilters)


def filters_to_json(filters: GroupFilters) -> str:
    """Encode the filters of a collection."""
    return msgspec.json.encode(filters).decode()


@damage_is_reported
def person_of(row: Row) -> Person:
    """recipient, public_id, first_name, last_name and headline of a person."""
    return Person(ProfileUrn(row[0]), *row[1:5])


@damage_is_reported
def audience_person_of(row: Row) -> AudiencePerson:
    """A row of `COLUMNS["audience_person"]`."""
    return AudiencePerson(person_of(row), {} if row[5] is None else json.loads(row[5]))


@damage_is_reported
def candidate_of(row: Row) -> Candidate:
    """A row of `COLUMNS["audience_person"]` and a skip's reason."""
    return Candidate(audience_person_of(row[:-1]), None if row[-1] is None else SkipReason(row[-1]))


@damage_is_reported
def template_of(row: Row) -> SavedTemplate:
    """A row of `COLUMNS["template"]`; the text is still encrypted."""
    return SavedTemplate(
        id=row[0],
        workspace_id=row[1],
        name=row[2],
        text=row[3],
        version=row[4],
        variables=tuple(json.loads(row[5])),
        created_at=from_micros(row[6]),
        changed_at=from_micros(row[7]),
    )


@damage_is_reported
def campaign_of(row: Row) -> Campaign:
    """A row of `COLUMNS["campaign"]`."""
    return Campaign(
        id=row[0],
        workspace_id=row[1],
        name=row[2],
        account_id=row[3],
        group_id=GroupId(row[4]),
        audience_id=row[5],
        status=CampaignStatus(row[6]),
        cause=None if row[7] is None else PauseCause(row[7]),
        starts_at=from_micros(row[8]),
        daily_cap=row[9],
        spread=bool(row[10]),
        skip_existing_conversations=bool(row[11]),
        first_left=row[12],
        created_by=row[13],
        started_by=row[14],
        created_at=from_micros(row[15]),
        started_at=from_micros(row[16]),
        ended_at=from_micros(row[17]),
        template_id=row[18],
        template_version=row[19],
        revision=row[20],
    )


@damage_is_reported
def campaign_person_of(row: Row) -> CampaignPerson:
    """A row of `COLUMNS["campaign_person"]`."""
    return CampaignPerson(
        id=row[0],
        campaign_id=row[1],
        workspace_id=row[2],
        recipient=ProfileUrn(row[3]),
        name=row[4],
        status=PersonStatus(row[5]),
        reason=row[6],
        is_held=bool(row[7]),
        due_at=from_micros(row[8]) if row[8] else None,
        send_id=row[9],
        changed_at=from_micros(row[10]),
        sent_by=row[11],
        sent_at=from_micros(row[12]),
        replied_at=from_micros(row[13]),
    )


@damage_is_reported
def reply_of(row: Row, text: str | None) -> Reply:
    """A row of `COLUMNS["reply"]`, with its text unsealed."""
    return Reply(
        id=row[0],
        workspace_id=row[1],
        account_id=row[2],
        recipient=ProfileUrn(row[3]),
        name=row[4],
        conversation_urn=row[5],
        message_urn=row[6],
        send_id=row[7],
        campaign_id=row[8],
        text=text,
        kinds=tuple(ContentKind(kind) for kind in row[10].split()),
        received_at=from_micros(row[11]),
        may_want_out=bool(row[12]),
        opted_out=bool(row[13]),
        handled_at=from_micros(row[14]),
        handled_by=row[15],
    )


def message_quota(daily_limit: int, used: int, last_taken_at: int | None, now: datetime, rules: str | None) -> Quota:
    """Return the day's MESSAGE quota of the account with this limit, unit row and rules."""
    limit = min(daily_limit, MESSAGES_PER_DAY_CEILING)
    if rules is not None:
        limit = message_limit(rules_of(rules), limit, now)
    resets_at = windows_of(to_micros(now)).day_end
    return Quota(Action.MESSAGE, limit, used, resets_at, _reached_at(limit, used, last_taken_at))


@damage_is_reported
def quota_of(action: Action, limit: int | None, used: int, last_taken_at: int | None, now: datetime) -> Quota:
    """Return the quota of an action in the window that contains `now`."""
    return Quota(action, limit, used, window_end(action, now), _reached_at(limit, used, last_taken_at))


def _reached_at(limit: int | None, used: int, last_taken_at: int | None) -> datetime | None:
    """Return when the limit was reached: when the latest unit was taken, if none is left."""
    reached = limit is not None and used >= limit and used > 0
    return from_micros(last_taken_at) if reached else None


def session_to_json(session: Session) -> str:
    """Encode a session, to be sealed and stored."""
    return json.dumps(
        {"cookies": dict(session.cookies), "userAgent": session.user_agent, "headers": dict(session.headers)},
        separators=(",", ":"),
    )


class _StoredSession(msgspec.Struct, rename="camel"):
    cookies: dict[str, str]
    user_agent: str
    headers: dict[str, str]


_SESSION: Final = msgspec.json.Decoder(_StoredSession)


@damage_is_reported
def session_from_json(text: str, account_id: str = "", version: int = 0) -> Session:
    """Decode the result of `session_to_json` as the session of this account and version."""
    stored = _SESSION.decode(text)
    # Many are kept opened, and many accounts are used with browsers of one version.
    return Session(stored.cookies, sys.intern(stored.user_agent), stored.headers, account_id, version)


@damage_is_reported
def webhook_of(row: Row) -> Webhook:
    """A row of `COLUMNS["webhook"]`."""
    return Webhook(
        id=row[0],
        workspace_id=row[1],
        url=row[2],
        events=tuple(EventType(name) for name in row[3].split()),
        description=row[4],
        enabled=bool(row[5]),
        disabled_reason=None if row[6] is None else DisabledReason(row[6]),
        failing_since=from_micros(row[7]),
        previous_until=from_micros(row[8]),
        created_at=from_micros(row[9]),
    )


@damage_is_reported
def delivery_of(row: Row, answer: str | None) -> Delivery:
    """A row of `COLUMNS["delivery"]`. answer: its last one, unsealed."""
    return Delivery(
        id=row[0],
        webhook_id=row[1],
        event_id=row[2],
        event=EventType(row[3]),
        status=DeliveryStatus(row[4]),
        attempts=row[5],
        last_status=row[6],
        last_error=row[7],
        last_answer=answer,
        last_at=from_micros(row[9]),
        next_at=None if row[11] is not None else from_micros(row[10]),
        in_progress=row[11] is not None,
        created_at=from_micros(row[12]),
    )
