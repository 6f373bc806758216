"""Audiences."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.campaigns.audience import Audience, AudiencePerson


class Audiences(Protocol):
    """Named lists of people."""

    async def add_audience(self, audience: Audience, people: Sequence[AudiencePerson]) -> Audience:
        """Write an audience with its people, each once: all of it, or nothing that anybody sees. Returns its count."""
        ...

    async def read_audience(self, workspace_id: str, audience_id: str) -> Audience:
        """Raises NotFound."""
        ...

    async def list_audiences(self, workspace_id: str, *, before_id: str | None, count: int) -> Sequence[Audience]:
        """Return a page, the newest first."""
        ...

    async def list_audience_people(
        self, workspace_id: str, audience_id: str, *, after_place: int, count: int
    ) -> Sequence[tuple[int, AudiencePerson]]:
        """Return people with their places, in the order in which they were added, from 1."""
        ...

    async def add_audience_people(self, workspace_id: str, audience_id: str, people: Sequence[AudiencePerson]) -> int:
        """Add those who are not in it yet; return how many. Raises NotFound."""
        ...

    async def delete_audience(self, workspace_id: str, audience_id: str) -> None:
        """Delete it for all readers at once; `purge_audiences` deletes its people. Raises NotFound, AudienceInUse."""
        ...

    async def purge_audiences(self, now: datetime) -> bool:
        """Delete some people of audiences that were deleted, or never complete. Returns whether there were any.

        Each call is a short transaction.
        """
        ...
