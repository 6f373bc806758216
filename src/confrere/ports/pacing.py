"""The rules of pacing."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from confrere.domain.pacing import Breach, Pacing, Sent


class Pacings(Protocol):
    """The rules that make accounts slower than their daily limit: of a workspace, of an account, or of both."""

    async def read_pacing(self, workspace_id: str, account_id: str | None) -> Pacing:
        """Return the account's own rules, or the workspace's where none is named. Raises NotFound."""
        ...

    async def change_pacing(
        self, workspace_id: str, account_id: str | None, change: Callable[[Pacing], Pacing], now: datetime
    ) -> Pacing:
        """Replace the rules by what `change` makes of them, in one transaction; every later claim is judged by them.

        Raises NotFound; InvalidField where the hours of a workspace and an account would never be open together.
        """
        ...

    async def foresee_breach(
        self, account_id: str, recipient: str, now: datetime, group_id: str | None = None
    ) -> Breach | None:
        """Return the rule that a send to this recipient would break now, the day's quota included. Writes nothing.

        group_id:  None leaves out the rule about a group's members.
        """
        ...

    async def count_group_contacts(self, workspace_id: str, group_id: str, now: datetime) -> int:
        """Return how many people were first written to through the group in the UTC month, by any account."""
        ...

    async def read_sent(self, account_id: str, now: datetime) -> Sent:
        """Return what the account has sent so far, as the rules of pacing compare it with a message to somebody new."""
        ...
