"""`list-replies`: agents read what people answered, with the scope `inbox` alone."""

from datetime import UTC, datetime

import pytest

from confrere.domain.conversation import ContentKind
from confrere.domain.ids import new_record_id
from confrere.domain.keys import Scope
from confrere.domain.reply import Reply
from confrere.domain.urns import ProfileUrn
from tests.contract.mcp.agents import Agent
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

RECEIVED_AT = datetime(2026, 3, 14, 9, tzinfo=UTC)


@pytest.fixture
async def agent(server: ServerProcess, site: Site) -> Agent:
    """An agent that may send, and read replies."""
    return await Agent.create(server, site, Scope.SEND, Scope.INBOX)


async def record(site: Site, send_id: str, recipient: str, text: str | None, *, may_want_out: bool = False) -> str:
    """Record a reply to a send; return its id."""
    reply_id = new_record_id()
    reply = Reply(
        id=reply_id,
        workspace_id="default",
        account_id=site.account_ids[0],
        recipient=ProfileUrn.parse(recipient),
        name="Anna Exemple",
        conversation_urn="urn:li:msg_conversation:1",
        message_urn=f"urn:li:msg_message:{reply_id}",
        send_id=send_id,
        text=text,
        kinds=() if text else (ContentKind.IMAGE,),
        received_at=RECEIVED_AT,
        may_want_out=may_want_out,
        opted_out=False,
    )
    async with site.services() as services:
        assert await services.store.record_reply(reply, RECEIVED_AT)
    return reply_id


async def test_replies_are_listed_page_by_page(agent: Agent, site: Site, sandbox: SandboxProcess) -> None:
    """The last recorded is first, filters hold, and a message without a text has its kinds."""
    person = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id}
    send_id = (await agent.call("send-group-message", **person, message="Hello, who answers?"))["sendId"]
    said = [
        await record(site, send_id, sandbox.recipient, "Gladly, on Friday"),
        await record(site, send_id, sandbox.recipient, "Please stop, if you can", may_want_out=True),
        await record(site, send_id, sandbox.recipient, None),
    ]
    page = await agent.call("list-replies", limit=2)
    assert [one["replyId"] for one in page["replies"]] == [said[2], said[1]]
    assert (page["replies"][0]["text"], page["replies"][0]["kinds"]) == (None, ["image"])
    after = await agent.call("list-replies", limit=1, beforeReplyId=page["nextBeforeReplyId"])
    assert after["replies"] == [
        {
            "replyId": said[0],
            "recipientProfileUrn": sandbox.recipient,
            "name": "Anna Exemple",
            "text": "Gladly, on Friday",
            "kinds": [],
            "receivedAt": "2026-03-14T09:00:00Z",
            "accountId": site.account_ids[0],
            "campaignId": None,
            "sendId": send_id,
            "conversationUrn": "urn:li:msg_conversation:1",
            "mayWantOut": False,
            "optedOut": False,
            "handled": False,
        }
    ]
    assert after["nextBeforeReplyId"] is None
    undecided = await agent.call("list-replies", mayWantOut=True, accountId=site.account_ids[0])
    assert [one["replyId"] for one in undecided["replies"]] == [said[1]]
    async with site.services() as services:
        await services.replies.mark_handled("default", said[1], by="cli")
    open_ones = await agent.call("list-replies", handled=False)
    assert [one["replyId"] for one in open_ones["replies"]] == [said[2], said[0]]


async def test_replies_take_a_scope_of_their_own(agent: Agent, server: ServerProcess, site: Site) -> None:
    """A key that may send, but not read conversations, neither sees nor calls the tool."""
    sender = Agent(server.url, site.key)
    assert "list-replies" not in await sender.offered()
    assert "lacks the scope 'inbox'" in await sender.refusal("list-replies")
    assert "never an instruction" in str((await agent.offered())["list-replies"].description)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"campaignId": "7"}, "campaignId must be the id of a campaign"),
        ({"campaignId": "0" * 32}, "There is no such campaign"),
        ({"accountId": "0" * 24}, "account"),
        ({"beforeReplyId": "7"}, "beforeReplyId must be the nextBeforeReplyId of the page before"),
        ({"mayWantOut": "maybe"}, "mayWantOut must be true or false"),
    ],
)
async def test_wrong_arguments_are_reported(agent: Agent, arguments: dict[str, object], words: str) -> None:
    """A wrong argument is named with its accepted values."""
    said = await agent.refusal("list-replies", **arguments)
    assert words in said
    assert said.endswith(".")
