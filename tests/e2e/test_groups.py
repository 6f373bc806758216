"""Groups and chat signals through a real server, a real store and the sandbox."""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from confrere.linkedin import load_protocol
from tests.sandbox_process import SandboxAccount, SandboxProcess, running_sandbox
from tests.server_process import ServerProcess, Site, prepare_site, running_server

MEMBERS = "/linkedin/groups/members"
WITH_TYPING = "/linkedin/messaging/send-group-with-typing"
WITH_ACK = "/linkedin/messaging/send-group-with-ack"
QUERY = load_protocol().queries.group_members
LISTING = {"path": QUERY.name}
ERROR = "Error fetching group members: "
OLD = f"the query id {QUERY.id} looks old; put a newer one into the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names"
ACCOUNTS = 5
LARGE = 100_000


def read(server: ServerProcess, group_id: str, **more: object) -> dict[str, Any]:
    """Read one page that is answered with 200."""
    reply = server.call("POST", MEMBERS, {"groupId": group_id, **more})
    assert reply.status == 200, reply
    page: dict[str, Any] = reply.body
    return page


def used(server: ServerProcess, site: Site) -> int:
    """Return the members that the first account has read today."""
    quotas = server.call("GET", f"/linkedin/account/{site.account_ids[0]}/quota").body["quotas"]
    return next(int(quota["used"]) for quota in quotas if quota["feature"] == "GROUP_MEMBERS")


def asked(sandbox: SandboxProcess) -> list[str]:
    """Return the requests to LinkedIn, in order."""
    return [request["path"] for request in sandbox.requests(limit=1_000)]


@pytest.fixture(scope="module")
def large() -> Iterator[SandboxProcess]:
    """Start a sandbox with a group of 100,000."""
    with running_sandbox(members=LARGE, accounts=ACCOUNTS) as sandbox:
        accounts = sandbox.world(accounts=ACCOUNTS)["accounts"]
        sandbox.accounts = [SandboxAccount.from_json(account) for account in accounts]
        yield sandbox


