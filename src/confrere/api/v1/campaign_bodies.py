"""The bodies about campaigns, and their conversion from the domain's values."""

from datetime import date
from typing import Annotated, Final

from msgspec import Meta

from confrere.api.shared_bodies import AccountId, Body, Cursor, Moment, RecordId, one_of, optional_time
from confrere.campaigns import CampaignState
from confrere.domain.campaigns.campaign import CampaignStatus, PauseCause, PersonText, SkipReason, WaitReason
from confrere.domain.campaigns.check import CampaignCheck, CheckWarning, WarningName
from confrere.domain.campaigns.name_check import NameFault

_DAY: Final = Meta(extra_json_schema={"format": "date"})


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


class ForecastBody(Body, frozen=True, kw_only=True):
    """When a campaign has sent all its messages, in turn with the other running campaigns of its account."""

    ends_on: Annotated[str | None, _DAY, Meta(description="The UTC day of the last one; null: not within a year.")]
    sending_days: Annotated[int, Meta(description="Days on which something is sent, of the next year at most.")]


class CampaignBody(Body, frozen=True, kw_only=True):
    """A campaign without its text."""

    id: RecordId
    name: str
    status: Annotated[str, one_of(*CampaignStatus)]
    cause: Annotated[Annotated[str, one_of(*PauseCause)] | None, Meta(description="Why it is paused, else null.")]
    account_id: AccountId
    group_id: str
    audience_id: RecordId
    template_id: Annotated[RecordId | None, Meta(description="Null if the text is the campaign's own.")]
    template_version: Annotated[
        int | None, Meta(description="The template's newest version; once it was started, that of its texts.")
    ]
    revision: Annotated[int, Meta(description="Of the draft: grows with each change.")]
    starts_at: Annotated[Moment | None, Meta(description="When it begins after its start; null: at once.")]
    daily_cap: Annotated[int | None, Meta(description="Its messages in a UTC day; null: no limit of its own.")]
    spread: Annotated[bool, Meta(description="Whether its messages are spread evenly over the rest of the day.")]
    skip_existing_conversations: Annotated[
        bool, Meta(description="Whether people with whom the account has a conversation are skipped.")
    ]
    counts: Annotated[CampaignNumbers, Meta(description="All are 0 until it was started.")]
    why_not: Annotated[WhyNotBody | None, Meta(description="Null if it may send now, or is over.")]
    forecast: Annotated[
        ForecastBody | None, Meta(description="If nothing interferes; null unless it runs or is scheduled.")
    ]
    created_by: Annotated[str | None, Meta(description="The id of the key or of the user, or `command line`.")]
    started_by: Annotated[str | None, Meta(description="The same; null for a draft.")]
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


class OddNameBody(Body, frozen=True, kw_only=True):
    """A name that looks like a mail merge, and a form that does not; either part of that may be empty."""

    recipient_profile_urn: str
    name: str
    faults: list[Annotated[str, one_of(*NameFault)]]
    first_name: str
    last_name: str


class CheckWarningBody(Body, frozen=True, kw_only=True):
    """What a person should know before they start the campaign."""

    name: Annotated[str, one_of(*WarningName)]
    text: Annotated[str, Meta(description="In one sentence, with what to do.")]
    count: Annotated[int, Meta(description="How many people it is about.")]
    examples: Annotated[list[OddNameBody], Meta(description="The first of them, if it is about names.")]


class DayCountBody(Body, frozen=True, kw_only=True):
    """How many messages go out on a UTC day."""

    date: Annotated[str, _DAY]
    count: int


class CalendarBody(ForecastBody, frozen=True, kw_only=True):
    """A forecast with its days."""

    per_day: Annotated[list[DayCountBody], Meta(description="Days without a message are left out.")]
    summary: Annotated[str, Meta(description="In words, as `about 27 sending days, until 14 January 2027`.")]


class CampaignCheckBody(Body, frozen=True, kw_only=True):
    """What a start would do now, as far as the ledger and the lists of the workspace show."""

    would_send: int
    skipped: Annotated[dict[str, int], Meta(description="How many would be skipped, by reason.")]
    texts: SampleTexts
    warnings: list[CheckWarningBody]
    forecast: CalendarBody
    content_hash: Annotated[
        str, Meta(pattern="^[0-9a-f]{64}$", description="Of people, texts and settings; a start takes it.")
    ]


class CampaignTextBody(Body, frozen=True, kw_only=True):
    """What one person of a draft would get."""

    recipient_profile_urn: str
    name: Annotated[str, Meta(description="Empty if unknown.")]
    text: Annotated[str | None, Meta(description="Null if the person would be skipped.")]
    skip_reason: Annotated[Annotated[str, one_of(*SkipReason)] | None, Meta(description="Why, else null.")]


class CampaignTextPage(Body, frozen=True, kw_only=True):
    """A page of a draft's people, in the order of its audience."""

    items: list[CampaignTextBody]
    next_cursor: Cursor


def campaign_body(state: CampaignState) -> CampaignBody:
    """Convert a campaign with how far it is."""
    campaign, counts, why_not, forecast = state.campaign, state.counts, state.why_not, state.forecast
    return CampaignBody(
        id=campaign.id,
        **state.shown,
        template_version=campaign.template_version,
        revision=campaign.revision,
        counts=CampaignNumbers(**counts.by_status),
        why_not=None
        if why_not is None
        else WhyNotBody(reason=why_not.reason, until=optional_time(why_not.until), remedy=why_not.remedy),
        forecast=None
        if forecast is None
        else ForecastBody(ends_on=_day(forecast.ends_on), sending_days=forecast.sending_days),
        created_by=campaign.created_by,
        started_by=campaign.started_by,
    )


def check_body(check: CampaignCheck) -> CampaignCheckBody:
    """Convert the result of a check."""
    return CampaignCheckBody(
        would_send=check.would_send,
        skipped={str(reason): count for reason, count in sorted(check.skipped.items())},
        texts=SampleTexts(shortest=_shown(check.shortest), longest=_shown(check.longest)),
        warnings=[_warning(one) for one in check.warnings],
        forecast=CalendarBody(
            ends_on=_day(check.forecast.ends_on),
            sending_days=check.forecast.sending_days,
            per_day=[DayCountBody(date=one.day.isoformat(), count=one.count) for one in check.forecast.per_day],
            summary=str(check.forecast),
        ),
        content_hash=check.content_hash,
    )


def campaign_text(one: PersonText) -> CampaignTextBody:
    """Convert what one person would get."""
    return CampaignTextBody(
        recipient_profile_urn=str(one.person.recipient),
        name=one.person.name,
        text=_shown(one),
        skip_reason=one.skip,
    )


def _warning(warning: CheckWarning) -> CheckWarningBody:
    examples = [
        OddNameBody(
            recipient_profile_urn=str(odd.recipient),
            name=odd.name,
            faults=[str(fault) for fault in odd.warning.faults],
            first_name=odd.warning.first_name,
            last_name=odd.warning.last_name,
        )
        for odd in warning.examples
    ]
    return CheckWarningBody(name=warning.name, text=warning.text, count=warning.count, examples=examples)


def _shown(one: PersonText | None) -> str | None:
    return None if one is None or one.text is None else str(one.text)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
