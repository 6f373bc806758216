"""The bodies about audiences, and their conversion from the domain's values."""

from typing import Annotated

from msgspec import Meta

from confrere.api.shared_bodies import Body, Cursor, Moment, RecordId
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.limits import iso_z


class AudienceBody(Body, frozen=True, kw_only=True):
    """A named list of people of one group."""

    id: RecordId
    name: str
    group_id: str
    source: Annotated[str, Meta(description="What it was made from: `ids`.")]
    count: Annotated[int, Meta(description="How many people are in it, each once.")]
    created_at: Moment


class AudiencePage(Body, frozen=True, kw_only=True):
    """A page of the workspace's audiences, newest first."""

    items: list[AudienceBody]
    next_cursor: Cursor


class AudienceMember(Body, frozen=True, kw_only=True):
    """Somebody in an audience."""

    recipient_profile_urn: str
    name: Annotated[str, Meta(description="Empty if unknown.")]


class AudienceMemberPage(Body, frozen=True, kw_only=True):
    """A page of an audience's people, in the order in which they were added."""

    items: list[AudienceMember]
    next_cursor: Cursor


def audience_body(audience: Audience) -> AudienceBody:
    """Convert an audience."""
    return AudienceBody(
        id=audience.id,
        name=audience.name,
        group_id=str(audience.group_id),
        source=audience.source,
        count=audience.count,
        created_at=iso_z(audience.created_at),
    )


def audience_member(person: AudiencePerson) -> AudienceMember:
    """Convert a person of an audience."""
    return AudienceMember(recipient_profile_urn=str(person.recipient), name=person.name)
