"""The bodies of the compatible API's answers, keys in the order of the reference page."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from confrere.api.shared_bodies import AccountId, Body, LedgerOutcome, Moment, QuotaItem, Status, one_of
from confrere.domain.group import Relationship
from confrere.domain.outcome import OutcomeName

FailedOutcome = Annotated[str, one_of(OutcomeName.NOT_SENT, OutcomeName.UNKNOWN)]


class Sent(Body, frozen=True, kw_only=True):
    """200: LinkedIn accepted the message. The last two fields echo what the caller sent."""

    success: bool = True
    message: str = "Group context message sent successfully"
    recipient_profile_urn: str
    group_id: str | int


class SentAfterTyping(Sent, frozen=True, kw_only=True):
    """200, and whether the other side was shown before that the account is typing."""

    typing_indicator_sent: Annotated[
        bool, Meta(description="False where there is no conversation yet, or LinkedIn did not take it in time.")
    ]


class SentAfterAcknowledging(Sent, frozen=True, kw_only=True):
    """200, and whether the messages were acknowledged before."""

    acknowledgment_sent: Annotated[
        bool, Meta(description="False where no messages were named, or LinkedIn did not take it in time.")
    ]


class RefusalData(Body, frozen=True, kw_only=True):
    """LinkedIn's own words for its refusal; null where it gave none."""

    code: str | None
    message: str | None


class ErrorDetails(Body, frozen=True, kw_only=True):
    """LinkedIn's own answer."""

    status: int
    status_text: str
    data: RefusalData


class SendRefused(Body, frozen=True, kw_only=True):
    """403: LinkedIn, or the workspace's do-not-contact list, said no to this message."""

    success: bool = False
    message: str
    recipient_profile_urn: str
    group_id: str | int
    error_details: ErrorDetails


class Failure(Body, frozen=True, kw_only=True):
    """400, 404, 405, 409, 413, 415, 422: what was wrong with the request."""

    success: bool = False
    error: str
    missing: Annotated[
        list[str] | UnsetType,
        Meta(description="The required fields that are absent, null or blank, where not all of them are."),
    ] = UNSET


class Unauthorized(Body, frozen=True, kw_only=True):
    """401."""

    error: str = "Unauthorized - Invalid credentials"


class Limited(Body, frozen=True, kw_only=True):
    """429 of a limit of ours, and 500 without an attempt."""

    error: str
    success: bool = False


class Held(Body, frozen=True, kw_only=True):
    """429 because LinkedIn throttles the account; `hold_until` in ISO 8601."""

    error: str
    success: bool = False
    hold_until: Annotated[Moment, Meta(description="Until then no call of this account reaches LinkedIn.")]


class SendFailed(Body, frozen=True, kw_only=True):
    """500 of a send. outcome: `not_sent` (certain) or `unknown` (LinkedIn may have it)."""

    error: str
    success: bool = False
    outcome: Annotated[FailedOutcome, Meta(description="`not_sent` is certain; `unknown`: LinkedIn may have it.")]


class Unknown(Body, frozen=True, kw_only=True):
    """404: there is no such account, or LinkedIn knows no such person."""

    error: str


class AccountItem(Body, frozen=True, kw_only=True):
    """One account of `GET /accounts`."""

    id: AccountId
    first_name: str
    last_name: str
    public_id: str
    picture: str | None
    status: Status
    enabled: bool
    api_seat_allocated: Annotated[bool, Meta(description="Whether it is enabled and has a session.")]


class LinkedInPlan(Body, frozen=True, kw_only=True):
    """What LinkedIn told of the account's plan."""

    premium_type: Annotated[str | UnsetType, Meta(description="Left out where LinkedIn does not say.")] = UNSET
    is_premium: bool


class AccountStatusBody(Body, frozen=True, kw_only=True):
    """One account's status."""

    id: AccountId
    first_name: str
    last_name: str
    public_id: str
    platform: str = "linkedin"
    status: Status
    enabled: bool
    last_used: Moment | None
    has_tokens: Annotated[bool, Meta(description="Whether a session is stored.")]
    linkedin_plan: LinkedInPlan | None


class QuotaList(Body, frozen=True, kw_only=True):
    """Every quota of an account."""

    account_id: AccountId
    quotas: list[QuotaItem]


class SendItem(Body, frozen=True, kw_only=True):
    """One row of the ledger."""

    id: str
    request_id: str
    recipient_profile_urn: str
    group_id: str
    outcome: LedgerOutcome
    reason: Annotated[str | None, Meta(description="Why the outcome is what it is, in one clause.")]
    message_urn: Annotated[str | None, Meta(description="LinkedIn's own name for the message.")]
    conversation_urn: Annotated[str | None, Meta(description="LinkedIn's own name for the conversation.")]
    created_at: Moment
    settled_at: Annotated[Moment | None, Meta(description="When the outcome was known; null while in flight.")]


