"""The port of identities on SQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from confrere.domain.audit import Actor, AuditAction
from confrere.domain.ids import new_account_id
from confrere.domain.users import MAX_USER_NAME, PENDING_LOGIN_LIFETIME, Identity, Rights, User
from confrere.ports import Identities
from confrere.store.audit import append_entry
from confrere.store.engine import Engine
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import to_micros, user_of
from confrere.store.script import Query, Script, first
from confrere.store.users import Append, as_user, open_user_session, rights_values, user_values

_NAMES = 100
"""How many users of one name there may be, with a number after it."""


class SqlIdentities(Identities):
    """The port on SQL."""

    def __init__(self, engine: Engine, fingerprints: Fingerprints) -> None:
        self._engine = engine
        self._append = partial(append_entry, fingerprints)

    async def begin_sign_in(self, state_hash: str, target: str, now: datetime) -> None:
        await self._engine.transact(partial(_begin, state_hash, target, now))

    async def take_sign_in(self, state_hash: str, now: datetime) -> str | None:
        return await self._engine.transact(partial(_take, state_hash, now))

    async def sign_in(
        self,
        workspace_id: str,
        identity: Identity,
        rights: Rights,
        session_hash: str,
        by: Actor,
        now: datetime,
        browser: str,
    ) -> User:
        script = partial(_sign_in, self._append, workspace_id, identity, rights, session_hash, by, now, browser)
        return await self._engine.transact(script)

    async def refuse_sign_in(self, workspace_id: str, identity: Identity, by: Actor, now: datetime, why: str) -> None:
        await self._engine.transact(partial(_refuse, self._append, workspace_id, identity, by, now, why))


def _begin(state_hash: str, target: str, now: datetime) -> Script[None]:
    yield Query("delete_expired_logins", (to_micros(now),))
    yield Query("add_pending_login", (state_hash, None, None, target, to_micros(now + PENDING_LOGIN_LIFETIME)))


def _take(state_hash: str, now: datetime) -> Script[str | None]:
    row = first((yield Query("take_pending_login", (state_hash, to_micros(now)))))
    return None if row is None else row[2]


def _sign_in(
    append: Append,
    workspace_id: str,
    identity: Identity,
    rights: Rights,
    session_hash: str,
    by: Actor,
    now: datetime,
    browser: str,
) -> Script[User]:
    for known in (yield Query("list_users_of_identity", (identity.issuer, identity.subject))):
        user = user_of(known)
        if user.workspace_id != workspace_id and user.disabled_at is None:
            yield from _end(append, user, by, now, "another workspace")
            return user
    key = workspace_id, identity.issuer, identity.subject
    row = first((yield Query("find_identity", key)))
    user_id = new_account_id()
    if row is None and not (yield Query("add_identity", (*key, user_id))):
        row = first((yield Query("find_identity", key)))  # the same person has logged in at this moment
    if row is None:
        user = yield from _add(user_id, workspace_id, identity, rights, now)
        yield from append(
            workspace_id, as_user(by, user.id), AuditAction.USER_JOINED, now, subject=user.id, detail=str(rights.role)
        )
    else:
        user = user_of(row)
        if user.disabled_at is not None:
            yield from append(workspace_id, by, AuditAction.LOGIN_FAILED, now, subject=user.id, detail="disabled")
            return user
        user = yield from _set_rights(append, user, rights, by, now)
    yield from open_user_session(user.id, None, session_hash, by, now, browser)
    detail = "by identity provider"
    yield from append(workspace_id, as_user(by, user.id), AuditAction.LOGGED_IN, now, subject=user.id, detail=detail)
    return user


def _add(user_id: str, workspace_id: str, identity: Identity, rights: Rights, now: datetime) -> Script[User]:
    """Create the user; a name that another one has gets a number."""
    for name in _names(identity.name):
        user = User(user_id, workspace_id, name, rights, False, now, None, now, issuer=identity.issuer)  # noqa: FBT003
        if (yield Query("add_user", user_values(user, None))):
            return user
    raise AssertionError(f"{_NAMES} users have one name")


def _names(name: str) -> Iterator[str]:
    yield name
    for number in range(2, _NAMES):
        yield f"{name[: MAX_USER_NAME - 4]} {number}"


def _set_rights(append: Append, user: User, rights: Rights, by: Actor, now: datetime) -> Script[User]:
    if rights == user.rights:
        return user
    yield Query("set_rights", {"id": user.id, **rights_values(rights)})
    detail = f"{user.rights.role} to {rights.role}"
    yield from append(
        user.workspace_id, as_user(by, user.id), AuditAction.RIGHTS_CHANGED, now, subject=user.id, detail=detail
    )
    return replace(user, rights=rights)


def _refuse(append: Append, workspace_id: str, identity: Identity, by: Actor, now: datetime, why: str) -> Script[None]:
    rows = yield Query("list_users_of_identity", (identity.issuer, identity.subject))
    for row in rows:
        yield from _end(append, user_of(row), by, now, why)
    if not rows:
        yield from append(workspace_id, by, AuditAction.LOGIN_FAILED, now, detail=why)


def _end(append: Append, user: User, by: Actor, now: datetime, why: str) -> Script[None]:
    """End the sessions of somebody whom the provider no longer lets in as this user."""
    yield Query("end_sessions_of_user", (user.id,))
    yield from append(user.workspace_id, by, AuditAction.LOGIN_FAILED, now, subject=user.id, detail=why)
