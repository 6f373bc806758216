"""The endpoints that send, and those that read the ledger."""

import base64
import binascii
import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec

from confrere.api import bodies
from confrere.api.accounts import account_in_path
from confrere.api.errors import Answer, Echo, answer_for_outcome
from confrere.api.fields import is_blank
from confrere.api.query import Query
from confrere.api.request import Request
from confrere.domain.errors import InvalidField, MissingFields
from confrere.domain.limits import iso_z
from confrere.domain.message import MessageText
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import Send, SendFilter
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.sending import DeliveryReceipt, SendRequest, Typing
from confrere.services import Services

MISSING = "recipientProfileUrn, groupId, and message are required"
KEY_IN_BODY = "must not be in the body: send it as the header Idempotency-Key"
MAX_ACKNOWLEDGED = 100
MAX_PAGE = 200
DEFAULT_PAGE = 50
_FIELDS = {"recipientProfileUrn", "recipientProfileId", "groupId", "message", "accountId", "messageUrns"}
_REPLAYED = ((b"idempotency-replayed", b"true"),)
_MESSAGE_URN = re.compile(r"urn:li:msg_message:\(urn:li:fsd_profile:[A-Za-z0-9_-]{1,64},[A-Za-z0-9+/=_-]{1,500}\)")
_SEND_ID = re.compile(r"[0-9a-f]{32}")


async def send_group(request: Request, services: Services) -> Answer:
    """`POST /messaging/send-group`: one message in the context of a group. Source: contract §1."""
    wish, echo = _read_wish(request, await request.fields())
    answer, _ = await _send(request, services, wish, echo)
    return answer


async def send_group_with_typing(request: Request, services: Services) -> Answer:
    """`POST /messaging/send-group-with-typing`: the same after a typing indicator. Source: contract §4."""
    wish, echo = _read_wish(request, await request.fields())
    answer, shown = await _send(request, services, replace(wish, signal=Typing()), echo)
    if isinstance(answer.body, bodies.Sent):
        body = bodies.SentAfterTyping(**msgspec.structs.asdict(answer.body), typing_indicator_sent=shown)
        return replace(answer, body=body)
    return answer


async def send_group_with_ack(request: Request, services: Services) -> Answer:
    """`POST /messaging/send-group-with-ack`: the same after acknowledging messages. Source: contract §4."""
    fields = await request.fields()
    wish, echo = _read_wish(request, fields)
    signal = DeliveryReceipt(_message_urns(fields.get("messageUrns")))
    answer, shown = await _send(request, services, replace(wish, signal=signal), echo)
    if isinstance(answer.body, bodies.Sent):
        body = bodies.SentAfterAcknowledging(**msgspec.structs.asdict(answer.body), acknowledgment_sent=shown)
        return replace(answer, body=body)
    return answer


async def _send(request: Request, services: Services, wish: SendRequest, echo: Echo) -> tuple[Answer, bool]:
    """The answer, and whether the signal was shown that the wish asks for."""
    request.watch(services.sender.record_disconnect)
    result = await services.sender.send(wish, request.line)
    answer = answer_for_outcome(result.outcome, echo, result.quota, hold_until=result.hold_until, now=services.clock())
    return replace(answer, headers=_REPLAYED) if result.replayed else answer, result.signal_sent


def _message_urns(value: object) -> tuple[str, ...]:
    """The messages to acknowledge; none where they are absent or null. Raises InvalidField."""
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


def _read_wish(request: Request, fields: dict[str, Any]) -> tuple[SendRequest, Echo]:
    """What the caller asks for. Missing fields are reported before wrong ones. Raises InvalidField."""
    person = "recipientProfileId" if is_blank(fields.get("recipientProfileUrn")) else "recipientProfileUrn"
    recipient: Any = fields.get(person)
    group: Any = fields.get("groupId")
    text = fields.get("message")
    if is_blank(recipient) or is_blank(group) or is_blank(text):
        with suppress(InvalidField):  # for the headers of the refusal
            request.account_id_of(fields.get("accountId"))
        raise MissingFields(MISSING, _missing(recipientProfileUrn=recipient, groupId=group, message=text))
    if not fields.keys() <= _FIELDS:
        _refuse_key_in_body(fields)
    request.account_id_of(fields.get("accountId"))
    assert request.caller is not None
    wish = SendRequest(
        request_id=request.request_id,
        workspace_id=request.caller.workspace_id,
        account_id=request.account_id,
        recipient=ProfileUrn.parse(recipient, field=person),
        group_id=GroupId.parse(group),
        text=MessageText.parse(text),
        idempotency_key=request.idempotency_key(),
    )
    return wish, Echo(recipient, group)


