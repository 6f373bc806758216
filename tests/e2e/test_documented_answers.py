"""Every documented answer of the send endpoint, provoked through the sandbox, compared as whole JSON with its headers.

The bodies are those of the hosted API's reference page where it shows one.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox_process import SandboxProcess
from tests.server_process import SEND_PATH, Reply, ServerProcess, Site

ERROR = "Error sending group context message: "


def refused(sandbox: SandboxProcess, status: int, text: str, data: dict[str, Any]) -> dict[str, Any]:
    """The 403 of the reference page."""
    return {
        "success": False,
        "message": f"{ERROR}Request failed with status code {status}",
        "recipientProfileUrn": sandbox.recipient,
        "groupId": sandbox.group_id,
        "errorDetails": {"status": status, "statusText": text, "data": data},
    }


UNAUTHORIZED_VIEWER = {
    "code": "UNAUTHORIZED_VIEWER",
    "message": "The viewer is not authorized to access this resource",
}


def assert_reply(reply: Reply, status: int, body: dict[str, Any], *, used: int, limit: int = 150) -> None:
    """Check the status, the body byte for byte in the order of its keys, and the common headers."""
    assert (reply.status, reply.content.decode()) == (
        status,
        json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    )
    midnight = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")
    rate_limit = {name: value for name, value in reply.headers.items() if name.startswith("x-ratelimit-")}
    assert rate_limit == {
        "x-ratelimit-action": "MESSAGE",
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-used": str(used),
        "x-ratelimit-remaining": str(limit - used),
        "x-ratelimit-reset": midnight,
    }
    assert reply.headers["content-type"] == "application/json"
    assert re.fullmatch(r"[0-9a-f]{32}", reply.headers["x-request-id"])


def fault(sandbox: SandboxProcess, effect: str, **more: object) -> None:
    """Let the next send meet this fault."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": effect, **more}])


