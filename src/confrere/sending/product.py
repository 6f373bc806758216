"""What a door may do: each thing is one method here, and the doors only translate."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import ERROR, INFO
from typing import assert_never

import structlog

from confrere.domain.account import Account, Condition
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.errors import ClockWrong, Forbidden, InvalidField, NotFound, SessionNotTaken, Unauthorized
from confrere.domain.ids import new_account_id
from confrere.domain.keys import ApiKey, Caller, Scope, hash_key, new_key, visible_part
from confrere.domain.limits import Action, Quota, no_account_quota
from confrere.domain.opt_out import OptOut
from confrere.domain.opt_out_csv import Row
from confrere.domain.outcome import SessionDead, Throttled
from confrere.domain.send import History, Send, SendFilter
from confrere.domain.session import Member, Session
from confrere.domain.urns import ProfileUrn
from confrere.sending.account_guard import stop_account
from confrere.sending.directory import Directory
from confrere.sending.pacing import CallLimiter, PacingSettings
from confrere.sending.ports import Clock, PasteReader, Store, Upstream
from confrere.sending.preflight import Preflight
from confrere.sending.reconcile import Reconciler
from confrere.sending.send import GroupSender
from confrere.sending.session_monitor import CONNECT_AGAIN, SessionMonitor

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Health:
    """What keeps the product from its work: a check's name to "ok" or to one clause for people."""

    checks: dict[str, str]

    @property
    def ready(self) -> bool:
        """Whether it can work. An account that waits for a person keeps nobody else from working."""
        return all(state == "ok" for check, state in self.checks.items() if check != "accounts")


