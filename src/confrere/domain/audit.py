"""The audit log: who did what, from where, when; and who acts at present."""

import json
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from confrere.domain.errors import InvalidField
from confrere.domain.limits import as_utc
from confrere.domain.urns import ProfileUrn


class ActorKind(StrEnum):
    """Who acts.

    A user of the console, an API key, an agent, the command line, the server itself, or nobody who is known.
    """

    USER = "user"
    KEY = "key"
    AGENT = "agent"
    COMMAND_LINE = "command_line"
    SERVER = "server"
    NOBODY = "nobody"


class AuditSubject(StrEnum):
    """What the subject of an entry is."""

    USER = "user"
    ACCOUNT = "account"
    KEY = "key"
    CAMPAIGN = "campaign"
    TEMPLATE = "template"
    AUDIENCE = "audience"
    REPLY = "reply"
    PERSON = "person"
    WEBHOOK = "webhook"


class AuditAction(StrEnum):
    """What was done.

    `login_failed` has no actor; its subject is the user whose name was tried, if there is one. A person who is written
    to, or put on the do-not-contact list, is a subject by keyed hash only.
    """

    USER_INVITED = "user_invited"
    USER_JOINED = "user_joined"
    USER_DISABLED = "user_disabled"
    PASSWORD_SET = "password_set"  # noqa: S105 - a name
    RESET_LINK_MADE = "reset_link_made"
    LINK_ENTERED = "link_entered"
    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGGED_OUT = "logged_out"
    SESSIONS_ENDED = "sessions_ended"
    SECOND_FACTOR_SET = "second_factor_set"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RIGHTS_CHANGED = "rights_changed"
    ACCOUNT_CONNECTED = "account_connected"
    ACCOUNT_DISCONNECTED = "account_disconnected"
    ACCOUNT_ENABLED = "account_enabled"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_MADE_DEFAULT = "account_made_default"
    ACCOUNT_HELD = "account_held"
    ACCOUNT_HOLD_RELEASED = "account_hold_released"
    ACCOUNT_RESTORE_ENDED = "account_restore_ended"
    ACCOUNT_SESSION_DEAD = "account_session_dead"
    ACCOUNT_LIMIT_CHANGED = "account_limit_changed"
    PACING_CHANGED = "pacing_changed"
    KEY_CREATED = "key_created"
    KEY_REVOKED = "key_revoked"
    CAMPAIGN_CREATED = "campaign_created"
    CAMPAIGN_CHANGED = "campaign_changed"
    CAMPAIGN_STARTED = "campaign_started"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_RESUMED = "campaign_resumed"
    CAMPAIGN_STOPPED = "campaign_stopped"
    CAMPAIGN_FINISHED = "campaign_finished"
    CAMPAIGN_ARCHIVED = "campaign_archived"
    CAMPAIGN_PEOPLE_ADDED = "campaign_people_added"
    PERSON_HELD = "person_held"
    PERSON_RELEASED = "person_released"
    TEMPLATE_CREATED = "template_created"
    TEMPLATE_CHANGED = "template_changed"
    TEMPLATE_DELETED = "template_deleted"
    AUDIENCE_CREATED = "audience_created"
    AUDIENCE_PEOPLE_ADDED = "audience_people_added"
    AUDIENCE_DELETED = "audience_deleted"
    DO_NOT_CONTACT_ADDED = "do_not_contact_added"
    DO_NOT_CONTACT_IMPORTED = "do_not_contact_imported"
    DO_NOT_CONTACT_REMOVED = "do_not_contact_removed"
    REPLY_HANDLED = "reply_handled"
    REPLY_REOPENED = "reply_reopened"
    PERSON_ERASED = "person_erased"
    PERSON_EXPORTED = "person_exported"
    BACKUP_RESTORED = "backup_restored"
    EXPORTED = "exported"
    WEBHOOK_CREATED = "webhook_created"
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_SECRET_ROTATED = "webhook_secret_rotated"  # noqa: S105 - a name
    WEBHOOK_DISABLED = "webhook_disabled"
    WEBHOOK_DELETED = "webhook_deleted"

    @property
    def subject(self) -> AuditSubject:
        """What the action is done to."""
        return _SUBJECTS.get(self.partition("_")[0], AuditSubject.USER)


