"""The bodies about campaigns, and their conversion from the domain's values."""

from typing import Annotated

from msgspec import Meta

from confrere.api.shared_bodies import AccountId, Body, Cursor, Moment, RecordId, one_of, optional_time
from confrere.campaigns import CampaignPreview, CampaignState
from confrere.domain.campaigns.campaign import CampaignStatus, PauseCause, WaitReason
from confrere.domain.limits import iso_z


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


def check_body(preview: CampaignPreview) -> CampaignCheckBody:
    """Convert the result of a check. Everybody gets the same text."""
    text = None if preview.text is None else str(preview.text)
    return CampaignCheckBody(
        would_send=preview.would_send,
        skipped={str(reason): count for reason, count in sorted(preview.skipped.items())},
        texts=SampleTexts(shortest=text, longest=text),
        content_hash=preview.content_hash,
    )
