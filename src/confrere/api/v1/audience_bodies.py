"""The bodies about audiences, and their conversion from the domain's values."""

from typing import Annotated

from msgspec import Meta

from confrere.api.shared_bodies import AccountId, Body, Cursor, Moment, RecordId, one_of, optional_time
from confrere.api.v1.campaign_bodies import WhyNotBody
from confrere.campaigns import AudienceContent, AudienceState
from confrere.domain.campaigns.audience import AudiencePerson, AudienceStatus
from confrere.domain.limits import iso_z
from confrere.domain.opt_out_csv import BadRow

Columns = Annotated[list[str], Meta(description="The names after `custom.` that its people may have values of.")]


class BadTableRow(Body, frozen=True, kw_only=True):
    """A row of the table that was left out."""

    line: Annotated[int, Meta(description="On which it begins; the first line is 1.")]
    reason: str


Errors = Annotated[list[BadTableRow], Meta(description="The first rows of the table that were left out.")]
Skipped = Annotated[int, Meta(description="How many rows of the table were left out.")]


class AudienceBody(Body, frozen=True, kw_only=True):
    """A named list of people of one group."""

    id: RecordId
    name: str
    group_id: str
    group_name: Annotated[str | None, Meta(description="Null until a collection has read it.")]
    source: Annotated[str, one_of("ids", "csv", "group"), Meta(description="What it was made from.")]
    status: Annotated[
        str,
        one_of(*AudienceStatus),
        Meta(description="`collecting` while the group's members are read. A campaign needs `ready`."),
    ]
    count: Annotated[int, Meta(description="How many people are in it, each once.")]
    read: Annotated[int, Meta(description="How many members of the group's list were read.")]
    total: Annotated[int | None, Meta(description="The length of that list; null where LinkedIn has not said.")]
    completes_at: Annotated[
        Moment | None, Meta(description="When it is ready at the latest, by what is left of the daily limit.")
    ]
    why_not: Annotated[WhyNotBody | None, Meta(description="Why no member is read now.")]
    account_id: Annotated[AccountId | None, Meta(description="The account that reads the group.")]
    columns: Columns
    skipped: Skipped
    errors: Errors
    created_at: Moment


class AudiencePage(Body, frozen=True, kw_only=True):
    """A page of the workspace's audiences, newest first."""

    items: list[AudienceBody]
    next_cursor: Cursor


class AudienceDryRun(Body, frozen=True, kw_only=True):
    """What an audience of a table would have. Nothing was written."""

    count: Annotated[int, Meta(description="How many people would be in it.")]
    fields: Annotated[dict[str, str], Meta(description="The column from which each field is read.")]
    columns: Columns
    skipped: Annotated[int, Meta(description="How many rows would be left out.")]
    errors: Annotated[list[BadTableRow], Meta(description="The first of them.")]


class AudienceMember(Body, frozen=True, kw_only=True):
    """Somebody in an audience, as far as they are known."""

    recipient_profile_urn: str
    name: Annotated[str, Meta(description="Empty if unknown.")]
    first_name: str | None
    last_name: str | None
    headline: str | None
    public_identifier: Annotated[str | None, Meta(description="The name in the profile's URL.")]
    custom: Annotated[dict[str, str], Meta(description="Values of the table's other columns.")]


class AudienceMemberPage(Body, frozen=True, kw_only=True):
    """A page of an audience's people, in the order in which they were added."""

    items: list[AudienceMember]
    next_cursor: Cursor


class AudiencePeopleAdded(Body, frozen=True, kw_only=True):
    """The result of adding people."""

    added: Annotated[int, Meta(description="How many are new in it.")]
    already_in: Annotated[int, Meta(description="How many were in it already; they stay as they were.")]


def audience_body(state: AudienceState) -> AudienceBody:
    """Convert an audience."""
    one, why = state.audience, state.why_not
    collection = one.collection
    return AudienceBody(
        id=one.id,
        name=one.name,
        group_id=str(one.group_id),
        group_name=one.group_name,
        source=one.source,
        status=one.status,
        count=one.count,
        read=one.count if collection is None else collection.places_read,
        total=one.count if collection is None else collection.total,
        completes_at=optional_time(state.completes_at),
        why_not=None
        if why is None
        else WhyNotBody(reason=why.reason, until=optional_time(why.until), remedy=why.remedy),
        account_id=None if collection is None else collection.account_id,
        columns=list(one.columns),
        skipped=one.bad_row_count,
        errors=_bad_rows(one.bad_rows),
        created_at=iso_z(one.created_at),
    )


def dry_run_body(content: AudienceContent) -> AudienceDryRun:
    """Convert what was read of a table."""
    return AudienceDryRun(
        count=len(content.people),
        fields=dict(content.fields),
        columns=list(content.columns),
        skipped=content.bad_row_count,
        errors=_bad_rows(content.first_bad_rows),
    )


def audience_member(one: AudiencePerson) -> AudienceMember:
    """Convert a person of an audience."""
    person = one.person
    return AudienceMember(
        recipient_profile_urn=str(person.profile_urn),
        name=one.name,
        first_name=person.first_name,
        last_name=person.last_name,
        headline=person.headline,
        public_identifier=person.public_id,
        custom=dict(one.custom),
    )


def _bad_rows(rows: tuple[BadRow, ...]) -> list[BadTableRow]:
    return [BadTableRow(line=row.line, reason=row.error) for row in rows]
