"""The table of the API's calls: each one's request, and how its answer is decoded. No I/O."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

from confrere_client.arguments import (
    check_group,
    check_idempotency_key,
    check_optional_text,
    check_text,
    check_whole_number,
    read_texts,
)
from confrere_client.decoding import Unreadable, decode, decode_list
from confrere_client.errors import InvalidRequest
from confrere_client.models import (
    Account,
    AccountStatus,
    ConversationExists,
    GroupPage,
    Health,
    MemberPage,
    Quota,
    RateLimit,
    SendRecord,
    Sent,
)

T = TypeVar("T")

SEND_GROUP = "/messaging/send-group"
SEND_GROUP_WITH_TYPING = "/messaging/send-group-with-typing"
SEND_GROUP_WITH_ACK = "/messaging/send-group-with-ack"
MEMBERS_PAGE = 50
SENDS_PAGE = 100
Query = Mapping[str, str | int | datetime | None]
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Facts:
    """The values of an answer's headers."""

    request_id: str
    rate_limit: RateLimit | None
    replayed: bool

    def shared(self) -> dict[str, object]:
        """The fields of `Answered`."""
        return {"request_id": self.request_id, "rate_limit": self.rate_limit}


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call.

    path:             under the API's base path, or under the root if `at_root`.
    idempotency_key:  of a send; None for everything else.
    private:          texts that no error may contain.
    read:             decodes the result from the answer's JSON. Raises Unreadable.
    """

    method: str
    path: str
    read: Callable[[object, Facts], T]
    query: Query = field(default_factory=dict)
    body: Fields | None = field(default=None, repr=False)
    idempotency_key: str | None = None
    private: Sequence[str] = field(default=(), repr=False)
    at_root: bool = False

    @property
    def is_send(self) -> bool:
        """Whether the call sends a message."""
        return self.idempotency_key is not None

    def target(self) -> str:
        """Return path and query. Raises InvalidRequest."""
        given = {name: _as_text(name, value) for name, value in self.query.items() if value is not None}
        return self.path + (f"?{urlencode(given)}" if given else "")

    def content(self) -> bytes | None:
        """Encode the body as JSON, without the fields that are None."""
        if self.body is None:
            return None
        return json.dumps({name: value for name, value in self.body.items() if value is not None}).encode()


# ---- sends ----------------------------------------------------------------------------------------------------------


def send(
    path: str,
    *,
    recipient: str,
    group_id: str | int,
    message: str,
    account_id: str | None,
    idempotency_key: str | None,
    message_urns: Sequence[str] | None = None,
) -> Call[Sent]:
    """Send one message, with a new key unless one is given. Raises InvalidRequest."""
    check_text("recipient", recipient)
    check_group("group_id", group_id)
    check_text("message", message)
    check_optional_text("account_id", account_id)
    key = str(uuid.uuid4()) if idempotency_key is None else idempotency_key
    check_idempotency_key(key)

    def read(value: object, facts: Facts) -> Sent:
        if not isinstance(value, Mapping) or value.get("success") is not True:
            raise Unreadable("the answer does not say that the message was sent")
        echo = {"recipientProfileUrn": recipient, "groupId": group_id}
        return decode(Sent, {**echo, **value}, **facts.shared(), idempotency_key=key, replayed=facts.replayed)

    body = {
        "accountId": account_id,
        "recipientProfileUrn": recipient,
        "groupId": group_id,
        "message": message,
        "messageUrns": read_texts("message_urns", message_urns),
    }
    return Call("POST", path, read, body=body, idempotency_key=key, private=(message,))


# ---- groups and conversations ---------------------------------------------------------------------------------------


def list_groups(*, account_id: str | None, start: int | None = None, count: int | None = None) -> Call[GroupPage]:
    """List the account's groups."""
    query = {"accountId": account_id, "start": start, "count": count}
    return Call("GET", "/groups", lambda value, facts: decode(GroupPage, value, **facts.shared()), query)


