import json
from pathlib import Path
from typing import Any, get_args

import pytest

from confrere.sandbox import __main__ as _everything  # noqa: F401 - so that every answer is declared
from confrere.sandbox.actions import Action
from confrere.sandbox.answers import declared_kinds
from confrere.sandbox.faults import Effect
from confrere.sandbox.people import Switches
from tests.contract.sandbox.browser import SEND, Browser
from tests.sandbox_process import ControlRefused, SandboxProcess

Json = dict[str, Any]


def test_the_control_describes_the_world(sandbox: SandboxProcess) -> None:
    """The control reports sizes, groups, accounts with their cookies, and sample recipients."""
    world = sandbox.world(accounts=2, start=1, group=sandbox.group_id, count=4)
    assert world["sizes"] == {"members": 2000, "accounts": 3, "groups": 6}
    assert {"groupId", "groupUrn", "name", "memberCount"} == world["groups"][0].keys()
    assert [reported["profileUrn"] for reported in world["accounts"]] == [a.profile_urn for a in sandbox.accounts[1:]]
    assert world["accounts"][0]["cookie"] == sandbox.accounts[1].cookie
    assert len(world["recipients"]) == 4
    recipients = {reported["profileUrn"] for reported in sandbox.world(count=1000)["recipients"]}
    assert sandbox.recipient in recipients
    assert not recipients & {account.profile_urn for account in sandbox.accounts}


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ({"action": "fly"}, "action"),
        ({"member": "x"}, "action"),
        ({"action": "block"}, "member"),
        ({"action": "block", "member": "nobody"}, "member"),
        ({"action": "leave_group", "member": "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o", "group": 5}, "group"),
        ({"action": "kill_session", "account": "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"}, "account"),
        ({"action": "set", "dead_session": "maybe"}, "dead_session"),
        ({"action": "set", "gravity": 1}, "gravity"),
        (
            {
                "action": "answer_request",
                "state": "ACCEPTED",
                "member": "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o",
                "account": "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o",
            },
            "account",
        ),
        (7, "body"),
    ],
)
def test_a_wrong_action_is_named(sandbox: SandboxProcess, action: Any, field: str) -> None:
    """The control answers 400 with the name of the field."""
    with pytest.raises(ControlRefused) as refused:
        sandbox.control("POST", "world", action)
    assert (refused.value.status, refused.value.answer["field"]) == (400, field)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nowhere", 404),
        ("PUT", "faults", 405),
        ("GET", "world?count=many", 400),
        ("GET", "world?group=5", 400),
        ("GET", "messages?sender=x", 400),
    ],
)
def test_a_wrong_call_is_refused(sandbox: SandboxProcess, method: str, path: str, status: int) -> None:
    """Unknown paths, methods and parameters are answered in JSON."""
    with pytest.raises(ControlRefused) as refused:
        sandbox.control(method, path)
    assert refused.value.status == status
    assert "error" in refused.value.answer


@pytest.mark.parametrize(
    ("reply", "field"),
    [
        ({"text": "x"}, "from"),
        ({"text": "x", "from": "nobody", "account": "y"}, "from"),
        ({"from": "x", "account": "y"}, "text"),
        ({"from": "x", "account": "y", "kind": "smell"}, "kind"),
        ({"text": "x", "conversationUrn": "urn:li:x"}, "conversationUrn"),
    ],
)
def test_a_wrong_reply_is_named(sandbox: SandboxProcess, reply: Json, field: str) -> None:
    """A reply with an unknown sender or account is rejected by its field."""
    with pytest.raises(ControlRefused) as refused:
        sandbox.control("POST", "replies", reply)
    assert (refused.value.status, refused.value.answer["field"]) == (400, field)


def test_a_reply_by_thread(browser: Browser, sandbox: SandboxProcess) -> None:
    """A reply may name the thread instead of its members; the oracle of sends does not list replies."""
    thread = browser.send("question")["conversationUrn"]
    reported = sandbox.control("POST", "replies", {"conversationUrn": thread, "text": "answer"})
    assert reported["conversationUrn"] == thread
    assert [message["text"] for message in sandbox.messages()] == ["question"]


