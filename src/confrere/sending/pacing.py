"""Reads and changes the rules of pacing."""

from collections.abc import Callable

from confrere.domain.pacing import Breach, Pacing
from confrere.domain.pacing_json import changed, parse_pacing
from confrere.ports import Accounts, Clock, Pacings


class PacingSettings:
    """The rules of a workspace (`account_id` None) or of one account: to read, and to set."""

    def __init__(self, *, rules: Pacings, accounts: Accounts, clock: Clock) -> None:
        self._rules = rules
        self._accounts = accounts
        self._clock = clock

    async def read(self, workspace_id: str, account_id: str | None) -> Pacing:
        """Return its own rules. Raises NotFound."""
        return await self._rules.read_pacing(workspace_id, account_id)

    async def replace(self, workspace_id: str, account_id: str | None, form: object) -> Pacing:
        """Replace all rules; `form` is as in `domain.pacing_json`. Raises InvalidField, NotFound."""
        pacing = parse_pacing(form, of_account=account_id is not None)
        return await self._change(workspace_id, account_id, lambda _: pacing)

    async def change(self, workspace_id: str, account_id: str | None, changes: object) -> Pacing:
        """Change what is given, remove what is null, keep the rest. Raises InvalidField, NotFound."""
        of_account = account_id is not None
        return await self._change(
            workspace_id, account_id, lambda before: changed(before, changes, of_account=of_account)
        )

    async def foresee(self, workspace_id: str, account_id: str | None, recipient: str = "") -> Breach | None:
        """Return the rule that a message of the account would break now; takes no unit. Raises NotFound.

        recipient:  "" is somebody whom nobody has written to.
        """
        account = await self._accounts.read_account(workspace_id, account_id)
        return await self._rules.foresee_breach(account.id, recipient, self._clock())

    async def _change(self, workspace_id: str, account_id: str | None, change: Callable[[Pacing], Pacing]) -> Pacing:
        return await self._rules.change_pacing(workspace_id, account_id, change, self._clock())
