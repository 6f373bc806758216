"""LinkedIn accounts: connect, check, read and change them, and read their quotas."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, assert_never

from confrere.domain.account import Account
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.conversation import MailboxChanges
from confrere.domain.errors import NotFound, SessionNotTaken
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, Action, Quota, no_account_quota
from confrere.domain.outcome import SessionDead, Throttled
from confrere.domain.paste import PasteContents
from confrere.domain.session import Member, Session
from confrere.ports import Clock, PasteDescriber, PasteReader, Store, Upstream
from confrere.sending.account_guard import AccountGuard
from confrere.sending.session_monitor import SessionMonitor

_SLACK: Final = timedelta(minutes=1)
"""By how much LinkedIn's clock may differ from ours."""


class AccountDirectory:
    """The accounts of a workspace.

    read_paste, describe_paste:  read what a person pasted; None where nobody pastes.
    """

    def __init__(
        self,
        *,
        store: Store,
        upstream: Upstream,
        guard: AccountGuard,
        session_monitor: SessionMonitor,
        clock: Clock,
        read_paste: PasteReader | None,
        describe_paste: PasteDescriber | None = None,
    ) -> None:
        self._store = store
        self._upstream = upstream
        self._guard = guard
        self._session_monitor = session_monitor
        self._clock = clock
        self._read_paste = read_paste
        self._describe_paste = describe_paste

    async def connect(self, workspace_id: str, session: Session) -> Account:
        """Ask LinkedIn whose session this is, and store it. Raises SessionNotTaken."""
        with self._session_monitor.gather_cookies(session) as refreshed:
            member = await self._upstream.read_member(session)
        match member:
            case Member():
                session = session.refreshed(refreshed)
                return await self._store.connect_account(workspace_id, session, member, self._clock())
            case Throttled():
                raise SessionNotTaken("LinkedIn throttles this account", member)
            case SessionDead(why):
                raise SessionNotTaken(why, member)
            case Unreadable(why):
                raise SessionNotTaken(why, None)
            case _:
                assert_never(member)

    async def connect_pasted(self, workspace_id: str, pasted: str, user_agent: str | None) -> Account:
        """Connect with what a person copied from their browser. Raises InvalidField, SessionNotTaken."""
        assert self._read_paste is not None
        return await self.connect(workspace_id, self._read_paste(pasted, user_agent=user_agent))

    def describe_paste(self, pasted: str, user_agent: str | None) -> PasteContents:
        """Return what is in a paste, without any value; LinkedIn is not asked."""
        assert self._describe_paste is not None
        return self._describe_paste(pasted, user_agent=user_agent)

    async def check_session(self, workspace_id: str, account_id: str | None) -> Account | AccountProblem | Unreadable:
        """Ask LinkedIn once whether the account's session lives, and stop the account if not. Raises NotFound.

        LinkedIn is not asked about an account on hold.
        """
        account, now = await self._store.read_account(workspace_id, account_id), self._clock()
        if account.hold_until is not None and account.is_held(now):
            return Throttled(429, math.ceil((account.hold_until - now).total_seconds()))
        session = await self._store.read_session(account.id, account.session_version)
        if session is None:
            return SessionDead("no session is stored")
        found = await self._guard.probe(account.id, session)
        return account if isinstance(found, Member) else found

    async def search(self, workspace_id: str, q: str | None = None) -> Sequence[Account]:
        """List the workspace's accounts whose names, public id, id or profile URL match `q`."""
        accounts = await self._store.list_accounts(workspace_id)
        return [account for account in accounts if _matches(account, q)] if q else accounts

    async def read(self, workspace_id: str, account_id: str | None) -> Account:
        """Return the account, or the default one. Raises NotFound."""
        return await self._store.read_account(workspace_id, account_id)

    async def most_recently_used(self, workspace_id: str) -> Account:
        """Return the most recently used account. Raises NotFound where the workspace has none."""
        accounts = await self._store.list_accounts(workspace_id)
        if not accounts:
            raise NotFound("No account is connected in this workspace")
        return max(accounts, key=lambda account: (account.last_used_at or account.created_at, account.is_default))

    async def update(
        self,
        workspace_id: str,
        account_id: str,
        *,
        daily_limit: int | None = None,
        enabled: bool | None = None,
        make_default: bool = False,
        release_hold: bool = False,
        sent_today: int | None = None,
    ) -> Account:
        """Change what is given. Raises InvalidField, NotFound.

        sent_today:  where a backup was restored: how many messages the account has sent on this UTC day. Without it,
                     the released account sends nothing before the next one.
        """
        if release_hold:
            await self._prepare_release(workspace_id, account_id, sent_today)
        return await self._store.update_account(
            workspace_id,
            account_id,
            daily_limit=daily_limit,
            enabled=enabled,
            make_default=make_default,
            release_hold=release_hold,
        )

    async def _prepare_release(self, workspace_id: str, account_id: str, sent_today: int | None) -> None:
        """Before an account that a restored backup holds is released: count what it sent, as far as that is known."""
        account = await self._store.read_account(workspace_id, account_id)
        if not account.awaits_release or account.lost is None:
            return
        used = MESSAGES_PER_DAY_CEILING if sent_today is None else sent_today
        nothing_lost = await self._was_silent_since(account, account.lost.since)
        await self._store.end_restore(account, used, self._clock(), nothing_lost=nothing_lost)

    async def end_restore(self, workspace_id: str, account_id: str) -> Account:
        """Let a released account send without looking for messages that a restored backup lacks.

        Raises NotFound; InvalidField where the account was not released.
        """
        return await self._store.end_looking(workspace_id, account_id)

    async def end_restores(self) -> int:
        """Do so with the accounts whose time is over."""
        return await self._store.end_looking_in_time(self._clock())

    async def _was_silent_since(self, account: Account, since: datetime) -> bool:
        """Whether LinkedIn shows that nobody has written in any of the account's conversations since this time."""
        session = await self._store.read_session(account.id, account.session_version)
        if session is None:
            return False
        latest = await self._upstream.read_mailbox_changes(session, account.profile_urn, None)
        if not isinstance(latest, MailboxChanges) or not latest.conversations:
            return False
        since_ms = (since - _SLACK).timestamp() * 1_000
        return all(
            one.last_activity_at_ms is not None and one.last_activity_at_ms < since_ms for one in latest.conversations
        )

    async def disconnect(self, workspace_id: str, account_id: str) -> None:
        """Erase the account's session; its ledger stays. Raises NotFound."""
        await self._store.disconnect_account(workspace_id, account_id)

    async def read_quotas(self, workspace_id: str, account_id: str | None) -> tuple[Account, Sequence[Quota]]:
        """Return the account and the state of each of its quotas. Raises NotFound."""
        account = await self._store.read_account(workspace_id, account_id)
        return account, await self._store.read_quotas(account.id, self._clock())

    async def read_quota(self, workspace_id: str, account_id: str | None, action: Action) -> Quota:
        """Return the state of one quota; all zeros where the account is unknown."""
        try:
            _, quotas = await self.read_quotas(workspace_id, account_id)
        except NotFound:
            return no_account_quota(action, self._clock())
        return next(quota for quota in quotas if quota.action is action)


def _matches(account: Account, q: str) -> bool:
    wanted = q.strip().lower().rstrip("/")
    wanted = wanted.rpartition("linkedin.com/in/")[2]
    name = f"{account.first_name} {account.last_name}".lower()
    return wanted in name or wanted in account.public_id.lower() or wanted == account.id
