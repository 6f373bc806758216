"""How a tool's arguments are parsed: common variations are accepted, and no error quotes a value."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.errors import InvalidField
from confrere.domain.group import MembershipStatus
from confrere.domain.keys import Caller, Scope
from confrere.mcp import AgentSession
from confrere.mcp import server as mcp_server
from confrere.mcp.arguments import ADDED_BY_HOSTS, read_arguments
from confrere.mcp.tool import Call, Tool
from confrere.mcp.tools import TOOLS
from confrere.services import Services, build_services
from confrere.store import Vault, open_store
from tests.contract.mcp.agents import text_of
from tests.fakes.upstream import BROWSER, FakeUpstream
from tests.sqlite_files import migrated_file
from tests.unit.sending.conftest import HandClock

SECRET = "zq-text-of-a-person-zq"
LIBRARY_WORDS = (
    "Expected", "expected `", "Object", "object missing", "Value error", "Invalid value", "ValidationError", "$.",
    "msgspec", "pydantic", "`str`", "`int`", "regex", "Traceback", "InvalidField",
)  # fmt: skip
PERSON = {"recipientProfileUrn": "urn:li:fsd_profile:ACoAABastien", "groupId": "12345678"}
FULL: dict[str, dict[str, Any]] = {
    "get-group-members": {"groupId": "12345678"},
    "get-group-members-by-url": {"groupUrl": "https://www.linkedin.com/groups/12345678/"},
    "conversation-exists": {"profileUrn": PERSON["recipientProfileUrn"]},
    "resolve-person": {"profileUrl": "https://www.linkedin.com/in/anna-example/"},
    "check-group-message": {**PERSON, "message": "Hello"},
    "send-group-message": {**PERSON, "message": "Hello"},
    "get-campaign": {"campaignId": "0" * 32},
    "prepare-campaign": {
        "name": "Meetup",
        "text": "Hello",
        "groupId": PERSON["groupId"],
        "recipientProfileUrns": [PERSON["recipientProfileUrn"]],
    },
    "start-campaign": {"campaignId": "0" * 32, "contentHash": "0" * 64},
    "pause-campaign": {"campaignId": "0" * 32},
    "export-person": {"recipientProfileUrn": PERSON["recipientProfileUrn"]},
}
SHOWN = ("prepare-campaign", "text")
"""The one argument whose value is in the answer: the text as it would be sent."""
ODD: list[Any] = [
    None, "", " ", "\0", SECRET, SECRET * 1_000, f" {SECRET} ", "null", "undefined", "${KEY}", "a\ud800", "\u200b",
    "1e5", "-1", "9" * 400, "2026-01-31", "0000-00-00T00:00:00Z", "true", "[]", f'["{SECRET}"]', f"{SECRET}, OWNER",
    0, -1, 10**30, 1.5, 1e300, 25.0, True, False, [], [SECRET], [[SECRET]], [None], {}, {SECRET: SECRET},
]  # fmt: skip


def tool_named(name: str) -> Tool[Any]:
    """Return one of our tools."""
    return next(tool for tool in TOOLS if tool.name == name)


def read(name: str, **given: Any) -> Any:
    """Return the tool's arguments as it gets them."""
    tool = tool_named(name)
    return read_arguments({**FULL.get(name, {}), **given}, tool.takes, tool.input_schema)