class SendList(Body, frozen=True, kw_only=True):
    """A page of the ledger, newest first; next_cursor null on the last one."""

    success: bool = True
    account_id: AccountId
    sends: list[SendItem]
    next_cursor: Annotated[str | None, Meta(description="The `cursor` of the next page.")]


class SendDetail(SendItem, frozen=True, kw_only=True):
    """One row of the ledger with the message's text."""

    message: str


class OneSend(Body, frozen=True, kw_only=True):
    """One send with its text."""

    success: bool = True
    account_id: AccountId
    send: SendDetail


class ReadRefused(Body, frozen=True, kw_only=True):
    """403 of a read: LinkedIn refused it to this account."""

    success: bool = False
    error: str
    error_details: ErrorDetails


class MemberItem(Body, frozen=True, kw_only=True):
    """One member of a group; what LinkedIn does not tell is null, false or empty, or left out where it is marked so."""

    profile_id: Annotated[str | None, Meta(description="What `recipientProfileId` of a send takes.")]
    profile_urn: Annotated[str | None, Meta(description="What `recipientProfileUrn` of a send takes.")]
    entity_urn: Annotated[str | None, Meta(description="LinkedIn's own name for the membership.")]
    public_identifier: str | None
    first_name: str | None
    last_name: str | None
    full_name: str | None
    headline: str | None
    profile_picture: Annotated[str | UnsetType, Meta(description="Left out where there is none.")] = UNSET
    profile_url: str | None
    follower_count: Annotated[int | UnsetType, Meta(description="Left out where LinkedIn does not say.")] = UNSET
    membership_status: str | None
    relationship_status: Annotated[
        Relationship | None, Meta(description="How the member stands to the account that reads.")
    ]
    is_premium: bool
    is_verified: bool
    badges: Annotated[list[str], Meta(description="`premium`, `verified`, `creator`, as far as they apply.")]
    creator: bool


class Pagination(Body, frozen=True, kw_only=True):
    """Places of LinkedIn's list, not people: some places hold nobody who can be shown."""

    start: int
    count: Annotated[int, Meta(description="How many places this page covers; the next one begins at start + count.")]
    total: Annotated[int | None, Meta(description="How many places the list has; null where LinkedIn does not say.")]


class GroupMembers(Body, frozen=True, kw_only=True):
    """A page of a group's members. group_id echoes what the caller sent, count is how many members there are here."""

    success: bool = True
    account_id: AccountId
    group_id: str | int
    members: list[MemberItem]
    pagination: Pagination
    has_more: bool
    count: int


class GroupMembersByUrl(GroupMembers, frozen=True, kw_only=True):
    """The same, and the URL that the caller sent."""

    group_url: str


class OlderMemberItem(Body, frozen=True, kw_only=True):
    """One member in the older shape."""

    profile_id: str | None
    name: str | None
    headline: str | None
    profile_url: str | None
    profile_picture: Annotated[str | UnsetType, Meta(description="Left out where there is none.")] = UNSET
    membership_status: str | None


class OlderPagination(Body, frozen=True, kw_only=True):
    """Places of LinkedIn's list that this page covers, and how many members there are here."""

    start: int
    count: int
    returned: int


class MemberFilters(Body, frozen=True, kw_only=True):
    """Which members were asked for."""

    membership_statuses: list[str]
    typeahead_query: str


class OlderGroupMembers(Body, frozen=True, kw_only=True):
    """A page of a group's members in the older shape."""

    success: bool = True
    group_id: str
    account_id: AccountId
    members: list[OlderMemberItem]
    pagination: OlderPagination
    filters: MemberFilters
    message: str


class GroupItem(Body, frozen=True, kw_only=True):
    """One group that the account is in."""

    group_id: Annotated[str | None, Meta(description="What `groupId` of a send takes.")]
    group_urn: str
    name: str | None
    member_count: int | None
    membership_status: str | None
    group_url: str | None
    logo: str | None


class GroupList(Body, frozen=True, kw_only=True):
    """A page of the account's groups."""

    success: bool = True
    account_id: AccountId
    groups: list[GroupItem]
    pagination: Pagination
    has_more: bool


class ConversationExists(Body, frozen=True, kw_only=True):
    """Whether there is a conversation with this person in the account's mailbox."""

    success: bool = True
    has_conversation: bool
    conversation_urn: Annotated[str | None, Meta(description="LinkedIn's own name for it; null where there is none.")]
    profile_urn: Annotated[str, Meta(description="The person, as `recipientProfileUrn` of a send takes them.")]
    account_id: AccountId


class Alive(Body, frozen=True, kw_only=True):
    """The process answers."""

    status: str = "ok"


class Readiness(Body, frozen=True, kw_only=True):
    """Whether the process can do its work, and what keeps it from it."""

    status: str
    checks: Annotated[dict[str, str], Meta(description="A check's name to `ok` or to what is the matter.")]