class Product:
    """Everything that a door can ask for, in one workspace at a time."""

    def __init__(
        self,
        *,
        store: Store,
        upstream: Upstream,
        clock: Clock,
        gap: timedelta,
        read_paste: PasteReader | None = None,
    ) -> None:
        """`read_paste` is needed only by doors through which people paste sessions."""
        self._store = store
        self._upstream = upstream
        self._read_paste = read_paste
        self.clock = clock
        self.reconciler = Reconciler(books=store, upstream=upstream, clock=clock, gap=gap)
        self.sender = GroupSender(books=store, upstream=upstream, reconciler=self.reconciler, clock=clock)
        self.directory = Directory(books=store, upstream=upstream, clock=clock)
        self.pacing = PacingSettings(rules=store, accounts=store, clock=clock)
        self.session_monitor = SessionMonitor(books=store, upstream=upstream, clock=clock)
        self._calls = CallLimiter()
        self._is_clock_right = True
        self.preflight = Preflight(books=store, directory=self.directory, clock=clock)

    # ---- callers and keys ----

    async def authenticate(self, key: str) -> Caller:
        """Whom this key speaks for. The same work whatever the key's form. Raises Unauthorized."""
        caller = await self._store.find_caller(hash_key(key), self.clock())
        if caller is None:
            raise Unauthorized
        return caller

    async def admit(self, key: str) -> Caller:
        """The same of somebody who calls, and whose call counts. Raises Unauthorized, TooFast."""
        caller = await self.authenticate(key)
        self._calls.count(caller, self.clock())
        return caller

    async def create_key(
        self,
        workspace_id: str,
        *,
        name: str,
        scopes: Collection[Scope],
        expires_at: datetime | None = None,
        by: Caller | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key: what is kept of it, and the key itself, which is told this once.

        by:      the caller who makes it with a key of their own; the new one does no more and lives no longer.
        Raises:  Forbidden, InvalidField.
        """
        if by is not None:
            expires_at = _inherited(by, scopes, expires_at)
        key = new_key()
        kept = ApiKey(
            id=new_account_id(),
            workspace_id=workspace_id,
            name=name,
            visible_part=visible_part(key),
            scopes=frozenset(scopes),
            created_at=self.clock(),
            expires_at=expires_at,
            revoked_at=None,
            last_used_at=None,
        )
        await self._store.add_key(kept, hash_key(key))
        return kept, key

    async def list_keys(self, workspace_id: str) -> Sequence[ApiKey]:
        """All keys, revoked ones too, newest first."""
        return await self._store.list_keys(workspace_id)

    async def revoke_key(self, workspace_id: str, key_id: str) -> ApiKey:
        """From now on it is worth nothing. Raises NotFound."""
        return await self._store.revoke_key(workspace_id, key_id, self.clock())

    # ---- accounts ----

    async def connect_account(self, workspace_id: str, session: Session) -> Account:
        """Ask LinkedIn whose session this is, and keep it. Raises SessionNotTaken."""
        with self.session_monitor.gather_cookies(session) as refreshed:
            member = await self._upstream.read_member(session)
        match member:
            case Member():
                session = session.refreshed(refreshed)
                return await self._store.connect_account(workspace_id, session, member, self.clock())
            case Throttled():
                raise SessionNotTaken("LinkedIn throttles this account", member)
            case SessionDead(why):
                raise SessionNotTaken(why, member)
            case Unreadable(why):
                raise SessionNotTaken(why, None)
            case _:
                assert_never(member)

    async def connect_pasted(self, workspace_id: str, pasted: str, user_agent: str | None) -> Account:
        """The same with what a person copied from their browser. Raises InvalidField, SessionNotTaken."""
        assert self._read_paste is not None
        return await self.connect_account(workspace_id, self._read_paste(pasted, user_agent=user_agent))

    async def check_session(self, workspace_id: str, account_id: str | None) -> Account | AccountProblem | Unreadable:
        """Ask LinkedIn once whether the account's session lives; a dead one is noted. Raises NotFound.

        An account on hold rests: LinkedIn is not asked about it.
        """
        account = await self._store.read_account(workspace_id, account_id)
        if account.hold_until is not None and (left := account.hold_until - self.clock()) > timedelta():
            return Throttled(429, math.ceil(left.total_seconds()))
        session = await self._store.read_session(account.id, account.session_version)
        if session is None:
            return SessionDead("no session is stored")
        found = await self._upstream.read_member(session)
        if isinstance(found, Member):
            return account
        if isinstance(found, SessionDead | Throttled):
            await stop_account(self._store, account.id, found, self.clock(), session=session)
        return found

    async def search_accounts(self, workspace_id: str, q: str | None = None) -> Sequence[Account]:
        """The workspace's accounts whose names, public id, id or profile URL match `q`."""
        accounts = await self._store.list_accounts(workspace_id)
        return [account for account in accounts if _matches(account, q)] if q else accounts

    async def read_account(self, workspace_id: str, account_id: str | None) -> Account:
        """One account, or the default one. Raises NotFound."""
        return await self._store.read_account(workspace_id, account_id)

    async def recent_account(self, workspace_id: str) -> Account:
        """The most recently used account. Raises NotFound where the workspace has none."""
        accounts = await self._store.list_accounts(workspace_id)
        if not accounts:
            raise NotFound("No account is connected in this workspace")
        return max(accounts, key=lambda account: (account.last_used_at or account.created_at, account.is_default))

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
        """Change what is given. Raises InvalidField, NotFound."""
        return await self._store.update_account(
            workspace_id,
            account_id,
            daily_limit=daily_limit,
            enabled=enabled,
            make_default=make_default,
            release_hold=release_hold,
        )

    async def disconnect_account(self, workspace_id: str, account_id: str) -> None:
        """Erase the account's session; its ledger stays. Raises NotFound."""
        await self._store.disconnect_account(workspace_id, account_id)

    # ---- quotas ----

    async def quotas(self, workspace_id: str, account_id: str | None) -> tuple[Account, Sequence[Quota]]:
        """The account and the state of each of its quotas. Raises NotFound."""
        account = await self._store.read_account(workspace_id, account_id)
        return account, await self._store.read_quotas(account.id, self.clock())

    async def quota(self, workspace_id: str, account_id: str | None, action: Action) -> Quota:
        """The state of one quota; all zeros where the account is not known."""
        try:
            _, quotas = await self.quotas(workspace_id, account_id)
        except NotFound:
            return no_account_quota(action, self.clock())
        return next(quota for quota in quotas if quota.action is action)

    # ---- sends ----

    async def list_sends(
        self, workspace_id: str, account_id: str | None, which: SendFilter, *, before_id: str | None, count: int
    ) -> tuple[Account, Sequence[Send]]:
        """A page of the account's ledger, newest first. Raises NotFound."""
        account = await self._store.read_account(workspace_id, account_id)
        return account, await self._store.list_sends(account.id, which, before_id=before_id, count=count)

    async def search_sends(
        self, workspace_id: str, account_id: str | None, which: SendFilter, *, before_id: str | None, count: int
    ) -> Sequence[Send]:
        """A page over all accounts of the workspace, or of the one that is named, newest first. Raises NotFound."""
        if account_id is None:
            return await self._store.search_sends(workspace_id, which, before_id=before_id, count=count)
        _, sends = await self.list_sends(workspace_id, account_id, which, before_id=before_id, count=count)
        return sends

    async def read_history(self, workspace_id: str, send_id: str) -> tuple[Send, History]:
        """One row of the ledger with all that happened to it, without its text. Raises NotFound."""
        return await self._store.read_history(workspace_id, send_id)

    async def read_send(self, workspace_id: str, send_id: str) -> tuple[Send, str]:
        """One row of the ledger and its message's text. Raises NotFound."""
        send = await self._store.read_send(workspace_id, send_id)
        return send, await self._store.read_text(workspace_id, send_id)

    # ---- do not contact ----

    async def add_opt_outs(
        self, workspace_id: str, recipients: Collection[ProfileUrn], *, reason: str | None, source: str
    ) -> int:
        """Never write to these people again. Returns how many are new."""
        return await self.add_people(workspace_id, [Row(recipient, reason) for recipient in recipients], source=source)

    async def add_people(self, workspace_id: str, people: Collection[Row], *, source: str) -> int:
        """The same, each with a reason of their own; in one transaction. Returns how many are new."""
        now = self.clock()
        return await self._store.add_opt_outs(
            workspace_id, [OptOut(str(one.recipient), one.reason, source, now) for one in people]
        )

    async def remove_opt_out(self, workspace_id: str, recipient: ProfileUrn) -> None:
        """Raises NotFound."""
        await self._store.remove_opt_out(workspace_id, str(recipient))

    async def list_opt_outs(self, workspace_id: str, *, after: str | None = None, count: int = 200) -> Sequence[OptOut]:
        """In the order of the recipients' URNs."""
        return await self._store.list_opt_outs(workspace_id, after=after, count=count)

    # ---- health ----

    async def health(self) -> Health:
        """Whether the store answers, a worker lives, and no account waits for a person."""
        await self._store.ping()
        in_error = (await self.session_monitor.count_by_condition())[Condition.ERROR]
        return Health(
            {
                "store": "ok",
                "clock": await self._clock_state(with_accounts=True),
                "worker": "ok"
                if await self._store.has_worker()
                else "no worker runs: unknown sends are not looked for",
                "accounts": f"{in_error} need attention, their sessions are dead: {CONNECT_AGAIN}"
                if in_error
                else "ok",
            }
        )

    async def count_unknown(self) -> int:
        """How many sends there are whose fate is not known."""
        return await self._store.count_unknown()

    async def beat(self, *, is_worker: bool) -> None:
        """Report that this process lives, and log where its clock begins or ceases to be wrong."""
        await self._store.beat(is_worker=is_worker)
        await self._clock_state()

    async def accept_clock(self) -> int:
        """Count units of days that have not come as used today; for how many accounts. Raises ClockWrong."""
        return await self._store.accept_clock()

    async def find_damage(self) -> Sequence[str]:
        """What is wrong with the store's files; reads all of them."""
        return await self._store.find_damage()

    async def _clock_state(self, *, with_accounts: bool = False) -> str:
        """What is wrong with the clock and what to do, or "ok"."""
        try:
            await self._store.check_clock(with_accounts=with_accounts)
        except ClockWrong as fault:
            state = fault.advice
        else:
            state = "ok"
        if (state == "ok") != self._is_clock_right:
            self._is_clock_right = state == "ok"
            log.log(INFO if self._is_clock_right else ERROR, "clock_checked", state=state)
        return state

    async def close(self) -> None:
        """Settle what is in flight, then let go of LinkedIn and the store."""
        await self.sender.drain()
        await self.directory.wait_until_idle()
        await self.session_monitor.wait_until_idle()
        await self._upstream.close()
        await self._store.close()


def _inherited(by: Caller, scopes: Collection[Scope], expires_at: datetime | None) -> datetime | None:
    """When a key ends that this caller makes. Raises Forbidden, InvalidField."""
    for scope in scopes:
        if not by.may(scope):
            raise Forbidden(scope)
    if by.expires_at is None or expires_at is None:
        return expires_at or by.expires_at
    if expires_at > by.expires_at:
        raise InvalidField("expiresAt", "must not be later than the end of the key that you make it with")
    return expires_at


def _matches(account: Account, q: str) -> bool:
    wanted = q.strip().lower().rstrip("/")
    wanted = wanted.rpartition("linkedin.com/in/")[2]
    name = f"{account.first_name} {account.last_name}".lower()
    return wanted in name or wanted in account.public_id.lower() or wanted == account.id
