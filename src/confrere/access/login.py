"""Logins to the console: users, invites, sessions, and the delay of those who guess."""

from collections.abc import Sequence
from datetime import timedelta

from confrere.access.attempts import Attempts
from confrere.access.passwords import Passwords
from confrere.domain.audit import COMMAND_LINE, Actor, ActorKind
from confrere.domain.errors import InvalidField, NotFound, Unauthorized
from confrere.domain.ids import new_account_id
from confrere.domain.users import (
    INVITE_LIFETIME,
    Invite,
    InviteKind,
    LoginStep,
    Rights,
    User,
    UserSession,
    hash_token,
    login_name,
    new_token,
    normal_password,
    parse_password,
    parse_user_name,
)
from confrere.ports import Clock, Users


class CodeNeeded(Exception):
    """The password was right, and the second factor's code is asked for. It is no error.

    token:  by which `SecondFactorLogins.finish_login` goes on.
    """

    def __init__(self, token: str) -> None:
        super().__init__("a code is needed")
        self.token = token


class Logins:
    """The users of a workspace, and who of them is logged in.

    takes_passwords:  whether passwords are in use. If not, one-time links lead in without one, and only the command
                      line makes them.
    """

    def __init__(self, *, users: Users, clock: Clock, takes_passwords: bool = True) -> None:
        self.takes_passwords = takes_passwords
        self._users = users
        self._clock = clock
        self._passwords = Passwords()
        self._attempts = Attempts(users=users, clock=clock)

    async def log_in(self, workspace_id: str, name: str, password: str, by: Actor, *, browser: str = "") -> str:
        """Check name and password, and return the token of a new session.

        An attempt counts before its password is checked, whether there is such a user or not.

        workspace_id:  whose log has failed attempts with names that nobody has.

        by:       who tries; their address slows logins, and is never trusted.
        browser:  the User-Agent, to show the session by.
        Raises:   Unauthorized, the same whatever was wrong; LoginDelayed; CodeNeeded.
        """
        self._require_passwords()
        of_name = "name", workspace_id, login_name(name)
        await self._attempts.take(*of_name, address=by.address)
        found = await self._users.find_password(name)
        user_id, hashed, workspace_id = found or (None, None, workspace_id)
        token = new_token()
        is_right = await self._passwords.verify(normal_password(password), hashed)
        step = None
        if is_right and user_id is not None and hashed is not None:
            now, hashed_token = self._clock(), hash_token(token)
            step = await self._users.open_session(user_id, hashed, hashed_token, by, now, browser=browser)
        if step is None:
            await self._users.record_failed_login(workspace_id, user_id, by, self._clock())
            raise Unauthorized
        await self._attempts.forget(*of_name, address=by.address)
        if step is LoginStep.CODE_NEEDED:
            raise CodeNeeded(token)
        return token

    async def find(self, token: str, *, is_use: bool = True) -> User | None:
        """Return the user whose session this is; None where it has ended.

        is_use:  whether its idle time begins anew.
        """
        return await self._users.find_session(hash_token(token), self._clock(), is_use=is_use)

    async def log_out(self, token: str, by: Actor) -> None:
        """End the session."""
        await self._users.end_session(hash_token(token), by, self._clock())

    async def list_sessions(self, user: User) -> Sequence[UserSession]:
        """Return the browsers that are logged in, the last used one first."""
        return await self._users.list_sessions(user.id, self._clock())

    async def end_session(self, user: User, session_id: str, by: Actor) -> None:
        """End one of the user's sessions; effective at once in every process. Raises NotFound."""
        if not await self._users.end_session_of(user.workspace_id, user.id, session_id, by, self._clock()):
            raise NotFound("This session has ended already")

    async def end_sessions(self, user: User, by: Actor, *, keep: str | None = None) -> int:
        """End all of the user's sessions, but that of the token `keep`. Returns how many."""
        kept = None if keep is None else hash_token(keep)
        return await self._users.end_sessions(user.workspace_id, user.id, by, self._clock(), keep=kept)

    async def change_password(self, user: User, old: str, new: str, by: Actor, *, keep: str) -> None:
        """Set a new password, and end all sessions but that of the token `keep`.

        Raises:  InvalidField, where the old one is wrong too; LoginDelayed; Unauthorized, where passwords are not used.
        """
        self._require_passwords()
        of_name = "name", user.workspace_id, login_name(user.name)
        new = parse_password(new, user.name, field="new password")
        await self._attempts.take(*of_name, address=by.address)
        found = await self._users.find_password(user.name)
        if not await self._passwords.verify(normal_password(old), found[1] if found else None) or found is None:
            raise InvalidField("present password", "must be the one that you log in with")
        hashed = await self._passwords.hash(new)
        if not await self._users.change_password(user.id, found[1], hashed, by, self._clock(), keep=hash_token(keep)):
            raise InvalidField("present password", "must be the one that you log in with; it was changed just now")
        await self._attempts.forget(*of_name, address=by.address)

    async def invite(
        self, workspace_id: str, rights: Rights, by: Actor, lifetime: timedelta = INVITE_LIFETIME
    ) -> tuple[Invite, str]:
        """Return a new invite, and the token of its link, which is shown this once. Raises Unauthorized."""
        return await self._add(workspace_id, InviteKind.JOIN, rights, None, by, lifetime)

    async def invite_to_reset(self, workspace_id: str, name: str, by: Actor) -> tuple[Invite, str]:
        """Return a link by which the user chooses a new password. Raises NotFound, Unauthorized."""
        user = await self.read(workspace_id, name)
        return await self._add(workspace_id, InviteKind.RESET, user.rights, user.id, by, INVITE_LIFETIME)

    async def invite_to_enter(self, workspace_id: str, name: str, rights: Rights, lifetime: timedelta) -> str:
        """Return the token of a link that logs a user without a password in; the user is created if need be."""
        now = self._clock()
        user = await self._users.add_user(User(new_account_id(), workspace_id, name, rights, False, now, None, None))  # noqa: FBT003
        _, token = await self._add(workspace_id, InviteKind.ENTER, user.rights, user.id, COMMAND_LINE, lifetime)
        return token

    async def find_invite(self, token: str) -> tuple[Invite, str | None] | None:
        """Return the invite and the name of its user, if any; None where it was used or has expired."""
        return await self._users.find_invite(hash_token(token), self._clock())

    async def redeem(self, token: str, by: Actor, *, name: str = "", password: str = "", browser: str = "") -> str:
        """Use the invite, with the name and password that a person chose; return the token of a new session.

        Where passwords are not used, none is set, and one that the user has stays as it is.
        Raises NotFound where it was used or has expired, InvalidField, CodeNeeded.
        """
        found = await self.find_invite(token)
        if found is None:
            raise NotFound("This link was used already, or has expired")
        invite, name_of_user = found
        hashed = None
        if invite.kind is not InviteKind.ENTER:
            name = name_of_user or parse_user_name(name)
        if invite.kind is not InviteKind.ENTER and self.takes_passwords:
            hashed = await self._passwords.hash(parse_password(password, name))
        session = new_token()
        step = await self._users.redeem_invite(
            hash_token(token),
            hash_token(session),
            by,
            self._clock(),
            name=name,
            password_hash=hashed,
            browser=browser,
        )
        if step is LoginStep.CODE_NEEDED:
            raise CodeNeeded(session)
        return session

    async def list_users(self, workspace_id: str) -> Sequence[User]:
        """List all users, disabled ones too, the oldest first."""
        return await self._users.list_users(workspace_id)

    async def disable(self, workspace_id: str, name: str, by: Actor) -> User:
        """Disable the user and end their sessions; effective at once in every process. Raises NotFound."""
        user = await self.read(workspace_id, name)
        return await self._users.disable_user(workspace_id, user.id, by, self._clock())

    async def read(self, workspace_id: str, name: str) -> User:
        """Return the user of this name. Raises NotFound."""
        user = await self._users.find_user(workspace_id, name)
        if user is None:
            raise NotFound("There is no such user in this workspace")
        return user

    def _require_passwords(self) -> None:
        if not self.takes_passwords:
            raise Unauthorized("Logins by password are turned off")

    async def _add(
        self, workspace_id: str, kind: InviteKind, rights: Rights, user_id: str | None, by: Actor, lifetime: timedelta
    ) -> tuple[Invite, str]:
        if by.kind is not ActorKind.COMMAND_LINE:
            self._require_passwords()
        now, token = self._clock(), new_token()
        invite = Invite(kind, workspace_id, now, now + lifetime, rights, user_id)
        await self._users.add_invite(invite, hash_token(token), by)
        return invite, token
