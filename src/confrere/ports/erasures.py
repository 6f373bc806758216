"""Erasing everything about a person, and reading it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from confrere.domain.audit import Actor
from confrere.domain.erasure import Erasure, ErasureResult
from confrere.domain.urns import ProfileUrn


class Erasures(Protocol):
    """Erases people. Nothing that is written later brings an erased person back."""

    def erasure_of(self, workspace_id: str, recipient: ProfileUrn, at: datetime) -> Erasure:
        """Return the erasure that erasing the person at this time is; write nothing."""
        ...

    async def erase_person(self, erasure: Erasure, recipient: ProfileUrn, actor: Actor, now: datetime) -> ErasureResult:
        """Erase names, texts, replies and lists; it can be repeated.

        The stand-in takes the person's place in the ledger, and on the do-not-contact list.
        Raises InvalidField for an account of the workspace's own. now: for the audit log, and what is done later.
        """
        ...

    async def finish_erasures(self, now: datetime, *, count: int) -> int:
        """Erase what was on its way when its person was erased, as far as it is settled. Returns how many are done."""
        ...

    async def read_erasure(self, workspace_id: str, recipient: ProfileUrn) -> Erasure | None:
        """Return the person's erasure; None where nobody erased them."""
        ...

    async def list_erasures(self) -> Sequence[Erasure]:
        """Return all erasures of all workspaces."""
        ...

    async def read_everything(
        self, workspace_id: str, recipient: ProfileUrn, actor: Actor, now: datetime
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return every row about the person by table, texts decrypted; of an erased one what is left."""
        ...
