"""The endpoints that send."""

import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec

from confrere.api.compatible import bodies
from confrere.api.compatible.errors import Echo, PlainEcho, answer_for_outcome
from confrere.api.request import ApiRequest
from confrere.domain.errors import InvalidField, MissingFields
from confrere.domain.keys import Caller
from confrere.domain.message import MessageText
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.http.answer import Answer
from confrere.http.body_fields import is_blank, reject_key_in_body
from confrere.sending import DeliveryReceipt, SendRequest, Typing
from confrere.services import Services

MISSING = "recipientProfileUrn, groupId, and message are required"
MAX_ACKNOWLEDGED = 100
_FIELDS = {"recipientProfileUrn", "recipientProfileId", "groupId", "message", "accountId", "messageUrns"}
_REPLAYED = ((b"idempotency-replayed", b"true"),)
_MESSAGE_URN = re.compile(r"urn:li:msg_message:\(urn:li:fsd_profile:[A-Za-z0-9_-]{1,64},[A-Za-z0-9+/=_-]{1,500}\)")


async def send_group(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /messaging/send-group`: send one message in the context of a group. Source: contract §1."""
    wanted, echo = _parse_send(caller, request, await request.json_object())
    answer, _ = await send_and_answer(request, services, wanted, echo)
    return answer


async def send_group_with_typing(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /messaging/send-group-with-typing`: send after a typing indicator. Source: contract §4."""
    wanted, echo = _parse_send(caller, request, await request.json_object())
    answer, signal_sent = await send_and_answer(request, services, replace(wanted, signal=Typing()), echo)
    if isinstance(answer.body, bodies.Sent):
        body = bodies.SentAfterTyping(**msgspec.structs.asdict(answer.body), typing_indicator_sent=signal_sent)
        return replace(answer, body=body)
    return answer


async def send_group_with_ack(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /messaging/send-group-with-ack`: send after acknowledging messages. Source: contract §4."""
    fields = await request.json_object()
    wanted, echo = _parse_send(caller, request, fields)
    signal = DeliveryReceipt(_message_urns(fields.get("messageUrns")))
    answer, signal_sent = await send_and_answer(request, services, replace(wanted, signal=signal), echo)
    if isinstance(answer.body, bodies.Sent):
        body = bodies.SentAfterAcknowledging(**msgspec.structs.asdict(answer.body), acknowledgment_sent=signal_sent)
        return replace(answer, body=body)
    return answer


async def send_and_answer(
    request: ApiRequest, services: Services, wanted: SendRequest, echo: Echo | PlainEcho
) -> tuple[Answer, bool]:
    """Return the answer, and whether LinkedIn took the typing indicator or delivery receipt."""
    request.watch_caller(services.sender.record_disconnect)
    result = await services.sender.send(wanted, request.connection)
    answer = answer_for_outcome(result.outcome, echo, result.quota, hold_until=result.hold_until, now=services.clock())
    return replace(answer, headers=_REPLAYED) if result.replayed else answer, result.signal_sent


def _message_urns(value: object) -> tuple[str, ...]:
    """Return the messages to acknowledge; none where the field is absent or null. Raises InvalidField."""
    if value is None:
        return ()
    if isinstance(value, list) and len(value) <= MAX_ACKNOWLEDGED:
        urns = tuple(one for one in value if isinstance(one, str) and _MESSAGE_URN.fullmatch(one))
        if len(urns) == len(value):
            return urns
    raise InvalidField(
        "messageUrns",
        f"must be a list of at most {MAX_ACKNOWLEDGED} message URNs: urn:li:msg_message:(urn:li:fsd_profile:<id>,<id>)",
    )


def _parse_send(caller: Caller, request: ApiRequest, fields: dict[str, Any]) -> tuple[SendRequest, Echo]:
    """Parse the body. Missing fields are reported before wrong ones. Raises InvalidField."""
    person = "recipientProfileId" if is_blank(fields.get("recipientProfileUrn")) else "recipientProfileUrn"
    recipient: Any = fields.get(person)
    group: Any = fields.get("groupId")
    text = fields.get("message")
    if is_blank(recipient) or is_blank(group) or is_blank(text):
        with suppress(InvalidField):  # for the rate limit headers of the answer
            request.parse_account(fields.get("accountId"))
        raise MissingFields(MISSING, _missing(recipientProfileUrn=recipient, groupId=group, message=text))
    if not fields.keys() <= _FIELDS:
        reject_key_in_body(fields)
    request.parse_account(fields.get("accountId"))
    wanted = SendRequest(
        request_id=request.request_id,
        workspace_id=caller.workspace_id,
        account_id=request.account_id,
        recipient=ProfileUrn.parse(recipient, field=person),
        group_id=GroupId.parse(group),
        text=MessageText.parse(text),
        idempotency_key=request.idempotency_key(),
    )
    return wanted, Echo(recipient, group)


def _missing(**fields: object) -> list[str]:
    """Return the names of the blank fields; none where all are blank: the error's text names all of them."""
    blank = [name for name, value in fields.items() if is_blank(value)]
    return [] if len(blank) == len(fields) else blank
