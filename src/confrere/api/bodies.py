"""The shapes of the public contract: what is answered, keys in the order of the reference page.

Field names are the contract's, in camel case; `rename` keeps the code's own names in the house style.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from confrere.domain.account import AccountStatus
from confrere.domain.limits import Action, Window
from confrere.domain.outcome import OutcomeName


def _one_of(*values: str) -> Meta:
    return Meta(extra_json_schema={"enum": list(values)})


Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
AccountId = Annotated[str, Meta(pattern="^[0-9a-f]{24}$")]
Status = Annotated[str, _one_of(*AccountStatus)]
LedgerOutcome = Annotated[str, _one_of(*OutcomeName)]
FailedOutcome = Annotated[str, _one_of(OutcomeName.NOT_SENT, OutcomeName.UNKNOWN)]


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An answer's JSON object; its fields stand in the order in which they are written."""


class Sent(Body, frozen=True, kw_only=True):
    """200: LinkedIn accepted the message. The last two fields echo what the caller sent."""

    success: bool = True
    message: str = "Group context message sent successfully"
    recipient_profile_urn: str
    group_id: str | int


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
    """400, 404, 405, 409, 413, 422: what was wrong with the request."""

    success: bool = False
    error: str


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


class NoAccount(Body, frozen=True, kw_only=True):
    """404 of an account's status: there is no such account."""

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

    premium_type: str | None
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


class QuotaItem(Body, frozen=True, kw_only=True):
    """One action's quota. limit null: none is configured. linkedin_limit: what LinkedIn published, if anything."""

    feature: Annotated[str, _one_of(*Action)]
    window: Annotated[str, _one_of(*Window)]
    used: int
    limit: int | None
    linkedin_limit: int | None
    remaining: int | None
    limit_reached: bool
    limit_reached_at: Moment | None
    reset_at: Moment


class Quotas(Body, frozen=True, kw_only=True):
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


class Alive(Body, frozen=True, kw_only=True):
    """The process answers."""

    status: str = "ok"


class Readiness(Body, frozen=True, kw_only=True):
    """Whether the process can do its work, and what keeps it from it."""

    status: str
    checks: Annotated[dict[str, str], Meta(description="A check's name to `ok` or to what is the matter.")]


encode = msgspec.json.Encoder().encode
