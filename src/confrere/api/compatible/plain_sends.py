"""The endpoint that sends a plain message, into a conversation."""

from contextlib import suppress
from typing import Any

from confrere.api.compatible.errors import PLAIN_SEND_ERROR, PlainEcho, answer_for_failed_read
from confrere.api.compatible.sends import send_and_answer
from confrere.api.request import ApiRequest
from confrere.domain.errors import InvalidField, MissingFields
from confrere.domain.keys import Caller
from confrere.domain.message import MessageText
from confrere.domain.person import PERSON_FORM, VanityName, parse_person
from confrere.domain.urns import ConversationUrn, ProfileUrn
from confrere.http.answer import Answer
from confrere.http.body_fields import is_blank, reject_key_in_body
from confrere.sending import Destination, SendRequest
from confrere.services import Services

MISSING = "message, and conversationUrn, recipientProfileUrn or recipientProfileId are required"
NO_SUBJECT = "must be absent: a subject belongs to an InMail, which cannot be sent"
NO_ATTACHMENTS = "must be absent: only texts can be sent"
ONE_CHANNEL = 'must be absent or "linkedin": messages of Sales Navigator and Recruiter cannot be sent'
_ORDINARY_CHANNELS = frozenset({"linkedin", "regular", "classic", "default"})
_WHO = ("conversationUrn", "recipientProfileUrn", "recipientProfileId")


async def send_plain_message(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /conversations/send`: send one message into a conversation, or to a person. Source: contract §5."""
    fields = await request.json_object()
    text = _parse_text(request, fields)
    person_field = "recipientProfileId" if is_blank(fields.get("recipientProfileUrn")) else "recipientProfileUrn"
    destination = await services.conversations.find(
        caller.workspace_id,
        request.account_id,
        conversation=_parse_conversation(fields.get("conversationUrn")),
        person=_parse_person(fields.get(person_field), person_field),
        person_field=person_field,
    )
    request.account_id = destination.account_id
    if not isinstance(destination, Destination):
        return answer_for_failed_read(destination, PLAIN_SEND_ERROR, services.clock())
    wanted = SendRequest(
        request_id=request.request_id,
        workspace_id=caller.workspace_id,
        account_id=destination.account_id,
        recipient=destination.recipient,
        group_id=None,
        text=text,
        idempotency_key=request.idempotency_key(),
        conversation_urn=destination.conversation_urn,
    )
    echo = PlainEcho(str(destination.recipient), destination.conversation_urn)
    answer, _ = await send_and_answer(request, services, wanted, echo)
    return answer


def _parse_text(request: ApiRequest, fields: dict[str, Any]) -> MessageText:
    """Parse account and text, and reject what cannot be sent. Missing fields come first. Raises InvalidField."""
    lacks_who = all(is_blank(fields.get(name)) for name in _WHO)
    if lacks_who or is_blank(fields.get("message")):
        with suppress(InvalidField):  # for the rate limit headers of the answer
            request.parse_account(fields.get("accountId"))
        raise MissingFields(MISSING, [] if lacks_who else ["message"])
    reject_key_in_body(fields)
    request.parse_account(fields.get("accountId"))
    if not is_blank(fields.get("subject")):
        raise InvalidField("subject", NO_SUBJECT)
    if fields.get("attachments") not in (None, [], ""):
        raise InvalidField("attachments", NO_ATTACHMENTS)
    channel = fields.get("messagingChannel")
    if not is_blank(channel) and (not isinstance(channel, str) or channel.strip().lower() not in _ORDINARY_CHANNELS):
        raise InvalidField("messagingChannel", ONE_CHANNEL)
    request.idempotency_key()
    return MessageText.parse(fields["message"])


def _parse_conversation(value: object) -> ConversationUrn | None:
    return None if is_blank(value) else ConversationUrn.parse(value)


def _parse_person(value: object, field: str) -> ProfileUrn | VanityName | None:
    """Parse the recipient; the id may be a vanity name. Raises InvalidField."""
    if is_blank(value):
        return None
    if field == "recipientProfileUrn":
        return ProfileUrn.parse(value, field=field)
    if not isinstance(value, str):
        raise InvalidField(field, PERSON_FORM)
    return parse_person(value, field=field)