def refusal(name: str, **given: Any) -> str:
    """Return the sentence with which they are rejected."""
    with pytest.raises(InvalidField) as refused:
        read(name, **given)
    return str(refused.value)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_workflow_tools_add_is_ignored_by_every_tool(tool: Tool[Any]) -> None:
    """Every tool ignores the fields that hosts add beside the arguments, whatever they hold."""
    added = {name: {"any": [1, "thing"]} for name in ADDED_BY_HOSTS}
    assert read(tool.name, **added) == read(tool.name)
    assert ADDED_BY_HOSTS.isdisjoint(tool.input_schema["properties"])


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("idempotancyKey", "idempotencyKey"),
        ("idempotency_key", "idempotencyKey"),
        ("Idempotency-Key", "idempotencyKey"),
        ("accountID", "accountId"),
        ("recipientUrn", "recipientProfileUrn"),
        ("text_message", "message"),
    ],
)
def test_a_misspelt_argument_is_rejected_with_the_right_name(name: str, meant: str) -> None:
    """A misspelt argument is rejected with the right name; ignoring a misspelt key could send a message twice."""
    assert refusal("send-group-message", **{name: "x"}) == f"{name} is not an argument of this tool; {meant} is"


def test_an_unknown_argument_that_resembles_none_is_not_quoted() -> None:
    """An unknown argument is not quoted, as it may be a message, and the tool's arguments are listed instead."""
    assert refusal("get-account-quota", **{SECRET: 1}) == (
        "The arguments hold one that this tool does not have; it has accountId"
    )


@pytest.mark.parametrize("count", [7, "7", " 7 ", 7.0, "7.0"])
def test_a_number_may_come_as_text_or_as_a_whole_float(count: object) -> None:
    """A number is accepted as an integer, as text, and as a float without a fraction."""
    assert read("list-groups", count=count).count == 7


@pytest.mark.parametrize("given", [12345678, 12345678.0, "12345678", " 12345678\n"])
def test_an_id_may_come_as_a_number(given: object) -> None:
    """Groups and other identifiers may be numbers."""
    assert read("get-group-members", groupId=given).group_id == "12345678"
    assert read("send-group-message", idempotencyKey=given).idempotency_key == "12345678"
    assert read("list-sends", accountId=10**23).account_id == f"{10**23}"


@pytest.mark.parametrize("given", ["OWNER,MEMBER", '["OWNER", "MEMBER"]', ["OWNER", "MEMBER"], ("OWNER", "MEMBER")])
def test_a_list_may_come_as_text(given: object) -> None:
    """A list may be text with commas, or JSON inside a string."""
    assert read("get-group-members", membershipStatuses=given).membership_statuses == ("OWNER", "MEMBER")


def test_what_was_not_filled_in_is_left_out() -> None:
    """Null and empty arguments, which models give for optional ones, count as absent."""
    nothing = dict.fromkeys(("accountId", "outcome", "since", "until", "limit", "beforeSendId"))
    assert read("list-sends", **nothing) == read("list-sends")
    blank = dict.fromkeys(("outcome", "since", "until", "limit"), "")
    assert read("list-sends", **blank) == read("list-sends")
    assert read("check-group-message", askLinkedIn="TRUE").ask_linked_in is True
    assert read("list-sends", since=" 2026-01-31T09:00:00Z ").since == datetime(2026, 1, 31, 9, tzinfo=UTC)


def test_a_message_is_never_changed() -> None:
    """A message keeps its blanks, and a number is not accepted as a message."""
    assert read("send-group-message", message=" 7\n").message == " 7\n"
    assert refusal("send-group-message", message=7) == "message must be a string of at most 8000 characters"


