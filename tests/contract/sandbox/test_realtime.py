import http.client
import json
from typing import Any

from confrere.sandbox.realtime import Realtime
from tests.contract.sandbox.browser import Browser
from tests.sandbox_process import SandboxProcess

CONNECTION = "com.linkedin.realtimefrontend.ClientConnection"
DECORATED = "com.linkedin.realtimefrontend.DecoratedEvent"


def next_event(stream: http.client.HTTPResponse) -> Any:
    """The next `data:` line, read."""
    line = stream.readline()
    assert line.startswith(b"data: ")
    assert stream.readline() == b"\n"
    return json.loads(line.removeprefix(b"data: "))


def test_a_stream_has_own_and_others_messages(browser: Browser, sandbox: SandboxProcess) -> None:
    """The stream begins with a connection event; a send appears with its token, and a reply without one."""
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=10)
    headers = {**browser.headers, "accept": "text/event-stream", "x-li-realtime-session": "x"}
    connection.request("GET", "/realtime/connect?rc=1", headers=headers)
    stream = connection.getresponse()
    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream")
    opened = next_event(stream)[CONNECTION]
    assert "urn:li-realtime:messagesTopic:urn:li-realtime:myself" in opened["personalTopics"]
    sent = browser.send("question")
    sandbox.reply(sandbox.recipient, browser.urn, "answer")
    reported = []
    for _ in range(2):
        event = next_event(stream)[DECORATED]
        assert event["topic"] == "urn:li-realtime:messagesTopic:urn:li-realtime:myself"
        message = event["payload"]["data"]["doDecorateMessageMessengerRealtimeDecoration"]["result"]
        assert message["conversation"]["entityUrn"] == sent["conversationUrn"]
        reported.append((message["body"]["text"], message["sender"]["hostIdentityUrn"], message["originToken"]))
    assert reported == [("question", browser.urn, sent["originToken"]), ("answer", sandbox.recipient, None)]
    connection.close()


def test_a_stream_needs_a_session(browser: Browser, sandbox: SandboxProcess) -> None:
    """A stream with a dead session is redirected, and one with a wrong csrf token is refused."""
    assert browser.get("/realtime/connect?rc=1", csrf_token="x").status == 403
    sandbox.act({"action": "kill_session", "account": browser.urn})
    assert browser.get("/realtime/connect?rc=1").status == 302


def test_a_clients_heartbeat_is_taken(browser: Browser) -> None:
    """The heartbeat that a client posts each minute is answered 200, and another action 400."""
    path = "/realtime/realtimeFrontendClientConnectivityTracking"
    body = {"isFirstHeartbeat": True, "realtimeSessionId": "x", "mpName": "voyager-web"}
    assert browser.post(f"{path}?action=sendHeartbeat", body).status == 200
    assert browser.post(f"{path}?action=other", body).status == 400


async def test_a_quiet_stream_beats() -> None:
    """A quiet stream gets heartbeats, and a closed one is forgotten."""
    events = Realtime().events(1, lambda *_: {}, 0.01)
    assert CONNECTION.encode() in await anext(events)
    assert b'data: {"com.linkedin.realtimefrontend.Heartbeat":{}}' in await anext(events)
    await events.aclose()
