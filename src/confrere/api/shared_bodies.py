"""The parts of bodies that both APIs use.

Field names on the wire are camel case; `rename` converts them, so that the code keeps its own spelling.
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from confrere.domain.account import Account, AccountStatus
from confrere.domain.ids import KEY_ID, RECORD_ID
from confrere.domain.limits import (
    GROUP_FIRST_CONTACTS_PUBLISHED,
    WINDOW_OF,
    Action,
    Quota,
    Window,
    iso_z,
    optional_iso_z,
)
from confrere.domain.outcome import Accepted, OutcomeName
from confrere.domain.send import Send


def one_of(*values: str) -> Meta:
    """Return the schema of a text from a fixed set."""
    return Meta(extra_json_schema={"enum": list(values)})


Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
AccountId = Annotated[str, Meta(pattern=f"^{KEY_ID}$")]
RecordId = Annotated[str, Meta(pattern=f"^{RECORD_ID}$")]
Status = Annotated[str, one_of(*AccountStatus)]
LedgerOutcome = Annotated[str, one_of(*OutcomeName)]
Cursor = Annotated[str | None, Meta(description="The `cursor` of the next page; null on the last one.")]


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An answer's JSON object; its fields stand in the order in which they are written."""


class SentMessage(Body, frozen=True, kw_only=True):
    """The message as LinkedIn names it."""

    message_urn: Annotated[str | None, Meta(description="LinkedIn's id of the message; null if it gave none.")]
    conversation_urn: Annotated[
        str | None, Meta(description="LinkedIn's id of the conversation; null if it gave none.")
    ]


class PlainSent(Body, frozen=True, kw_only=True):
    """200: LinkedIn accepted the message."""

    success: bool = True
    message: str = "Message sent successfully"
    recipient_profile_urn: Annotated[str, Meta(description="Who has the message.")]
    sent_message: SentMessage


def plain_sent(recipient: str, accepted: Accepted) -> PlainSent:
    """Convert the outcome of a plain message."""
    sent = SentMessage(message_urn=accepted.message_urn, conversation_urn=accepted.conversation_urn)
    return PlainSent(recipient_profile_urn=recipient, sent_message=sent)


class QuotaItem(Body, frozen=True, kw_only=True):
    """One action's quota. limit null: none is configured. linkedin_limit: what LinkedIn published, if anything."""

    feature: Annotated[str, one_of(*Action)]
    window: Annotated[str, one_of(*Window)]
    used: int
    limit: int | None
    linkedin_limit: int | None
    remaining: int | None
    limit_reached: bool
    limit_reached_at: Moment | None
    reset_at: Moment


def quota_item(quota: Quota) -> QuotaItem:
    """Convert the state of one quota."""
    reached = quota.remaining == 0
    return QuotaItem(
        feature=quota.action,
        window=WINDOW_OF[quota.action],
        used=quota.used,
        limit=quota.limit,
        linkedin_limit=GROUP_FIRST_CONTACTS_PUBLISHED if quota.action is Action.GROUP_FIRST_CONTACT else None,
        remaining=quota.remaining,
        limit_reached=reached,
        limit_reached_at=iso_z(quota.reached_at) if reached and quota.reached_at else None,
        reset_at=iso_z(quota.resets_at),
    )


class AccountBody(Body, frozen=True, kw_only=True):
    """Who an account is."""

    id: AccountId
    first_name: str
    last_name: str
    public_id: str


def account_fields(account: Account) -> dict[str, Any]:
    """Return the fields of every account's body: those of `AccountBody`, `status` and `enabled`."""
    return {
        "id": account.id,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "public_id": account.public_id,
        "status": account.status,
        "enabled": account.enabled,
    }


def send_fields(send: Send) -> dict[str, Any]:
    """Return the fields of every send's body, without its account."""
    return {
        "id": send.id,
        "request_id": send.request_id,
        "recipient_profile_urn": send.recipient,
        "group_id": send.group_id,
        "outcome": send.outcome,
        "reason": send.reason,
        "message_urn": send.message_urn,
        "conversation_urn": send.conversation_urn,
        "created_at": iso_z(send.created_at),
        "settled_at": optional_time(send.settled_at),
    }


optional_time: Final = optional_iso_z
