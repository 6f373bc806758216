"""`createMessage`, validated as strictly as LinkedIn is known to do it."""

import re
from typing import Any, Final

import msgspec

from confrere.sandbox.answering import answer_later
from confrere.sandbox.answers import NORMALIZED, Answer, Refused, assumed, attested, documented
from confrere.sandbox.conversations import Conversation, Message, read_conversation_urn
from confrere.sandbox.request import Request, decode_json
from confrere.sandbox.sandbox import Sandbox

LONGEST_TEXT: Final = 8000

SENT = attested("create-message", "a message was accepted")
SENT_NORMALIZED = assumed("create-message-normalized", "a message was accepted and the normalized form asked for")
BAD_BODY = attested("bad-request", "`trackingId`, action or body are not as LinkedIn wants them: 400")
NOT_ACCESSIBLE = attested("profile-not-accessible", "the recipient does not exist for this viewer or blocks the sender")
UNAUTHORIZED = documented("unauthorized-viewer", "sender and recipient do not share the group, or it takes no messages")
UNREACHABLE = attested("recipient-unreachable", "neither connected nor in a shared group: 422 without a code")
IN_MAIL_THREAD = attested(
    "existing-thread", "the switch `existing_thread` is 422 and there is a thread: 422 with an InMail's code"
)
REQUEST_PENDING = assumed(
    "message-request-pending", "the switch `pending_thread` is 422 and the member has not accepted the message request"
)
ALLOWANCE = assumed("allowance-spent", "the month's first group messages are used up")
MEDIA_TYPE = assumed("media-type", "a body that is neither text/plain nor JSON: 415")
NO_THREAD = assumed("no-such-thread", "the thread is not in this mailbox: 404")

_CONTENT_TYPES: Final = frozenset({b"text/plain", b"application/json"})
_UUID4: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE
)
_PROFILE_URN: Final = re.compile(r"urn:li:fsd_profile:ACoAA[A-Za-z0-9_-]{34}", re.ASCII)


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """`message.body`."""

    text: str
    attributes: list[Any]


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    """`message`."""

    body: Body
    originToken: str  # noqa: N815 - LinkedIn's name
    renderContentUnions: list[Any] = []  # noqa: N815 - LinkedIn's name
    conversationUrn: str | None = None  # noqa: N815 - LinkedIn's name


class RequestContext(msgspec.Struct, forbid_unknown_fields=True):
    """One element of `messageRequestContextByRecipient`."""

    hostRecipientUrn: str  # noqa: N815 - LinkedIn's name
    contextEntityUrn: str  # noqa: N815 - LinkedIn's name


