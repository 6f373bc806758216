"""The port of second factors on SQL. Secrets are sealed; of recovery codes and tokens only hashes are stored."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from confrere.domain.audit import Actor, AuditAction
from confrere.domain.lasting import LastingKind
from confrere.domain.users import SecondFactor, User
from confrere.ports import SecondFactors
from confrere.store.audit import append_entry
from confrere.store.engine import Engine
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import to_micros, user_of
from confrere.store.script import Query, Script, first, lasting, only, run_query
from confrere.store.users import Append, as_user, open_user_session
from confrere.store.vault import Vault


class _NotFinished(Exception):
    """The login cannot be finished; the transaction is rolled back."""


class SqlSecondFactors(SecondFactors):
    """The port on SQL."""

    def __init__(self, engine: Engine, vault: Vault, fingerprints: Fingerprints) -> None:
        self._engine = engine
        self._vault = vault
        self._append = partial(append_entry, fingerprints)

    async def begin_second_factor(self, user_id: str, secret: str) -> bool:
        values = user_id, self._vault.seal(secret)
        return await self._engine.transact(partial(run_query, "begin_second_factor", values)) == 1

    async def read_second_factor(self, user_id: str) -> SecondFactor | None:
        row = first(await self._engine.read("read_second_factor", user_id))
        return None if row is None else SecondFactor(self._vault.unseal(row[0]), row[1] is not None, row[2])

    async def confirm_second_factor(
        self, workspace_id: str, user_id: str, step: int, code_hashes: Collection[str], by: Actor, now: datetime
    ) -> bool:
        row = first(await self._engine.read("read_second_factor", user_id))
        if row is None:
            return False
        script = partial(_confirm, self._append, workspace_id, user_id, row[0], step, code_hashes, by, now)
        return await self._engine.transact(script)

    async def remove_second_factor(self, workspace_id: str, user_id: str, by: Actor, now: datetime) -> bool:
        return await self._engine.transact(partial(_remove, self._append, workspace_id, user_id, by, now))

    async def replace_recovery_codes(
        self, workspace_id: str, user_id: str, step: int, code_hashes: Collection[str], by: Actor, now: datetime
    ) -> bool:
        script = partial(_replace, self._append, workspace_id, user_id, step, code_hashes, by, now)
        return await self._engine.transact(script)

    async def count_recovery_codes(self, user_id: str) -> int:
        count: int = only(await self._engine.read("count_recovery_codes", user_id))[0]
        return count

    async def has_recovery_code(self, user_id: str, code_hash: str) -> bool:
        return bool(await self._engine.read("find_recovery_code", user_id, code_hash))

    async def find_pending_login(self, token_hash: str, now: datetime) -> User | None:
        row = first(await self._engine.read("find_pending_login", token_hash, to_micros(now)))
        return None if row is None else user_of(row)

    async def finish_login(
        self, token_hash: str, session_hash: str, proof: int | str, by: Actor, now: datetime, browser: str
    ) -> bool:
        script = partial(_finish, self._append, token_hash, session_hash, proof, by, now, browser)
        try:
            await self._engine.transact(script)
        except _NotFinished:
            return False
        return True


def _confirm(
    append: Append,
    workspace_id: str,
    user_id: str,
    sealed: str,
    step: int,
    code_hashes: Collection[str],
    by: Actor,
    now: datetime,
) -> Script[bool]:
    if not (yield Query("confirm_second_factor", (user_id, sealed, step, to_micros(now)))):
        return False
    yield from _store_codes(user_id, code_hashes)
    yield lasting(now, LastingKind.LOGIN_CHANGED, workspace_id, user_id)
    yield from append(workspace_id, by, AuditAction.SECOND_FACTOR_SET, now, subject=user_id)
    return True


def _store_codes(user_id: str, code_hashes: Collection[str]) -> Script[None]:
    yield Query("remove_recovery_codes", (user_id,))
    for hashed in code_hashes:
        yield Query("add_recovery_code", (user_id, hashed))


def _remove(append: Append, workspace_id: str, user_id: str, by: Actor, now: datetime) -> Script[bool]:
    row = first((yield Query("remove_second_factor", (user_id,))))
    yield Query("remove_recovery_codes", (user_id,))
    yield Query("delete_pending_logins", (user_id,))
    if row is None or row[0] is None:
        return False
    yield lasting(now, LastingKind.LOGIN_CHANGED, workspace_id, user_id)
    yield from append(workspace_id, by, AuditAction.SECOND_FACTOR_REMOVED, now, subject=user_id)
    return True


def _replace(
    append: Append,
    workspace_id: str,
    user_id: str,
    step: int,
    code_hashes: Collection[str],
    by: Actor,
    now: datetime,
) -> Script[bool]:
    if not (yield Query("use_second_factor", (user_id, step))):
        return False
    yield from _store_codes(user_id, code_hashes)
    yield lasting(now, LastingKind.LOGIN_CHANGED, workspace_id, user_id)
    yield from append(workspace_id, by, AuditAction.RECOVERY_CODES_MADE, now, subject=user_id)
    return True


def _finish(
    append: Append, token_hash: str, session_hash: str, proof: int | str, by: Actor, now: datetime, browser: str
) -> Script[None]:
    row = first((yield Query("take_pending_login", (token_hash, to_micros(now)))))
    if row is None or row[0] is None:
        raise _NotFinished
    user_id: str = row[0]
    used = "use_second_factor" if isinstance(proof, int) else "use_recovery_code"
    if not (yield Query(used, (user_id, proof))):
        raise _NotFinished
    if not (yield from open_user_session(user_id, row[1], session_hash, by, now, browser)):
        raise _NotFinished
    user = user_of(only((yield Query("read_user", (user_id,)))))
    if isinstance(proof, str):  # a recovery code, which must not be valid again
        yield lasting(now, LastingKind.LOGIN_CHANGED, user.workspace_id, user_id)
    detail = "by code" if isinstance(proof, int) else "by recovery code"
    yield from append(
        user.workspace_id, as_user(by, user_id), AuditAction.LOGGED_IN, now, subject=user_id, detail=detail
    )
