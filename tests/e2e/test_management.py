"""The management API of a real server: an operator's day, from the first account to the export."""

import asyncio
import json
import time
from typing import Any

from confrere.domain.keys import Scope
from tests.sandbox_process import SandboxAccount, SandboxProcess
from tests.server_process import Reply, ServerProcess, Site, running_server

TEXT = "the-secret-text-of-a-message"


class Operator:
    """Somebody with an admin key."""

    def __init__(self, server: ServerProcess, key: str) -> None:
        self._server = server
        self._headers = {"Authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, body: object = None) -> Reply:
        """One request under `/v1`."""
        return self._server.call(method, f"/v1{path}", body, headers=self._headers)

    def post(self, path: str, body: object = None, status: int = 200) -> Any:
        """The body of what was done."""
        reply = self.ask("POST", path, body)
        assert reply.status == status, reply
        return reply.body

    def get(self, path: str) -> Any:
        """The body of a 200."""
        reply = self.ask("GET", path)
        assert reply.status == 200, reply
        return reply.body


def admin_key(site: Site) -> str:
    """A key that may do everything."""

    async def make() -> str:
        async with site.services() as services:
            _, key = await services.keys.create("default", name="operator", scopes=[Scope.ADMIN])
            return key

    return asyncio.run(make())


def as_curl(account: SandboxAccount) -> str:
    """What the developer tools of the account's browser would copy."""
    return (
        "curl 'https://www.linkedin.com/voyager/api/me' "
        f"-H 'user-agent: {account.user_agent}' -b '{account.cookie}' -H 'csrf-token: {account.csrf_token}'"
    )


def test_an_operators_day(site: Site, sandbox: SandboxProcess) -> None:
    """Everything an operator does works over HTTP, and no secret is in the log or in an answer."""
    key = admin_key(site)
    with running_server(site, environment={"CONFRERE_LOG_LEVEL": "debug"}) as server:
        operator = Operator(server, key)
        connected = operator.post("/accounts", {"pasted": as_curl(sandbox.accounts[1])}, 201)
        assert connected["profileUrn"] == sandbox.accounts[1].profile_urn
        assert operator.ask("POST", "/accounts", {"pasted": "li_at=a-made-up-cookie"}).status == 400
        dead = {"pasted": 'li_at=a-made-up-cookie; JSESSIONID="ajax:1"', "userAgent": "Mozilla/5.0"}
        assert operator.ask("POST", "/accounts", dead).status == 422
        path = f"/accounts/{connected['id']}"
        assert operator.post(f"{path}/check")["alive"] is True
        assert operator.ask("PATCH", path, {"dailyLimit": 3, "isDefault": True}).body["isDefault"] is True
        made = operator.post("/keys", {"name": "crm"}, 201)

        wish = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id, "message": TEXT}
        ahead = operator.post("/sends/check", {**wish, "askLinkedIn": True})
        assert {check["name"]: check["ok"] for check in ahead["checks"]} == {
            "fields": True,
            "account": True,
            "doNotContact": True,
            "quota": True,
            "pacing": True,
            "recentIdentical": True,
            "senderInGroup": True,
            "recipientInGroup": None,
            "conversation": True,
        }
        assert sandbox.messages() == []
        sent = server.call(
            "POST", "/linkedin/messaging/send-group", wish, headers={"Authorization": f"Bearer {made['key']}"}
        )
        assert sent.status == 200
        assert sent.headers["x-ratelimit-limit"] == "3"
        _opt_out(operator, sandbox)

        [item] = operator.get(f"/sends?recipient={sandbox.recipient}&outcome=accepted")["items"]
        assert operator.get(f"/sends/{item['id']}?include=text")["message"] == TEXT
        assert _history(operator, item["id"])["answerDelivered"] is True
        answers = [
            operator.ask("GET", f"/sends/{item['id']}").content,
            operator.ask("GET", "/sends/export?format=csv").content,
            operator.ask("GET", "/sends/export?format=jsonl").content,
            operator.ask("GET", "/accounts").content,
            operator.ask("GET", "/keys").content,
        ]
        assert operator.ask("DELETE", f"{path}/session").status == 204
        assert operator.ask("DELETE", f"/keys/{made['id']}").status == 204
        metrics = server.call("GET", "/metrics").content
    cookies = [part.partition("=")[2].strip('"') for part in sandbox.accounts[1].cookie.split("; ")]
    seen = b"".join([site.log.read_bytes(), metrics, json.dumps(connected).encode(), *answers])
    for secret in [TEXT, key, made["key"], "a-made-up-cookie", sandbox.accounts[1].csrf_token, *cookies]:
        assert secret.encode() not in seen


def _opt_out(operator: Operator, sandbox: SandboxProcess) -> None:
    """Whoever asks not to be contacted is not; over HTTP as at the command line."""
    assert operator.post("/do-not-contact", {"recipientProfileUrn": sandbox.recipient, "reason": "asked"})["added"] == 1
    wish = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id}
    assert operator.post("/sends/check", wish)["wouldSend"] is False
    assert operator.ask("GET", "/do-not-contact/export").content.count(b"\n") == 2
    assert operator.ask("DELETE", f"/do-not-contact/{sandbox.recipient}").status == 204


def _history(operator: Operator, send_id: str) -> Any:
    """Once the note of the answer has been written, a moment after it."""
    until = time.monotonic() + 30
    while True:
        history = operator.get(f"/sends/{send_id}")["history"]
        if history["answerDelivered"] is not None or time.monotonic() > until:
            return history
        time.sleep(0.05)


def test_the_recipient_is_found_in_the_group_by_name(
    server: ServerProcess, sandbox: SandboxProcess, site: Site
) -> None:
    """The preflight finds a recipient by name, and counts the members that were read."""
    operator = Operator(server, admin_key(site))
    members = server.call("POST", "/linkedin/groups/members", {"groupId": sandbox.group_id, "count": 20}).body[
        "members"
    ]
    other = next(one for one in members if one["relationshipStatus"] != "SELF" and one["profileUrn"])
    wish = {
        "recipientProfileUrn": other["profileUrn"],
        "groupId": sandbox.group_id,
        "askLinkedIn": True,
        "recipientName": other["fullName"],
    }
    before = operator.get(f"/accounts/{site.account_ids[0]}")["quotas"][1]["used"]
    ahead = operator.post("/sends/check", wish)
    assert ahead["wouldSend"] is True, ahead
    assert operator.get(f"/accounts/{site.account_ids[0]}")["quotas"][1]["used"] > before
