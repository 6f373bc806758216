from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from confrere.mcp.tools import TOOLS
from tests.contract.mcp.agents import calling, structured, text_of
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

NAMES = [
    "list-linkedin-accounts",
    "get-account-quota",
    "list-groups",
    "get-group-members",
    "get-group-members-by-url",
    "resolve-person",
    "conversation-exists",
    "check-group-message",
    "send-group-message",
    "list-sends",
    "list-campaigns",
    "get-campaign",
    "prepare-campaign",
    "pause-campaign",
    "why-not-yet",
    "list-webhooks",
]
HINTS = {
    "send-group-message": (False, True, False),
    "prepare-campaign": (False, False, False),
    "pause-campaign": (False, False, True),
}
"""Of the tools that do not only read: whether they only read, destroy, and can be repeated."""


async def test_every_tool_is_described(server: ServerProcess, site: Site) -> None:
    """Each has a title, a description, typed arguments in one piece, a typed answer and hints that fit."""
    async with calling(server.url, site.key) as agent:
        offered = (await agent.list_tools()).tools
    assert [tool.name for tool in offered] == NAMES
    for tool in offered:
        assert tool.title
        assert len(tool.description or "") > 100
        for schema in (tool.input_schema, tool.output_schema or {}):
            jsonschema.Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
            assert "$ref" not in str(schema)
        assert tool.input_schema["additionalProperties"] is False
        assert tool.annotations is not None
        hints = tool.annotations
        given = (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint)
        assert given == HINTS.get(tool.name, (True, False, True))


def test_tools_describe_when_not_to_send() -> None:
    """The sending tool and each of its arguments are described with the conditions under which not to send."""
    tool = next(tool for tool in TOOLS if tool.name == "send-group-message")
    for warning in (
        "Do NOT send",
        "to many people",
        "asked not to be written to",
        '"unknown"',
        "held",
        "budget",
        "ask",
    ):
        assert warning in tool.description
    assert all(argument.get("description") for argument in tool.input_schema["properties"].values())


async def test_reading(server: ServerProcess, site: Site, sandbox: SandboxProcess) -> None:
    """Every reading tool returns its data in the form that its schema promises."""
    async with calling(server.url, site.key) as agent:
        outputs = {tool.name: tool.output_schema or {} for tool in (await agent.list_tools()).tools}

        async def read(tool: str, **arguments: object) -> dict[str, Any]:
            result = await agent.call_tool(tool, arguments)
            assert not result.is_error, text_of(result)
            jsonschema.validate(structured(result), outputs[tool])
            return structured(result)

        (account,) = (await read("list-linkedin-accounts"))["accounts"]
        assert account["accountId"] == site.account_ids[0]
        assert (await read("list-linkedin-accounts", query="nobody"))["accounts"] == []
        quota = await read("get-account-quota", accountId=account["accountId"])
        assert [one["action"] for one in quota["quotas"]] == ["MESSAGE", "GROUP_MEMBERS", "GROUP_FIRST_CONTACT"]
        groups = (await read("list-groups"))["groups"]
        assert sandbox.group_id in {group["groupId"] for group in groups}

        page = await read("get-group-members", groupId=sandbox.group_id, count=2)
        assert (len(page["members"]), page["nextStart"]) == (2, 2)
        assert page["budget"]["action"] == "GROUP_MEMBERS"
        url = f"https://www.linkedin.com/groups/{sandbox.group_id}/"
        same = await read("get-group-members-by-url", groupUrl=url, count=2)
        assert same["members"] == page["members"]
        first = page["members"][0]
        named = await read("get-group-members", groupId=sandbox.group_id, nameStartsWith=first["name"], count=5)
        assert first["profileUrn"] in {member["profileUrn"] for member in named["members"]}

        assert not (await read("conversation-exists", profileUrn=sandbox.recipient))["hasConversation"]
        owner = sandbox.accounts[1]
        address = f"https://www.linkedin.com/in/{owner.public_identifier}/"
        assert (await read("conversation-exists", profileUrn=address))["profileUrn"] == owner.profile_urn
        found = await read("resolve-person", profileUrl=address)
        assert (found["profileUrn"], found["publicIdentifier"]) == (owner.profile_urn, owner.public_identifier)
        assert (found["accountId"], found["profileUrl"]) == (site.account_ids[0], address)
        checked = await read(
            "check-group-message", recipientProfileUrn=sandbox.recipient, groupId=sandbox.group_id, message="Bonjour"
        )
        assert checked["wouldSend"] is True
        assert {check["name"] for check in checked["checks"]} >= {"account", "doNotContact", "quota"}
        asked = await read(
            "check-group-message", recipientProfileUrn=sandbox.recipient, groupId=sandbox.group_id, askLinkedIn=True
        )
        assert {"senderInGroup", "recipientInGroup", "conversation"} <= {check["name"] for check in asked["checks"]}
        assert sandbox.count_messages() == 0


