"""The bodies about sends, and their conversion from the domain's values."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from confrere.api.shared_bodies import AccountId, Body, Cursor, LedgerOutcome, Moment, optional_time, send_fields
from confrere.domain.ids import RECORD_ID
from confrere.domain.limits import iso_z
from confrere.domain.send import History, Send

SendId = Annotated[str, Meta(pattern=f"^{RECORD_ID}$")]


class LedgerItem(Body, frozen=True, kw_only=True):
    """One send, without its text."""

    id: SendId
    request_id: str
    account_id: AccountId
    recipient_profile_urn: str
    group_id: Annotated[str | None, Meta(description="Null for a message without a group.")]
    outcome: LedgerOutcome
    reason: Annotated[str | None, Meta(description="Why the outcome is what it is, in one clause.")]
    message_urn: Annotated[str | None, Meta(description="LinkedIn's id of the message.")]
    conversation_urn: Annotated[str | None, Meta(description="LinkedIn's id of the conversation.")]
    created_at: Moment
    settled_at: Annotated[Moment | None, Meta(description="When the outcome was known; null while in flight.")]


class LedgerPage(Body, frozen=True, kw_only=True):
    """A page of the workspace's sends, newest first."""

    items: list[LedgerItem]
    next_cursor: Cursor


class Refusal(Body, frozen=True, kw_only=True):
    """LinkedIn's own answer, or the do-not-contact list's; null if it has no text."""

    status: int
    status_text: str
    code: str | None
    message: str | None


class SendHistory(Body, frozen=True, kw_only=True):
    """What happened to a send, step by step; null for what has not happened."""

    reserved_at: Annotated[Moment, Meta(description="When its unit was taken and its row written.")]
    ended_at: Annotated[
        Moment | None, Meta(description="When the attempt ended, or was found to have been interrupted.")
    ]
    first_absent_at: Annotated[
        Moment | None, Meta(description="When the conversation was first read without the message in it.")
    ]
    settled_at: Annotated[Moment | None, Meta(description="When the current outcome was known.")]
    looks: Annotated[int, Meta(description="How often the worker searched LinkedIn for it.")]
    next_look_at: Annotated[Moment | None, Meta(description="When the next search is due, while it is `unknown`.")]
    answer_delivered: Annotated[
        bool | None,
        Meta(
            description="Whether a certain answer was handed to a caller's connection; null where that is not known "
            "yet, or nobody keeps track of it because nothing was sent."
        ),
    ]
    holds_unit: Annotated[bool, Meta(description="Whether it spends a unit of the account's day.")]
    idempotency_key: str | None


class LedgerDetail(LedgerItem, frozen=True, kw_only=True):
    """One send with its history, and with its text where that was asked for."""

    refusal: Refusal | None
    history: SendHistory
    message: Annotated[str | UnsetType, Meta(description="The text; only with `include=text`.")] = UNSET


class PreflightCheck(Body, frozen=True, kw_only=True):
    """One check of a send."""

    name: str
    ok: Annotated[bool | None, Meta(description="Null if unknown.")]
    detail: str


class PreflightBody(Body, frozen=True, kw_only=True):
    """Whether a send would succeed."""

    would_send: Annotated[
        bool | None, Meta(description="False if any check is false, else null if any is null, else true.")
    ]
    checks: list[PreflightCheck]


def send_shape(send: Send) -> LedgerItem:
    """Convert a send, without its text."""
    return LedgerItem(**send_fields(send), account_id=send.account_id)


def send_detail(send: Send, history: History, text: str | None) -> LedgerDetail:
    """Convert a send with its history; `text` None where it was not asked for."""
    refusal = send.refusal
    return LedgerDetail(
        **msgspec.structs.asdict(send_shape(send)),
        refusal=None
        if refusal is None
        else Refusal(status=refusal.status, status_text=refusal.status_text, code=refusal.code, message=refusal.text),
        history=SendHistory(
            reserved_at=iso_z(send.created_at),
            ended_at=optional_time(send.ended_at),
            first_absent_at=optional_time(send.absent_at),
            settled_at=optional_time(send.settled_at),
            looks=history.looks,
            next_look_at=optional_time(history.look_at),
            answer_delivered=history.answer_delivered,
            holds_unit=history.holds_unit,
            idempotency_key=history.idempotency_key,
        ),
        message=UNSET if text is None else text,
    )
