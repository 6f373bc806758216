"""Both clients over real connections, against a server that answers as the contract specifies."""

import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from confrere_client import (
    Client,
    ConnectionFailed,
    OutcomeUnknown,
    RateLimited,
    Unauthorized,
)
from tests.contract.python_client.conftest import Either
from tests.contract.python_client.scripted import SILENCE, Scripted, ScriptedServer

ROOT = Path(__file__).parents[3]
Connect = Callable[..., Either]
RECIPIENT = "urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"
ACCOUNT = "65f1a2b3c4d5e6f708192a3b"
QUOTA = {
    "X-Request-Id": "req-1",
    "X-RateLimit-Action": "MESSAGE",
    "X-RateLimit-Limit": "150",
    "X-RateLimit-Used": "1",
    "X-RateLimit-Remaining": "149",
    "X-RateLimit-Reset": "2026-03-15T00:00:00Z",
}
ECHO = {"recipientProfileUrn": RECIPIENT, "groupId": "12345678"}
SENT = Scripted(200, {"success": True, "message": "Group context message sent successfully", **ECHO}, QUOTA)
DESCRIBED = Scripted(
    200,
    {
        "paths": {
            "/linkedin/messaging/send-group": {"post": {"parameters": [{"name": "Idempotency-Key", "in": "header"}]}}
        }
    },
)


def a_message(client: Any, **more: Any) -> Any:
    """Return the message of the reference page."""
    return client.messaging.send_group(
        recipient=RECIPIENT, group_id="12345678", message="Hello fellow group member!", **more
    )


def test_the_reference_request(connect: Connect, scripted: ScriptedServer) -> None:
    """A send is the request of the reference page with an idempotency key, and its answer is parsed."""
    scripted.will_answer(SENT)
    sent = connect(scripted.url)(a_message)
    [asked] = scripted.asked
    assert (asked.method, asked.path) == ("POST", "/linkedin/messaging/send-group")
    assert asked.body == {
        "recipientProfileUrn": RECIPIENT,
        "groupId": "12345678",
        "message": "Hello fellow group member!",
    }
    assert asked.headers["authorization"] == "Bearer confrere_test"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["idempotency-key"] == sent.idempotency_key
    assert (sent.recipient_profile_urn, sent.group_id, sent.request_id) == (RECIPIENT, "12345678", "req-1")
    assert (sent.rate_limit.remaining, sent.rate_limit.reset_at) == (149, datetime(2026, 3, 15, tzinfo=UTC))


def test_sends_with_a_chat_signal(connect: Connect, scripted: ScriptedServer) -> None:
    """Sends with a typing indicator or acknowledgements return the result of the signal."""
    raised = {"success": True, **ECHO}
    scripted.will_answer(
        Scripted(200, {**raised, "typingIndicatorSent": True}, QUOTA),
        Scripted(200, {**raised, "acknowledgmentSent": False}, QUOTA),
    )
    either = connect(scripted.url)
    message = {"recipient": RECIPIENT, "group_id": "12345678", "message": "Hello", "account_id": ACCOUNT}
    typed = either(lambda client: client.messaging.send_group_with_typing(**message))
    acknowledged = either(lambda client: client.messaging.send_group_with_ack(**message, message_urns=["urn:1"]))
    assert (typed.typing_indicator_sent, typed.acknowledgment_sent) == (True, None)
    assert (acknowledged.typing_indicator_sent, acknowledged.acknowledgment_sent) == (None, False)
    assert [asked.path for asked in scripted.asked] == [
        "/linkedin/messaging/send-group-with-typing",
        "/linkedin/messaging/send-group-with-ack",
    ]
    assert scripted.asked[1].body["messageUrns"] == ["urn:1"]
    assert scripted.asked[1].body["accountId"] == ACCOUNT


def test_a_lost_answer_is_asked_for_again_with_the_same_key(connect: Connect, scripted: ScriptedServer) -> None:
    """After a lost answer the client checks that the server keeps keys, and repeats the request with the same key."""
    scripted.description = DESCRIBED
    scripted.will_answer(SILENCE, Scripted(200, SENT.body, {**QUOTA, "Idempotency-Replayed": "true"}))
    either = connect(scripted.url)
    sent = either(a_message)
    assert sent.replayed
    assert [asked.path.rpartition("/")[2] for asked in scripted.asked] == ["send-group", "openapi.json", "send-group"]
    assert {asked.headers["idempotency-key"] for asked in scripted.sends()} == {sent.idempotency_key}
    assert either.waits == [0.25]


@pytest.mark.parametrize("fault", [SILENCE, Scripted(502, "<html>"), Scripted(200, SENT.body, seconds=5)])
def test_a_lost_answer_of_a_server_without_keys_is_reported(
    connect: Connect, scripted: ScriptedServer, fault: Scripted
) -> None:
    """A server that does not document keys gets an ambiguous message only once."""
    scripted.will_answer(fault)
    either = connect(scripted.url, timeout_seconds=0.3)
    with pytest.raises(OutcomeUnknown) as raised:
        either(a_message)
    assert len(scripted.sends()) == 1
    assert raised.value.idempotency_key == scripted.sends()[0].headers["idempotency-key"]
    assert "Hello" not in repr(raised.value)