_SUBJECTS: Final = {
    "account": AuditSubject.ACCOUNT,
    "pacing": AuditSubject.ACCOUNT,
    "key": AuditSubject.KEY,
    "campaign": AuditSubject.CAMPAIGN,
    "exported": AuditSubject.CAMPAIGN,
    "template": AuditSubject.TEMPLATE,
    "audience": AuditSubject.AUDIENCE,
    "reply": AuditSubject.REPLY,
    "person": AuditSubject.PERSON,
    "do": AuditSubject.PERSON,
    "webhook": AuditSubject.WEBHOOK,
}
"""By the first word of an action."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts.

    id:          of the user or key; None where it has none.
    address:     the client's; None on this machine's command line.
    request_id:  under which the server's log has more.
    """

    kind: ActorKind
    id: str | None = None
    address: str | None = None
    request_id: str | None = None


_ID: Final = re.compile(r"[0-9a-f]{20,32}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")

COMMAND_LINE = Actor(ActorKind.COMMAND_LINE)
SERVER = Actor(ActorKind.SERVER)

_acting: ContextVar[Actor | Callable[[], Actor]] = ContextVar("acting", default=SERVER)


def current_actor() -> Actor:
    """Return who acts in this task: whom the nearest `acting_as` names; without one, the server itself."""
    actor = _acting.get()
    return actor if isinstance(actor, Actor) else actor()


class acting_as:  # noqa: N801  # a verb, as contextlib's are
    """Let this task, and those that it begins meanwhile, act for somebody.

    actor:  or a function that builds it where it is needed: a send, which has no entry, costs 0.5 µs instead of 2.
    """

    __slots__ = ("_actor", "_token")

    def __init__(self, actor: Actor | Callable[[], Actor]) -> None:
        self._actor = actor

    def __enter__(self) -> None:
        self._token = _acting.set(self._actor)

    def __exit__(self, *_: object) -> None:
        _acting.reset(self._token)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of a workspace's log.

    number:   from 1, without gaps.
    subject:  the id of what it was done to; of a person, a keyed hash.
    detail:   such as the role of an invite, or what was changed from what.
    """

    workspace_id: str
    number: int
    at: datetime
    actor: Actor
    action: AuditAction
    subject: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries; None: all.

    actor:    the id of a user or key, or a kind of actor.
    subject:  an id, or the URN of a person.
    since:    not before this time.
    """

    actor: str | None = None
    action: AuditAction | None = None
    subject: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """What an id of the log names today. account_id: of the account that it is or belongs to, if any."""

    name: str
    account_id: str | None = None


EVERY_ENTRY: Final = AuditFilter()


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """The result of a check of the chain.

    count:      entries that the log should have.
    broken_at:  the number of the first entry that is missing or was changed; None where the chain is whole.
    seal:       the hash of the last entry. Kept elsewhere, it shows later that no end of the log was cut off.
    """

    count: int
    broken_at: int | None
    seal: str


def parse_actor(text: str | None, field: str = "actor") -> str | None:
    """Return the id of a user or key, or a kind of actor. Raises InvalidField."""
    if text is None or text in set(ActorKind) or _ID.fullmatch(text):
        return text
    raise InvalidField(field, f"must be the id of a user or key, or one of {', '.join(ActorKind)}")


def parse_action(text: str | None, field: str = "action") -> AuditAction | None:
    """Return the action of this name. Raises InvalidField."""
    if text is not None and text not in set(AuditAction):
        raise InvalidField(field, f"must be one of {', '.join(AuditAction)}")
    return None if text is None else AuditAction(text)


def parse_subject(text: str | None, field: str = "subject") -> str | None:
    """Return an id as it is, and anything else as the URN of a person. Raises InvalidField."""
    if text is None or _ID.fullmatch(text) or _HASH.fullmatch(text):
        return text
    try:
        return ProfileUrn.parse(text, field=field)
    except InvalidField as fault:
        raise InvalidField(field, "must be an id, or the URN of a person") from fault


def describe_changes(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    """Return what differs for people, such as `dailyLimit 60 (was 150)`; "" where nothing does."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return ", ".join(f"{name} {_shown(after.get(name))} (was {_shown(before.get(name))})" for name in names)


def count_of_people(count: int) -> str:
    """Return such as `1 person` or `1,200 people`."""
    return "1 person" if count == 1 else f"{count:,} people"


def until_words(at: datetime) -> str:
    """Return such as `until 2026-03-14 09:00 UTC`."""
    return f"until {as_utc(at):%Y-%m-%d %H:%M} UTC"


def _shown(value: object) -> str:
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