def list_members(
    group: Mapping[str, str | int],
    *,
    start: int,
    count: int,
    membership_statuses: Sequence[str] | None,
    typeahead_query: str | None,
    account_id: str | None,
) -> Call[MemberPage]:
    """List one page of a group's members. group: its `groupId` or `groupUrl`. Raises InvalidRequest."""
    for name, value in group.items():
        check_group({"groupId": "group_id", "groupUrl": "group_url"}[name], value)
    check_whole_number("start", start)
    check_whole_number("count", count)
    check_optional_text("typeahead_query", typeahead_query)
    check_optional_text("account_id", account_id)
    body = {
        **group,
        "count": count,
        "start": start,
        "membershipStatuses": read_texts("membership_statuses", membership_statuses),
        "typeaheadQuery": typeahead_query,
        "accountId": account_id,
    }
    path = "/groups/members-by-url" if "groupUrl" in group else "/groups/members"
    return Call("POST", path, lambda value, facts: decode(MemberPage, value, **facts.shared()), body=body)


def find_conversation(profile_id: str, *, account_id: str | None) -> Call[ConversationExists]:
    """Check whether a thread with a person exists. Raises InvalidRequest."""
    return Call(
        "GET",
        f"/conversations/exists/{_path_part('profile_id', profile_id)}",
        lambda value, facts: decode(ConversationExists, value, **facts.shared()),
        {"accountId": account_id},
    )


# ---- accounts and the ledger ----------------------------------------------------------------------------------------


def list_accounts(q: str | None) -> Call[tuple[Account, ...]]:
    """List the workspace's accounts."""
    return Call("GET", "/accounts", lambda value, _: decode_list(Account, value), {"q": q})


def read_status(account_id: str | None) -> Call[AccountStatus]:
    """Read one account's status; without an id that of the most recently used."""
    return Call(
        "GET", "/account/status", lambda value, _: decode(AccountStatus, value), {"accountId": account_id or None}
    )


def read_quotas(account_id: str) -> Call[tuple[Quota, ...]]:
    """Read an account's quotas. Raises InvalidRequest."""
    path = f"/account/{_path_part('account_id', account_id)}/quota"
    return Call("GET", path, lambda value, _: decode_list(Quota, _field(value, "quotas")))


@dataclass(frozen=True, slots=True)
class SendPage:
    """A page of the ledger."""

    sends: tuple[SendRecord, ...]
    next_cursor: str | None


def list_sends(account_id: str, query: Query) -> Call[SendPage]:
    """List a page of an account's sends, newest first. Raises InvalidRequest."""

    def read(value: object, _facts: Facts) -> SendPage:
        account, rows = _field(value, "accountId"), _field(value, "sends")
        if not isinstance(rows, list):
            raise Unreadable("sends: not a list")
        cursor = value.get("nextCursor") if isinstance(value, Mapping) else None
        sends = tuple(decode(SendRecord, row, account_id=account) for row in rows)
        return SendPage(sends, cursor if isinstance(cursor, str) else None)

    return Call("GET", f"/account/{_path_part('account_id', account_id)}/sends", read, query)


def read_send(send_id: str) -> Call[SendRecord]:
    """Read one send with its text. Raises InvalidRequest."""
    return Call(
        "GET",
        f"/sends/{_path_part('send_id', send_id)}",
        lambda value, _: decode(SendRecord, _field(value, "send"), account_id=_field(value, "accountId")),
    )


def read_health() -> Call[Health]:
    """Check that the process answers; needs no key."""
    return Call("GET", "/health", lambda value, _: decode(Health, value), at_root=True)


def read_openapi() -> Call[object]:
    """Read the server's OpenAPI document."""
    return Call("GET", "/openapi.json", lambda value, _: value)


def _field(value: object, name: str) -> object:
    if not isinstance(value, Mapping) or name not in value:
        raise Unreadable(f"{name} is missing")
    return value[name]


def _path_part(name: str, value: str) -> str:
    check_text(name, value)
    if not value.strip(". "):
        raise InvalidRequest(f"{name} must not be empty")
    return quote(value, safe="")


def _as_text(name: str, value: str | int | datetime | None) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidRequest(f"{name} must know its time zone")
        return value.isoformat()
    if not isinstance(value, str | int):
        raise InvalidRequest(f"{name} must be a string, a number or a datetime, not {type(value).__name__}")
    return str(value)
