"""The endpoints that read the ledger of an account."""

import base64
import binascii

from confrere.api.compatible import bodies
from confrere.api.compatible.accounts import account_in_path
from confrere.api.ledger_filter import read_filter
from confrere.api.request import ApiRequest
from confrere.api.shared_bodies import send_fields
from confrere.domain.errors import InvalidField
from confrere.domain.ids import is_record_id
from confrere.domain.keys import Caller
from confrere.domain.send import Send
from confrere.http.answer import Answer
from confrere.services import Services

MAX_PAGE = 200
DEFAULT_PAGE = 50


async def list_sends(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /account/{id}/sends`: list the sends, newest first, with filters and a cursor. Source: contract §4."""
    query = request.query
    count = query.integer("limit", default=DEFAULT_PAGE, least=1, most=MAX_PAGE)
    account, sends = await services.history.list_of_account(
        caller.workspace_id,
        account_in_path(request),
        read_filter(query),
        before_id=_from_cursor(query.text("cursor")),
        count=count + 1,
    )
    page = sends[:count]
    cursor = _to_cursor(page[-1].id) if len(sends) > count else None
    return Answer(200, bodies.SendList(account_id=account.id, sends=[send_item(s) for s in page], next_cursor=cursor))


async def read_send(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /sends/{id}`: read one send with its text. Source: contract §4."""
    send, text = await services.history.read(caller.workspace_id, request.path_params["send_id"])
    request.account_id = send.account_id
    detail = bodies.SendDetail(**send_fields(send), message=text)
    return Answer(200, bodies.OneSend(account_id=send.account_id, send=detail))


def send_item(send: Send) -> bodies.SendItem:
    """Convert a send, without its text."""
    return bodies.SendItem(**send_fields(send))


def _to_cursor(send_id: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(send_id)).decode().rstrip("=")


def _from_cursor(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        send_id = base64.urlsafe_b64decode(text + "==").hex()
    except (binascii.Error, ValueError) as fault:
        raise InvalidField("cursor", "must be the nextCursor of the page before") from fault
    if not is_record_id(send_id):
        raise InvalidField("cursor", "must be the nextCursor of the page before")
    return send_id
