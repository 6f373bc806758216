"""The audit log: who did what, from where, when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActorKind(StrEnum):
    """Who acts: a user of the console, an API key, an agent, the command line, or nobody who is known."""

    USER = "user"
    KEY = "key"
    AGENT = "agent"
    COMMAND_LINE = "command_line"
    NOBODY = "nobody"


class AuditAction(StrEnum):
    """What was done. `login_failed` has no actor; its subject is the user whose name was tried, if there is one."""

    USER_INVITED = "user_invited"
    USER_JOINED = "user_joined"
    USER_DISABLED = "user_disabled"
    PASSWORD_SET = "password_set"  # noqa: S105 - a name
    RESET_LINK_MADE = "reset_link_made"
    LINK_ENTERED = "link_entered"
    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGGED_OUT = "logged_out"
    PERSON_ERASED = "person_erased"
    PERSON_EXPORTED = "person_exported"
    BACKUP_RESTORED = "backup_restored"


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


COMMAND_LINE = Actor(ActorKind.COMMAND_LINE)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of a workspace's log.

    number:   from 1, without gaps.
    subject:  the id of what it was done to.
    detail:   such as the role of an invite.
    """

    workspace_id: str
    number: int
    at: datetime
    actor: Actor
    action: AuditAction
    subject: str | None
    detail: str | None


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