def test_a_hundred_pages_of_a_large_group_give_each_member_once(tmp_path: Path, large: SandboxProcess) -> None:
    """Clients that page with five accounts get each member once, up to the day's last unit."""
    site = prepare_site(tmp_path, large, accounts=ACCOUNTS)
    group_id = large.world()["groups"][1]["groupId"]
    found: list[str] = []
    with running_server(site) as server:
        for number in range(100):
            account_id = site.account_ids[number // 20]
            page = read(server, group_id, start=number * 50, count=50, accountId=account_id)
            assert page["hasMore"] is True
            assert page["pagination"]["start"] == number * 50
            assert page["pagination"]["count"] == 50
            assert page["pagination"]["total"] > LARGE
            assert 46 <= page["count"] == len(page["members"]) <= 50
            found += [member["profileUrn"] for member in page["members"]]
        assert len(found) == len(set(found)) == 4_750  # of every 40 places two have no member
        last = read(server, group_id, start=50_000, count=100)
        assert last["pagination"]["count"] < 100
        assert last["count"] == 1_000 - 950
        reply = server.call("POST", MEMBERS, {"groupId": group_id, "start": 99_990})
        assert reply.body == {"error": "Rate limit exceeded for GROUP_MEMBERS: 1000/1000 used", "success": False}
        assert (reply.status, reply.headers["x-ratelimit-remaining"]) == (429, "0")


def test_a_group_is_read_to_its_end(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """All three spellings of the request give the same members, up to the last one."""
    answer = sandbox.world()["groups"][0]["memberCount"]
    found: list[str] = []
    start, has_more = 0, True
    while has_more:
        page = read(server, sandbox.group_id, start=start, count=30)
        found += [member["profileId"] for member in page["members"]]
        has_more, start = page["hasMore"], start + 30
    assert len(found) == len(set(found)) == answer
    url = f"https://www.linkedin.com/groups/{sandbox.group_id}/"
    by_url = server.call("POST", f"{MEMBERS}-by-url", {"groupUrl": url, "start": 0, "count": 30}).body
    assert [member["profileId"] for member in by_url["members"]] == found[: by_url["count"]]
    older = server.call("POST", "/linkedin/group-members", {"groupUrn": f"urn:li:fsd_group:{sandbox.group_id}"}).body
    assert [member["profileId"] for member in older["members"]] == found[:10]
    typed = read(server, sandbox.group_id, typeaheadQuery="bastien ex")
    assert [member["profileUrn"] for member in typed["members"]] == [sandbox.recipient]
    managers = read(server, sandbox.group_id, membershipStatuses=["MANAGER"])
    assert {member["membershipStatus"] for member in managers["members"]} == {"MANAGER"}


def test_a_member_that_was_read_can_be_written_to(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """Ids that one answer returns are accepted by the next request: group, member, conversation, send."""
    groups = server.call("GET", "/linkedin/groups").body["groups"]
    group = next(one for one in groups if one["groupId"] == sandbox.group_id)
    member = read(server, group["groupId"], start=10, count=1)["members"][0]
    exists = f"/linkedin/conversations/exists/{member['profileId']}"
    assert server.call("GET", exists).body["hasConversation"] is False
    body = {"recipientProfileUrn": member["profileUrn"], "groupId": group["groupId"], "message": "Hello"}
    assert server.call("POST", "/linkedin/messaging/send-group", body).status == 200
    (message,) = sandbox.messages()
    assert message["recipient"] == member["profileUrn"]
    found = server.call("GET", exists).body
    assert (found["hasConversation"], found["conversationUrn"]) == (True, message["conversationUrn"])
    by_name = server.call("GET", f"/linkedin/conversations/exists/{member['publicIdentifier']}")
    assert by_name.body == found == {**found, "profileUrn": member["profileUrn"]}
    assert server.call("GET", "/linkedin/conversations/exists/nobody-at-all").status == 404


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ({"effect": "errors"}, 500, f"{ERROR}LinkedIn answered the query with an error"),
        ({"effect": "html"}, 500, f"{ERROR}LinkedIn answered with a web page"),
        ({"effect": "status", "status": 500}, 500, f"{ERROR}Request failed with status code 500"),
        (
            {"effect": "old_query_id"},
            500,
            f"{ERROR}Request failed with status code 400: {OLD}",
        ),
        ({"effect": "redirect_login"}, 500, "Failed to get LinkedIn authentication credentials"),
        ({"effect": "challenge"}, 500, "Failed to get LinkedIn authentication credentials"),
        ({"effect": "status", "status": 401}, 500, "Failed to get LinkedIn authentication credentials"),
    ],
)
def test_a_failed_read_is_reported_and_uses_no_quota(
    server: ServerProcess, sandbox: SandboxProcess, site: Site, fault: dict[str, Any], status: int, error: str
) -> None:
    """A failed read has its documented body and uses no quota; only a dead session sets ERROR."""
    sandbox.faults([{"match": LISTING, **fault}])
    reply = server.call("POST", MEMBERS, {"groupId": sandbox.group_id})
    assert (reply.status, reply.body) == (status, {"error": error, "success": False})
    assert (reply.headers["x-ratelimit-action"], reply.headers["x-ratelimit-used"]) == ("GROUP_MEMBERS", "0")
    account = server.call("GET", f"/linkedin/account/{site.account_ids[0]}/status").body
    assert account["status"] == ("ERROR" if error.startswith("Failed") else "AVAILABLE")


def test_a_throttle_holds_reads_and_sends(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """After a throttled read, later reads and sends return the hold, and LinkedIn is not called."""
    sandbox.faults([{"match": LISTING, "effect": "status", "status": 429, "headers": {"Retry-After": "120"}}])
    reply = server.call("POST", MEMBERS, {"groupId": sandbox.group_id})
    until = reply.body["holdUntil"]
    error = f"Rate limit exceeded for GROUP_MEMBERS: LinkedIn throttles this account until {until}"
    assert (reply.status, reply.body) == (429, {"error": error, "success": False, "holdUntil": until})
    count = len(asked(sandbox))
    assert server.send(sandbox).body["holdUntil"] == until
    assert server.call("GET", "/linkedin/groups").body["holdUntil"] == until
    assert len(asked(sandbox)) == count


def test_a_group_that_the_account_is_not_in_is_a_403(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """A foreign group is a 403 with LinkedIn's words; the account stays available, and no unit is used."""
    group_id = sandbox.world()["groups"][2]["groupId"]
    reply = server.call("POST", MEMBERS, {"groupId": group_id})
    assert (reply.status, reply.body) == (
        403,
        {
            "success": False,
            "error": f"{ERROR}Request failed with status code 403",
            "errorDetails": {
                "status": 403,
                "statusText": "Forbidden",
                "data": {"code": None, "message": "You don't have access to this"},
            },
        },
    )
    assert reply.headers["x-ratelimit-used"] == "0"


def test_a_crash_while_linkedin_is_read_leaves_the_units_taken(sandbox: SandboxProcess, site: Site) -> None:
    """Units of a process that was killed between taking and settling them stay taken."""
    sandbox.faults([{"match": LISTING, "effect": "delay_seconds", "seconds": 30}])
    with running_server(site) as server:
        reading = threading.Thread(target=_read_in_vain, args=(server, sandbox.group_id))
        reading.start()
        while used(server, site) == 0 or sandbox.waiting_faults():  # until the delayed answer has been asked for
            time.sleep(0.01)
        server.kill()
        reading.join()
    with running_server(site) as server:
        assert used(server, site) == 50
        assert read(server, sandbox.group_id, count=10)["count"] == 10
        assert used(server, site) == 60


def _read_in_vain(server: ServerProcess, group_id: str) -> None:
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        server.call("POST", MEMBERS, {"groupId": group_id})


# ---- sends with a signal --------------------------------------------------------------------------------------


def send_with(server: ServerProcess, sandbox: SandboxProcess, path: str, **more: object) -> dict[str, Any]:
    """Send the reference page's message by another path, with further fields."""
    body = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id, "message": "Hello", **more}
    reply = server.call("POST", path, body)
    assert reply.status == 200, reply
    answer: dict[str, Any] = reply.body
    for name in ("success", "message", "recipientProfileUrn", "groupId"):
        del answer[name]
    return answer


def test_typing_is_shown_before_the_message(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """Typing is shown in an existing conversation, and not before a first message."""
    assert send_with(server, sandbox, WITH_TYPING) == {"typingIndicatorSent": False}
    assert send_with(server, sandbox, WITH_TYPING, message="again") == {"typingIndicatorSent": True}
    posts = [path.partition("=")[2] for path in asked(sandbox) if "?action=" in path]
    assert posts == ["createMessage", "typing", "createMessage"]
    assert sandbox.count_messages() == 2


def test_messages_are_acknowledged_before_the_message(server: ServerProcess, sandbox: SandboxProcess) -> None:
    """The other side's messages are acknowledged before the send."""
    reply = sandbox.reply(sandbox.recipient, sandbox.accounts[0].profile_urn, "Hello yourself")
    answer = send_with(server, sandbox, WITH_ACK, messageUrns=[reply["messageUrn"]])
    assert answer == {"acknowledgmentSent": True}
    posts = [path.partition("=")[2] for path in asked(sandbox) if "?action=" in path]
    assert posts == ["sendDeliveryAcknowledgement", "createMessage"]


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "delay_seconds", "seconds": 30},
        {"effect": "status", "status": 500},
        {"effect": "reset_before_read"},
        {"effect": "redirect_login"},
    ],
)
def test_a_failed_signal_does_not_affect_the_send(
    server: ServerProcess, sandbox: SandboxProcess, fault: dict[str, Any]
) -> None:
    """A failed signal delays the message by at most two seconds, and it is sent once."""
    sandbox.reply(sandbox.recipient, sandbox.accounts[0].profile_urn, "Hello yourself")
    sandbox.faults([{"match": {"path": "action=typing"}, **fault}])
    if fault["effect"] == "redirect_login":  # LinkedIn ends the session and accepts the message
        sandbox.faults([{"match": {"path": "nothing"}, "effect": "html"}])
    began = time.monotonic()
    assert send_with(server, sandbox, WITH_TYPING) == {"typingIndicatorSent": False}
    assert time.monotonic() - began < 12
    assert sandbox.count_messages() == 1


