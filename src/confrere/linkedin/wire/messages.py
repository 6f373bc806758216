"""LinkedIn's JSON for messages and conversations: encoding of requests, decoding of answers."""

import os
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from confrere.domain.attempt import OutgoingMessage, OutgoingReply, Unreadable
from confrere.linkedin.wire.decoding import (
    NOT_UNDERSTOOD,
    QUERY_FAILED,
    UNREADABLE_JSON,
    CamelStruct,
    Reference,
    clean_urn,
    resolve,
)

_ALPHANUMERICS = (string.ascii_letters + string.digits).encode()
_TO_ALPHANUMERIC = bytes(_ALPHANUMERICS[number % len(_ALPHANUMERICS)] for number in range(256))
_encoder = msgspec.json.Encoder()


class _Body(CamelStruct):
    attributes: tuple[()]
    text: str


class _NewMessage(CamelStruct):
    body: _Body
    render_content_unions: tuple[()]
    origin_token: str
    conversation_urn: str | UnsetType = UNSET


class _RequestContext(CamelStruct):
    host_recipient_urn: str
    context_entity_urn: str


class _CreateMessage(CamelStruct):
    message: _NewMessage
    mailbox_urn: str
    tracking_id: str
    dedupe_by_client_generated_token: bool
    host_recipient_urns: tuple[str] | UnsetType = UNSET
    message_request_context_by_recipient: tuple[_RequestContext] | UnsetType = UNSET


def new_tracking_id() -> str:
    """Return 16 random letters and digits; LinkedIn answers 400 to any other length. Source: attested."""
    return os.urandom(16).translate(_TO_ALPHANUMERIC).decode("ascii")


def encode_message(message: OutgoingMessage, tracking_id: str) -> bytes:
    """Encode the body of `createMessage`: to one recipient, the group as its context; without a group there is none.

    LinkedIn does not deduplicate: `dedupeByClientGeneratedToken` is false, as in its web client.
    Source: LinkedIn's web client, attested; a group's URN as the context: assumed, by analogy with a company's.
    """
    context = None if message.group_urn is None else _RequestContext(message.recipient_urn, message.group_urn)
    return _encoder.encode(
        _CreateMessage(
            message=_NewMessage(
                body=_Body(attributes=(), text=message.text),
                render_content_unions=(),
                origin_token=message.origin_token,
            ),
            mailbox_urn=message.sender_urn,
            tracking_id=tracking_id,
            dedupe_by_client_generated_token=False,
            host_recipient_urns=(message.recipient_urn,),
            message_request_context_by_recipient=UNSET if context is None else (context,),
        )
    )


def encode_reply(reply: OutgoingReply, tracking_id: str) -> bytes:
    """Encode the body of `createMessage` for an existing conversation: no recipients and no context.

    Source: LinkedIn's web client, attested.
    """
    return _encoder.encode(
        _CreateMessage(
            message=_NewMessage(
                body=_Body(attributes=(), text=reply.text),
                render_content_unions=(),
                origin_token=reply.origin_token,
                conversation_urn=reply.conversation_urn,
            ),
            mailbox_urn=reply.sender_urn,
            tracking_id=tracking_id,
            dedupe_by_client_generated_token=False,
        )
    )


# ---- signals in a conversation ------------------------------------------------------------------------------------


def encode_typing(conversation_urn: str) -> bytes:
    """Encode the body of `action=typing`. Source: LinkedIn's web client, attested."""
    return msgspec.json.encode({"conversationUrn": conversation_urn})


def encode_acknowledgement(message_urns: tuple[str, ...], now_ms: int) -> bytes:
    """Encode the body of `action=sendDeliveryAcknowledgement`. Source: public code, one source."""
    return msgspec.json.encode(
        {
            "messageUrns": message_urns,
            "clientId": "voyager-web",
            "deliveryMechanism": "SYNC",
            "clientConsumedAt": now_ms,
        }
    )


# ---- messages and conversations ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message in a conversation, without its text. `delivered_ms`: epoch milliseconds."""

    message_urn: str | None
    conversation_urn: str | None
    origin_token: str | None
    sender: str | None
    delivered_ms: int | None

    def is_from(self, profile_urn: str) -> bool:
        """Whether this person wrote it; `sender` may be the person's URN or end with it."""
        return self.sender is not None and self.sender.endswith(profile_urn)


@dataclass(frozen=True, slots=True)
class SeenConversation:
    """A thread, with the messages that its listing holds: the last one."""

    urn: str
    messages: tuple[SeenMessage, ...]


