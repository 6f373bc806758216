"""Reads and changes the rules of pacing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from confrere.domain.limits import Action, window_end
from confrere.domain.pacing import Breach, Pacing, share_of
from confrere.domain.pacing_json import changed, parse_pacing
from confrere.domain.urns import GroupId
from confrere.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class GroupShare:
    """How many members of a group were first written to in the UTC month, by all accounts of the workspace.

    members:  of the group; None where LinkedIn has not shown it yet: then nothing is limited.
    percent:  of them that may be first written to in a month, None where that is not limited. limit: how many that is.
    """

    used: int
    members: int | None
    percent: float | None
    limit: int | None
    resets_at: datetime


class PacingSettings:
    """The rules of a workspace (`account_id` None) or of one account: to read, and to set."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def read(self, workspace_id: str, account_id: str | None) -> Pacing:
        """Return its own rules. Raises NotFound."""
        return await self._store.read_pacing(workspace_id, account_id)

    async def read_zone(self, workspace_id: str, account_id: str) -> str | None:
        """Return the zone of the account's sending hours, its own before the workspace's; None where it has none."""
        for rules in (await self.read(workspace_id, account_id), await self.read(workspace_id, None)):
            if rules.sending_hours is not None:
                return rules.sending_hours.zone
        return None

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
        account = await self._store.read_account(workspace_id, account_id)
        return await self._store.foresee_breach(account.id, recipient, self._clock())

    async def read_group_share(self, workspace_id: str, group_id: GroupId) -> GroupShare:
        """Return how much of a group was written to this month; LinkedIn is not asked."""
        now = self._clock()
        used = await self._store.count_group_contacts(workspace_id, str(group_id), now)
        members = (await self._store.read_group(workspace_id, str(group_id))).members
        percent = (await self.read(workspace_id, None)).group_monthly_share
        limit = None if members is None or percent is None else share_of(members, percent)
        return GroupShare(used, members, percent, limit, window_end(Action.GROUP_FIRST_CONTACT, now))

    async def _change(self, workspace_id: str, account_id: str | None, change: Callable[[Pacing], Pacing]) -> Pacing:
        return await self._store.change_pacing(workspace_id, account_id, change, self._clock())
