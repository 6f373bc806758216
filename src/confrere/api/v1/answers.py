"""Answering a person: a plain message into the conversation in which they wrote."""

from confrere.api.request import ApiRequest
from confrere.api.shared_bodies import plain_sent
from confrere.api.v1.errors import problem_for_send
from confrere.domain.errors import Forbidden
from confrere.domain.keys import Caller, Scope
from confrere.domain.message import MessageText
from confrere.domain.outcome import Accepted
from confrere.domain.urns import ConversationUrn, ProfileUrn
from confrere.http.answer import Answer
from confrere.http.body_fields import reject_key_in_body
from confrere.sending import SendRequest
from confrere.services import Services

_REPLAYED = ((b"idempotency-replayed", b"true"),)


async def answer_person(
    caller: Caller,
    request: ApiRequest,
    services: Services,
    *,
    account_id: str,
    conversation_urn: ConversationUrn,
    recipient: ProfileUrn,
) -> Answer:
    """Send the body's `text` to the recipient, into this conversation of the account's mailbox.

    The route's scope lets the caller read what is answered; to write takes the scope `send` as well. Raises Forbidden.
    """
    if not caller.may(Scope.SEND):
        raise Forbidden(Scope.SEND)
    fields = await request.json_object()
    reject_key_in_body(fields)
    wanted = SendRequest(
        request_id=request.request_id,
        workspace_id=caller.workspace_id,
        account_id=account_id,
        recipient=recipient,
        group_id=None,
        text=MessageText.parse(fields.get("text"), field="text"),
        idempotency_key=request.idempotency_key(),
        conversation_urn=conversation_urn,
    )
    request.watch_caller(services.sender.record_disconnect)
    result = await services.sender.send(wanted, request.connection)
    headers = _REPLAYED if result.replayed else ()
    if isinstance(result.outcome, Accepted):
        return Answer(200, plain_sent(str(recipient), result.outcome), headers=headers)
    return problem_for_send(
        result.outcome, request.request_id, hold_until=result.hold_until, now=services.clock(), headers=headers
    )
