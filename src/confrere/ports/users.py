"""Users of the console, their sessions, their invites, and their attempts to log in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.audit import Actor
from confrere.domain.users import Invite, LoginStep, User, UserSession


class Users(Protocol):
    """Users by workspace; sessions and invites by the hash of their token.

    Every change writes its entry of the audit log in its own transaction. by: who acts; where a person logs in or
    uses a link, they become the actor of their entry.
    """

    async def list_users(self, workspace_id: str) -> Sequence[User]:
        """Return all of them, disabled ones too, the oldest first."""
        ...

    async def find_user(self, workspace_id: str, name: str) -> User | None:
        """Return the user of this name, whatever its case; None where there is none."""
        ...

    async def add_user(self, user: User) -> User:
        """Store a user without a password; return the one who has this name already, where there is one."""
        ...

    async def disable_user(self, workspace_id: str, user_id: str, by: Actor, now: datetime) -> User:
        """Disable the user and end their sessions. Raises NotFound."""
        ...

    async def find_password(self, name: str) -> tuple[str, str, str] | None:
        """Return id, password hash and workspace of the user of this name; None where they have no password to use.

        No two users have the same name, whatever their workspaces.
        """
        ...

    async def open_session(
        self, user_id: str, password_hash: str, token_hash: str, by: Actor, now: datetime, *, browser: str = ""
    ) -> LoginStep | None:
        """Begin a session, and record the login; where the user has a second factor, begin a pending login instead.

        browser:  the User-Agent.
        Returns None where the user may no longer log in with this password.
        """
        ...

    async def find_session(self, token_hash: str, now: datetime, *, is_use: bool) -> User | None:
        """Return whose session it is; None where it has ended by time, by a new password, or by hand.

        is_use:  whether its idle time begins anew.
        """
        ...

    async def end_session(self, token_hash: str, by: Actor, now: datetime) -> None:
        """End the session; effective at once in every process."""
        ...

    async def list_sessions(self, user_id: str, now: datetime) -> Sequence[UserSession]:
        """Return those that have not ended, the last used one first."""
        ...

    async def end_session_of(self, workspace_id: str, user_id: str, session_id: str, by: Actor, now: datetime) -> bool:
        """End one session of this user. Returns whether there was one."""
        ...

    async def end_sessions(
        self, workspace_id: str, user_id: str, by: Actor, now: datetime, *, keep: str | None = None
    ) -> int:
        """End all sessions of this user but the one with the id `keep`. Returns how many."""
        ...

    async def change_password(
        self, user_id: str, old_hash: str, new_hash: str, by: Actor, now: datetime, *, keep: str
    ) -> bool:
        """Set a new password, and end all sessions but `keep`. Returns False where the old one is another by now."""
        ...

    async def add_invite(self, invite: Invite, token_hash: str, by: Actor) -> None:
        """Store an invite."""
        ...

    async def find_invite(self, token_hash: str, now: datetime) -> tuple[Invite, str | None] | None:
        """Return the invite and the name of its user, if any; None where it was used or has expired."""
        ...

    async def redeem_invite(
        self,
        token_hash: str,
        session_hash: str,
        by: Actor,
        now: datetime,
        *,
        name: str,
        password_hash: str | None,
        browser: str = "",
    ) -> LoginStep:
        """Use the invite and begin a session, in one transaction.

        JOIN creates a user of this name and password. RESET sets the password, ends the user's sessions and enables
        them again; where they have a second factor, a pending login begins, not a session. ENTER does neither. Raises
        NotFound where the invite was used or has expired, InvalidField where the name is another user's; then nothing
        was changed.
        """
        ...

    async def take_attempt(self, free_of: Mapping[str, int], now: datetime) -> datetime | None:
        """Count an attempt to log in against each subject before the password is checked.

        free_of:  subjects, such as a name, with how many attempts cost no delay.
        Returns when the next attempt may be made, and counts nothing, where one of the subjects has to wait.
        """
        ...

    async def record_failed_login(
        self, workspace_id: str, user_id: str | None, by: Actor, now: datetime, *, why: str | None = None
    ) -> None:
        """Write the entry of a login that was refused.

        user_id:  whose name was tried; None where nobody has it.
        why:      where it was not name and password.
        """
        ...

    async def forget_attempts(self, subject: str, *, address: str) -> None:
        """Forget the subject's attempts, and the last one of the address: it was a login."""
        ...
