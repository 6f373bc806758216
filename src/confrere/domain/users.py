"""Users of the console: people who log in, with what they may do. A recipient is not a user."""

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from confrere.domain.errors import InvalidField
from confrere.domain.keys import Scope, includes

MAX_USER_NAME = 100
MIN_PASSWORD = 10
MAX_PASSWORD = 500

SESSION_IDLE = timedelta(hours=12)
"""A session ends when it was not used for so long."""

SESSION_LIFETIME = timedelta(days=7)
"""A session ends so long after its login, whatever its use."""

PENDING_LOGIN_LIFETIME = timedelta(minutes=10)
"""How long a login may take after the password: for the code, or at an identity provider."""

LINK_LIFETIME = timedelta(minutes=15)
"""How long the link lives that a server prints at its start."""

INVITE_LIFETIME = timedelta(days=2)
"""How long an invite by `confrere users invite` lives, or a link of `confrere users reset`."""

FORGET_ATTEMPTS_AFTER = timedelta(hours=1)
"""Failed logins count until none was made for so long."""

MAX_LOGIN_DELAY = timedelta(minutes=5)

_FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control and format characters, such as those that reverse the direction of the text after them."""


class Role(StrEnum):
    """What a user may do; each includes the one before."""

    VIEWER = "viewer"
    WRITER = "writer"
    APPROVER = "approver"
    OWNER = "owner"


SCOPES_OF: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.WRITER: frozenset({Scope.SEND}),
    Role.APPROVER: frozenset({Scope.APPROVE}),
    Role.OWNER: frozenset({Scope.ADMIN}),
}
"""The scopes of each role: users and keys are judged by the one table `keys.INCLUDES`."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a user, or whoever accepts an invite, may do.

    inbox:     whether they may read private conversations.
    accounts:  ids of the LinkedIn accounts that they see and use; None means all.
    """

    role: Role
    inbox: bool = False
    accounts: frozenset[str] | None = None

    @property
    def scopes(self) -> frozenset[Scope]:
        """The same as scopes of a key."""
        return SCOPES_OF[self.role] | ({Scope.INBOX} if self.inbox else frozenset())

    def may(self, scope: Scope) -> bool:
        """Whether one of the scopes includes this one."""
        return includes(self.scopes, scope)

    def may_use(self, account_id: str) -> bool:
        """Whether the account is one of theirs."""
        return self.accounts is None or account_id in self.accounts


@dataclass(frozen=True, slots=True)
class User:
    """A user, without their password.

    has_password:       False where they enter by links only, as in the sandbox, or by an identity provider.
    has_second_factor:  whether a login by password asks for a code.
    issuer:             of the identity provider by which they log in, if they do.
    """

    id: str
    workspace_id: str
    name: str
    rights: Rights
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None
    logged_in_at: datetime | None
    has_second_factor: bool = False
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class UserSession:
    """A browser that is logged in.

    id:       by which it can be ended; the hash of its token.
    seen_at:  when it was used last, to a minute.
    browser:  its User-Agent.
    """

    id: str
    created_at: datetime
    seen_at: datetime
    address: str | None
    browser: str | None


class LoginStep(StrEnum):
    """What a right password leads to: a session, or the question for a code."""

    DONE = "done"
    CODE_NEEDED = "code_needed"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A user's TOTP.

    secret:        base32, as apps take it.
    is_confirmed:  whether logins ask for it.
    last_step:     the time step of the last code that was used.
    """

    secret: str = field(repr=False)
    is_confirmed: bool
    last_step: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whom an identity provider knows. name: what they are called here, if nobody else is."""

    issuer: str
    subject: str
    name: str


class InviteKind(StrEnum):
    """What a one-time link does: create a user, set a user's new password, or log a user in."""

    JOIN = "join"
    RESET = "reset"
    ENTER = "enter"


@dataclass(frozen=True, slots=True)
class Invite:
    """A one-time link. rights: of the user whom JOIN creates. user_id: whom RESET and ENTER are for."""

    kind: InviteKind
    workspace_id: str
    created_at: datetime
    expires_at: datetime
    rights: Rights
    user_id: str | None = None


def new_token() -> str:
    """Generate the token of a session or a link: 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the SHA-256 in hex, by which a token is stored and found."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def parse_user_name(value: str, *, field: str = "name") -> str:
    """Return the name without blanks around it. Raises InvalidField."""
    name = unicodedata.normalize("NFC", value).strip()
    is_readable = not any(unicodedata.category(character) in _FORBIDDEN_CATEGORIES for character in name)
    if 1 <= len(name) <= MAX_USER_NAME and is_readable:
        return name
    raise InvalidField(field, f"must be 1 to {MAX_USER_NAME} characters, without control characters")


def login_name(name: str) -> str:
    """Return the form by which names are compared: without regard to case and to how characters are composed."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())


def parse_password(value: str, name: str, *, field: str = "password") -> str:
    """Return the password in the form that is hashed. Raises InvalidField."""
    password = normal_password(value)
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InvalidField(field, f"must be {MIN_PASSWORD} to {MAX_PASSWORD} characters long")
    if login_name(password) == login_name(name):
        raise InvalidField(field, "must not be the name")
    return password


def normal_password(value: str) -> str:
    """Return the password as every keyboard types it. Source: NIST SP 800-63B, 3.1.1.2."""
    return unicodedata.normalize("NFKC", value)


def login_delay(failures: int, free: int) -> timedelta:
    """Return how long the next login has to wait after so many attempts, of which the first `free` cost nothing."""
    over = failures - free
    return timedelta() if over < 0 else min(timedelta(seconds=2 ** min(over, 10)), MAX_LOGIN_DELAY)
