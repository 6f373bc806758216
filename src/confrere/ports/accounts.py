"""Accounts and their sessions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from confrere.domain.account import Account, AccountStatus, Condition
from confrere.domain.session import Member, Session


class Accounts(Protocol):
    """The accounts of workspaces, and their sessions, encrypted at rest."""

    async def connect_account(self, workspace_id: str, session: Session, member: Member, now: datetime) -> Account:
        """Store the session; a member already known in the workspace keeps id and settings. The first is default."""
        ...

    async def list_accounts(self, workspace_id: str) -> Sequence[Account]:
        """Return all of them, the default first, then by name."""
        ...

    async def read_account(self, workspace_id: str, account_id: str | None) -> Account:
        """Return the account, or the default one. Raises NotFound."""
        ...

    async def read_session(self, account_id: str, version: int) -> Session | None:
        """Return the session, decrypted, at least as new as `version`; None where there is none."""
        ...

    async def refresh_cookies(
        self, account_id: str, changed: Mapping[str, str], *, session_version: int | None = None
    ) -> None:
        """Merge the cookies into the stored session in one transaction, so that two processes lose nothing.

        session_version:  of the session that LinkedIn set them for; one that was connected since is left alone.
        """
        ...

    def record_answer(self, account_id: str, now: datetime) -> None:
        """Record that LinkedIn takes the account's session: soon, to a minute, and lost where the process is killed."""
        ...

    async def hold_account(self, account_id: str, until: datetime) -> None:
        """Do not use the account before `until`; a longer hold is never shortened."""
        ...

    async def set_status(
        self, account_id: str, status: AccountStatus, reason: str | None, *, session_version: int | None = None
    ) -> bool:
        """Change the account's status. Returns whether it was written.

        session_version:  of the session that the status is about: an account that was connected since is left alone.
        """
        ...

    async def claim_probes(self, now: datetime, idle_for: timedelta, *, count: int) -> Sequence[Account]:
        """Return accounts idle for about `idle_for` (see `probe_due_at`), each claimed by one caller only.

        Only accounts whose condition is available. A claimed one counts as used from `now` on.
        """
        ...

    async def count_accounts(self, now: datetime) -> Mapping[Condition, int]:
        """Count the accounts of all workspaces by `Account.condition`."""
        ...

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
        """Change what is given. Raises NotFound."""
        ...

    async def end_restore(self, account: Account, used: int, now: datetime, *, nothing_lost: bool) -> None:
        """Count at least this many messages as sent on the day of `now`, before the hold of a restored backup ends.

        nothing_lost:  the account sent nothing after the backup, so that no message has to be looked for.
        """
        ...

    async def end_looking(self, workspace_id: str, account_id: str) -> Account:
        """Let a released account send without looking for messages of the lost time. Raises NotFound, InvalidField."""
        ...

    async def end_looking_in_time(self, now: datetime) -> int:
        """Do so with accounts whose time is over, unless a campaign of the backup is left; return how many they are."""
        ...

    async def disconnect_account(self, workspace_id: str, account_id: str) -> None:
        """Erase the session; the account and its ledger stay. Raises NotFound."""
        ...
