"""Audiences: named lists of people of one group."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn


@dataclass(frozen=True, slots=True)
class AudiencePerson:
    """Somebody in an audience, as far as they are known. custom: values by the name after `custom.`."""

    person: Person
    custom: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, recipient: ProfileUrn) -> "AudiencePerson":
        """Somebody of whom only the profile is known."""
        return cls(Person(recipient))

    @property
    def recipient(self) -> ProfileUrn:
        """Whom it is."""
        return self.person.profile_urn

    @property
    def name(self) -> str:
        """First and last name; empty if unknown."""
        return self.person.full_name or ""


@dataclass(frozen=True, slots=True)
class Audience:
    """A named list of people of one group.

    source:   how its people were found: `ids`, `csv` or `group`.
    count:    how many people are in it.
    columns:  the names after `custom.` that its people may have values of.
    group_name:  None where no account has read it.
    """

    id: str
    workspace_id: str
    name: str
    group_id: GroupId
    source: str
    created_at: datetime
    count: int
    columns: tuple[str, ...] = ()
    group_name: str | None = None
