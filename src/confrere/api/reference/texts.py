"""The text of the reference and the schemas of requests, from `reference.toml`."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import msgspec

from confrere.api.compatible.conversations import DEFAULT_CONVERSATIONS, DEFAULT_MESSAGES
from confrere.api.compatible.groups import DEFAULT_COUNT, DEFAULT_COUNT_OLDER, MAX_COUNT, MAX_START, MAX_TYPED
from confrere.api.compatible.sends import MAX_ACKNOWLEDGED
from confrere.api.reference import shared_examples as shared
from confrere.api.v1.audience_source import MAX_WANTED
from confrere.api.v1.audiences import MAX_AUDIENCE_BYTES
from confrere.api.v1.campaigns import MAX_FIRST
from confrere.api.v1.do_not_contact import MAX_PEOPLE, MAX_SOURCE, MAX_TABLE_BYTES
from confrere.api.v1.paging import DEFAULT_PAGE, MAX_PAGE
from confrere.api.v1.sends import FORMATS
from confrere.api.v1.sends import MAX_NAME as MAX_RECIPIENT_NAME
from confrere.api.v1.webhooks import WEBHOOK_EVENTS
from confrere.domain.audit import AuditAction
from confrere.domain.campaigns.campaign import CampaignStatus, PersonStatus
from confrere.domain.campaigns.collection import MAX_FILTER_CHARACTERS
from confrere.domain.campaigns.templates import MAX_TEMPLATE_CHARACTERS
from confrere.domain.group import IN_THE_GROUP, MembershipStatus, Relationship
from confrere.domain.keys import MAX_KEY_NAME, Scope
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, MESSAGES_PER_DAY_CEILING
from confrere.domain.message import MAX_CHARACTERS
from confrere.domain.opt_out_csv import MAX_REASON
from confrere.domain.outcome import OutcomeName
from confrere.domain.pacing import LONGEST_GAP
from confrere.domain.pacing_json import (
    LEAST_SHARE,
    LONGEST_REPEAT_WINDOW_SECONDS,
    MOST_CALLS_PER_MINUTE,
    MOST_FIRST_CONTACTS,
)
from confrere.domain.sending_hours import WEEKDAYS
from confrere.domain.webhooks import DeliveryStatus
from confrere.domain.workspaces import MAX_WORKSPACE_NAME

Node = dict[str, object]
"""A JSON object of the document."""

VALUES: Mapping[str, object] = {
    "ACCOUNT_ID": shared.ACCOUNT_ID,
    "AUDIENCE_ID": shared.AUDIENCE_ID,
    "CAMPAIGN_STATUSES": list(CampaignStatus),
    "CONTENT_HASH": shared.CONTENT_HASH,
    "CONVERSATION_URN": shared.CONVERSATION_URN,
    "DEFAULT_CONVERSATIONS": DEFAULT_CONVERSATIONS,
    "DEFAULT_COUNT": DEFAULT_COUNT,
    "DEFAULT_COUNT_OLDER": DEFAULT_COUNT_OLDER,
    "DEFAULT_MESSAGES": DEFAULT_MESSAGES,
    "DEFAULT_PAGE": DEFAULT_PAGE,
    "DELIVERY_ID": shared.DELIVERY_ID,
    "DELIVERY_STATUSES": list(DeliveryStatus),
    "WEBHOOK_EVENTS": list(WEBHOOK_EVENTS),
    "WEBHOOK_ID": shared.WEBHOOK_ID,
    "WEBHOOK_URL": shared.WEBHOOK_URL,
    "UNUSED_WEBHOOK_ID": shared.UNUSED_WEBHOOK_ID,
    "DRAFT_ID": shared.DRAFT_ID,
    "FORMATS": list(FORMATS),
    "GROUP": shared.GROUP,
    "GROUP_MEMBERS_PER_DAY": GROUP_MEMBERS_PER_DAY,
    "AUDIT_ACTIONS": list(AuditAction),
    "IN_THE_GROUP": ", ".join(IN_THE_GROUP),
    "KEY_ID": shared.KEY_ID,
    "LONGEST_GAP_SECONDS": LONGEST_GAP.total_seconds(),
    "LEAST_SHARE": LEAST_SHARE,
    "LONGEST_REPEAT_WINDOW_SECONDS": LONGEST_REPEAT_WINDOW_SECONDS,
    "MAX_ACKNOWLEDGED": MAX_ACKNOWLEDGED,
    "MAX_AUDIENCE_MIB": MAX_AUDIENCE_BYTES >> 20,
    "MAX_CHARACTERS": MAX_CHARACTERS,
    "MAX_COUNT": MAX_COUNT,
    "MAX_FILTER_CHARACTERS": MAX_FILTER_CHARACTERS,
    "MAX_FIRST": MAX_FIRST,
    "MAX_KEY_NAME": MAX_KEY_NAME,
    "MAX_PAGE": MAX_PAGE,
    "MAX_PEOPLE": MAX_PEOPLE,
    "MAX_REASON": MAX_REASON,
    "MAX_RECIPIENT_NAME": MAX_RECIPIENT_NAME,
    "MAX_SOURCE": MAX_SOURCE,
    "MAX_START": MAX_START,
    "MAX_TABLE_MIB": MAX_TABLE_BYTES >> 20,
    "MAX_TEMPLATE_CHARACTERS": MAX_TEMPLATE_CHARACTERS,
    "MAX_TYPED": MAX_TYPED,
    "MAX_WANTED": MAX_WANTED,
    "MAX_WORKSPACE_NAME": MAX_WORKSPACE_NAME,
    "MEMBERSHIP_STATUSES": list(MembershipStatus),
    "MESSAGES_PER_DAY_CEILING": MESSAGES_PER_DAY_CEILING,
    "MESSAGE_URN": shared.MESSAGE_URN,
    "MOST_CALLS_PER_MINUTE": MOST_CALLS_PER_MINUTE,
    "MOST_FIRST_CONTACTS": MOST_FIRST_CONTACTS,
    "OPTED_OUT": shared.OPTED_OUT,
    "OUTCOMES": list(OutcomeName),
    "PAUSED_ID": shared.PAUSED_ID,
    "PERSON_STATUSES": list(PersonStatus),
    "RECIPIENT": shared.RECIPIENT,
    "RELATIONSHIPS": list(Relationship),
    "REPLY_ID": shared.REPLY_ID,
    "RUNNING_ID": shared.RUNNING_ID,
    "SCOPES": list(Scope),
    "SEND_ID": shared.SEND_ID,
    "TEMPLATE": shared.TEMPLATE,
    "TEMPLATE_ID": shared.TEMPLATE_ID,
    "TEXT": shared.TEXT,
    "UNUSED_AUDIENCE_ID": shared.UNUSED_AUDIENCE_ID,
    "UNUSED_TEMPLATE_ID": shared.UNUSED_TEMPLATE_ID,
    "WEEKDAYS": list(WEEKDAYS),
    "WORKSPACE_ID": shared.WORKSPACE_ID,
}
"""What `@NAME@` stands for."""


class Parameter(msgspec.Struct, frozen=True, rename={"place": "in"}):
    """One parameter. place: `path`, `query` or `header`. name: that of its table where it is empty."""

    place: str
    description: str
    schema: Node
    name: str = ""
    example: object = None


class Operation(msgspec.Struct, frozen=True):
    """One method on one path; its scope and the methods of its path come from the route, its common answers by rule.

    route:        its method, and its path with names of parts in camel case.
    request:      the name of the body's schema.
    body, query:  of the code samples; a `body` that is a string is sent as CSV.
    status:       what a status means here, where `Texts.status` does not fit.
    captions:     of its examples, where `Texts.captions` does not fit.
    text:         the media type of a 200 that has no example.
    dry_run:      whether it changes nothing, though its method or scope suggests that it does.
    """

    route: str
    tag: str
    summary: str
    description: str
    parameters: tuple[str, ...] = ()
    request: str | None = None
    body: Node | str | None = None
    query: str = ""
    status: dict[str, str] = {}
    captions: dict[str, str] = {}
    text: str = "application/json"
    dry_run: bool = False

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path, with names of its parts in braces."""
        return self.route.partition(" ")[2]

    @property
    def sends(self) -> bool:
        """Whether it sends a message: only those take an `Idempotency-Key`."""
        return "Idempotency-Key" in self.parameters

    @property
    def media_type(self) -> str:
        """The media type of its request body."""
        return "text/csv" if isinstance(self.body, str) else "application/json"


