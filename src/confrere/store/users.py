"""The users port on SQL. Of tokens only hashes are stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from confrere.domain.audit import Actor, ActorKind, AuditAction
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import new_account_id
from confrere.domain.lasting import LastingKind
from confrere.domain.users import (
    FORGET_ATTEMPTS_AFTER,
    PENDING_LOGIN_LIFETIME,
    SESSION_IDLE,
    SESSION_LIFETIME,
    Invite,
    InviteKind,
    LoginStep,
    Rights,
    User,
    UserSession,
    login_delay,
    login_name,
)
from confrere.ports import Users
from confrere.store.audit import append_entry
from confrere.store.damage import damage_is_reported
from confrere.store.engine import Engine
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import Row, from_micros, rights_of, to_micros, user_of
from confrere.store.script import Query, Script, first, lasting, only

_RECORD_USE_EVERY: Final = 60_000_000
"""Microseconds between two records of a session's use: its idle time is hours."""


Append = Callable[..., Script[None]]
"""`append_entry` with the store's key."""


class SqlUsers(Users):
    """The port on SQL."""

    def __init__(self, engine: Engine, fingerprints: Fingerprints) -> None:
        self._engine = engine
        self._append = partial(append_entry, fingerprints)

    async def list_users(self, workspace_id: str) -> Sequence[User]:
        return [user_of(row) for row in await self._engine.read_many("list_users", workspace_id)]

    async def find_user(self, workspace_id: str, name: str) -> User | None:
        row = first(await self._engine.read("find_user", workspace_id, login_name(name)))
        return None if row is None else user_of(row)

    async def add_user(self, user: User) -> User:
        return await self._engine.transact(partial(_add_user, user))

    async def disable_user(self, workspace_id: str, user_id: str, by: Actor, now: datetime) -> User:
        return await self._engine.transact(partial(_disable, self._append, workspace_id, user_id, by, now))

    async def find_password(self, name: str) -> tuple[str, str, str] | None:
        row = first(await self._engine.read("find_password", login_name(name)))
        return None if row is None else (row[0], row[1], row[2])

    async def open_session(
        self, user_id: str, password_hash: str, token_hash: str, by: Actor, now: datetime, *, browser: str = ""
    ) -> LoginStep | None:
        script = partial(_log_in, self._append, user_id, password_hash, token_hash, by, now, browser)
        return await self._engine.transact(script)

    async def find_session(self, token_hash: str, now: datetime, *, is_use: bool) -> User | None:
        """Query the database on every request, so that a session that was ended is over in every process."""
        now_micros = to_micros(now)
        row = first(await self._engine.read("find_user_session", token_hash, now_micros, to_micros(now - SESSION_IDLE)))
        if row is None:
            return None
        if is_use and now_micros - row[-1] >= _RECORD_USE_EVERY:
            self._engine.write_later("record_session_use", token_hash, now_micros)
        return user_of(row[:-1])

    async def end_session(self, token_hash: str, by: Actor, now: datetime) -> None:
        await self._engine.transact(partial(_end_session, self._append, token_hash, by, now))

    async def list_sessions(self, user_id: str, now: datetime) -> Sequence[UserSession]:
        limits = to_micros(now), to_micros(now - SESSION_IDLE)
        return [_session_of(row) for row in await self._engine.read_many("list_user_sessions", user_id, *limits)]

    async def end_session_of(self, workspace_id: str, user_id: str, session_id: str, by: Actor, now: datetime) -> bool:
        script = partial(_end_one, self._append, workspace_id, user_id, session_id, by, now)
        return await self._engine.transact(script) == 1

    async def end_sessions(
        self, workspace_id: str, user_id: str, by: Actor, now: datetime, *, keep: str | None = None
    ) -> int:
        return await self._engine.transact(partial(_end_many, self._append, workspace_id, user_id, keep, by, now))

    async def change_password(
        self, user_id: str, old_hash: str, new_hash: str, by: Actor, now: datetime, *, keep: str
    ) -> bool:
        script = partial(_change_password, self._append, user_id, old_hash, new_hash, keep, by, now)
        return await self._engine.transact(script)

    async def add_invite(self, invite: Invite, token_hash: str, by: Actor) -> None:
        await self._engine.transact(partial(_add_invite, self._append, invite, token_hash, by))

    async def find_invite(self, token_hash: str, now: datetime) -> tuple[Invite, str | None] | None:
        row = first(await self._engine.read("find_invite", token_hash, to_micros(now)))
        return None if row is None else (_invite_of(row), row[8])

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
        script = partial(_redeem, self._append, token_hash, session_hash, by, now, name, password_hash, browser)
        return await self._engine.transact(script)

    async def take_attempt(self, free_of: Mapping[str, int], now: datetime) -> datetime | None:
        return await self._engine.transact(partial(_take_attempt, free_of, now))

    async def record_failed_login(
        self, workspace_id: str, user_id: str | None, by: Actor, now: datetime, *, why: str | None = None
    ) -> None:
        await self._engine.transact(
            partial(self._append, workspace_id, by, AuditAction.LOGIN_FAILED, now, subject=user_id, detail=why)
        )

    async def forget_attempts(self, subject: str, *, address: str) -> None:
        await self._engine.transact(partial(_forget_attempts, subject, address))