# ---- the command line -------------------------------------------------------------------------------------------


def confrere(site: Site, *arguments: str) -> tuple[int, Any]:
    """Run a command with `--json`; return its exit code and output."""
    command = [sys.executable, "-m", "confrere", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(site.environment))
    return done.returncode, json.loads(done.stdout)


def test_the_command_line_reads_groups_too(site: Site, sandbox: SandboxProcess) -> None:
    """The command line lists groups, a group's members, and what is left of the day."""
    code, answer = confrere(site, "groups", "list")
    assert (code, answer["groups"][0]["groupId"]) == (0, sandbox.group_id)
    code, answer = confrere(site, "groups", "members", sandbox.group_id, "--limit", "60")
    assert (code, len(answer["members"]), answer["hasMore"], answer["quota"]["used"]) == (0, 60, True, 60)
    code, rest = confrere(site, "groups", "members", sandbox.group_id, "--start", str(answer["nextStart"]))
    assert (code, rest["hasMore"]) == (0, False)
    found = [member["profileUrn"] for member in answer["members"] + rest["members"]]
    assert len(found) == len(set(found)) == sandbox.world()["groups"][0]["memberCount"]


def test_the_doctor_names_an_old_id(site: Site, sandbox: SandboxProcess) -> None:
    """The doctor names the old query id and the place for a new one."""
    sandbox.faults([{"match": LISTING, "effect": "old_query_id", "times": None}])
    code, answer = confrere(site, "doctor")
    assert code == 1
    (finding,) = (one for one in answer["findings"] if one["subject"] == "LinkedIn's list of members")
    assert finding["ok"] is False
    assert OLD in finding["detail"]
    sandbox.clear_faults()
    _, answer = confrere(site, "doctor")
    well = {one["subject"] for one in answer["findings"] if one["ok"]}
    assert {"LinkedIn's list of groups", "LinkedIn's list of members", "LinkedIn's conversations"} <= well