class Texts(msgspec.Struct, frozen=True):
    """The whole file."""

    description: str
    tags: dict[str, str]
    status: dict[str, str]
    headers: dict[str, Node]
    parameters: dict[str, Parameter]
    requests: dict[str, Node]
    captions: dict[str, str]
    operations: dict[str, Operation]


@cache
def texts() -> Texts:
    """Read `reference.toml`, once."""
    tables = tomllib.loads((Path(__file__).parent / "reference.toml").read_text("utf-8"))
    return msgspec.convert(_resolve(tables, tables), Texts)


def _resolve(node: object, tables: Node) -> object:
    """Return the node with the entries that it inherits, and with the values of the code."""
    match node:
        case {"like": str(path), **own}:
            inherited: object = tables
            for name in path.split("."):
                inherited = cast("Node", inherited)[name]
            return _merge(cast("Node", _resolve(inherited, tables)), cast("Node", _resolve(own, tables)))
        case dict():
            return {name: _resolve(value, tables) for name, value in node.items()}
        case list():
            return [_resolve(item, tables) for item in node]
        case str():
            whole = re.fullmatch("@([A-Z_]+)@", node)
            return VALUES[whole[1]] if whole else re.sub("@([A-Z_]+)@", lambda found: _shown(VALUES[found[1]]), node)
        case _:
            return node


def _merge(inherited: Node, own: Node) -> Node:
    """Merge both, table by table; `own` wins."""
    merged = dict(inherited)
    for name, value in own.items():
        before = inherited.get(name)
        merged[name] = _merge(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
