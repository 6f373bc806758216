"""Messages into conversations over the whole product: what LinkedIn does, what is answered, what people see."""

import csv
import io
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.e2e.command_line import confrere
from tests.sandbox_process import SandboxProcess
from tests.server_process import Reply, ServerProcess, Site, running_server

PATH = "/linkedin/conversations/send"
MESSAGE = {"path": "createMessage"}
SEARCH = {"path": "MessagingGraphQL"}
NOT_IN_THE_GROUP = "POST /linkedin/messaging/send-group writes to somebody who is in a group with the account"


def post(server: ServerProcess, text: str = "Thursday suits me", *, key: str | None = None, **named: Any) -> Reply:
    """Send a text to whom the fields name."""
    headers = {"Idempotency-Key": key} if key else {}
    return server.call("POST", PATH, {"message": text, **named}, headers=headers)


def begin(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> str:
    """Write to the recipient through the group, and return the conversation."""
    assert server.send(sandbox, "Hello").status == 200
    urn = site.sends()[0].conversation_urn
    assert urn is not None
    return urn


def connect(sandbox: SandboxProcess) -> None:
    """Connect the recipient and the account."""
    sandbox.act({"action": "connect", "member": sandbox.recipient, "account": sandbox.accounts[0].profile_urn})


@pytest.mark.parametrize(
    ("fault", "status", "outcome", "used", "seen"),
    [
        (None, 200, "accepted", 1, 1),
        ({"effect": "status", "status": 404}, 403, "refused", 0, 0),
        ({"effect": "status", "status": 429}, 429, "throttled", 0, 0),
        ({"effect": "redirect_login"}, 500, "session_dead", 0, 0),
        ({"effect": "status", "status": 410}, 500, "not_sent", 0, 0),
        ({"effect": "status", "status": 502}, 500, "unknown", 1, 0),
        ({"effect": "accept_then_status", "status": 502}, 500, "unknown", 1, 1),
        ({"effect": "reset_after_accept"}, 500, "unknown", 1, 1),
        ({"effect": "truncate"}, 500, "unknown", 1, 1),
    ],
)
def test_outcome(
    server: ServerProcess,
    sandbox: SandboxProcess,
    site: Site,
    fault: dict[str, Any] | None,
    status: int,
    outcome: str,
    used: int,
    seen: int,
) -> None:
    """Answer, record, quota and recipient agree for each outcome, and reconciling settles unknown sends."""
    conversation = begin(server, sandbox, site)
    if fault is not None:
        sandbox.faults([{"match": MESSAGE, **fault}])
    reply = post(server, conversationUrn=conversation)
    send = site.sends()[-1]
    assert (reply.status, send.outcome, send.group_id) == (status, outcome, None)
    assert (send.recipient, send.conversation_urn) == (sandbox.recipient, conversation)
    if outcome in ("unknown", "not_sent"):
        assert reply.body["outcome"] == outcome
    assert site.used() == int(reply.headers["x-ratelimit-used"]) == 1 + used
    assert len(sandbox.messages()) == 1 + seen
    site.reconcile()
    send = site.sends()[-1]
    assert site.used() == len(sandbox.messages()) == 1 + seen
    assert send.outcome == ({0: "not_sent", 1: "accepted"}[seen] if outcome == "unknown" else outcome)


@pytest.mark.parametrize("fault", ["reset_after_accept", "truncate"])
@pytest.mark.parametrize("key", [None, "key-1"])
@pytest.mark.parametrize("begins", [True, False])
def test_once_for_clients_that_repeat_after_a_5xx(
    server: ServerProcess, sandbox: SandboxProcess, site: Site, fault: str, key: str | None, begins: bool
) -> None:
    """The repeat is answered 200 and sends nothing, also where the first message began the conversation."""
    if begins:
        connect(sandbox)
    else:
        begin(server, sandbox, site)
    before = len(sandbox.messages())
    sandbox.faults([{"match": MESSAGE, "effect": fault}])
    assert post(server, key=key, recipientProfileUrn=sandbox.recipient).status == 500
    repeat = post(server, key=key, recipientProfileUrn=sandbox.recipient)
    assert repeat.status == 200
    assert repeat.headers.get("idempotency-replayed") == ("true" if key else None)
    assert len(sandbox.messages()) == site.used() == before + 1


def test_a_replay_needs_no_linkedin(sandbox: SandboxProcess, site: Site) -> None:
    """The answer to a key is given again by a server that cannot reach LinkedIn, however it is named."""
    with running_server(site) as server:
        conversation = begin(server, sandbox, site)
        named = ({"conversationUrn": conversation}, {"recipientProfileUrn": sandbox.recipient})
        first = [post(server, f"{place}", key=f"key-{place}", **each) for place, each in enumerate(named)]
        assert [reply.status for reply in first] == [200, 200]
        server.stop()
    with running_server(site, environment={"CONFRERE_LINKEDIN_URL": "http://127.0.0.1:9"}) as server:
        again = [post(server, f"{place}", key=f"key-{place}", **each) for place, each in enumerate(named)]
    assert [reply.content for reply in again] == [reply.content for reply in first]
    assert len(sandbox.messages()) == 3


def test_a_connection_needs_no_conversation(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """A first message to a connection begins the conversation; nothing counts as a first contact through a group."""
    connect(sandbox)
    reply = post(server, recipientProfileUrn=sandbox.recipient)
    assert reply.status == 200
    [message] = sandbox.messages()
    assert (message["text"], message["groupUrn"]) == ("Thursday suits me", None)
    quotas = server.call("GET", f"/linkedin/account/{site.account_ids[0]}/quota").body["quotas"]
    assert {each["feature"]: each["used"] for each in quotas} == {
        "MESSAGE": 1,
        "GROUP_MEMBERS": 0,
        "GROUP_FIRST_CONTACT": 0,
    }
    again = post(server, "And another", conversationUrn=reply.body["sentMessage"]["conversationUrn"])
    assert again.status == 200
    assert again.body["sentMessage"]["conversationUrn"] == reply.body["sentMessage"]["conversationUrn"]


def test_a_stranger_is_refused_with_the_way_to_reach_them(
    server: ServerProcess, sandbox: SandboxProcess, site: Site
) -> None:
    """LinkedIn's 422 is passed on, its unit given back, and the answer names the call through a group."""
    reply = post(server, recipientProfileUrn=sandbox.recipient)
    assert (reply.status, reply.body["errorDetails"]["status"]) == (403, 422)
    assert reply.body["message"].endswith(NOT_IN_THE_GROUP)
    assert (sandbox.messages(), site.used()) == ([], 0)
    assert server.send(sandbox).status == 200


def test_a_person_by_vanity_name(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """The name is resolved, and the conversation with the person found."""
    conversation = begin(server, sandbox, site)
    person = next(
        each
        for each in sandbox.world(group=sandbox.group_id, count=300)["recipients"]
        if each["profileUrn"] == sandbox.recipient
    )
    reply = post(server, recipientProfileId=person["publicIdentifier"])
    assert (reply.status, reply.body["recipientProfileUrn"]) == (200, sandbox.recipient)
    assert reply.body["sentMessage"]["conversationUrn"] == conversation


@pytest.mark.parametrize(
    ("fault", "status", "condition"),
    [
        ({"effect": "status", "status": 503, "times": 2}, 500, "AVAILABLE"),
        ({"effect": "status", "status": 429}, 429, "AVAILABLE"),
        ({"effect": "challenge"}, 500, "ERROR"),
    ],
)
def test_nothing_is_sent_where_the_conversation_cannot_be_looked_for(
    server: ServerProcess, sandbox: SandboxProcess, site: Site, fault: dict[str, Any], status: int, condition: str
) -> None:
    """The unit is given back, and LinkedIn's objection stops the account as it does in a send."""
    sandbox.faults([{"match": SEARCH, **fault}])
    reply = post(server, recipientProfileUrn=sandbox.recipient)
    assert (reply.status, sandbox.messages(), site.used()) == (status, [], 0)
    assert server.call("GET", f"/linkedin/account/{site.account_ids[0]}/status").body["status"] == condition
    assert server.send(sandbox).status == (200 if fault.get("status") == 503 else status)


def test_what_people_see(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """The message is in the recipient's inbox and in the sender's, the lists have no group, and no log has the text."""
    conversation = begin(server, sandbox, site)
    sandbox.reply(sandbox.recipient, sandbox.accounts[0].profile_urn, "When?")
    assert post(server, conversationUrn=conversation).status == 200
    with build_opener(ProxyHandler({})).open(f"{sandbox.url}/inbox?member={sandbox.recipient}") as page:
        inbox = page.read().decode()
    assert inbox.index("Hello") < inbox.index("When?") < inbox.index("Thursday suits me")

    shown = confrere(site.environment, "sends", "list", "--json").json["sends"]
    assert [each["groupId"] for each in shown] == [None, sandbox.group_id]
    assert "Thursday" not in str(shown)
    one = confrere(site.environment, "sends", "show", shown[0]["id"], "--with-text")
    assert "Thursday suits me" in one.out
    exported = server.call("GET", "/v1/sends/export?format=csv").content.decode()
    assert [row["groupId"] for row in csv.DictReader(io.StringIO(exported))] == ["", sandbox.group_id]
    server.stop()
    assert "Thursday" not in site.log.read_text()
