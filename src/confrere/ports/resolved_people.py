"""People by the name in their profile's address."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from confrere.domain.person import Person, VanityName


class ResolvedPeople(Protocol):
    """What LinkedIn has answered about names in addresses. Names are compared without regard to case."""

    async def add_resolved_person(self, workspace_id: str, name: VanityName, person: Person, now: datetime) -> None:
        """Keep the person to whom this name belongs; replaces an earlier answer."""
        ...

    async def read_resolved_person(self, workspace_id: str, name: VanityName, since: datetime) -> Person | None:
        """Return the person; None where LinkedIn was not asked since then."""
        ...

    async def list_resolved_people(self, workspace_id: str, since: datetime) -> Mapping[VanityName, Person]:
        """Return all of whom LinkedIn was asked since then, by their names in lower case."""
        ...
