"""Audiences: named lists of people of one group."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from confrere.domain.campaigns.collection import Collection
from confrere.domain.errors import ConfrereError
from confrere.domain.opt_out_csv import BadRow
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


class AudienceStatus(StrEnum):
    """Whether an audience is complete."""

    COLLECTING = "collecting"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Audience:
    """A named list of people of one group.

    source:      how its people were found: `ids`, `csv` or `group`.
    count:       how many people are in it.
    columns:     the names after `custom.` that its people may have values of.
    group_name:  None where no account has read it.
    bad_rows:    of its table, that were left out: the first of bad_row_count.
    collection:  how far it is collected, where its source is `group`.
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
    status: AudienceStatus = AudienceStatus.READY
    bad_rows: tuple[BadRow, ...] = ()
    bad_row_count: int = 0
    collection: Collection | None = None


class AudienceNotReady(ConfrereError):
    """The group's members are still being read, so that nobody knows yet who is in the audience."""

    def __init__(self, audience: Audience) -> None:
        super().__init__(
            f"The audience '{audience.name}' is still being collected from its group, {audience.count:,} people so "
            "far; wait until its status is ready"
        )


class AudienceInUse(ConfrereError):
    """A campaign that was not started yet is for the audience."""

    def __init__(self, campaign_name: str, status: str) -> None:
        super().__init__(f"The campaign '{campaign_name}', which is {status}, is for this audience: archive or stop it")
