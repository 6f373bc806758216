"""Logins to the console: users, invites, sessions, and the delay of those who guess."""

import hashlib
import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from confrere.access.passwords import Passwords
from confrere.domain.audit import COMMAND_LINE, Actor
from confrere.domain.errors import LoginDelayed, NotFound, Unauthorized
from confrere.domain.ids import new_account_id
from confrere.domain.users import (
    INVITE_LIFETIME,
    Invite,
    InviteKind,
    Rights,
    User,
    hash_token,
    login_name,
    new_token,
    normal_password,
    parse_password,
    parse_user_name,
)
from confrere.ports import Clock, Users

FREE_ATTEMPTS_OF_NAME: Final = 5
FREE_ATTEMPTS_OF_ADDRESS: Final = 20


class Logins:
    """The users of a workspace, and who of them is logged in."""

    def __init__(self, *, users: Users, clock: Clock) -> None:
        self._users = users
        self._clock = clock
        self._passwords = Passwords()

    async def log_in(self, workspace_id: str, name: str, password: str, by: Actor) -> str:
        """Check name and password, and return the token of a new session.

        An attempt counts before its password is checked, whether there is such a user or not.

        by:      who tries; their address slows logins, and is never trusted.
        Raises:  Unauthorized, the same whatever was wrong; LoginDelayed.
        """
        of_name = _subject("name", workspace_id, login_name(name))
        free = {
            of_name: FREE_ATTEMPTS_OF_NAME,
            _subject("address", _network(by.address or "")): FREE_ATTEMPTS_OF_ADDRESS,
        }
        wait_until = await self._users.take_attempt(free, self._clock())
        if wait_until is not None:
            raise LoginDelayed(wait_until)
        found = await self._users.find_password(workspace_id, name)
        user_id, hashed = found or (None, None)
        token = new_token()
        is_right = await self._passwords.verify(normal_password(password), hashed)
        if (
            not is_right
            or user_id is None
            or hashed is None
            or not await self._users.open_session(user_id, hashed, hash_token(token), by, self._clock())
        ):
            await self._users.record_failed_login(workspace_id, user_id, by, self._clock())
            raise Unauthorized
        await self._users.forget_attempts(of_name)
        return token

    async def find(self, token: str, *, is_use: bool = True) -> User | None:
        """Return the user whose session this is; None where it has ended.

        is_use:  whether its idle time begins anew.
        """
        return await self._users.find_session(hash_token(token), self._clock(), is_use=is_use)

    async def log_out(self, token: str, by: Actor) -> None:
        """End the session."""
        await self._users.end_session(hash_token(token), by, self._clock())

    async def invite(
        self, workspace_id: str, rights: Rights, by: Actor, lifetime: timedelta = INVITE_LIFETIME
    ) -> tuple[Invite, str]:
        """Return a new invite, and the token of its link, which is shown this once."""
        return await self._add(workspace_id, InviteKind.JOIN, rights, None, by, lifetime)

    async def invite_to_reset(self, workspace_id: str, name: str, by: Actor) -> tuple[Invite, str]:
        """Return a link by which the user chooses a new password. Raises NotFound."""
        user = await self._read(workspace_id, name)
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

    async def redeem(self, token: str, by: Actor, *, name: str = "", password: str = "") -> str:
        """Use the invite, with the name and password that a person chose; return the token of a new session.

        Raises NotFound where it was used or has expired, InvalidField.
        """
        found = await self.find_invite(token)
        if found is None:
            raise NotFound("This link was used already, or has expired")
        invite, name_of_user = found
        hashed = None
        if invite.kind is not InviteKind.ENTER:
            name = name_of_user or parse_user_name(name)
            hashed = await self._passwords.hash(parse_password(password, name))
        session = new_token()
        await self._users.redeem_invite(
            hash_token(token), hash_token(session), by, self._clock(), name=name, password_hash=hashed
        )
        return session

    async def list_users(self, workspace_id: str) -> Sequence[User]:
        """List all users, disabled ones too, the oldest first."""
        return await self._users.list_users(workspace_id)

    async def disable(self, workspace_id: str, name: str, by: Actor) -> User:
        """Disable the user and end their sessions; effective at once in every process. Raises NotFound."""
        user = await self._read(workspace_id, name)
        return await self._users.disable_user(workspace_id, user.id, by, self._clock())

    async def _read(self, workspace_id: str, name: str) -> User:
        user = await self._users.find_user(workspace_id, name)
        if user is None:
            raise NotFound("There is no such user in this workspace")
        return user

    async def _add(
        self, workspace_id: str, kind: InviteKind, rights: Rights, user_id: str | None, by: Actor, lifetime: timedelta
    ) -> tuple[Invite, str]:
        now, token = self._clock(), new_token()
        invite = Invite(kind, workspace_id, now, now + lifetime, rights, user_id)
        await self._users.add_invite(invite, hash_token(token), by)
        return invite, token


def _subject(*parts: str) -> str:
    """Return a hash: what people type into the field of the name may be their password."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _network(address: str) -> str:
    """Return an IPv6 address's /64, which one household has; any other address as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))
