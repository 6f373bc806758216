"""The endpoints that export and erase everything about one person."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from confrere.api.request import ApiRequest
from confrere.api.shared_bodies import AccountId, Body, LedgerOutcome, Moment, RecordId, one_of
from confrere.api.v1.do_not_contact import recipient_of
from confrere.domain.audit import current_actor
from confrere.domain.campaigns.campaign import PersonStatus
from confrere.domain.erasure import ErasureResult
from confrere.domain.keys import Caller
from confrere.domain.limits import iso_z
from confrere.http.answer import Answer
from confrere.services import Services


class ErasedCounts(Body, frozen=True, kw_only=True):
    """How many of each kind are gone."""

    sends: Annotated[int, Meta(description="Rows of the ledger that no longer name the person.")]
    texts: Annotated[int, Meta(description="Texts of messages.")]
    names: Annotated[int, Meta(description="Names in lists, campaigns and replies.")]
    replies: int
    campaign_people: int
    audience_people: int
    known_members: Annotated[int, Meta(description="Rows of members of groups.")]
    addresses: Annotated[int, Meta(description="Addresses of profiles that were resolved.")]
    webhook_events: Annotated[int, Meta(description="Events for webhooks, with what was sent of them.")]


class PersonErased(Body, frozen=True, kw_only=True):
    """What an erasure has done."""

    erased: ErasedCounts
    erased_at: Annotated[Moment, Meta(description="When the person was erased for the first time.")]
    pending: Annotated[
        int, Meta(description="Messages on their way or `unknown`; the worker erases them once they are settled.")
    ]
    do_not_contact: Annotated[bool, Meta(description="Nobody writes to them, and no import brings them back.")]


class ExportedSend(Body, frozen=True, kw_only=True):
    """A send to the person."""

    id: RecordId
    request_id: str
    account_id: AccountId
    group_id: Annotated[str | None, Meta(description="Null for a plain message.")]
    outcome: LedgerOutcome
    reason: str | None
    message_urn: str | None
    conversation_urn: str | None
    created_at: Moment
    settled_at: Moment | None
    text: str


class ExportedCampaign(Body, frozen=True, kw_only=True):
    """The person in a campaign."""

    campaign_id: RecordId
    name: str
    status: Annotated[str, one_of(*PersonStatus)]
    reason: str | None
    changed_at: Moment
    text: Annotated[str | None, Meta(description="A text of their own; null where it is the campaign's.")]


class ExportedReply(Body, frozen=True, kw_only=True):
    """A reply of the person."""

    id: RecordId
    account_id: AccountId
    name: str | None
    conversation_urn: str
    message_urn: str
    send_id: RecordId
    received_at: Moment
    kinds: str
    may_want_out: bool
    opted_out: bool
    text: str | None


class ExportedNames(Body, frozen=True, kw_only=True):
    """What LinkedIn, or a table, said of the person."""

    public_id: str | None
    first_name: str | None
    last_name: str | None
    headline: str | None


class ExportedAudience(ExportedNames, frozen=True, kw_only=True):
    """The person in an audience."""

    audience_id: RecordId
    custom: Annotated[dict[str, str] | None, Meta(description="Values of further columns of a table.")]


class ExportedMember(ExportedNames, frozen=True, kw_only=True):
    """The person as a member of a group."""

    group_id: str
    read_at: Moment


class ExportedAddress(ExportedNames, frozen=True, kw_only=True):
    """The person by the address of their profile."""

    vanity_name: str
    resolved_at: Moment


class ExportedEvent(Body, frozen=True, kw_only=True):
    """An event about the person, which webhooks were sent."""

    event: str
    occurred_at: Moment


class ExportedListing(Body, frozen=True, kw_only=True):
    """The person on the do-not-contact list."""

    reason: str | None
    source: str
    added_at: Moment


class PersonExport(Body, frozen=True, kw_only=True):
    """Everything that the workspace has about one person."""

    recipient_profile_urn: str
    exported_at: Moment
    erased_at: Annotated[Moment | None, Meta(description="Null where nobody erased them.")]
    sends: list[ExportedSend]
    campaign_people: list[ExportedCampaign]
    replies: list[ExportedReply]
    audience_people: list[ExportedAudience]
    group_members: list[ExportedMember]
    resolved_people: list[ExportedAddress]
    webhook_events: list[ExportedEvent]
    do_not_contact: list[ExportedListing]


async def erase_person(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /people/{recipient}/erase`: erase everything about one person."""
    done = await services.personal_data.erase(caller.workspace_id, recipient_of(request), current_actor())
    return Answer(200, erased_body(done))


async def export_person(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /people/{recipient}/export`: return everything about one person."""
    recipient = recipient_of(request)
    found = await services.personal_data.read_everything(caller.workspace_id, recipient, current_actor())
    erasure = await services.personal_data.read_erasure(caller.workspace_id, recipient)
    body = export_body(recipient, dict(found), iso_z(services.clock()), iso_z(erasure.erased_at) if erasure else None)
    return Answer(200, body)


def erased_body(done: ErasureResult) -> PersonErased:
    """Convert the result of an erasure."""
    return PersonErased(
        erased=msgspec.convert(dict.fromkeys(_KINDS, 0) | dict(done.erased), ErasedCounts),
        erased_at=iso_z(done.erasure.erased_at),
        pending=done.pending,
        do_not_contact=True,
    )


def export_body(recipient: str, found: dict[str, Any], exported_at: str, erased_at: str | None) -> PersonExport:
    """Convert the rows about a person. found: by table."""
    rows = {camel: found[table] for table, camel in _TABLES.items()}
    head = {"recipientProfileUrn": str(recipient), "exportedAt": exported_at, "erasedAt": erased_at}
    return msgspec.convert(head | rows, PersonExport)


_KINDS = tuple(field.encode_name for field in msgspec.structs.fields(ErasedCounts))

_TABLES = {
    "sends": "sends",
    "campaign_people": "campaignPeople",
    "replies": "replies",
    "audience_people": "audiencePeople",
    "group_members": "groupMembers",
    "resolved_people": "resolvedPeople",
    "webhook_events": "webhookEvents",
    "do_not_contact": "doNotContact",
}