@pytest.mark.parametrize(
    ("tool", "given", "sentence"),
    [
        ("list-groups", {"count": 1000}, "count must be a whole number from 1 to 100"),
        ("list-groups", {"count": True}, "count must be a whole number from 1 to 100"),
        ("list-groups", {"start": 1.5}, "start must be a whole number from 0 to 1000000"),
        ("get-group-members", {"groupId": None}, "groupId is missing"),
        (
            "get-group-members",
            {"membershipStatuses": ["KING"]},
            f"membershipStatuses must be a list of one or more of {', '.join(sorted(MembershipStatus))}",
        ),
        (
            "get-group-members",
            {"nameStartsWith": "x" * 101},
            "nameStartsWith must be a string of at most 100 characters",
        ),
        (
            "get-group-members",
            {"nameStartsWith": "\0"},
            "nameStartsWith must be valid Unicode text without NUL characters",
        ),
        (
            "list-sends",
            {"since": "yesterday"},
            "since must be an ISO 8601 time with its zone, such as 2026-01-31T09:00:00Z",
        ),
        (
            "list-sends",
            {"until": 1_700_000_000},
            "until must be an ISO 8601 time with its zone, such as 2026-01-31T09:00:00Z",
        ),
        (
            "list-sends",
            {"outcome": "lost"},
            "outcome must be one of accepted, in_flight, not_sent, refused, session_dead, throttled, unknown",
        ),
        ("check-group-message", {"askLinkedIn": "maybe"}, "askLinkedIn must be true or false"),
        ("list-linkedin-accounts", {"query": [SECRET]}, "query must be a string"),
        ("prepare-campaign", {"text": 7}, "text must be a string of at most 8000 characters"),
        (
            "prepare-campaign",
            {"recipientProfileUrns": [[]]},
            "recipientProfileUrns must be a list of at most 1000 strings",
        ),
        ("prepare-campaign", {"dailyCap": 1_000}, "dailyCap must be a whole number from 1 to 150"),
        ("start-campaign", {"first": 0}, "first must be a whole number from 1 to 1000"),
    ],
)
def test_a_wrong_value_is_rejected_with_the_accepted_ones(tool: str, given: dict[str, Any], sentence: str) -> None:
    """The sentence names the argument and its accepted values, from the tool's own schema."""
    assert refusal(tool, **given) == sentence


WORDS = st.text('az09-+.,:TZ[]"\0\ud800é ', max_size=12)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.just(SECRET)
JSON = PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(WORDS, PLAIN, max_size=2)
NAMES = sorted({name for tool in TOOLS for name in tool.input_schema["properties"]} | ADDED_BY_HOSTS | {SECRET})


@given(tool=st.sampled_from(TOOLS), arguments=st.dictionaries(st.sampled_from(NAMES) | WORDS, JSON, max_size=4))
def test_any_arguments_are_read_or_rejected(tool: Tool[Any], arguments: dict[str, Any]) -> None:
    """Any input gives a tool arguments of its types, or the agent a sentence that quotes no value."""
    arguments = {**FULL.get(tool.name, {}), **arguments}
    try:
        taken = read_arguments(arguments, tool.takes, tool.input_schema)
    except InvalidField as error:
        refused = error
    else:
        assert isinstance(taken, tool.takes)
        return
    assert SECRET not in str(refused)
    assert not any(word in str(refused) for word in LIBRARY_WORDS), str(refused)
    assert refused.__cause__ is refused.__context__ is None


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    """Build the services on a real SQLite store, with a scripted LinkedIn."""
    store = await open_store(migrated_file(tmp_path), vault=Vault([Vault.new_key()]))
    services = build_services(store=store, upstream=FakeUpstream(), clock=HandClock(), gap=timedelta(minutes=2))
    await services.accounts.connect("default", BROWSER)
    yield services
    await services.close()


async def test_no_odd_value_of_any_argument_fails_a_tool(services: Services) -> None:
    """Every tool answers every odd value of each argument with sentences that do not contain the value."""
    agent_session = AgentSession(services, Caller("test", "default", frozenset({Scope.ADMIN})))
    for tool in TOOLS:
        for name in tool.input_schema["properties"]:
            for value in ODD:
                arguments = {**FULL.get(tool.name, {}), name: value}
                result = await mcp_server._call(tool, Call(agent_session, 1, "test"), arguments)
                agent_session.mark_all_answered()
                text = text_of(result)
                where = (tool.name, name, value, text)
                assert "nternal" not in text, where
                if SECRET in str(value):  # a list may show what an earlier call has stored
                    assert SECRET not in text or (tool.name, name) == SHOWN, where
                if result.structured_content is None:
                    assert text.endswith("."), where
                    assert not any(word in text for word in LIBRARY_WORDS), where
