"""Everything about one person: reading it, and erasing it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from confrere.domain.audit import Actor
from confrere.domain.erasure import OWN_ACCOUNT, Erasure, ErasureResult, is_stand_in
from confrere.domain.errors import InvalidField, StoreUnavailable
from confrere.domain.urns import ProfileUrn
from confrere.ports import ChangeJournal, Clock, Store

STAND_IN: Final = "must be a person of LinkedIn; this one stands for a person who was erased"

_FINISHED_AT_ONCE: Final = 20


class PersonalData:
    """The data of people whom a workspace writes to.

    journal:  None where no backup of the store will be restored.
    """

    def __init__(self, *, store: Store, clock: Clock, journal: ChangeJournal | None) -> None:
        self._store = store
        self._clock = clock
        self._journal = journal

    async def erase(self, workspace_id: str, recipient: ProfileUrn, actor: Actor) -> ErasureResult:
        """Erase names, texts, replies and lists; the ledger keeps outcomes and units under a keyed hash.

        Nobody writes to the person again, and nothing brings them back. It can be repeated.
        Raises InvalidField; StoreUnavailable.
        """
        if is_stand_in(recipient):
            raise InvalidField("recipient", STAND_IN)
        if any(account.profile_urn == recipient for account in await self._store.list_accounts(workspace_id)):
            raise InvalidField("recipient", OWN_ACCOUNT)
        erasure = await self._store.read_erasure(workspace_id, recipient)
        erasure = erasure or self._store.erasure_of(workspace_id, recipient, self._clock())
        if self._journal is not None:  # before the store: what is kept twice does no harm
            try:
                await self._journal.add_erasure(erasure)
            except OSError as fault:
                raise StoreUnavailable("The journal cannot be written, so nothing was erased") from fault
        return await self._store.erase_person(erasure, recipient, actor, self._clock())

    async def finish(self) -> int:
        """Erase what was on its way when its person was erased, as far as it is settled. Returns how many are done."""
        return await self._store.finish_erasures(self._clock(), count=_FINISHED_AT_ONCE)

    async def read_erasure(self, workspace_id: str, recipient: ProfileUrn) -> Erasure | None:
        """Return the person's erasure; None where nobody erased them."""
        return await self._store.read_erasure(workspace_id, recipient)

    async def read_everything(
        self, workspace_id: str, recipient: ProfileUrn, actor: Actor
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return every row about the person by table, texts decrypted; of an erased one what is left."""
        return await self._store.read_everything(workspace_id, recipient, actor, self._clock())
