"""The bodies about audiences and campaigns, and their conversion from the domain's values."""

from typing import Annotated

from msgspec import Meta

from confrere.api.shared_bodies import AccountId, Body, Cursor, Moment, one_of, optional_time
from confrere.campaigns import CampaignPreview, CampaignState
from confrere.domain.campaign import (
    Audience,
    AudiencePerson,
    CampaignPerson,
    CampaignStatus,
    PauseCause,
    PersonStatus,
    WaitReason,
)
from confrere.domain.limits import iso_z
from confrere.domain.why_not import WhyNot

RecordId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


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


class CampaignNumbers(Body, frozen=True, kw_only=True):
    """How many people are in which status; `waiting` is without those who are held."""

    waiting: int
    held: int
    in_flight: int
    unknown: int
    sent: int
    replied: int
    refused: int
    skipped: int


class WhyNotBody(Body, frozen=True, kw_only=True):
    """Why nothing is sent now: one reason, one time, one remedy."""

    reason: Annotated[str, one_of(*WaitReason)]
    until: Annotated[Moment | None, Meta(description="When it passes by itself; null if somebody has to act.")]
    remedy: Annotated[str, Meta(description="What to do, in one sentence.")]


class CampaignBody(Body, frozen=True, kw_only=True):
    """A campaign without its text."""

    id: RecordId
    name: str
    status: Annotated[str, one_of(*CampaignStatus)]
    cause: Annotated[Annotated[str, one_of(*PauseCause)] | None, Meta(description="Why it is paused, else null.")]
    account_id: AccountId
    group_id: str
    audience_id: RecordId
    starts_at: Annotated[Moment | None, Meta(description="When it begins after its start; null: at once.")]
    daily_cap: Annotated[int | None, Meta(description="Its messages in a UTC day; null: no limit of its own.")]
    spread: Annotated[bool, Meta(description="Whether its messages are spread evenly over the rest of the day.")]
    skip_existing_conversations: Annotated[
        bool, Meta(description="Whether people with whom the account has a conversation are skipped.")
    ]
    counts: Annotated[CampaignNumbers, Meta(description="All are 0 until it was started.")]
    why_not: Annotated[WhyNotBody | None, Meta(description="Null if it may send now, or is over.")]
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None


class CampaignPage(Body, frozen=True, kw_only=True):
    """A page of the workspace's campaigns, newest first."""

    items: list[CampaignBody]
    next_cursor: Cursor


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


class SampleTexts(Body, frozen=True, kw_only=True):
    """Two of the texts that would be sent; null if nothing would be."""

    shortest: str | None
    longest: str | None


class CampaignCheckBody(Body, frozen=True, kw_only=True):
    """What a start would do now, as far as the ledger and the lists of the workspace show."""

    would_send: int
    skipped: Annotated[dict[str, int], Meta(description="How many would be skipped, by reason.")]
    texts: SampleTexts
    content_hash: Annotated[
        str, Meta(pattern="^[0-9a-f]{64}$", description="Of people, text and settings; a start takes it.")
    ]


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


def campaign_body(state: CampaignState) -> CampaignBody:
    """Convert a campaign with how far it is."""
    campaign, counts, why_not = state.campaign, state.counts, state.why_not
    return CampaignBody(
        id=campaign.id,
        name=campaign.name,
        status=campaign.status,
        cause=campaign.cause,
        account_id=campaign.account_id,
        group_id=str(campaign.group_id),
        audience_id=campaign.audience_id,
        starts_at=optional_time(campaign.starts_at),
        daily_cap=campaign.daily_cap,
        spread=campaign.spread,
        skip_existing_conversations=campaign.skip_existing_conversations,
        counts=CampaignNumbers(
            waiting=counts.waiting,
            held=counts.held,
            in_flight=counts.in_flight,
            unknown=counts.unknown,
            sent=counts.sent,
            replied=counts.replied,
            refused=counts.refused,
            skipped=counts.skipped,
        ),
        why_not=None
        if why_not is None
        else WhyNotBody(reason=why_not.reason, until=optional_time(why_not.until), remedy=why_not.remedy),
        created_at=iso_z(campaign.created_at),
        started_at=optional_time(campaign.started_at),
        ended_at=optional_time(campaign.ended_at),
    )


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


def check_body(preview: CampaignPreview) -> CampaignCheckBody:
    """Convert the result of a check. Everybody gets the same text."""
    text = None if preview.text is None else str(preview.text)
    return CampaignCheckBody(
        would_send=preview.would_send,
        skipped={str(reason): count for reason, count in sorted(preview.skipped.items())},
        texts=SampleTexts(shortest=text, longest=text),
        content_hash=preview.content_hash,
    )