class CreateMessage(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `createMessage`. Source: LinkedIn web client, attested; a field beside these is refused (assumed)."""

    message: NewMessage
    mailboxUrn: str  # noqa: N815 - LinkedIn's name
    trackingId: str  # noqa: N815 - LinkedIn's name
    dedupeByClientGeneratedToken: bool  # noqa: N815 - LinkedIn's name
    hostRecipientUrns: list[str] | None = None  # noqa: N815 - LinkedIn's name
    messageRequestContextByRecipient: list[RequestContext] | None = None  # noqa: N815 - LinkedIn's name


def create_message(sandbox: Sandbox, request: Request, *, lag_seconds: float) -> Answer:
    """Accept a message. Raises Refused, with LinkedIn's own error."""
    wanted = read_create_message(sandbox, request)
    sender, message = request.member, wanted.message
    recipient = find_recipient(sandbox, request, wanted)
    thread = sandbox.conversations.between(sender, recipient)
    group_id = None
    if message.conversationUrn is None:
        group_id = _group_context(sandbox, request, wanted, recipient, thread)
    _check_thread(sandbox, request, thread, anew=message.conversationUrn is None)
    if wanted.dedupeByClientGeneratedToken and (known := _known(thread, sender, message.originToken)):
        return _accepted(sandbox, request, known)
    state = None
    if group_id is not None and thread is None and not sandbox.people.connected(sender, recipient):
        sandbox.people.spend_allowance(sender, 1)
        state = "PENDING"
    accepted = sandbox.accept(
        sender,
        recipient,
        message.body.text,
        origin_token=message.originToken,
        group_id=group_id,
        state=state,
        lag_seconds=lag_seconds,
    )
    answer_later(sandbox, accepted)
    return _accepted(sandbox, request, accepted)


def _accepted(sandbox: Sandbox, request: Request, message: Message) -> Answer:
    value = {"value": sandbox.views.sent(message)}
    if request.normalized:
        return SENT_NORMALIZED.json({"data": value, "included": []}, content_type=NORMALIZED)
    return SENT.json(value)


def refuse_body(request: Request) -> Refused:
    """Return the 400 for an invalid body."""
    return Refused(BAD_BODY.error({"status": 400}, status=400, normalized=request.normalized))


def check_content_type(request: Request) -> None:
    """Raise Refused unless the content type is plain text, as the browser sends it, or JSON."""
    if request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower() not in _CONTENT_TYPES:
        raise Refused(MEDIA_TYPE.error({"status": 415}, status=415, normalized=request.normalized))


def read_create_message(sandbox: Sandbox, request: Request) -> CreateMessage:
    """Decode the body and validate its fields. Raises Refused."""
    check_content_type(request)
    try:
        wanted: CreateMessage = decode_json(request.body, CreateMessage)
    except msgspec.DecodeError as error:
        raise refuse_body(request) from error
    contexts, recipients = wanted.messageRequestContextByRecipient, wanted.hostRecipientUrns
    in_thread = wanted.message.conversationUrn is not None
    right = (
        _UUID4.fullmatch(wanted.message.originToken) is not None
        and is_tracking_id(wanted.trackingId)
        and wanted.mailboxUrn == sandbox.world.profile_urn(request.member)
        and 1 <= len(wanted.message.body.text) <= LONGEST_TEXT
        and in_thread is (recipients is None)
        and not (in_thread and contexts)
        and (recipients is None or (len(recipients) == 1 and _PROFILE_URN.fullmatch(recipients[0]) is not None))
        and all(recipients is not None and context.hostRecipientUrn in recipients for context in contexts or ())
    )
    if not right:
        raise refuse_body(request)
    return wanted


def is_tracking_id(text: str) -> bool:
    """Whether this is a 16-byte Rest.li `fixed` as JSON writes it: 16 characters, each U+0000 to U+00FF.

    Source: LinkedIn web client, inferred from many attested sends and refusals.
    """
    return len(text) == 16 and max(text) <= "\xff"


def find_recipient(sandbox: Sandbox, request: Request, wanted: CreateMessage) -> int:
    """Return the recipient. Raises Refused where there is none, or the thread is in another mailbox."""
    if wanted.message.conversationUrn is not None:
        thread = find_thread(sandbox, request, wanted.message.conversationUrn)
        recipient: int | None = thread.other(request.member)
    else:
        recipient = sandbox.world.number_of((wanted.hostRecipientUrns or [""])[0])
    if recipient == request.member:
        raise refuse_body(request)
    if recipient is None or sandbox.people.blocked(recipient, request.member):
        body = {
            "exceptionClass": "com.linkedin.voyager.common.VoyagerUserVisibleException",
            "message": "This profile can't be accessed",
            "status": 403,
        }
        raise Refused(NOT_ACCESSIBLE.error(body, status=403, normalized=request.normalized))
    return recipient


def find_thread(sandbox: Sandbox, request: Request, urn: str) -> Conversation:
    """Return the thread with this URN in the caller's mailbox. Raises Refused."""
    found = read_conversation_urn(urn)
    if found is None or found[0] != sandbox.world.profile_id(request.member):
        raise refuse_body(request)
    thread = sandbox.conversations.of_thread(found[1])
    if thread is None or request.member not in thread.members:
        raise Refused(NO_THREAD.error({"status": 404}, status=404, normalized=request.normalized))
    return thread


def _group_context(
    sandbox: Sandbox, request: Request, wanted: CreateMessage, recipient: int, thread: Conversation | None
) -> int | None:
    """Return the group that permits the message; None between connections. Raises Refused."""
    people, sender = sandbox.people, request.member
    contexts = wanted.messageRequestContextByRecipient
    group = sandbox.world.group_of_urn(contexts[0].contextEntityUrn) if contexts else None
    if people.connected(sender, recipient):
        return group.group_id if group else None
    if not contexts:
        raise Refused(UNREACHABLE.error({"status": 422}, status=422, normalized=request.normalized))
    shared = group is not None and people.in_group(sender, group) and people.in_group(recipient, group)
    if group is None or not shared or not people.takes_group_messages(recipient, group.group_id):
        body = {
            "code": "UNAUTHORIZED_VIEWER",
            "message": "The viewer is not authorized to access this resource",
        }
        raise Refused(UNAUTHORIZED.error(body, status=403, normalized=request.normalized))
    if thread is None:
        _check_allowance(sandbox, request)
    return group.group_id


def _check_allowance(sandbox: Sandbox, request: Request) -> None:
    """Raise Refused where the account has no first group message left this month.

    Source: assumed; that there is such an allowance was published once, in 2015. Only first messages count.
    """
    switches = sandbox.people.switches
    if sandbox.people.allowance_spent(request.member):
        body = switches.allowance_body or {"status": switches.allowance_status}
        raise Refused(ALLOWANCE.error(body, status=switches.allowance_status, normalized=request.normalized))


def _check_thread(sandbox: Sandbox, request: Request, thread: Conversation | None, *, anew: bool) -> None:
    """Raise Refused where a switch makes this thread reject messages."""
    if thread is None:
        return
    switches = sandbox.people.switches
    body = {"status": 422, "code": "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY"}
    if anew and switches.existing_thread == "422":
        raise Refused(IN_MAIL_THREAD.error(body, status=422, normalized=request.normalized))
    is_unanswered = thread.state in ("PENDING", "DECLINED") and thread.creator == request.member
    if is_unanswered and switches.pending_thread == "422":
        raise Refused(REQUEST_PENDING.error(body, status=422, normalized=request.normalized))


def _known(thread: Conversation | None, sender: int, token: str) -> Message | None:
    """Return the sender's message in this thread with this originToken, if there is one."""
    messages = thread.messages if thread else []
    same = (message for message in reversed(messages) if message.origin_token == token and message.sender == sender)
    return next(same, None)