def test_200(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """The page's request gets the page's answer, and the recipient has the message in the group's context."""
    body = {
        "success": True,
        "message": "Group context message sent successfully",
        "recipientProfileUrn": sandbox.recipient,
        "groupId": sandbox.group_id,
    }
    assert_reply(server.send(sandbox), 200, body, used=1)
    [message] = sandbox.messages()
    assert message["text"] == "Hello fellow group member!"
    assert message["recipient"] == sandbox.recipient
    assert message["sender"] == sandbox.accounts[0].profile_urn
    assert message["groupUrn"] == f"urn:li:fsd_group:{sandbox.group_id}"


def test_200_with_a_named_account(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """A request may name the sending account by its id."""
    assert server.send(sandbox, accountId=site.account_ids[0]).status == 200


def test_400(server: ServerProcess) -> None:
    """A missing required field is answered with the documented 400."""
    error = "recipientProfileUrn, groupId, and message are required"
    assert_reply(server.call("POST", SEND_PATH, {}), 400, {"success": False, "error": error}, used=0)


def test_401(server: ServerProcess) -> None:
    """An unknown key is answered with the documented 401, whose limit is 0."""
    reply = server.call("POST", SEND_PATH, {}, headers={"Authorization": "Bearer unknown"})
    assert_reply(reply, 401, {"error": "Unauthorized - Invalid credentials"}, used=0, limit=0)
    assert reply.headers["www-authenticate"] == "Bearer"


def test_403_not_both_members(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """A refusal has LinkedIn's own words, and its unit is given back."""
    sandbox.act({"action": "leave_group", "member": sandbox.recipient, "group": sandbox.group_id})
    assert_reply(server.send(sandbox), 403, refused(sandbox, 403, "Forbidden", UNAUTHORIZED_VIEWER), used=0)
    assert sandbox.messages() == []
    assert site.sends()[0].outcome == "refused"


def test_403_blocked(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """A refusal by a recipient who blocks the sender has LinkedIn's words, whatever they are."""
    sandbox.act({"action": "block", "member": sandbox.recipient, "account": sandbox.accounts[0].profile_urn})
    reply = server.send(sandbox)
    assert reply.status == 403
    assert list(reply.body) == ["success", "message", "recipientProfileUrn", "groupId", "errorDetails"]
    assert sandbox.messages() == []


@pytest.mark.parametrize(
    ("status", "text", "answer", "data"),
    [
        (404, "Not Found", {"status": 404}, {"code": None, "message": None}),
        (422, "Unprocessable Entity", {"data": {"status": 422}, "included": []}, {"code": None, "message": None}),
        (
            422,
            "Unprocessable Entity",
            {"data": {"status": 422, "code": "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY"}, "included": []},
            {"code": "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY", "message": None},
        ),
        (
            403,
            "Forbidden",
            {
                "exceptionClass": "com.linkedin.voyager.common.VoyagerUserVisibleException",
                "message": "This profile can't be accessed",
                "status": 403,
            },
            {"code": None, "message": "This profile can't be accessed"},
        ),
    ],
)
def test_403_for_other_refusals_of_linkedin(
    server: ServerProcess, sandbox: SandboxProcess, status: int, text: str, answer: dict[str, Any], data: dict[str, Any]
) -> None:
    """Another 4xx of LinkedIn is a 403 whose body has LinkedIn's status."""
    fault(sandbox, "status", status=status, body=answer)
    assert_reply(server.send(sandbox), 403, refused(sandbox, status, text, data), used=0)


def test_403_opted_out(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """A recipient on the do-not-contact list gets a 403, and LinkedIn is not called."""
    import asyncio

    from confrere.domain.urns import ProfileUrn

    async def opt_out() -> None:
        async with site.services() as services:
            await services.do_not_contact.add("default", [ProfileUrn(sandbox.recipient)], reason=None, source="test")

    asyncio.run(opt_out())
    data = {
        "code": "RECIPIENT_OPTED_OUT",
        "message": "The recipient has asked not to be contacted by this workspace",
    }
    asked = len(sandbox.requests(limit=1000))
    assert_reply(server.send(sandbox), 403, refused(sandbox, 403, "Forbidden", data), used=0)
    assert len(sandbox.requests(limit=1000)) == asked


def test_429_day_used_up(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """The 151st send of the day gets a 429 with the seconds until midnight UTC."""
    for number in range(150):
        assert server.send(sandbox, f"{number}").status == 200
    reply = server.send(sandbox)
    body = {"error": "Rate limit exceeded for MESSAGE: 150/150 used", "success": False}
    assert_reply(reply, 429, body, used=150)
    assert 0 < int(reply.headers["retry-after"]) <= 86_400
    assert len(sandbox.messages()) == 150


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ({"status": 429}, 3_600),
        ({"status": 429, "headers": {"Retry-After": "120"}}, 120),
        ({"status": 999, "body": "Request denied"}, 86_400),
    ],
)
def test_429_throttled_by_linkedin(
    server: ServerProcess, sandbox: SandboxProcess, answer: dict[str, Any], seconds: int
) -> None:
    """A throttle holds the account for LinkedIn's Retry-After, or an hour, or a day for 999; no later call is made."""
    before = datetime.now(UTC)
    fault(sandbox, "status", **answer)
    replies = [server.send(sandbox), server.send(sandbox, "another")]
    for reply in replies:
        until = reply.body["holdUntil"]
        error = f"Rate limit exceeded for MESSAGE: LinkedIn throttles this account until {until}"
        assert_reply(reply, 429, {"error": error, "success": False, "holdUntil": until}, used=0)
        held = (datetime.fromisoformat(until) - before).total_seconds()
        assert seconds - 2 <= held <= seconds + 10
        assert abs(int(reply.headers["retry-after"]) - seconds) <= 10
    assert sum("createMessage" in request["path"] for request in sandbox.requests()) == 1


@pytest.mark.parametrize("effect", ["redirect_login", "delete_cookie", "challenge"])
def test_500_session_dead(server: ServerProcess, sandbox: SandboxProcess, site: Site, effect: str) -> None:
    """A dead session is the documented 500; the account is in ERROR and LinkedIn is not called again."""
    fault(sandbox, effect)
    body = {"error": "Failed to get LinkedIn authentication credentials", "success": False}
    assert_reply(server.send(sandbox), 500, body, used=0)
    assert_reply(server.send(sandbox, "another"), 500, body, used=0)
    assert server.call("GET", f"/linkedin/account/{site.account_ids[0]}/status").body["status"] == "ERROR"
    assert sum("createMessage" in request["path"] for request in sandbox.requests()) == 1


def test_500_session_refused(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """LinkedIn's 401 counts as a dead session."""
    fault(sandbox, "status", status=401)
    body = {"error": "Failed to get LinkedIn authentication credentials", "success": False}
    assert_reply(server.send(sandbox), 500, body, used=0)


@pytest.mark.parametrize(
    ("answer", "outcome", "used"),
    [
        ({"status": 503}, "unknown", 1),
        ({"status": 500, "body": "<html>", "headers": {"Content-Type": "text/html"}}, "unknown", 1),
        ({"status": 410, "body": {"status": 410}}, "not_sent", 0),
    ],
)
def test_500_of_an_upstream_failure(
    server: ServerProcess, sandbox: SandboxProcess, answer: dict[str, Any], outcome: str, used: int
) -> None:
    """A 5xx may have sent the message; a 410 means that the protocol has moved, and certainly sent nothing."""
    fault(sandbox, "status", **answer)
    reply = server.send(sandbox)
    error = f"{ERROR}Request failed with status code {answer['status']}"
    assert_reply(reply, 500, {"error": error, "success": False, "outcome": outcome}, used=used)


def test_403_of_an_id_that_linkedin_does_not_understand(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """A 400 counts as the recipient's fault with LinkedIn's answer; a second recipient's as a moved protocol."""
    linkedins = {"code": "BAD_ID", "message": "not an id"}
    sandbox.faults(
        [{"match": {"path": "createMessage"}, "effect": "status", "status": 400, "body": linkedins, "times": 3}]
    )
    text = f"{ERROR}Request failed with status code 400"
    for _ in range(2):
        body = {
            "success": False,
            "message": text,
            "recipientProfileUrn": sandbox.recipient,
            "groupId": sandbox.group_id,
            "errorDetails": {"status": 400, "statusText": "Bad Request", "data": linkedins},
        }
        assert_reply(server.send(sandbox), 403, body, used=0)
    other = server.send(sandbox, recipientProfileUrn="urn:li:fsd_profile:ACoAAD")
    assert_reply(other, 500, {"error": text, "success": False, "outcome": "not_sent"}, used=0)


def test_500_csrf(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """A rejected csrf token is our client's fault, and neither a refusal nor a dead session."""
    fault(sandbox, "status", status=403, body="CSRF check failed.", headers={"Content-Type": "text/plain"})
    reply = server.send(sandbox)
    assert (reply.status, reply.body["outcome"]) == (500, "not_sent")
    assert site.sends()[0].outcome == "not_sent"
    assert site.used() == 0


def test_404_405_and_422(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """404, 405 and 422 have the five headers and the API's shape."""
    text = "There is nothing at this path; the API is described at /docs"
    assert_reply(server.call("GET", "/linkedin/nothing"), 404, {"success": False, "error": text}, used=0, limit=0)
    reply = server.call("GET", SEND_PATH)
    error = "GET is not allowed here; use POST"
    assert_reply(reply, 405, {"success": False, "error": error}, used=0, limit=0)
    assert reply.headers["allow"] == "POST"
    server.send(sandbox, key="k1")
    error = "This Idempotency-Key was used with another body; use a new key for a new message"
    assert_reply(server.send(sandbox, "other", key="k1"), 422, {"success": False, "error": error}, used=1)


def test_the_callers_request_id_comes_back(server: ServerProcess) -> None:
    """A valid request id is returned, and an invalid one is replaced."""
    given = server.call("GET", "/linkedin/accounts", headers={"X-Request-Id": "my-request.1"})
    assert given.headers["x-request-id"] == "my-request.1"
    other = server.call("GET", "/linkedin/accounts", headers={"X-Request-Id": "no spaces or {braces}"})
    assert re.fullmatch(r"[0-9a-f]{32}", other.headers["x-request-id"])
