"""What a door may do: each thing is one method here, and the doors only translate."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from confrere.domain.account import Account
from confrere.domain.attempt import Trouble, Unreadable
from confrere.domain.errors import InvalidField, NotFound, Unauthorized
from confrere.domain.ids import new_account_id
from confrere.domain.keys import ApiKey, Caller, Scope, hash_key, new_key, visible_part
from confrere.domain.limits import Action, Quota, no_account_quota
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import SessionDead, Throttled
from confrere.domain.send import Send, SendFilter
from confrere.domain.session import Member, Session
from confrere.domain.urns import ProfileUrn
from confrere.sending.ports import Clock, Store, Upstream
from confrere.sending.reconcile import Reconciler
from confrere.sending.send import GroupSender
from confrere.sending.trouble import stop_account

BEAT_SECONDS = 5.0
"""How often a worker says that it lives; three missed beats and it counts as gone."""


@dataclass(frozen=True, slots=True)
class Health:
    """What keeps the product from its work: a check's name to "ok" or to one clause for people."""

    checks: dict[str, str]

    @property
    def ready(self) -> bool:
        """Whether every check is well."""
        return all(state == "ok" for state in self.checks.values())


class Product:
    """Everything that a door can ask for, in one workspace at a time."""

    def __init__(self, *, store: Store, upstream: Upstream, clock: Clock, gap: timedelta) -> None:
        self._store = store
        self._upstream = upstream
        self.clock = clock
        self.reconciler = Reconciler(books=store, upstream=upstream, clock=clock, gap=gap)
        self.sender = GroupSender(books=store, upstream=upstream, reconciler=self.reconciler, clock=clock)

    # ---- callers and keys ----

    async def authenticate(self, key: str) -> Caller:
        """Whom this key speaks for. The same work whatever the key's form. Raises Unauthorized."""
        caller = await self._store.find_caller(hash_key(key), self.clock())
        if caller is None:
            raise Unauthorized
        return caller

    async def create_key(
        self, workspace_id: str, *, name: str, scopes: Collection[Scope], expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """A new key: what is kept of it, and the key itself, which is told this once."""
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
        """Ask LinkedIn whose session this is, and keep it. Raises InvalidField where LinkedIn does not take it."""
        member = await self._upstream.read_member(session)
        if isinstance(member, Member):
            return await self._store.connect_account(workspace_id, session, member, self.clock())
        why = "LinkedIn throttles this account" if isinstance(member, Throttled) else member.why
        raise InvalidField("session", f"must be one that LinkedIn takes; it was probed: {why}")

    async def check_session(self, workspace_id: str, account_id: str | None) -> Account | Trouble | Unreadable:
        """Ask LinkedIn once whether the account's session lives; a dead one is noted. Raises NotFound."""
        account = await self._store.read_account(workspace_id, account_id)
        session = await self._store.read_session(account.id, account.session_version)
        if session is None:
            return SessionDead("no session is stored")
        found = await self._upstream.read_member(session)
        if isinstance(found, Member):
            return account
        if isinstance(found, SessionDead | Throttled):
            await stop_account(self._store, account.id, found, self.clock())
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

    async def read_send(self, workspace_id: str, send_id: str) -> tuple[Send, str]:
        """One row of the ledger and its message's text. Raises NotFound."""
        send = await self._store.read_send(workspace_id, send_id)
        return send, await self._store.read_text(workspace_id, send_id)

    # ---- do not contact ----

    async def add_opt_outs(
        self, workspace_id: str, recipients: Collection[ProfileUrn], *, reason: str | None, source: str
    ) -> int:
        """Never write to these people again. Returns how many are new."""
        now = self.clock()
        return await self._store.add_opt_outs(
            workspace_id, [OptOut(str(recipient), reason, source, now) for recipient in recipients]
        )

    async def remove_opt_out(self, workspace_id: str, recipient: ProfileUrn) -> None:
        """Raises NotFound."""
        await self._store.remove_opt_out(workspace_id, str(recipient))

    async def list_opt_outs(self, workspace_id: str, *, after: str | None = None, count: int = 200) -> Sequence[OptOut]:
        """In the order of the recipients' URNs."""
        return await self._store.list_opt_outs(workspace_id, after=after, count=count)

    # ---- health ----

    async def health(self) -> Health:
        """Whether the store answers and a worker lives."""
        await self._store.ping()
        beat = await self._store.last_beat()
        alive = beat is not None and self.clock() - beat < timedelta(seconds=3 * BEAT_SECONDS)
        return Health({"store": "ok", "worker": "ok" if alive else "no worker runs: unknown sends are not looked for"})

    async def count_unknown(self) -> int:
        """How many sends there are whose fate is not known."""
        return await self._store.count_unknown()

    async def beat(self, worker_id: str) -> None:
        """The worker lives."""
        await self._store.beat(worker_id, self.clock())

    async def close(self) -> None:
        """Settle what is in flight, then let go of LinkedIn and the store."""
        await self.sender.drain()
        await self._upstream.close()
        await self._store.close()


def _matches(account: Account, q: str) -> bool:
    wanted = q.strip().lower().rstrip("/")
    wanted = wanted.rpartition("linkedin.com/in/")[2]
    name = f"{account.first_name} {account.last_name}".lower()
    return wanted in name or wanted in account.public_id.lower() or wanted == account.id