@damage_is_reported
def _session_of(row: Row) -> UserSession:
    return UserSession(row[0], from_micros(row[1]), from_micros(row[2]), row[3], row[4])


@damage_is_reported
def _invite_of(row: Row) -> Invite:
    return Invite(InviteKind(row[0]), row[1], from_micros(row[2]), from_micros(row[3]), rights_of(row[5:8]), row[4])


def rights_values(rights: Rights) -> dict[str, object]:
    """Return the columns of rights."""
    accounts = None if rights.accounts is None else " ".join(sorted(rights.accounts))
    return {"role": str(rights.role), "inbox": int(rights.inbox), "accounts": accounts}


def user_values(user: User, password_hash: str | None) -> dict[str, object]:
    """Return the columns of a new user."""
    return {
        "id": user.id,
        "workspace_id": user.workspace_id,
        "name": user.name,
        "login_name": login_name(user.name),
        **rights_values(user.rights),
        "password_hash": password_hash,
        "created_at": to_micros(user.created_at),
        "logged_in_at": to_micros(user.logged_in_at),
    }


def _add_user(user: User) -> Script[User]:
    yield Query("add_user", user_values(user, None))
    return user_of(only((yield Query("find_user", (user.workspace_id, login_name(user.name))))))


def _disable(append: Append, workspace_id: str, user_id: str, by: Actor, now: datetime) -> Script[User]:
    if not (yield Query("disable_user", (workspace_id, user_id, to_micros(now)))):
        raise NotFound("There is no such user in this workspace")
    yield from _log_out_everywhere(user_id)
    yield lasting(now, LastingKind.USER_DISABLED, workspace_id, user_id)
    yield from append(workspace_id, by, AuditAction.USER_DISABLED, now, subject=user_id)
    return user_of(only((yield Query("read_user", (user_id,)))))


def _log_out_everywhere(user_id: str) -> Script[None]:
    yield Query("end_sessions_of_user", (user_id,))
    yield Query("delete_pending_logins", (user_id,))


def _log_in(
    append: Append, user_id: str, password_hash: str, token_hash: str, by: Actor, now: datetime, browser: str
) -> Script[LoginStep | None]:
    user = user_of(only((yield Query("read_user", (user_id,)))))
    if user.has_second_factor:
        yield from _wait_for_code(user_id, password_hash, token_hash, now)
        return LoginStep.CODE_NEEDED
    if not (yield from open_user_session(user_id, password_hash, token_hash, by, now, browser)):
        return None
    yield from append(user.workspace_id, as_user(by, user_id), AuditAction.LOGGED_IN, now, subject=user_id)
    return LoginStep.DONE


def _wait_for_code(user_id: str, password_hash: str | None, token_hash: str, now: datetime) -> Script[None]:
    yield Query("delete_expired_logins", (to_micros(now),))
    expires_at = to_micros(now + PENDING_LOGIN_LIFETIME)
    yield Query("add_pending_login", (token_hash, user_id, password_hash, None, expires_at))


def as_user(by: Actor, user_id: str) -> Actor:
    """Return the user whom somebody has become, where they came from."""
    return replace(by, kind=ActorKind.USER, id=user_id)


def open_user_session(
    user_id: str, password_hash: str | None, token_hash: str, by: Actor, now: datetime, browser: str
) -> Script[bool]:
    """Begin a session; return whether the user still may, with this password. None: they came without one."""
    now_micros = to_micros(now)
    if not (yield Query("record_login", (user_id, password_hash, now_micros))):
        return False
    yield Query("delete_ended_sessions", (now_micros,))
    ends_at = to_micros(now + SESSION_LIFETIME)
    yield Query("add_user_session", (token_hash, user_id, now_micros, ends_at, by.address, browser or None))
    return True


def _end_session(append: Append, token_hash: str, by: Actor, now: datetime) -> Script[None]:
    row = first((yield Query("end_user_session", (token_hash,))))
    if row is not None:
        user = user_of(only((yield Query("read_user", (row[0],)))))
        yield from append(user.workspace_id, as_user(by, user.id), AuditAction.LOGGED_OUT, now, subject=user.id)


def _end_one(append: Append, workspace_id: str, user_id: str, session_id: str, by: Actor, now: datetime) -> Script[int]:
    ended = len((yield Query("end_session_of_user", (user_id, session_id))))
    yield from _record_ended(append, workspace_id, user_id, ended, by, now)
    return ended


def _end_many(
    append: Append, workspace_id: str, user_id: str, keep: str | None, by: Actor, now: datetime
) -> Script[int]:
    ended = len((yield Query("end_other_sessions", (user_id, keep or ""))))
    yield from _record_ended(append, workspace_id, user_id, ended, by, now)
    return ended


