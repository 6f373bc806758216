"""The bodies about the people of campaigns, and their conversion from the domain's values."""

from typing import Annotated

from msgspec import Meta

from confrere.api.shared_bodies import Body, Cursor, Moment, RecordId, one_of, optional_time
from confrere.domain.campaigns.campaign import CampaignPerson, PersonStatus
from confrere.domain.why_not import WhyNot


class CampaignMember(Body, frozen=True, kw_only=True):
    """One person of a campaign, without the text."""

    recipient_profile_urn: str
    name: str
    status: Annotated[str, one_of(*PersonStatus)]
    reason: Annotated[
        str | None, Meta(description="Why the person waits or is skipped; LinkedIn's words if it refused.")
    ]
    until: Annotated[Moment | None, Meta(description="When a person who waits is due; null if that is not known.")]
    remedy: Annotated[str | None, Meta(description="What to do for a person who waits, else null.")]
    send_id: Annotated[RecordId | None, Meta(description="The latest attempt, or the earlier message to the person.")]
    sent_at: Moment | None


class CampaignMemberPage(Body, frozen=True, kw_only=True):
    """A page of a campaign's people, in the order in which they were added."""

    items: list[CampaignMember]
    next_cursor: Cursor


def campaign_member(person: CampaignPerson, why_not: WhyNot | None) -> CampaignMember:
    """Convert a person of a campaign. why_not: of one who waits."""
    return CampaignMember(
        recipient_profile_urn=str(person.recipient),
        name=person.name,
        status=person.status,
        reason=person.reason if why_not is None else why_not.reason,
        until=None if why_not is None else optional_time(why_not.until),
        remedy=None if why_not is None else why_not.remedy,
        send_id=person.send_id,
        sent_at=optional_time(person.sent_at),
    )