def test_requests_are_remembered_without_secrets(browser: Browser, sandbox: SandboxProcess) -> None:
    """Method, path with query, header names, account and status of each request; never a cookie's value."""
    browser.get("/voyager/api/me?x=1")
    browser.post(SEND, b"{}", csrf_token="wrong")
    first, second = sandbox.requests(limit=2)
    assert (first["method"], first["path"], first["status"]) == ("GET", "/voyager/api/me?x=1", 200)
    assert first["account"] == browser.urn
    assert {"cookie", "csrf-token", "user-agent"} <= set(first["headers"])
    assert (second["method"], second["status"]) == ("POST", 403)
    assert "AQED" not in json.dumps([first, second])


def test_every_answer_has_its_provenance(sandbox: SandboxProcess) -> None:
    """All answers are listed with how they are known, and how often they were given."""
    reported = {each["name"]: each for each in sandbox.control("GET", "answers")}
    assert reported.keys() == {kind.name for kind in declared_kinds()}
    assert {each["confidence"] for each in reported.values()} == {"attested", "documented", "assumed"}
    assert reported["unauthorized-viewer"]["confidence"] == "documented"
    assert reported["control"]["given"] > 0
    assert all(each["when"] for each in reported.values())


def test_a_reset_forgets_everything(browser: Browser, sandbox: SandboxProcess) -> None:
    """After a reset no message, fault or change is left, and ids go on being new."""
    first = browser.send("x")
    sandbox.act({"action": "block", "member": sandbox.recipient}, {"action": "set", "dead_session": "401"})
    sandbox.faults([{"effect": "html"}])
    sandbox.reset()
    assert (sandbox.messages(), sandbox.waiting_faults(), sandbox.requests()) == ([], [], [])
    assert sandbox.world()["switches"]["dead_session"] == "redirect"
    assert browser.send("x")["entityUrn"] != first["entityUrn"]


def test_the_documentation_names_everything() -> None:
    """Every effect, action and switch is in the sandbox's page."""
    page = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
    actions = {kind.__struct_config__.tag for kind in get_args(Action)}
    words = {*get_args(Effect), *actions, *Switches.__struct_fields__}
    assert {word for word in words if f"`{word}`" not in page} == set()


MESSENGER = "/voyager/api/voyagerMessagingDashMessenger"
BODY_READERS = (
    "/_control/world",
    "/_control/faults",
    "/_control/replies",
    SEND,
    f"{MESSENGER}Conversations?action=typing",
    f"{MESSENGER}MessageDeliveryAcknowledgements?action=sendDeliveryAcknowledgement",
    "/realtime/realtimeFrontendClientConnectivityTracking?action=sendHeartbeat",
    "/uas/authenticate",
)
ENDLESS = b'{"action": "set", "allowance_body": ' + b'{"a":' * 5000


@pytest.mark.parametrize("body", [b'{"action": "fl\xfcgge"}', b"\xff", b"[" * 100_000, ENDLESS, b""])
@pytest.mark.parametrize("path", BODY_READERS)
def test_a_body_that_is_no_json_in_utf_8_is_a_bad_request(browser: Browser, path: str, body: bytes) -> None:
    """A body in Latin-1, nested without end or empty is answered 400."""
    assert 400 <= browser.call("POST", path, body, content_type="application/json").status < 500


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000, "\u0663", "-1", "1e3", ""])
def test_a_number_that_is_none_is_named(sandbox: SandboxProcess, number: str) -> None:
    """A parameter that is no number, or too long for one, is answered 400 with its name."""
    for path in ("world", "messages", "requests"):
        name = "count" if path == "world" else "limit"
        with pytest.raises(ControlRefused) as refused:
            sandbox.control("GET", path, **{name: number})
        assert (refused.value.status, refused.value.answer["field"]) == (400, name)