def _record_ended(
    append: Append, workspace_id: str, user_id: str, ended: int, by: Actor, now: datetime
) -> Script[None]:
    if ended:
        yield from append(workspace_id, by, AuditAction.SESSIONS_ENDED, now, subject=user_id, detail=str(ended))


def _change_password(
    append: Append, user_id: str, old_hash: str, new_hash: str, keep: str, by: Actor, now: datetime
) -> Script[bool]:
    row = first((yield Query("change_password", (user_id, old_hash, new_hash))))
    if row is None:
        return False
    yield Query("end_other_sessions", (user_id, keep))
    yield Query("delete_pending_logins", (user_id,))
    yield lasting(now, LastingKind.LOGIN_CHANGED, row[0], user_id)
    yield from append(row[0], by, AuditAction.PASSWORD_SET, now, subject=user_id)
    return True


_MADE: Final = {InviteKind.JOIN: AuditAction.USER_INVITED, InviteKind.RESET: AuditAction.RESET_LINK_MADE}
_USED: Final = {
    InviteKind.JOIN: AuditAction.USER_JOINED,
    InviteKind.RESET: AuditAction.PASSWORD_SET,
    InviteKind.ENTER: AuditAction.LINK_ENTERED,
}
"""What the log calls the making and the use of each kind of link; the making of the sandbox's is not logged."""


def _add_invite(append: Append, invite: Invite, token_hash: str, by: Actor) -> Script[None]:
    now = invite.created_at
    yield Query("delete_expired_invites", (to_micros(now),))
    values = {
        "hash": token_hash,
        "workspace_id": invite.workspace_id,
        "kind": str(invite.kind),
        **rights_values(invite.rights),
        "user_id": invite.user_id,
        "created_at": to_micros(now),
        "expires_at": to_micros(invite.expires_at),
    }
    yield Query("add_invite", values)
    if (action := _MADE.get(invite.kind)) is not None:
        yield from append(invite.workspace_id, by, action, now, subject=invite.user_id, detail=str(invite.rights.role))


def _redeem(
    append: Append,
    token_hash: str,
    session_hash: str,
    by: Actor,
    now: datetime,
    name: str,
    password_hash: str | None,
    browser: str,
) -> Script[LoginStep]:
    row = first((yield Query("take_invite", (token_hash, to_micros(now)))))
    if row is None:
        raise NotFound("This link was used already, or has expired")
    invite = _invite_of(row)
    user_id = invite.user_id
    if invite.kind is InviteKind.JOIN:
        user_id = new_account_id()
        added = User(user_id, invite.workspace_id, name, invite.rights, True, now, None, now)  # noqa: FBT003
        if not (yield Query("add_user", user_values(added, password_hash))):
            raise InvalidField("name", "must be another: a user has this one")
    assert user_id is not None
    if invite.kind is InviteKind.RESET:
        yield Query("set_password", (user_id, password_hash))
        for kind in (LastingKind.LOGIN_CHANGED, LastingKind.USER_ENABLED):
            yield lasting(now, kind, invite.workspace_id, user_id)
        yield from _log_out_everywhere(user_id)
    user = user_of(only((yield Query("read_user", (user_id,)))))
    waits = invite.kind is InviteKind.RESET and user.has_second_factor
    if waits:
        yield from _wait_for_code(user_id, password_hash, session_hash, now)
    elif not (yield from open_user_session(user_id, None, session_hash, by, now, browser)):
        raise NotFound("This link is for a user who is disabled")
    yield from append(
        invite.workspace_id,
        as_user(by, user_id),
        _USED[invite.kind if password_hash or invite.kind is InviteKind.JOIN else InviteKind.ENTER],
        now,
        subject=user_id,
        detail=str(invite.rights.role),
    )
    return LoginStep.CODE_NEEDED if waits else LoginStep.DONE


def _forget_attempts(subject: str, address: str) -> Script[None]:
    queries = {subject: "forget_login_attempts", address: "give_back_login_attempt"}
    for one in sorted(queries):  # in the order of `_take_attempt`
        yield Query(queries[one], (one,))


def _take_attempt(free_of: Mapping[str, int], now: datetime) -> Script[datetime | None]:
    now_micros, old = to_micros(now), to_micros(now - FORGET_ATTEMPTS_AFTER)
    yield Query("delete_old_login_attempts", (old,))
    subjects = sorted(free_of)  # in one order: two attempts at once do not wait for each other
    waits = only((yield Query("read_login_delay", (subjects[0], subjects[-1]))))[0]
    if waits is not None and waits > now_micros:
        return from_micros(waits)
    for subject in subjects:
        row = first((yield Query("take_login_attempt", (subject, now_micros, old))))
        if row is None:  # another attempt was made since
            return from_micros(only((yield Query("read_login_delay", (subject, subject))))[0])
        if delay := login_delay(row[0], free_of[subject]):
            yield Query("delay_login", (subject, to_micros(now + delay)))
    return None
