"""The bodies about the people of campaigns, and their conversion from the domain's values."""

from typing import Annotated, Any

from msgspec import Meta

from confrere.api.shared_bodies import AccountId, Body, Cursor, Moment, RecordId, one_of, optional_time
from confrere.api.v1.bodies import ListedPerson, person_shape
from confrere.api.v1.campaign_bodies import WhyNotBody
from confrere.api.v1.send_bodies import LedgerItem, send_shape
from confrere.campaigns import PeopleAdded, PersonHistory, PersonOverview
from confrere.domain.campaigns.campaign import Campaign, CampaignPerson, CampaignStatus, PersonStatus
from confrere.domain.why_not import WhyNot


class CampaignMember(Body, frozen=True, kw_only=True):
    """One person of a campaign, without the text."""

    recipient_profile_urn: str
    name: str
    status: Annotated[str, one_of(*PersonStatus)]
    reason: Annotated[
        str | None, Meta(description="Why the person waits or is skipped; LinkedIn's words if it refused.")
    ]
    until: Annotated[
        Moment | None, Meta(description="When the reason of a person who waits passes by itself; null if it does not.")
    ]
    remedy: Annotated[str | None, Meta(description="What to do for a person who waits, else null.")]
    send_id: Annotated[RecordId | None, Meta(description="The latest attempt, or the earlier message to the person.")]
    sent_at: Annotated[Moment | None, Meta(description="When the campaign's message was sent.")]
    replied_at: Annotated[Moment | None, Meta(description="When the person's reply was recorded.")]
    written_to_by: Annotated[
        AccountId | None, Meta(description="If they were `already_written_to`: the account that had done so.")
    ]
    written_to_at: Annotated[Moment | None, Meta(description="When it had done so.")]


class CampaignMemberPage(Body, frozen=True, kw_only=True):
    """A page of a campaign's people, in the order in which they were added."""

    items: list[CampaignMember]
    next_cursor: Cursor


class CampaignMemberHistory(CampaignMember, frozen=True, kw_only=True):
    """One person of a campaign with all that happened."""

    sends: Annotated[
        list[LedgerItem],
        Meta(description="All attempts, and the earlier message if there was one; the latest 200, newest first."),
    ]


class CampaignOfPerson(CampaignMember, frozen=True, kw_only=True):
    """What became of a person in one of their campaigns."""

    campaign_id: RecordId
    campaign_name: str
    campaign_status: Annotated[str, one_of(*CampaignStatus)]


class PersonBody(Body, frozen=True, kw_only=True):
    """What the workspace has of one person."""

    recipient_profile_urn: str
    campaigns: Annotated[list[CampaignOfPerson], Meta(description="All campaigns that they are in, oldest first.")]
    sends: Annotated[
        list[LedgerItem],
        Meta(
            description="What LinkedIn has or may have for them from any account, and all attempts of campaigns; the "
            "latest 200, newest first."
        ),
    ]
    do_not_contact: Annotated[
        ListedPerson | None, Meta(description="Their entry on the do-not-contact list; null if they are not on it.")
    ]
    held_until: Annotated[Moment | None, Meta(description="Until when campaigns wait with them; null if they do not.")]


class PersonHeld(Body, frozen=True, kw_only=True):
    """The result of a hold, or of its end."""

    recipient_profile_urn: str
    held_until: Annotated[Moment | None, Meta(description="Null if they are not held.")]
    campaigns: Annotated[int, Meta(description="In how many campaigns the person waits.")]


class CampaignPeopleAdded(Body, frozen=True, kw_only=True):
    """The result of adding people to a campaign."""

    added: Annotated[int, Meta(description="How many are new in it.")]
    already_in: Annotated[list[str], Meta(description="Who was in it already; they stay as they were.")]


class WhyNotAnswer(Body, frozen=True, kw_only=True):
    """Why nothing is sent now."""

    why_not: Annotated[WhyNotBody | None, Meta(description="Null if nothing keeps it waiting.")]


def campaign_member(person: CampaignPerson, why_not: WhyNot | None) -> CampaignMember:
    """Convert a person of a campaign. why_not: of one who waits."""
    return CampaignMember(**_member(person, why_not))


def member_history(history: PersonHistory) -> CampaignMemberHistory:
    """Convert a person of a campaign with all that happened."""
    sends = [send_shape(send) for send in history.sends]
    return CampaignMemberHistory(**_member(history.person, history.why_not), sends=sends)


def person_body(overview: PersonOverview) -> PersonBody:
    """Convert a person over all campaigns."""
    return PersonBody(
        recipient_profile_urn=str(overview.recipient),
        campaigns=[_campaign_of_person(*one) for one in overview.campaigns],
        sends=[send_shape(send) for send in overview.sends],
        do_not_contact=None if overview.opt_out is None else person_shape(overview.opt_out),
        held_until=optional_time(overview.held_until),
    )


def added_body(result: PeopleAdded) -> CampaignPeopleAdded:
    """Convert the result of adding people."""
    return CampaignPeopleAdded(added=result.added, already_in=[str(one) for one in result.already_in])


def why_not_answer(why: WhyNot | None) -> WhyNotAnswer:
    """Convert a reason, or that there is none."""
    if why is None:
        return WhyNotAnswer(why_not=None)
    return WhyNotAnswer(why_not=WhyNotBody(reason=why.reason, until=optional_time(why.until), remedy=why.remedy))


def _campaign_of_person(campaign: Campaign, person: CampaignPerson, why_not: WhyNot | None) -> CampaignOfPerson:
    return CampaignOfPerson(
        **_member(person, why_not),
        campaign_id=campaign.id,
        campaign_name=campaign.name,
        campaign_status=campaign.status,
    )


def _member(person: CampaignPerson, why_not: WhyNot | None) -> dict[str, Any]:
    return {
        "recipient_profile_urn": str(person.recipient),
        "name": person.name,
        "status": person.status,
        "reason": person.reason if why_not is None else why_not.reason,
        "until": None if why_not is None else optional_time(why_not.until),
        "remedy": None if why_not is None else why_not.remedy,
        "send_id": person.send_id,
        "sent_at": optional_time(person.message_at),
        "replied_at": optional_time(person.replied_at),
        "written_to_by": person.written_to_by,
        "written_to_at": optional_time(person.written_to_at),
    }
