"""LinkedIn's JSON to and from values of ours; LinkedIn's own words live only here.

Answers come in two forms. Plain: objects inline. Normalized: `{"data": …, "included": […]}`, with references under
starred names that `included` resolves by `entityUrn`. Both are read, because which one comes is LinkedIn's choice.
Nothing here raises for what LinkedIn wrote: what cannot be read is None, or Unreadable where people are to be told why.
"""

import os
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from confrere.domain.attempt import OutgoingMessage, Unreadable
from confrere.domain.session import Member

_ALPHANUMERICS = (string.ascii_letters + string.digits).encode()
_TO_ALPHANUMERIC = bytes(_ALPHANUMERICS[number % len(_ALPHANUMERICS)] for number in range(256))
UNREADABLE_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_MAX_TEXT_CHARACTERS = 1_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""No store, terminal or log takes these; PostgreSQL refuses a row with a NUL."""

PER_RECIPIENT_CODES = frozenset({"UNAUTHORIZED_VIEWER", "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY"})
"""Refusals that concern the recipient, not the account. Source: the reference page; public code, one source."""

_USER_VISIBLE = "VoyagerUserVisibleException"
CSRF_REFUSED = b"CSRF check failed."
"""The plain text of a 403 where header and cookie disagree. Source: LinkedIn's web client, attested."""


class _Json(msgspec.Struct, rename="camel"):
    """Unknown names are passed over, missing ones and null are None."""


# ---- sending ----------------------------------------------------------------------------------------------------


class _Body(_Json):
    attributes: tuple[()]
    text: str


class _NewMessage(_Json):
    body: _Body
    render_content_unions: tuple[()]
    origin_token: str


class _RequestContext(_Json):
    host_recipient_urn: str
    context_entity_urn: str


class _CreateMessage(_Json):
    message: _NewMessage
    mailbox_urn: str
    tracking_id: str
    dedupe_by_client_generated_token: bool
    host_recipient_urns: tuple[str]
    message_request_context_by_recipient: tuple[_RequestContext]


_encoder = msgspec.json.Encoder()


def new_tracking_id() -> str:
    """16 random letters and digits; anything that is not 16 characters long is answered 400. Source: attested."""
    return os.urandom(16).translate(_TO_ALPHANUMERIC).decode("ascii")


def encode_message(message: OutgoingMessage, tracking_id: str) -> bytes:
    """The body of `createMessage`: a new conversation with one recipient, the group as its context.

    LinkedIn does not drop a repeat: `dedupeByClientGeneratedToken` is false, as its web client has it.
    Source: LinkedIn's web client, attested; a group's URN as the context: assumed, by analogy with a company's.
    """
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
            message_request_context_by_recipient=(_RequestContext(message.recipient_urn, message.group_urn),),
        )
    )


# ---- messages and conversations ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message as LinkedIn shows it, without its text. `delivered_ms`: epoch milliseconds."""

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
    """A thread, and the messages of it that its listing shows: the last one."""

    urn: str
    messages: tuple[SeenMessage, ...]


class _Reference(_Json):
    entity_urn: str | None = None
    host_identity_urn: str | None = None


class _Message(_Json):
    entity_urn: str | None = None
    conversation_urn: str | None = None
    conversation: _Reference | None = None
    conversation_reference: str | None = msgspec.field(name="*conversation", default=None)
    sender_urn: str | None = None
    sender: _Reference | None = None
    sender_reference: str | None = msgspec.field(name="*sender", default=None)
    origin_token: str | None = None
    delivered_at: int | None = None

    def seen(self) -> SeenMessage:
        sender = self.sender and (self.sender.host_identity_urn or self.sender.entity_urn)
        conversation = self.conversation and self.conversation.entity_urn
        return SeenMessage(
            message_urn=_clean_urn(self.entity_urn),
            conversation_urn=_clean_urn(self.conversation_urn or conversation or self.conversation_reference),
            origin_token=self.origin_token,
            sender=sender or self.sender_urn or self.sender_reference,
            delivered_ms=self.delivered_at,
        )


class _Messages(_Json):
    elements: list[_Message | None] | None = None


class _Conversation(_Json):
    entity_urn: str | None = None
    messages: _Messages | None = None


class _Created(_Json):
    value: _Message | None = None
    value_reference: str | None = msgspec.field(name="*value", default=None)


class _CreateAnswer(_Created):
    data: _Created | None = None
    included: list[msgspec.Raw] | None = None


_create_answer = msgspec.json.Decoder(_CreateAnswer)


def decode_created(body: bytes) -> SeenMessage | None:
    """The message that LinkedIn says it has made; None where that cannot be read, or names no message."""
    try:
        answer = _create_answer.decode(body)
        message = answer.value or (answer.data and answer.data.value)
        if message is None and (urn := answer.value_reference or (answer.data and answer.data.value_reference)):
            message = msgspec.json.decode(_resolve([urn], answer.included or ())[0], type=_Message)
    except (*UNREADABLE_JSON, KeyError):
        return None
    return message.seen() if message and (message.entity_urn or message.origin_token) else None


_T = TypeVar("_T")


def _resolve(urns: Iterable[str], included: Iterable[msgspec.Raw]) -> list[msgspec.Raw]:
    by_urn = {msgspec.json.decode(raw, type=_Reference).entity_urn: raw for raw in included}
    return [by_urn[urn] for urn in urns]


