"""The bodies of the compatible API's answers but those about groups, keys in the order of the reference page."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from confrere.api.shared_bodies import AccountBody, AccountId, Body, LedgerOutcome, Moment, QuotaItem, Status, one_of
from confrere.domain.outcome import OutcomeName

FailedOutcome = Annotated[str, one_of(OutcomeName.NOT_SENT, OutcomeName.UNKNOWN)]


class Sent(Body, frozen=True, kw_only=True):
    """200: LinkedIn accepted the message. The last two fields echo what the caller sent."""

    success: bool = True
    message: str = "Group context message sent successfully"
    recipient_profile_urn: str
    group_id: str | int


class SentAfterTyping(Sent, frozen=True, kw_only=True):
    """200, and whether the recipient was shown a typing indicator before."""

    typing_indicator_sent: Annotated[
        bool, Meta(description="False if there is no conversation yet, or LinkedIn did not accept it in time.")
    ]


class SentAfterAcknowledging(Sent, frozen=True, kw_only=True):
    """200, and whether the messages were acknowledged before."""

    acknowledgment_sent: Annotated[
        bool, Meta(description="False if no messages were named, or LinkedIn did not accept it in time.")
    ]


class RefusalData(Body, frozen=True, kw_only=True):
    """LinkedIn's own text of its refusal; null if there is none."""

    code: str | None
    message: str | None


class ErrorDetails(Body, frozen=True, kw_only=True):
    """LinkedIn's own answer."""

    status: int
    status_text: str
    data: RefusalData


class SendRefused(Body, frozen=True, kw_only=True):
    """403: LinkedIn, or the workspace's do-not-contact list, refused this message."""

    success: bool = False
    message: str
    recipient_profile_urn: str
    group_id: str | int
    error_details: ErrorDetails


class PlainSendRefused(Body, frozen=True, kw_only=True):
    """403 of a plain message: LinkedIn, or the workspace's do-not-contact list, refused it."""

    success: bool = False
    message: str
    recipient_profile_urn: str
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


class AccountItem(AccountBody, frozen=True, kw_only=True):
    """One account of `GET /accounts`."""

    picture: str | None
    status: Status
    enabled: bool
    api_seat_allocated: Annotated[bool, Meta(description="Whether it is enabled and has a session.")]


class LinkedInPlan(Body, frozen=True, kw_only=True):
    """The account's plan, as LinkedIn reports it."""

    premium_type: Annotated[str | UnsetType, Meta(description="Absent if LinkedIn does not report it.")] = UNSET
    is_premium: bool


class AccountStatusBody(AccountBody, frozen=True, kw_only=True):
    """One account's status."""

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
    group_id: Annotated[str | None, Meta(description="Null for a message without a group.")]
    outcome: LedgerOutcome
    reason: Annotated[str | None, Meta(description="Why the outcome is what it is, in one clause.")]
    message_urn: Annotated[str | None, Meta(description="LinkedIn's id of the message.")]
    conversation_urn: Annotated[str | None, Meta(description="LinkedIn's id of the conversation.")]
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
