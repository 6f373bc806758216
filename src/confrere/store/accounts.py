"""The accounts port on SQL: LinkedIn accounts and their sealed sessions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from confrere.domain.account import (
    LOOKS_FOR,
    MIN_IDLE_FACTOR,
    NOT_RELEASED,
    Account,
    AccountStatus,
    Condition,
    probe_due_at,
)
from confrere.domain.audit import AuditAction, describe_changes
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import first_send_id_at, new_account_id
from confrere.domain.lasting import LastingKind
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, Action, window_start
from confrere.domain.session import Member, Session
from confrere.ports import Accounts
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.rows import account_of, from_micros, session_from_json, session_to_json, to_micros, windows_of
from confrere.store.script import Query, Script, first, lasting, only, run_query
from confrere.store.session_cache import SessionCache
from confrere.store.stops import record_death, record_hold
from confrere.store.vault import Vault
from confrere.store.webhook_queue import report_available, report_hold, report_session_end

_DAY: Final = timedelta(days=1)

_ID_BEFORE_UNIT: Final = timedelta(hours=1)
"""The longest that a send's id is older than its unit."""

_RECORD_ANSWER_EVERY: Final = timedelta(minutes=1)
"""Between two records that LinkedIn takes an account's session."""


class SqlAccounts(Accounts):
    """The port on SQL."""

    def __init__(self, engine: Engine, vault: Vault, trail: Trail, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._trail = trail
        self._clock = clock
        self._vault = vault
        self._sessions = SessionCache()
        self._answered: dict[str, datetime] = {}

    async def connect_account(self, workspace_id: str, session: Session, member: Member, now: datetime) -> Account:
        sealed = self._vault.seal(session_to_json(session))
        script = partial(_connect, workspace_id, sealed, member, to_micros(now), self._trail.recorder())
        return await self._engine.transact(script)

    async def list_accounts(self, workspace_id: str) -> Sequence[Account]:
        return [account_of(row) for row in await self._engine.read_many("list_accounts", workspace_id)]

    async def read_account(self, workspace_id: str, account_id: str | None) -> Account:
        row = first(await self._engine.read("read_account", workspace_id, account_id))
        if row is None:
            raise NotFound("There is no such account in this workspace")
        return account_of(row)

    async def read_session(self, account_id: str, version: int) -> Session | None:
        """Return the session from the cache, by its version; decrypt it only where it has changed."""
        session = self._sessions.get(account_id, version)
        if session is not None:
            return session
        row = first(await self._engine.read("read_session", account_id))
        if row is None:
            self._sessions.remove(account_id)
            return None
        session = session_from_json(self._vault.unseal(row[0]), account_id, row[1])
        self._sessions.put(session)
        return session

    async def refresh_cookies(
        self, account_id: str, changed: Mapping[str, str], *, session_version: int | None = None
    ) -> None:
        """Store the changed cookies; do nothing where no session is stored."""
        if changed:
            await self._engine.transact(partial(_refresh, self._vault, account_id, changed, session_version))

    def record_answer(self, account_id: str, now: datetime) -> None:
        last = self._answered.get(account_id)
        if last is None or not last <= now < last + _RECORD_ANSWER_EVERY:
            self._answered[account_id] = now
            self._engine.write_later("record_session_answer", account_id, to_micros(now))

    async def hold_account(self, account_id: str, until: datetime) -> None:
        audit = self._trail.recorder_of_server()
        await self._engine.transact(partial(_hold, account_id, to_micros(until), audit))

    async def set_status(
        self, account_id: str, status: AccountStatus, reason: str | None, *, session_version: int | None = None
    ) -> bool:
        audit = self._trail.recorder_of_server()
        return await self._engine.transact(partial(_set_status, account_id, status, reason, session_version, audit))

    async def claim_probes(self, now: datetime, idle_for: timedelta, *, count: int) -> Sequence[Account]:
        return await self._engine.transact(partial(_claim_probes, now, idle_for, count))

    async def count_accounts(self, now: datetime) -> Mapping[Condition, int]:
        rows = await self._engine.read_many("count_accounts", to_micros(now))
        return {**dict.fromkeys(Condition, 0), **{Condition(name): count for name, count in rows}}

    async def update_account(
        self,
        workspace_id: str,
        account_id: str,
        *,
        daily_limit: int | None = None,
        enabled: bool | None = None,
        make_default: bool = False,
        release_hold: bool = False,
    ) -> Account:
        """Raises InvalidField for a limit that is not from 0 to the ceiling."""
        if daily_limit is not None and not 0 <= daily_limit <= MESSAGES_PER_DAY_CEILING:
            raise InvalidField("dailyLimit", f"must be from 0 to {MESSAGES_PER_DAY_CEILING}")
        changes = {
            "workspace_id": workspace_id,
            "account_id": account_id,
            "daily_limit": daily_limit,
            "enabled": None if enabled is None else int(enabled),
            "release_hold": int(release_hold),
        }
        return await self._engine.transact(
            partial(_update, workspace_id, account_id, changes, self._trail.recorder(), make_default=make_default)
        )

    async def end_restore(self, account: Account, used: int, now: datetime, *, nothing_lost: bool) -> None:
        await self._engine.transact(partial(_end_restore, account, used, to_micros(now), nothing_lost))

    async def end_looking(self, workspace_id: str, account_id: str) -> Account:
        return await self._engine.transact(partial(_end_looking, workspace_id, account_id, self._trail.recorder()))

    async def end_looking_in_time(self, now: datetime) -> int:
        return await self._engine.transact(partial(run_query, "end_looking_in_time", (to_micros(now),)))

    async def disconnect_account(self, workspace_id: str, account_id: str) -> None:
        self._sessions.remove(account_id)
        await self._engine.transact(partial(_disconnect, workspace_id, account_id, self._trail.recorder()))


def _connect(workspace_id: str, sealed: str, member: Member, now: int, audit: Recorder) -> Script[Account]:
    yield Query("ensure_workspace", (workspace_id,))
    yield Query("lock_workspace", (workspace_id,))
    rows = yield Query(
        "connect_account",
        {
            "account_id": new_account_id(),
            "workspace_id": workspace_id,
            "profile_urn": member.profile_urn,
            "first_name": member.first_name,
            "last_name": member.last_name,
            "public_id": member.public_id,
            "picture": member.picture,
            "premium": None if member.premium is None else int(member.premium),
            "daily_limit": MESSAGES_PER_DAY_CEILING,
            "session": sealed,
            "now": now,
        },
    )
    if not rows:
        raise InvalidField("pasted", "is the session of a member who is connected in another workspace; use that one")
    account_id = only(rows)[0]
    yield Query("choose_default", (workspace_id, account_id))
    yield Query("spread_pacing", (workspace_id, account_id))
    yield Query("record_available_event", (account_id, now))
    yield lasting(now, LastingKind.ACCOUNT_CONNECTED, workspace_id, account_id)
    yield from audit.append(workspace_id, AuditAction.ACCOUNT_CONNECTED, account_id)
    return (yield from _read(workspace_id, account_id))


def _refresh(vault: Vault, account_id: str, changed: Mapping[str, str], session_version: int | None) -> Script[None]:
    row = first((yield Query("lock_session", (account_id, session_version))))
    if row is None:
        return
    session = session_from_json(vault.unseal(row[0]))
    refreshed = session.refreshed(changed)
    if refreshed != session:
        yield Query("change_session", (account_id, vault.seal(session_to_json(refreshed))))


def _hold(account_id: str, until: int, audit: Recorder) -> Script[None]:
    workspace_id = yield from report_hold(account_id, until, to_micros(audit.now))
    yield Query("hold_account", (account_id, until))
    if workspace_id is not None:
        yield from record_hold(audit, workspace_id, account_id, until)


def _set_status(
    account_id: str, status: AccountStatus, reason: str | None, session_version: int | None, audit: Recorder
) -> Script[bool]:
    workspace_id = None
    if status is AccountStatus.ERROR:
        workspace_id = yield from report_session_end(account_id, reason, to_micros(audit.now), session_version)
    is_changed = bool((yield Query("set_status", (account_id, status.value, reason, session_version))))
    if workspace_id is not None:
        yield from record_death(audit, workspace_id, account_id, reason)
    return is_changed


def _claim_probes(now: datetime, idle_for: timedelta, count: int) -> Script[list[Account]]:
    last = now - idle_for * MIN_IDLE_FACTOR
    rows = yield Query("list_idle", (to_micros(now), to_micros(last), to_micros(last - _DAY)))
    claimed: list[Account] = []
    for account_id, probed_at, used_at in rows:
        last_active_at = from_micros(max(probed_at, used_at or 0))
        if len(claimed) < count and probe_due_at(account_id, last_active_at, idle_for) <= now:
            claimed += map(account_of, (yield Query("claim_probe", (account_id, probed_at, to_micros(now)))))
    return claimed


def _update(
    workspace_id: str, account_id: str, changes: Mapping[str, object], audit: Recorder, *, make_default: bool
) -> Script[Account]:
    if make_default:
        yield Query("lock_workspace", (workspace_id,))  # before the account, in the order of `connect`
    before = yield from _lock(workspace_id, account_id)
    yield Query("update_account", changes)
    is_new_default = make_default and bool((yield Query("change_default", (workspace_id, account_id))))
    if changes["enabled"] or changes["release_hold"]:
        yield from report_available(account_id, to_micros(audit.now))
    after = yield from _read(workspace_id, account_id)
    if before.enabled is not after.enabled:
        kind = LastingKind.ACCOUNT_ENABLED if after.enabled else LastingKind.ACCOUNT_DISABLED
        yield lasting(audit.now, kind, workspace_id, account_id)
    done = [
        (before.enabled < after.enabled, AuditAction.ACCOUNT_ENABLED),
        (before.enabled > after.enabled, AuditAction.ACCOUNT_DISABLED),
        (is_new_default, AuditAction.ACCOUNT_MADE_DEFAULT),
        (before.is_held(audit.now) and after.hold_until is None, AuditAction.ACCOUNT_HOLD_RELEASED),
    ]
    for is_done, action in done:
        if is_done:
            yield from audit.append(workspace_id, action, account_id)
    if detail := describe_changes({"dailyLimit": before.daily_limit}, {"dailyLimit": after.daily_limit}):
        yield from audit.append(workspace_id, AuditAction.ACCOUNT_LIMIT_CHANGED, account_id, detail=detail)
    return after


def _end_restore(account: Account, used: int, now: int, nothing_lost: bool) -> Script[None]:  # noqa: FBT001  # a script's
    day = windows_of(now).day
    # Their units are given back where LinkedIn has no message of theirs, which nobody has counted in `used` then.
    first_id = first_send_id_at(window_start(Action.MESSAGE, from_micros(now)) - _ID_BEFORE_UNIT)
    uncertain = only((yield Query("count_uncertain", (account.id, day, first_id))))[0]
    yield Query("count_as_sent", (account.id, day, used + uncertain, now))
    yield Query("begin_looking", (account.id, now + LOOKS_FOR // timedelta(microseconds=1)))
    if nothing_lost:
        yield Query("end_looking", (account.id,))
    yield Query("wake_lane", (account.id, account.workspace_id, now))


def _end_looking(workspace_id: str, account_id: str, audit: Recorder) -> Script[Account]:
    before = yield from _lock(workspace_id, account_id)
    if before.awaits_release:
        raise InvalidField("accountId", NOT_RELEASED)
    if before.lost is not None:
        yield Query("end_looking", (account_id,))
        yield from audit.append(workspace_id, AuditAction.ACCOUNT_RESTORE_ENDED, account_id)
    return (yield from _read(workspace_id, account_id))


def _disconnect(workspace_id: str, account_id: str, audit: Recorder) -> Script[None]:
    before = yield from _lock(workspace_id, account_id)
    yield Query("disconnect_account", (workspace_id, account_id))
    if before.has_session:
        yield lasting(audit.now, LastingKind.ACCOUNT_DISCONNECTED, workspace_id, account_id)
        yield from audit.append(workspace_id, AuditAction.ACCOUNT_DISCONNECTED, account_id)


def _lock(workspace_id: str, account_id: str) -> Script[Account]:
    """Return the account, kept from others until the transaction ends. Raises NotFound."""
    row = first((yield Query("lock_account", (workspace_id, account_id))))
    if row is None:
        raise NotFound("There is no such account in this workspace")
    return account_of(row)


def _read(workspace_id: str, account_id: str) -> Script[Account]:
    return account_of(only((yield Query("read_account", (workspace_id, account_id)))))