class _Message(CamelStruct):
    entity_urn: str | None = None
    conversation_urn: str | None = None
    conversation: Reference | None = None
    conversation_reference: str | None = msgspec.field(name="*conversation", default=None)
    sender_urn: str | None = None
    sender: Reference | None = None
    sender_reference: str | None = msgspec.field(name="*sender", default=None)
    origin_token: str | None = None
    delivered_at: int | None = None

    def seen(self) -> SeenMessage:
        sender = self.sender and (self.sender.host_identity_urn or self.sender.entity_urn)
        conversation = self.conversation and self.conversation.entity_urn
        return SeenMessage(
            message_urn=clean_urn(self.entity_urn),
            conversation_urn=clean_urn(self.conversation_urn or conversation or self.conversation_reference),
            origin_token=self.origin_token,
            sender=sender or self.sender_urn or self.sender_reference,
            delivered_ms=self.delivered_at,
        )


class _Messages(CamelStruct):
    elements: list[_Message | None] | None = None


class _Conversation(CamelStruct):
    entity_urn: str | None = None
    messages: _Messages | None = None


class _Created(CamelStruct):
    value: _Message | None = None
    value_reference: str | None = msgspec.field(name="*value", default=None)


class _CreateAnswer(_Created):
    data: _Created | None = None
    included: list[msgspec.Raw] | None = None


_create_answer = msgspec.json.Decoder(_CreateAnswer)


def decode_created(body: bytes) -> SeenMessage | None:
    """Decode the message that LinkedIn created; None where the answer cannot be read, or names none."""
    try:
        answer = _create_answer.decode(body)
        message = answer.value or (answer.data and answer.data.value)
        if message is None and (urn := answer.value_reference or (answer.data and answer.data.value_reference)):
            message = msgspec.json.decode(resolve([urn], answer.included or ())[0], type=_Message)
    except (*UNREADABLE_JSON, KeyError):
        return None
    return message.seen() if message and (message.entity_urn or message.origin_token) else None


_T = TypeVar("_T")


def decode_conversations(body: bytes, field: str) -> tuple[SeenConversation, ...] | Unreadable:
    """Decode the conversations in a query's answer: none only where LinkedIn sent an empty list."""
    elements = _decode_elements(body, field, _Conversation)
    if isinstance(elements, Unreadable):
        return elements
    seen = tuple(
        SeenConversation(element.entity_urn, tuple(_messages_of(element)))
        for element in elements
        if element.entity_urn is not None
    )
    return seen if len(seen) == len(elements) else NOT_UNDERSTOOD


def _messages_of(conversation: _Conversation) -> Iterator[SeenMessage]:
    for message in (conversation.messages and conversation.messages.elements) or ():
        if message is not None:
            yield message.seen()


def decode_messages(body: bytes, field: str) -> tuple[SeenMessage, ...] | Unreadable:
    """Decode the messages in a query's answer."""
    elements = _decode_elements(body, field, _Message)
    return elements if isinstance(elements, Unreadable) else tuple(element.seen() for element in elements)


def _decode_elements(body: bytes, field: str, kind: type[_T]) -> list[_T] | Unreadable:
    """Decode the list under `data.<field>` or `data.data.<field>`. GraphQL sends its errors beside it, with a 200."""
    try:
        top = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        included = msgspec.json.decode(top.get("included", b"null"), type=list[msgspec.Raw] | None)
        layer = top
        while field not in layer:
            if _is_filled(layer.get("errors")):
                return QUERY_FAILED
            layer = msgspec.json.decode(layer["data"], type=dict[str, msgspec.Raw])
        if _is_filled(layer.get("errors")) or _is_filled(top.get("errors")):
            return QUERY_FAILED
        collection = msgspec.json.decode(layer[field], type=dict[str, msgspec.Raw])
        if (references := collection.get("*elements")) is not None:
            elements = resolve(msgspec.json.decode(references, type=list[str]), included or ())
        else:
            elements = msgspec.json.decode(collection["elements"], type=list[msgspec.Raw])
        return [msgspec.json.decode(element, type=kind) for element in elements]
    except (*UNREADABLE_JSON, KeyError):
        return NOT_UNDERSTOOD


def _is_filled(errors: msgspec.Raw | None) -> bool:
    return errors is not None and bytes(errors).translate(None, b" \t\r\n") not in (b"null", b"[]")
