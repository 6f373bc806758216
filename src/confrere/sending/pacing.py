"""Pacing as a door sets it, and the calls that a key may make."""

from collections import deque
from collections.abc import Callable
from datetime import datetime

from confrere.domain.errors import TooFast
from confrere.domain.keys import Caller
from confrere.domain.pacing import MINUTE, Breach, LimitName, Pacing
from confrere.domain.pacing_json import changed, parse_pacing
from confrere.sending.ports import Accounts, Clock, Pacings


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


class CallLimiter:
    """The calls of each key in the last minute, as far as this process answered them.

    They are not in the store: a limit of calls protects this server, and a write for each read would cost it more than
    the read. So a key may make as many calls at each process.
    """

    def __init__(self) -> None:
        self._made: dict[str, deque[datetime]] = {}

    def count(self, caller: Caller, now: datetime) -> None:
        """Note a call; one that is refused does not count. Raises TooFast."""
        limit = caller.calls_per_minute
        if limit is None:
            if self._made:
                self._made.pop(caller.key_id, None)
            return
        made = self._made.setdefault(caller.key_id, deque())
        while made and not now - MINUTE < made[0] <= now:  # one of the future: the clock was set back
            made.popleft()
        if len(made) >= limit:
            raise TooFast(LimitName.CALLS_PER_MINUTE, len(made), limit, made[len(made) - limit] + MINUTE)
        made.append(now)
