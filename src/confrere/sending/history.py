"""Reads of the ledger: what was sent, to whom, with what outcome."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from confrere.domain.account import Account
from confrere.domain.send import DayCount, History, Send, SendFilter
from confrere.ports import Store


class SendHistory:
    """The sends of a workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list_of_account(
        self, workspace_id: str, account_id: str | None, which: SendFilter, *, before_id: str | None, count: int
    ) -> tuple[Account, Sequence[Send]]:
        """Return a page of the account's ledger, newest first. Raises NotFound."""
        account = await self._store.read_account(workspace_id, account_id)
        return account, await self._store.list_sends(account.id, which, before_id=before_id, count=count)

    async def search(
        self, workspace_id: str, account_id: str | None, which: SendFilter, *, before_id: str | None, count: int
    ) -> Sequence[Send]:
        """Return a page over all accounts of the workspace, or of the named one, newest first. Raises NotFound."""
        if account_id is None:
            return await self._store.search_sends(workspace_id, which, before_id=before_id, count=count)
        _, sends = await self.list_of_account(workspace_id, account_id, which, before_id=before_id, count=count)
        return sends

    async def read_with_events(self, workspace_id: str, send_id: str) -> tuple[Send, History]:
        """Return one row of the ledger with all that happened to it, without its text. Raises NotFound."""
        return await self._store.read_history(workspace_id, send_id)

    async def read(self, workspace_id: str, send_id: str) -> tuple[Send, str]:
        """Return one row of the ledger and its message's text. Raises NotFound."""
        send = await self._store.read_send(workspace_id, send_id)
        return send, await self._store.read_text(workspace_id, send_id)

    async def count_by_day(self, workspace_id: str, since: datetime) -> Sequence[DayCount]:
        """Count the sends since a day's beginning by UTC day, account and outcome."""
        return await self._store.count_sends_by_day(workspace_id, since)

    async def last_refusals(self, workspace_id: str) -> Mapping[str, Send]:
        """Return the newest refused send of each account that has any, by the account's id."""
        return {send.account_id: send for send in await self._store.list_last_refusals(workspace_id)}

    async def count_unknown_by_account(self, workspace_id: str) -> Mapping[str, int]:
        """Count the sends whose outcome is unknown, of each account that has any."""
        return await self._store.count_unknown_by_account(workspace_id)

    async def count_unknown(self) -> int:
        """Count the sends whose outcome is unknown."""
        return await self._store.count_unknown()
