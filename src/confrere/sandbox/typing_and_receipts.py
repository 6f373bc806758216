"""The calls before and after a send: compose options, typing indicator, read and delivery receipts, heartbeat."""

from typing import Any, Final
from urllib.parse import unquote

import msgspec

from confrere.sandbox.answers import NORMALIZED, Answer, Refused, assumed, attested
from confrere.sandbox.graphql import Found, Query, Variables, collection
from confrere.sandbox.messaging import NOT_ACCESSIBLE, check_content_type, find_thread, refuse_body
from confrere.sandbox.request import Request, decode_json
from confrere.sandbox.restli import SyntaxFault, parse_strings
from confrere.sandbox.sandbox import Sandbox

CONVERSATIONS_PATH: Final = "/voyager/api/voyagerMessagingDashMessengerConversations"
COMPOSE_PATH: Final = "/voyager/api/voyagerMessagingDashComposeOptions/"
RECEIVED_PATH: Final = "/voyager/api/voyagerMessagingDashMessengerMessageDeliveryAcknowledgements"

COMPOSE = attested("compose-options", "whether and how the viewer may write to a member; a group's type is not known")
COMPOSE_VIEW = attested(
    "compose-view-contexts", "what the page shows beside a new message; non-null means it is barred"
)
TYPING = attested("typing", "the other side is told that the account is typing: 202 without a body")
READ = attested("mark-read", "threads are marked read or unread")
RECEIVED = assumed(
    "delivery-acknowledgement", "messages are acknowledged as received; the call is attested, the 200 not"
)
HEARTBEAT = assumed("realtime-heartbeat", "the client says that its event stream is still read; the call is attested")

_COMPOSE_OPTION: Final = "urn:li:fsd_composeOption:"


class _Typing(msgspec.Struct, forbid_unknown_fields=True):
    conversationUrn: str  # noqa: N815 - LinkedIn's name


class _Read(msgspec.Struct):
    read: bool


class _Change(msgspec.Struct):
    set: _Read = msgspec.field(name="$set")


class _Patch(msgspec.Struct):
    patch: _Change


class _Patches(msgspec.Struct, forbid_unknown_fields=True):
    entities: dict[str, _Patch]


class _Received(msgspec.Struct):
    messageUrns: list[str]  # noqa: N815 - LinkedIn's name


def compose_options(sandbox: Sandbox, request: Request) -> Answer:
    """Read whether the viewer may write to a member. Raises Refused."""
    member = _composed_to(sandbox, request)
    world, people = sandbox.world, sandbox.people
    thread = sandbox.conversations.between(request.member, member)
    if thread is not None:
        kind = "REPLY"
    else:
        kind = "CONNECTION_MESSAGE" if people.connected(request.member, member) else "PREMIUM_INMAIL"
    urn = world.profile_urn(member)
    context: dict[str, Any] = {
        "recipientUrns": [urn],
        "genericRecipientsUnions": [{"profile": urn}],
        "paidInMail": kind == "PREMIUM_INMAIL",
    }
    if thread is not None:
        context["existingConversationUrn"] = f"urn:li:fsd_conversation:{thread.thread_id}"
    value = {"composeOptionType": kind, "composeNavigationContext": context}
    if request.normalized:
        return COMPOSE.json({"data": value, "included": []}, content_type=NORMALIZED)
    return COMPOSE.json(value)


def _composed_to(sandbox: Sandbox, request: Request) -> int:
    """Return the member in `urn:li:fsd_composeOption:(<id>,<screen>,<context>)`. Raises Refused."""
    urn = unquote(request.path.removeprefix(COMPOSE_PATH))
    parts = urn.removeprefix(_COMPOSE_OPTION).removeprefix("(").removesuffix(")").split(",")
    if not urn.startswith(_COMPOSE_OPTION) or len(parts) != 3 or "(" in request.path:
        raise refuse_body(request)
    member = sandbox.world.number_of(parts[0])
    if member is None or member == request.member or sandbox.people.blocked(member, request.member):
        body = {
            "exceptionClass": "com.linkedin.voyager.common.VoyagerUserVisibleException",
            "message": "This profile can't be accessed",
            "status": 403,
        }
        raise Refused(NOT_ACCESSIBLE.error(body, status=403, normalized=request.normalized))
    return member


def compose_view_contexts(sandbox: Sandbox, request: Request, variables: Variables) -> Found:
    """Read what the page shows beside a new message to these recipients."""
    members = [sandbox.world.number_of(urn) for urn in variables.texts("recipients")]
    barred = any(member is None or sandbox.people.blocked(member, request.member) for member in members)
    view = {
        "showBlockedFooter": True if barred else None,
        "trustInterventionPage": None,
        "showSubjectField": False,
        "invitationText": None,
        "footerText": None,
    }
    return Found(COMPOSE_VIEW, "messagingDashComposeViewContextsByRecipients", collection([view]))


def change_conversations(sandbox: Sandbox, request: Request) -> Answer:
    """`?action=typing`, or `?ids=List(…)` with a patch of `read`. Raises Refused."""
    check_content_type(request)
    if request.query == "action=typing":
        find_thread(sandbox, request, _body(request, _Typing).conversationUrn)
        return TYPING.raw(b"", None, status=202)
    raw_ids = request.raw_parameters().get("ids")
    if raw_ids is None:
        raise refuse_body(request)
    return _mark_read(sandbox, request, raw_ids)


def _mark_read(sandbox: Sandbox, request: Request, raw_ids: str) -> Answer:
    """Mark threads read. Source: LinkedIn web client, attested: path, body, 200; the answer's `results` assumed."""
    try:
        urns = parse_strings(raw_ids)
    except SyntaxFault as error:
        raise refuse_body(request) from error
    entities = _body(request, _Patches).entities
    if set(urns) != set(entities):
        raise refuse_body(request)
    now_ms = sandbox.conversations.tick()
    for urn, patch in entities.items():
        thread = find_thread(sandbox, request, urn)
        thread.last_read_ms[request.member] = now_ms if patch.patch.set.read else 0
        thread.changed_at_ms = now_ms
    return READ.json({"results": {urn: {"status": 204} for urn in urns}, "errors": {}})


def acknowledge(_: Sandbox, request: Request) -> Answer:
    """`?action=sendDeliveryAcknowledgement`: a delivery receipt for messages. Raises Refused."""
    check_content_type(request)
    if request.query != "action=sendDeliveryAcknowledgement":
        raise refuse_body(request)
    if not all(urn.startswith("urn:li:msg_message:(") for urn in _body(request, _Received).messageUrns):
        raise refuse_body(request)
    return RECEIVED.json({}, status=200)


def heartbeat(_: Sandbox, request: Request) -> Answer:
    """`?action=sendHeartbeat`: the client's heartbeat, once a minute."""
    if request.query != "action=sendHeartbeat":
        raise refuse_body(request)
    _body(request, dict[str, Any])
    return HEARTBEAT.json({})


def _body(request: Request, kind: Any) -> Any:
    try:
        return decode_json(request.body, kind)
    except msgspec.DecodeError as error:
        raise refuse_body(request) from error


QUERIES: Final[dict[str, Query]] = {"voyagerMessagingDashComposeViewContexts": compose_view_contexts}
"""The query of `/voyager/api/graphql` about a new message."""