def decode_conversations(body: bytes, field: str) -> tuple[SeenConversation, ...] | Unreadable:
    """The conversations in a query's answer. An empty answer is one only where LinkedIn wrote an empty list."""
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
    """The messages in a query's answer."""
    elements = _decode_elements(body, field, _Message)
    return elements if isinstance(elements, Unreadable) else tuple(element.seen() for element in elements)


NOT_UNDERSTOOD = Unreadable("LinkedIn's answer could not be understood")
QUERY_FAILED = Unreadable("LinkedIn answered the query with an error")


def _decode_elements(body: bytes, field: str, kind: type[_T]) -> list[_T] | Unreadable:
    """The whole list under `data.<field>`, or `data.data.<field>`; GraphQL puts its errors beside it, with a 200."""
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
            elements = _resolve(msgspec.json.decode(references, type=list[str]), included or ())
        else:
            elements = msgspec.json.decode(collection["elements"], type=list[msgspec.Raw])
        return [msgspec.json.decode(element, type=kind) for element in elements]
    except (*UNREADABLE_JSON, KeyError):
        return NOT_UNDERSTOOD


def _is_filled(errors: msgspec.Raw | None) -> bool:
    return errors is not None and bytes(errors).translate(None, b" \t\r\n") not in (b"null", b"[]")


# ---- errors -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SaidNo:
    """LinkedIn's own words on a refusal. `about_recipient`: it is known to concern the recipient, not the account."""

    code: str | None
    text: str | None
    about_recipient: bool


class _ErrorBody(_Json):
    code: Any = None
    message: Any = None
    exception_class: Any = None
    data: Any = None


def decode_error(body: bytes) -> SaidNo:
    """What an error says, flat or under `data`; nothing where it cannot be read."""
    try:
        error = msgspec.json.decode(body, type=_ErrorBody)
        if isinstance(error.data, Mapping):
            error = msgspec.convert(error.data, _ErrorBody)
    except UNREADABLE_JSON:
        return SaidNo(None, None, about_recipient=False)
    code, text = _short_text(error.code), _short_text(error.message)
    visible = (_short_text(error.exception_class) or "").endswith(_USER_VISIBLE)
    return SaidNo(code, text, about_recipient=visible or code in PER_RECIPIENT_CODES)


def _short_text(value: object) -> str | None:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    return clean_text(str(value)[:_MAX_TEXT_CHARACTERS])


def clean_text(text: str) -> str:
    """LinkedIn's text without control characters."""
    return _CONTROL.sub("", text)


def _clean_urn(urn: str | None) -> str | None:
    """The URN; None for one that the ledger could not keep."""
    return None if urn is None or len(urn) > _MAX_TEXT_CHARACTERS or _CONTROL.search(urn) else urn


# ---- who the session belongs to ---------------------------------------------------------------------------------


class _Artifact(_Json):
    width: int | None = None
    file_identifying_url_path_segment: str | None = None


class _VectorImage(_Json):
    root_url: str | None = None
    artifacts: list[_Artifact] | None = None


class _Picture(_VectorImage):
    plain: _VectorImage | None = msgspec.field(name="com.linkedin.common.VectorImage", default=None)


class _MiniProfile(_Json):
    type_: str | None = msgspec.field(name="$type", default=None)
    entity_urn: str | None = None
    dash_entity_urn: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    public_identifier: str | None = None
    picture: _Picture | None = None


class _Me(_Json):
    premium_subscriber: bool | None = None
    mini_profile: _MiniProfile | None = None
    mini_profile_reference: str | None = msgspec.field(name="*miniProfile", default=None)
    data: "_Me | None" = None
    included: list[msgspec.Raw] | None = None


def decode_member(body: bytes) -> Member | Unreadable:
    """The member in the answer of `/me`, plain or normalized.

    Source: public code of several clients, attested; `*miniProfile`: assumed; the picture: public code, one source.
    """
    try:
        top = msgspec.json.decode(body, type=_Me)
        me = top.data or top
        profile = me.mini_profile or _included_profile(me.mini_profile_reference, top.included or ())
    except UNREADABLE_JSON:
        return NOT_UNDERSTOOD
    urn = profile and _clean_urn(profile.dash_entity_urn or profile.entity_urn)
    if not profile or not urn or not urn.rpartition(":")[2]:
        return NOT_UNDERSTOOD
    return Member(
        profile_urn=f"urn:li:fsd_profile:{urn.rpartition(':')[2]}",
        first_name=clean_text(profile.first_name or ""),
        last_name=clean_text(profile.last_name or ""),
        public_id=clean_text(profile.public_identifier or ""),
        picture=_picture_url(profile.picture),
        premium=me.premium_subscriber,
    )


def _included_profile(urn: str | None, included: Iterable[msgspec.Raw]) -> _MiniProfile | None:
    profiles = [msgspec.json.decode(raw, type=_MiniProfile) for raw in included if b"MiniProfile" in bytes(raw)]
    named = [profile for profile in profiles if profile.entity_urn == urn]
    return next(iter(named or profiles), None)


def _picture_url(picture: _Picture | None) -> str | None:
    image = picture and (picture.plain or picture)
    if not image or not image.root_url or not image.artifacts:
        return None
    largest = max(image.artifacts, key=lambda artifact: artifact.width or 0)
    return image.root_url + (largest.file_identifying_url_path_segment or "")
