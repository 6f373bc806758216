"""The results of calls about templates, audiences and campaigns. As those in `models`; texts are in no repr."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text with variables. version: grows with every change of the text."""

    id: str
    name: str
    text: str = field(repr=False)
    version: int
    variables: tuple[str, ...]
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePreview:
    """A template's text for one person. text: None where a variable is blank that has no default."""

    text: str | None = field(repr=False)
    blank_variables: tuple[str, ...] = ()
    characters: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """A row of a table that cannot be used."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """A named list of people of one group.

    id:            None for a dry run of an import, which writes nothing.
    status:        `ready`, or `collecting` while the group's members are read.
    count:         how many people are in it.
    read, total:   of a collection: how many members were read, and of how many.
    completes_at:  when a collection will be complete, as far as that can be foreseen.
    errors:        rows of an imported table that cannot be used.
    """

    id: str | None
    name: str
    group_id: str
    source: str | None
    status: str | None
    count: int
    read: int | None
    total: int | None
    completes_at: datetime | None
    errors: tuple[RowError, ...] = ()
    created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceMember:
    """Somebody in an audience. name: empty if unknown."""

    recipient_profile_urn: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Why nothing is sent yet. until: when it passes by itself; None where somebody has to act."""

    reason: str
    until: datetime | None
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCounts:
    """How many people of a campaign are in which status; `waiting` is without those who are held."""

    waiting: int
    held: int
    in_flight: int
    unknown: int
    sent: int
    replied: int
    refused: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayForecast:
    """How many messages would be sent on one day."""

    date: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When a campaign would end. ends_on: None where that is not within a year."""

    ends_on: date | None
    sending_days: int | None
    per_day: tuple[DayForecast, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign without its text.

    status:   `draft`, `scheduled`, `running`, `paused`, `finished`, `stopped` or `archived`.
    cause:    why it is paused, else None.
    why_not:  why it sends nothing now; None where it may, or is over.
    """

    id: str
    name: str
    status: str
    cause: str | None
    account_id: str
    group_id: str
    audience_id: str
    template_id: str | None
    template_version: int | None
    starts_at: datetime | None
    daily_cap: int | None
    spread: bool
    skip_existing_conversations: bool
    counts: CampaignCounts
    why_not: WhyNot | None
    forecast: Forecast | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTexts:
    """Two of the texts that would be sent; None where nothing would be."""

    shortest: str | None = field(repr=False)
    longest: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWarning:
    """What a person should know before the start. name: such as `no_way_out`. count: of people whom it is about."""

    name: str
    text: str
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCheck:
    """What a start would do now.

    skipped:       how many people would be skipped, by reason.
    content_hash:  of people, texts and settings; `start` takes it.
    """

    would_send: int
    skipped: Mapping[str, int]
    texts: SampleTexts
    warnings: tuple[CheckWarning, ...] = ()
    forecast: Forecast | None
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignMember:
    """One person of a campaign.

    reason, until, remedy:  why a person who waits has no message yet, when that passes, and what to do; `reason` of one
                            who is skipped, and LinkedIn's words of one who is refused.
    send_id:                the latest attempt, or the earlier message to the person.
    """

    recipient_profile_urn: str
    name: str
    status: str
    reason: str | None
    until: datetime | None
    remedy: str | None
    send_id: str | None
    sent_at: datetime | None
    replied_at: datetime | None
