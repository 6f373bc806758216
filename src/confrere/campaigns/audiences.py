"""Audiences: named lists of people of one group."""

from collections.abc import Sequence

from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.errors import InvalidField
from confrere.domain.ids import new_record_id
from confrere.domain.urns import GroupId
from confrere.ports import Audiences, Clock

NAME_FORM = "must be a printable text of 1 to 200 characters"

_PAGE = 5_000


class AudienceDirectory:
    """The audiences of a workspace."""

    def __init__(self, *, store: Audiences, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def create(
        self,
        workspace_id: str,
        *,
        name: str,
        group_id: GroupId,
        people: Sequence[AudiencePerson],
        source: str = "ids",
    ) -> Audience:
        """Write an audience of these people; somebody who is given twice is in it once. Raises InvalidField."""
        if not people:
            raise InvalidField("recipientProfileUrns", "must name at least one person")
        audience = Audience(new_record_id(), workspace_id, parse_name(name), group_id, source, self._clock(), 0)
        return await self._store.add_audience(audience, people)

    async def read(self, workspace_id: str, audience_id: str) -> Audience:
        """Raises NotFound."""
        return await self._store.read_audience(workspace_id, audience_id)

    async def list_page(
        self, workspace_id: str, *, before_id: str | None = None, count: int = 50
    ) -> Sequence[Audience]:
        """Return a page, the newest first."""
        return await self._store.list_audiences(workspace_id, before_id=before_id, count=count)

    async def list_people(
        self, workspace_id: str, audience_id: str, *, after_place: int = 0, count: int = 200
    ) -> Sequence[tuple[int, AudiencePerson]]:
        """Return a page of its people with their places, beginning after a place."""
        return await self._store.list_audience_people(workspace_id, audience_id, after_place=after_place, count=count)

    async def read_everybody(self, workspace_id: str, audience_id: str) -> list[AudiencePerson]:
        """Return all people of an audience, in their order."""
        everybody: list[AudiencePerson] = []
        place = 0
        while page := await self.list_people(workspace_id, audience_id, after_place=place, count=_PAGE):
            everybody += [person for _, person in page]
            place = page[-1][0]
        return everybody


def parse_name(value: object) -> str:
    """Return the name without blanks around it. Raises InvalidField."""
    if not isinstance(value, str) or not value.strip() or len(value.strip()) > 200 or not value.isprintable():
        raise InvalidField("name", NAME_FORM)
    return value.strip()
