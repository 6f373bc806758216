"""Pacing as a door sets it, and the calls that a key may make."""

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
        """Its own rules. Raises NotFound."""
        return await self._rules.read_pacing(workspace_id, account_id)

    async def replace(self, workspace_id: str, account_id: str | None, form: object) -> Pacing:
        """These rules and no others; the form is that of `pacing_form`. Raises InvalidField, NotFound."""
        pacing = parse_pacing(form, of_account=account_id is not None)
        return await self._change(workspace_id, account_id, lambda _: pacing)

    async def change(self, workspace_id: str, account_id: str | None, changes: object) -> Pacing:
        """What is given is changed, what is null is taken away, the rest stays. Raises InvalidField, NotFound."""
        of_account = account_id is not None
        return await self._change(
            workspace_id, account_id, lambda before: changed(before, changes, of_account=of_account)
        )

    async def foresee(self, workspace_id: str, account_id: str | None, recipient: str = "") -> Breach | None:
        """What a message of this account, or of the default one, would break now; takes nothing. Raises NotFound.

        recipient:  "" is somebody whom nobody has written to.
        """
        account = await self._accounts.read_account(workspace_id, account_id)
        return await self._rules.foresee_breach(account.id, recipient, self._clock())

    async def _change(self, workspace_id: str, account_id: str | None, change: Callable[[Pacing], Pacing]) -> Pacing:
        return await self._rules.change_pacing(workspace_id, account_id, change, self._clock())