def _missing(**fields: object) -> list[str]:
    """The names of the blank ones; none where all are: then the sentence of the reference page says it."""
    blank = [name for name, value in fields.items() if is_blank(value)]
    return [] if len(blank) == len(fields) else blank


def _refuse_key_in_body(fields: dict[str, Any]) -> None:
    """A key that is not read would not keep a repeat from being sent twice. Raises InvalidField."""
    for name, value in fields.items():
        if name.replace("-", "").replace("_", "").lower() == "idempotencykey" and not is_blank(value):
            raise InvalidField(name, KEY_IN_BODY)


async def list_sends(request: Request, services: Services) -> Answer:
    """`GET /account/{id}/sends`: the ledger, newest first, with filters and a cursor. Source: contract §4."""
    assert request.caller is not None
    query = Query(request.scope["query_string"])
    count = query.integer("limit", default=DEFAULT_PAGE, least=1, most=MAX_PAGE)
    account, sends = await services.history.list_of_account(
        request.caller.workspace_id,
        account_in_path(request),
        read_filter(query),
        before_id=_from_cursor(query.text("cursor")),
        count=count + 1,
    )
    page = sends[:count]
    cursor = _to_cursor(page[-1].id) if len(sends) > count else None
    return Answer(200, bodies.SendList(account_id=account.id, sends=[_item(s) for s in page], next_cursor=cursor))


async def read_send(request: Request, services: Services) -> Answer:
    """`GET /sends/{id}`: one send with its text. Source: contract §4."""
    assert request.caller is not None
    send, text = await services.history.read(request.caller.workspace_id, request.path_params["send_id"])
    request.account_id = send.account_id
    detail = bodies.SendDetail(**msgspec.structs.asdict(_item(send)), message=text)
    return Answer(200, bodies.OneSend(account_id=send.account_id, send=detail))


def read_filter(query: Query) -> SendFilter:
    """Which sends the caller wants. Raises InvalidField."""
    return SendFilter(
        outcome=_outcome(query.text("outcome")),
        group_id=_parsed_group(query.text("groupId")),
        recipient=_parsed_recipient(query.text("recipient") or query.text("recipientProfileUrn")),
        since=query.moment("since"),
        until=query.moment("until"),
    )


def _item(send: Send) -> bodies.SendItem:
    return bodies.SendItem(
        id=send.id,
        request_id=send.request_id,
        recipient_profile_urn=send.recipient,
        group_id=send.group_id,
        outcome=send.outcome,
        reason=send.reason,
        message_urn=send.message_urn,
        conversation_urn=send.conversation_urn,
        created_at=iso_z(send.created_at),
        settled_at=iso_z(send.settled_at) if send.settled_at else None,
    )


def _outcome(text: str | None) -> OutcomeName | None:
    if text is None:
        return None
    if text not in set(OutcomeName):
        raise InvalidField("outcome", f"must be one of {', '.join(OutcomeName)}")
    return OutcomeName(text)


def _parsed_group(text: str | None) -> str | None:
    return None if text is None else str(GroupId.parse(text))


def _parsed_recipient(text: str | None) -> str | None:
    return None if text is None else str(ProfileUrn.parse(text, field="recipient"))


def _to_cursor(send_id: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(send_id)).decode().rstrip("=")


def _from_cursor(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        send_id = base64.urlsafe_b64decode(text + "==").hex()
    except (binascii.Error, ValueError) as fault:
        raise InvalidField("cursor", "must be the nextCursor of the page before") from fault
    if not _SEND_ID.fullmatch(send_id):
        raise InvalidField("cursor", "must be the nextCursor of the page before")
    return send_id