def test_no_connection_is_certain(connect: Connect) -> None:
    """A refused connection is retried; then the error states that nothing was sent."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        either = connect(f"http://127.0.0.1:{nobody.getsockname()[1]}", max_retries=2)
        with pytest.raises(ConnectionFailed):
            either(a_message)
    assert either.waits == [0.25, 0.5]


def test_limits_are_raised_or_waited_for(connect: Connect, scripted: ScriptedServer) -> None:
    """A 429 is raised with its wait, and a client that is configured to wait retries then."""
    body = {"error": "Rate limit exceeded for MESSAGE: 150/150 used", "success": False}
    full = Scripted(429, body, {**QUOTA, "X-RateLimit-Remaining": "0", "Retry-After": "60"})
    scripted.will_answer(full, full, SENT)
    with pytest.raises(RateLimited) as raised:
        connect(scripted.url)(a_message)
    assert (raised.value.retry_after, raised.value.rate_limit and raised.value.rate_limit.remaining) == (60, 0)
    patient = connect(scripted.url, wait_for_limits=True)
    patient(a_message)
    assert patient.waits == [60]


def test_members_are_followed_page_by_page(connect: Connect, scripted: ScriptedServer) -> None:
    """Members are read page by page by places, whoever is visible, until there are no more."""
    for start, names, more in [(0, ["a", "b"], True), (3, [], True), (6, ["c"], False)]:
        members = [{"profileId": name, "profileUrn": f"urn:li:fsd_profile:{name}"} for name in names]
        page = {"start": start, "count": 3, "total": 7}
        scripted.will_answer(
            Scripted(200, {"success": True, "members": members, "pagination": page, "hasMore": more}, QUOTA)
        )
    members = connect(scripted.url)(lambda client: client.groups.iter_members("7", count=3, typeahead_query="x"))
    assert [member.profile_id for member in members] == ["a", "b", "c"]
    assert [asked.body for asked in scripted.asked] == [
        {"groupId": "7", "count": 3, "start": start, "typeaheadQuery": "x"} for start in (0, 3, 6)
    ]


def test_members_stop_where_a_page_names_no_places(connect: Connect, scripted: ScriptedServer) -> None:
    """A page without `pagination` counts as the requested number of places."""
    scripted.will_answer(
        Scripted(200, {"members": [], "hasMore": True}), Scripted(200, {"members": [], "hasMore": False})
    )
    assert connect(scripted.url)(lambda client: client.groups.iter_members("7", start=10, count=5)) == []
    assert [asked.body["start"] for asked in scripted.asked] == [10, 15]


def test_a_conversation_is_true_or_false(connect: Connect, scripted: ScriptedServer) -> None:
    """The result for a conversation works in an `if`, and has the person's URN for a vanity name."""
    found = {"conversationUrn": "urn:li:msg_conversation:1", "profileUrn": RECIPIENT, "accountId": ACCOUNT}
    none = {"conversationUrn": None, "profileUrn": RECIPIENT, "accountId": ACCOUNT}
    scripted.will_answer(
        Scripted(200, {"success": True, "hasConversation": True, **found}),
        Scripted(200, {"success": True, "hasConversation": False, **none}),
    )
    either = connect(scripted.url)
    answer = either(lambda client: client.conversations.exists("bastien-exemplé", account_id=ACCOUNT))
    assert answer
    assert (answer.has_conversation, answer.conversation_urn) == (True, "urn:li:msg_conversation:1")
    assert (answer.profile_urn, answer.account_id) == (RECIPIENT, ACCOUNT)
    assert not either(lambda client: client.conversations.exists("ACoAA1"))
    assert scripted.asked[0].path == f"/linkedin/conversations/exists/bastien-exempl%C3%A9?accountId={ACCOUNT}"


def test_fields_that_linkedin_omits_may_be_missing(connect: Connect, scripted: ScriptedServer) -> None:
    """A key that is missing in a member or a plan counts as null."""
    scripted.will_answer(
        Scripted(200, {"members": [{"profileId": "A"}], "hasMore": False}),
        Scripted(200, {"id": ACCOUNT, "linkedinPlan": {"isPremium": True, "hasRecruiter": False}}),
    )
    either = connect(scripted.url)
    [member] = either(lambda client: client.groups.iter_members("7"))
    assert (member.follower_count, member.profile_picture) == (None, None)
    plan = either(lambda client: client.accounts.status(ACCOUNT)).linkedin_plan
    assert (plan.premium_type, plan.is_premium, plan.has_recruiter, plan.has_hiring_manager) == (
        None,
        True,
        False,
        None,
    )


def test_health_needs_no_key_and_no_base_path(connect: Connect, scripted: ScriptedServer) -> None:
    """The health check needs no key and no base path; every other method raises before sending without a key."""
    scripted.will_answer(Scripted(200, {"status": "ok"}))
    either = connect(scripted.url + "/linkedin", None)
    assert either(lambda client: client.health()).status == "ok"
    assert scripted.asked[0].path == "/health"
    with pytest.raises(Unauthorized):
        either(lambda client: client.accounts.list())
    assert len(scripted.asked) == 1


def test_a_client_does_not_show_its_key(connect: Connect) -> None:
    """The representations of clients and their parts do not contain the key."""
    client = connect("http://127.0.0.1:1").client
    assert "confrere_test" not in repr([client, vars(client), vars(client.messaging)])


def test_impossible_patience_is_refused() -> None:
    """A negative number of retries is rejected."""
    with pytest.raises(ValueError, match="max_retries"):
        Client(api_key="k", max_retries=-1)


def test_an_http_client_of_ones_own_is_used_and_not_closed(scripted: ScriptedServer) -> None:
    """The client uses a given HTTP client, for proxies and certificates, and does not close it."""
    import httpx2

    scripted.will_answer(SENT)
    with httpx2.Client(headers={"X-Mine": "1"}) as mine:
        with Client(scripted.url, "k", http_client=mine) as client:
            a_message(client)
        assert not mine.is_closed
    assert scripted.asked[0].headers["x-mine"] == "1"


def test_the_blocking_client_is_written_from_the_asynchronous_one() -> None:
    """The blocking client equals what is generated from the async one: methods, parameters and docstrings."""
    subprocess.run([sys.executable, ROOT / "script" / "write-blocking-client", "--check"], check=True)
