"""`/_control`: the API by which tests and people script the sandbox, and read what really happened."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from confrere.sandbox import faults
from confrere.sandbox.actions import Action, BadInput, apply, find_account, find_group, find_member
from confrere.sandbox.answers import Answer, assumed, declared_kinds
from confrere.sandbox.conversations import Conversation, Message, MessageKind, read_conversation_urn
from confrere.sandbox.faults import Fault
from confrere.sandbox.groups import membership_status
from confrere.sandbox.loopback_only import SAME_ORIGIN
from confrere.sandbox.request import Request, decode_json
from confrere.sandbox.sandbox import Sandbox
from confrere.sandbox.world import DEMO_GROUP_ID, EXAMPLE_PROFILE_ID

CONTROL = assumed("control", "ours: the answers of /_control, which LinkedIn does not have")

_DIGITS: Final = 18
_SHOWN: Final = 30
"""Threads of an inbox, and messages of a thread."""

Json = dict[str, Any]
Parameters = dict[str, str]

_FIELD_IN_ERROR: Final = re.compile(r"field `([^`]+)`")
_PATH_IN_ERROR: Final = re.compile(r"at `[^`]*\.([A-Za-z_]+)[^`.]*`")


class Reply(msgspec.Struct, forbid_unknown_fields=True):
    """A message from a member: to an account, or in a thread. Only one of kind `text` needs a text."""

    text: str = ""
    kind: MessageKind = "text"
    sender: str | None = msgspec.field(default=None, name="from")
    account: str | None = None
    conversation_urn: str | None = msgspec.field(default=None, name="conversationUrn")


class Control:
    """The handlers of `/_control`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._routes: dict[tuple[str, str], Callable[[Parameters, bytes], Any]] = {
            ("GET", "/_control/world"): self._world,
            ("POST", "/_control/world"): self._act,
            ("GET", "/_control/messages"): self._messages,
            ("GET", "/_control/messages/count"): self._count,
            ("GET", "/_control/faults"): self._list_faults,
            ("POST", "/_control/faults"): self._add_faults,
            ("DELETE", "/_control/faults"): self._clear_faults,
            ("POST", "/_control/replies"): self._reply,
            ("GET", "/_control/inbox"): self._inbox,
            ("GET", "/_control/requests"): self._requests,
            ("GET", "/_control/answers"): self._answers,
        }

    def answer(self, request: Request) -> Answer:
        """Answer a call of the control: with JSON, or 400 and the field's name for an invalid input."""
        handler = self._routes.get((request.method, request.path))
        if handler is None:
            known = any(path == request.path for _, path in self._routes)
            return CONTROL.json({"error": "no such path or method"}, status=405 if known else 404)
        parameters = {name: values[-1] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
        try:
            return CONTROL.json(handler(parameters, request.body), headers=SAME_ORIGIN)
        except BadInput as bad:
            return CONTROL.json({"error": str(bad), "field": bad.field}, status=400)

    # The world

    def _world(self, parameters: Parameters, _: bytes) -> Json:
        world, people = self._sandbox.world, self._sandbox.people
        _only(parameters, "accounts", "start", "group", "count")
        start = _number(parameters, "start", 0)
        group = find_group(self._sandbox, parameters.get("group", str(DEMO_GROUP_ID)))
        return {
            "seed": world.seed,
            "sizes": {"members": world.member_count, "accounts": world.account_count, "groups": world.group_count},
            "demoGroupId": str(DEMO_GROUP_ID),
            "exampleRecipientUrn": f"urn:li:fsd_profile:{EXAMPLE_PROFILE_ID}",
            "groups": [
                {
                    "groupId": str(each.group_id),
                    "groupUrn": each.urn,
                    "name": each.name,
                    "memberCount": people.member_count(each),
                }
                for each in world.groups()
            ],
            "accounts": self.accounts(_number(parameters, "accounts", 10), start if "accounts" in parameters else 0),
            "recipients": [
                {**self._person(number), "membershipStatus": membership_status(position)}
                for position, number in people.positions(group, start, start + _number(parameters, "count", 10))
                if world.account_of(number) is None
            ],
            "switches": msgspec.to_builtins(people.switches),
        }

    def accounts(self, count: int, start: int = 0) -> list[Json]:
        """Return some accounts, with their browser's cookies and user agent."""
        world, sessions = self._sandbox.world, self._sandbox.sessions
        return [
            {
                **self._person(world.account_number(account)),
                "cookie": sessions.cookie_header(account),
                "userAgent": sessions.user_agent(account),
            }
            for account in range(start, min(start + count, world.account_count))
        ]

    def _person(self, number: int) -> Json:
        profile = self._sandbox.world.profile(number)
        return {
            "profileUrn": profile.urn,
            "publicIdentifier": profile.public_identifier,
            "firstName": profile.first_name,
            "lastName": profile.last_name,
            "headline": profile.headline,
        }

    def _act(self, _: Parameters, body: bytes) -> Json:
        actions = _decode_each(body, Action)
        for action in actions:
            apply(self._sandbox, action)
        return {"applied": len(actions)}

    # Messages

    def _messages(self, parameters: Parameters, _: bytes) -> list[Json]:
        found = self._found(parameters, "limit", "start")
        start = _number(parameters, "start", 0)
        stop = start + _number(parameters, "limit", len(found))
        return [self._message(message) for message in found[start:stop]]

    def _count(self, parameters: Parameters, _: bytes) -> Json:
        return {"count": len(self._found(parameters))}

    def _found(self, parameters: Parameters, *others: str) -> list[Message]:
        _only(parameters, "recipient", "account", *others)
        numbers: dict[str, int | None] = {"recipient": None, "account": None}
        for name in numbers.keys() & parameters.keys():
            try:
                numbers[name] = find_member(self._sandbox, parameters[name], name)
            except BadInput:
                return []  # an unknown member has neither sent nor received anything
        return self._sandbox.conversations.sent_between(numbers["account"], numbers["recipient"])

    def _message(self, message: Message) -> Json:
        world, views = self._sandbox.world, self._sandbox.views
        sender = world.profile_urn(message.sender)
        return {
            "text": message.text,
            "sender": sender,
            "recipient": world.profile_urn(message.recipient),
            "groupUrn": None if message.group_id is None else f"urn:li:fsd_group:{message.group_id}",
            "originToken": message.origin_token,
            "at": _iso(message.at_ms),
            "conversationUrn": views.conversation_urn(message.conversation, message.sender),
            "messageUrn": f"urn:li:msg_message:({sender},{message.message_id})",
        }

    def _inbox(self, parameters: Parameters, _: bytes) -> Json:
        """Return a member's threads with accounts, the one with the newest message first."""
        _only(parameters, "member")
        member = find_member(self._sandbox, parameters.get("member", ""), "member")
        conversations, world = self._sandbox.conversations, self._sandbox.world
        threads = [
            thread
            for thread in conversations.of_member(member)
            if thread.messages and world.account_of(thread.other(member)) is not None
        ]
        threads.sort(key=lambda thread: thread.messages[-1].at_ms, reverse=True)
        return {
            "member": self._person(member),
            "threads": [self._thread(thread, member) for thread in threads[:_SHOWN]],
        }

    def _thread(self, thread: Conversation, member: int) -> Json:
        group = None if thread.group_id is None else self._sandbox.world.group(thread.group_id)
        return {
            "account": self._person(thread.other(member)),
            "groupName": group and group.name,
            "isRequest": thread.state == "PENDING",
            "messages": [
                {"text": one.text or f"[{one.kind}]", "isOwn": one.sender == member, "at": _iso(one.at_ms)}
                for one in self._sandbox.conversations.visible(thread)[-_SHOWN:]
            ],
        }

    def _reply(self, _: Parameters, body: bytes) -> Json:
        sandbox, reply = self._sandbox, _decode(body, Reply)
        if not reply.text and reply.kind == "text":
            raise BadInput("text", "is required, unless kind is image, voice, file, share or system")
        if reply.conversation_urn is not None:
            sender, account = self._thread_members(reply)
        else:
            if reply.sender is None or reply.account is None:
                missing = "from" if reply.sender is None else "account"
                raise BadInput(missing, "is required, unless conversationUrn is given")
            sender = find_member(sandbox, reply.sender, "from")
            account = find_account(sandbox, reply.account)
        if sender == account:
            raise BadInput("from", "must be somebody else than the account")
        message = sandbox.reply(sender, account, reply.text, reply.kind)
        owner = sandbox.world.profile_urn(account)
        return {
            "conversationUrn": sandbox.views.conversation_urn(message.conversation, account),
            "messageUrn": f"urn:li:msg_message:({owner},{message.message_id})",
            "at": _iso(message.at_ms),
        }

    def _thread_members(self, reply: Reply) -> tuple[int, int]:
        """Return sender and recipient of a reply in a thread, whose URN names the recipient's mailbox."""
        found = read_conversation_urn(reply.conversation_urn or "")
        thread = found and self._sandbox.conversations.of_thread(found[1])
        owner = self._sandbox.world.number_of(found[0]) if found else None
        if not thread or owner is None or owner not in thread.members:
            raise BadInput("conversationUrn", "must be the URN of a thread in an account's mailbox")
        return thread.other(owner), owner

    # Faults

    def _list_faults(self, _: Parameters, __: bytes) -> list[Json]:
        return [msgspec.to_builtins(fault) for fault in self._sandbox.faults.waiting]

    def _add_faults(self, parameters: Parameters, body: bytes) -> list[Json]:
        wanted = _decode_each(body, Fault)
        for fault in wanted:
            if wrong := faults.check(fault):
                raise BadInput(*wrong)
        self._sandbox.faults.waiting.extend(wanted)
        return self._list_faults(parameters, body)

    def _clear_faults(self, parameters: Parameters, body: bytes) -> list[Json]:
        self._sandbox.faults.waiting.clear()
        return self._list_faults(parameters, body)

    # Requests and answers

    def _requests(self, parameters: Parameters, _: bytes) -> list[Json]:
        _only(parameters, "limit")
        remembered = list(self._sandbox.requests)
        limit = _number(parameters, "limit", 100)
        return [
            {
                "method": each.method,
                "path": each.target,
                "headers": list(each.header_names),
                "account": self._sandbox.world.profile_urn(each.member) if each.member else None,
                "status": each.status,
                "at": _iso(each.at_ms),
            }
            for each in (remembered[-limit:] if limit else ())
        ]

    def _answers(self, _: Parameters, __: bytes) -> list[Json]:
        return [
            {"name": kind.name, "confidence": kind.confidence, "when": kind.when, "given": kind.given_count}
            for kind in declared_kinds()
        ]


def _decode(body: bytes, kind: Any) -> Any:
    """Decode the body as a value of `kind`. Raises BadInput, which names the field."""
    try:
        return decode_json(body, kind)
    except msgspec.DecodeError as error:
        found = _FIELD_IN_ERROR.search(str(error)) or _PATH_IN_ERROR.search(str(error))
        raise BadInput(found[1] if found else "body", f"is wrong: {error}") from error


def _decode_each(body: bytes, kind: Any) -> list[Any]:
    """Decode the body as one value of `kind` or a list of them. Raises BadInput."""
    return list(_decode(body, list[kind])) if body.lstrip().startswith(b"[") else [_decode(body, kind)]


def _number(parameters: Parameters, name: str, default: int) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise BadInput(name, f"must be a whole number, 0 or more, of at most {_DIGITS} digits")
    return int(text)


def _only(parameters: Parameters, *known: str) -> None:
    for name in parameters:
        if name not in known:
            raise BadInput(name, f"is not known here; known are {', '.join(known)}")


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
