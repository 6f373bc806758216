"""The results of calls about templates, audiences and campaigns. As those in `models`; texts are in no repr."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from confrere_client.models import SendRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text with variables. version: grows with every change of the text."""

    id: str
    name: str
    text: str = field(repr=False)
    version: int
    variables: tuple[str, ...]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePreview:
    """A template's text for one person.

    text:             None where none can be made: it would show a blank variable, or is too long.
    blank_variables:  those of the text that the person lacks, with a default or without.
    """

    text: str | None = field(repr=False)
    blank_variables: tuple[str, ...]
    characters: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """A row of a table that cannot be used."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Why nothing is sent yet. until: when it passes by itself; None where somebody has to act."""

    reason: str
    until: datetime | None
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """A named list of people of one group.

    source:        `ids`, `csv` or `group`.
    status:        `ready`, or `collecting` while the group's members are read; a campaign needs `ready`.
    count:         how many people are in it.
    read, total:   of a collection: how many members were read, and of how many.
    completes_at:  when it is ready at the latest; None where that cannot be foreseen.
    why_not:       why no member is read now.
    columns:       the names after `custom.` that its people may have values of.
    skipped:       how many rows of an imported table were left out; `errors` has the first of them.
    """

    id: str
    name: str
    group_id: str
    group_name: str | None
    source: str
    status: str | None
    count: int
    read: int | None
    total: int | None
    completes_at: datetime | None
    why_not: WhyNot | None
    account_id: str | None
    columns: tuple[str, ...] = ()
    skipped: int = 0
    errors: tuple[RowError, ...] = ()
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCheck:
    """What an audience of a table would have. fields: the column from which each field is read."""

    count: int
    fields: Mapping[str, str]
    columns: tuple[str, ...]
    skipped: int
    errors: tuple[RowError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceMember:
    """Somebody in an audience, as far as they are known. custom: values of an imported table's other columns."""

    recipient_profile_urn: str
    name: str
    first_name: str | None
    last_name: str | None
    headline: str | None
    public_identifier: str | None
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleAdded:
    """How many people are new in an audience, and how many were in it already; those stay as they were."""

    added: int
    already_in: int


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
    """When a campaign has sent all its messages, if nothing interferes.

    ends_on:   the UTC day of the last one; None where that is not within a year.
    per_day:   of a check: the days on which something is sent.
    summary:   of a check: in words, as "about 27 sending days, until 14 January 2027".
    """

    ends_on: date | None
    sending_days: int
    per_day: tuple[DayForecast, ...] = ()
    summary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign without its text.

    status:   `draft`, `scheduled`, `running`, `paused`, `finished`, `stopped` or `archived`.
    cause:    why it is paused, else None.
    why_not:  why it sends nothing now; None where it may, or is over.
    forecast: of one that runs or is scheduled.
    created_by, started_by:  the id of the key or of the user, or `command line`.
    revision:  of the draft: grows with each change; None from a server that does not report it.
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
    revision: int | None
    starts_at: datetime | None
    daily_cap: int | None
    spread: bool
    skip_existing_conversations: bool
    counts: CampaignCounts
    why_not: WhyNot | None
    forecast: Forecast | None
    created_by: str | None
    started_by: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTexts:
    """Two of the texts that would be sent; None where nothing would be."""

    shortest: str | None = field(repr=False)
    longest: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OddName:
    """A name that looks like a mail merge, and first and last name as they would not."""

    recipient_profile_urn: str
    name: str
    faults: tuple[str, ...]
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWarning:
    """What a person should know before the start.

    name:      such as `no_way_out` or `odd_names`.
    text:      in one sentence, with what to do.
    count:     how many people it is about; `examples` has the first of them, where it is about names.
    """

    name: str
    text: str
    count: int
    examples: tuple[OddName, ...] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignOfPerson(CampaignMember):
    """What became of a person in one of their campaigns."""

    campaign_id: str
    campaign_name: str
    campaign_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerson:
    """An entry of the do-not-contact list. source: who or what added it."""

    recipient_profile_urn: str
    reason: str | None
    source: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOverview:
    """What the workspace has of one person.

    campaigns:       all that they are in, oldest first.
    sends:           what LinkedIn has or may have for them, and all attempts of campaigns; newest first, 200 at most.
    do_not_contact:  their entry on the list; None where they are not on it.
    held_until:      until when campaigns wait with them.
    """

    recipient_profile_urn: str
    campaigns: tuple[CampaignOfPerson, ...]
    sends: tuple[SendRecord, ...]
    do_not_contact: ListedPerson | None
    held_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignText:
    """What one person of a draft would get. text: None where they would be skipped, for `skip_reason`."""

    recipient_profile_urn: str
    name: str
    text: str | None = field(repr=False)
    skip_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPeopleAdded:
    """How many people are new in a campaign, and who was in it already."""

    added: int
    already_in: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonHeld:
    """The result of a hold, or of its end. campaigns: in how many the person waits."""

    recipient_profile_urn: str
    held_until: datetime | None
    campaigns: int
