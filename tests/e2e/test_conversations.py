"""Conversations over the whole product: a reply is read, and marked as read, and its text is in no log."""

import asyncio
from urllib.parse import quote

from confrere.domain.keys import Scope
from tests.sandbox_process import SandboxProcess
from tests.server_process import Reply, ServerProcess, Site

MAILBOX = "/linkedin/conversations"
ANSWER = "Glad to hear from you, call me on Thursday"


def test_a_reply_is_read_and_then_marked_as_read(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """What one answer gives the next request takes; only mark-seen ends that it is unread."""
    headers = {"Authorization": f"Bearer {create_key(site)}"}

    def call(method: str, path: str, body: object = None) -> Reply:
        return server.call(method, path, body, headers=headers)

    assert server.send(sandbox, "Hello").status == 200
    owner = sandbox.accounts[0]
    sandbox.reply(sandbox.recipient, owner.profile_urn, ANSWER)
    mailbox = call("GET", f"{MAILBOX}?unreadOnly=true").body
    assert mailbox["accounts"] == [{"id": site.account_ids[0], "name": f"{owner.first_name} {owner.last_name}"}]
    conversation = mailbox["conversations"][0]
    assert (conversation["latestMessage"]["text"], conversation["unreadCount"]) == (ANSWER, 1)
    assert [each["profileId"] for each in conversation["participants"]] == [sandbox.recipient.rpartition(":")[2]]

    urn = conversation["conversationUrn"]
    path = f"{MAILBOX}/{quote(urn, safe='')}/messages"
    page = call("GET", path).body
    assert [(each["text"], each["isSentByOwner"]) for each in page["messages"]] == [(ANSWER, False), ("Hello", True)]
    assert (page["participants"], page["hasMore"], page["cursor"]) == (conversation["participants"], False, None)
    newest = page["messages"][0]["sentAt"]
    assert call("GET", f"{path}?since={newest}").body["messages"] == []
    assert [each["text"] for each in call("GET", f"{path}?cursor={newest}").body["messages"]] == ["Hello"]

    assert call("GET", f"{MAILBOX}?count=1").body["conversations"][0]["unreadCount"] == 1
    marked = call("POST", "/linkedin/messaging/mark-seen", {"conversationUrn": urn})
    assert (marked.status, marked.body["conversationUrn"]) == (200, urn)
    assert call("GET", f"{MAILBOX}?count=1").body["conversations"][0]["unreadCount"] == 0
    assert server.call("GET", path).status == 403
    server.stop()
    assert ANSWER not in site.log.read_text()


def test_a_challenge_while_reading_stops_sends(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """The next message does not reach LinkedIn."""
    headers = {"Authorization": f"Bearer {create_key(site)}"}
    sandbox.faults([{"match": {"path": "MessagingGraphQL"}, "effect": "challenge"}])
    answer = server.call("GET", MAILBOX, headers=headers)
    gone = {"error": "Failed to get LinkedIn authentication credentials", "success": False}
    assert (answer.status, answer.body) == (500, gone)
    assert (server.send(sandbox).status, sandbox.count_messages()) == (500, 0)


def create_key(site: Site) -> str:
    """Create a key that may read conversations, and nothing else."""

    async def create() -> str:
        async with site.services() as services:
            _, key = await services.keys.create("default", name="inbox", scopes=[Scope.INBOX])
            return key

    return asyncio.run(create())
