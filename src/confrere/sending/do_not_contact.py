"""The people to whom a workspace never writes again."""

from collections.abc import Callable, Collection, Sequence

from confrere.domain.errors import InvalidField
from confrere.domain.opt_out import OptOut
from confrere.domain.opt_out_csv import Row, batched
from confrere.domain.urns import ProfileUrn
from confrere.ports import Clock, DoNotContact


class DoNotContactList:
    """The do-not-contact list of a workspace."""

    def __init__(self, *, store: DoNotContact, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def add(
        self, workspace_id: str, recipients: Collection[ProfileUrn], *, reason: str | None, source: str
    ) -> int:
        """Add these people, all for the same reason. Returns how many are new."""
        return await self.add_rows(workspace_id, [Row(recipient, reason) for recipient in recipients], source=source)

    async def add_rows(self, workspace_id: str, people: Collection[Row], *, source: str) -> int:
        """Add people with a reason each, in one transaction. Returns how many are new."""
        now = self._clock()
        return await self._store.add_opt_outs(
            workspace_id, [OptOut(str(one.recipient), one.reason, source, now) for one in people]
        )

    async def import_rows(
        self, workspace_id: str, people: Sequence[Row], *, source: str, on_progress: Callable[[int], None]
    ) -> int:
        """Add the people of a table, batch by batch, so that no sender waits for long. Returns how many are new.

        on_progress:  called with the number of people that are done.
        """
        added = done = 0
        for batch in batched(people):
            added += await self.add_rows(workspace_id, batch, source=source)
            done += len(batch)
            on_progress(done)
        return added

    async def remove(self, workspace_id: str, recipient: ProfileUrn) -> None:
        """Take one person off the list. Raises NotFound."""
        await self._store.remove_opt_out(workspace_id, str(recipient))

    async def find(self, workspace_id: str, recipient: ProfileUrn) -> OptOut | None:
        """Return the entry of this person; None where there is none."""
        return await self._store.read_opt_out(workspace_id, str(recipient))

    async def list_page(self, workspace_id: str, *, after: str | None = None, count: int = 200) -> Sequence[OptOut]:
        """Return a page in the order of the recipients' URNs, beginning after `after`."""
        return await self._store.list_opt_outs(workspace_id, after=after, count=count)

    async def search(
        self, workspace_id: str, text: str, *, after: str | None = None, count: int = 200
    ) -> Sequence[OptOut]:
        """Return a page of those with the text in reason, source or known name; a URN finds its person alone."""
        try:
            found = await self._store.read_opt_out(workspace_id, ProfileUrn.parse(text))
        except InvalidField:
            return await self._store.search_opt_outs(workspace_id, text, after=after, count=count)
        return [] if found is None else [found]

    async def find_listed(self, workspace_id: str, recipients: Collection[ProfileUrn]) -> Collection[str]:
        """Return those of the people who are on the list."""
        return await self._store.find_opted_out(workspace_id, recipients)