async def test_the_ledger(server: ServerProcess, site: Site, sandbox: SandboxProcess) -> None:
    """Sends are listed newest first, filtered and page by page, without their texts."""
    person = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id}
    async with calling(server.url, site.key) as agent:
        sent = [
            structured(await agent.call_tool("send-group-message", {**person, "message": f"page {number}"}))["sendId"]
            for number in range(3)
        ]
        page = structured(await agent.call_tool("list-sends", {"limit": 2, "outcome": "accepted", **person}))
        assert [send["sendId"] for send in page["sends"]] == [sent[2], sent[1]]
        after = {"limit": 1, "beforeSendId": page["nextBeforeSendId"]}
        assert structured(await agent.call_tool("list-sends", after))["sends"][0]["sendId"] == sent[0]
        nothing = await agent.call_tool("list-sends", {"since": "2999-01-01T00:00:00Z"})
        assert structured(nothing)["sends"] == []
        assert "page 1" not in str(page)
        assert structured(await agent.call_tool("conversation-exists", {"profileUrn": sandbox.recipient}))[
            "hasConversation"
        ]


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("send-group-message", {"message": "x"}, "recipientProfileUrn is missing"),
        (
            "send-group-message",
            {"recipientProfileUrn": "bob", "groupId": "1", "message": "x"},
            "recipientProfileUrn must",
        ),
        ("send-group-message", {"recipientProfileUrn": "ACoAAx", "groupId": "x", "message": "x"}, "groupId must be"),
        (
            "send-group-message",
            {"recipientProfileUrn": "ACoAAx", "groupId": "1", "message": " "},
            "message must be a text in which something can be seen",
        ),
        (
            "send-group-message",
            {"recipientProfileUrn": "ACoAAx", "groupId": "1", "message": "x", "idempotencyKey": "undefined"},
            "idempotencyKey must name this one message, but is a placeholder",
        ),
        (
            "send-group-message",
            {"recipientProfileUrn": "ACoAAx", "groupId": 1, "message": "x", "idempotencyKey": "two words"},
            "idempotencyKey must",
        ),
        ("send-group-message", {"idempotency_key": "k"}, "idempotencyKey is. Nothing was done"),
        ("get-group-members", {"groupId": "12345678", "count": 1000}, "count must be a whole number from 1 to 100"),
        ("get-account-quota", {"accountId": "mine"}, "accountId must be 24 hexadecimal digits"),
        ("list-sends", {"beforeSendId": "7"}, "beforeSendId must be"),
        ("get-group-members-by-url", {"groupUrl": "https://attacker.example/"}, "groupUrl must be"),
        ("conversation-exists", {"profileUrn": "https://attacker.example/in/bob"}, "profileUrn must be"),
        ("conversation-exists", {"profileUrn": "https://www.linkedin.com/in/nobody-of-this-name"}, "knows nobody"),
        ("resolve-person", {}, "profileUrl is missing"),
        ("resolve-person", {"profileUrl": "https://attacker.example/in/bob"}, "profileUrl must be the address of"),
        ("resolve-person", {"profileUrl": "https://www.linkedin.com/in/nobody-of-this-name"}, "knows nobody"),
        ("get-account-quota", {"accountId": "0" * 24}, "account"),
        ("list-sends", {"since": "2026-01-31T09:00:00"}, "since must be an ISO 8601 time with its zone"),
    ],
)
async def test_wrong_arguments_are_reported_in_a_sentence(
    server: ServerProcess, site: Site, tool: str, arguments: dict[str, object], words: str
) -> None:
    """A wrong argument is reported with its accepted values, in a result that the agent can read and correct."""
    async with calling(server.url, site.key) as agent:
        result = await agent.session.call_tool(tool, arguments)
    assert result.is_error
    assert words in text_of(result)
    assert text_of(result).endswith(".")
