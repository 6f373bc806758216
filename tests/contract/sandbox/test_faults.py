import http.client
import threading
import time
from typing import Any

import pytest

from tests.contract.sandbox.browser import NORMALIZED, SEND, Browser, encoded
from tests.sandbox_process import ControlRefused, SandboxProcess

Json = dict[str, Any]

CREATE = {"path": "createMessage"}


def script(sandbox: SandboxProcess, effect: str, **more: Any) -> None:
    """One fault, for createMessage where nothing else is said."""
    sandbox.faults([{"match": CREATE, "effect": effect, **more}])


def post(browser: Browser, text: str = "x") -> Any:
    """Try to send."""
    return browser.post(SEND, browser.group_message(text))


def test_a_scripted_status(browser: Browser, sandbox: SandboxProcess) -> None:
    """Status, body and headers are answered as scripted, once, and nothing is accepted; 999 is a status too."""
    script(sandbox, "status", status=429, body={"a": 1}, headers={"Retry-After": "60"})
    script(sandbox, "status", status=999, body="Request denied")
    first, second, third = post(browser), post(browser), post(browser)
    assert (first.status, first.json(), first.headers["retry-after"]) == (429, {"a": 1}, "60")
    assert (second.status, second.body) == (999, b"Request denied")
    assert third.status == 200
    assert sandbox.count_messages() == 1


@pytest.mark.parametrize(
    ("effect", "error", "accepted"),
    [
        ("reset_before_read", ConnectionResetError, 0),
        ("reset_after_accept", ConnectionResetError, 1),
        ("truncate", http.client.IncompleteRead, 1),
    ],
)
def test_a_cut_connection(
    browser: Browser, sandbox: SandboxProcess, effect: str, error: type[Exception], accepted: int
) -> None:
    """The connection is cut as scripted, and the oracle knows what was accepted all the same."""
    script(sandbox, effect)
    with pytest.raises(error):
        post(browser)
    assert sandbox.count_messages() == accepted
    assert post(browser).status == 200


def test_a_hanging_answer(browser: Browser, sandbox: SandboxProcess) -> None:
    """The message is accepted and the answer never comes: here the connection ends after the seconds scripted."""
    script(sandbox, "hang_after_accept", seconds=0.1)
    with pytest.raises(http.client.RemoteDisconnected):
        post(browser)
    assert sandbox.count_messages() == 1


def test_an_accepted_message_with_a_bad_status(browser: Browser, sandbox: SandboxProcess) -> None:
    """accept_then_status: the message is there, the answer says otherwise."""
    script(sandbox, "accept_then_status", status=502, body="<html></html>", headers={"content-type": "text/html"})
    seen = post(browser)
    assert (seen.status, seen.body, seen.headers["content-type"]) == (502, b"<html></html>", "text/html")
    assert sandbox.count_messages() == 1


@pytest.mark.parametrize(
    ("effect", "status", "header", "begins"),
    [
        ("html", 200, "content-type", "text/html"),
        ("redirect_login", 302, "location", "/uas/login"),
        ("delete_cookie", 302, "location", "http://127.0.0.1"),
        ("challenge", 302, "location", "/checkpoint/challenge/"),
    ],
)
def test_other_answers(
    browser: Browser, sandbox: SandboxProcess, effect: str, status: int, header: str, begins: str
) -> None:
    """Pages and redirects can take the place of the answer, and then nothing is accepted."""
    script(sandbox, effect)
    seen = post(browser)
    assert seen.status == status
    assert seen.headers[header].startswith(begins)
    assert ('li_at="delete me"' in seen.headers.get("set-cookie", "")) is (
        effect in ("redirect_login", "delete_cookie")
    )
    assert sandbox.count_messages() == 0


def test_a_slow_answer_is_handled_late(browser: Browser, sandbox: SandboxProcess) -> None:
    """delay_seconds waits before the request is handled, and handles it though the caller may have gone."""
    script(sandbox, "delay_seconds", seconds=1)
    waiting = threading.Thread(target=post, args=(browser,))
    waiting.start()
    while sandbox.waiting_faults():  # until the request has met the fault
        time.sleep(0.01)
    assert sandbox.count_messages() == 0
    waiting.join()
    assert sandbox.count_messages() == 1


def test_a_reset_drops_what_is_delayed(browser: Browser, sandbox: SandboxProcess) -> None:
    """A request that was delayed before a reset has its connection reset, and accepts nothing in the new world."""
    script(sandbox, "delay_seconds", seconds=2)
    ended: list[BaseException] = []

    def send() -> None:
        try:
            post(browser)
        except ConnectionResetError as fault:
            ended.append(fault)

    waiting = threading.Thread(target=send)
    waiting.start()
    while sandbox.waiting_faults():  # until the request has met the fault
        time.sleep(0.01)
    sandbox.reset()
    waiting.join()
    assert len(ended) == 1
    assert sandbox.count_messages() == 0


def test_reads_that_lag(browser: Browser, sandbox: SandboxProcess) -> None:
    """read_lag_seconds hides a message from reads, new thread and all, while the oracle has it."""
    script(sandbox, "read_lag_seconds", seconds=2)
    thread = post(browser).json()["value"]["conversationUrn"]
    variables = f"(mailboxUrn:{encoded(browser.urn)},recipients:List({encoded(sandbox.recipient)}))"

    def found() -> int:
        seen = browser.query("messengerConversations", variables).json()
        return len(seen["data"]["messengerConversationsByRecipients"]["elements"])

    def messages() -> int:
        seen = browser.query("messengerMessages", f"(conversationUrn:{encoded(thread)})").json()
        return len(seen["data"]["messengerMessagesBySyncToken"]["elements"])

    assert (sandbox.count_messages(), found(), messages()) == (1, 0, 0)
    time.sleep(2.1)
    assert (found(), messages()) == (1, 1)


def test_an_old_query_id(browser: Browser, sandbox: SandboxProcess) -> None:
    """old_query_id answers reads that match with 400 and leaves all else alone."""
    sandbox.faults([{"match": {"path": "messengerMessages"}, "effect": "old_query_id", "times": None}])
    thread = browser.send("x")["conversationUrn"]
    for _ in range(2):
        assert browser.query("messengerMessages", f"(conversationUrn:{encoded(thread)})").status == 400
    sandbox.clear_faults()
    assert browser.query("messengerMessages", f"(conversationUrn:{encoded(thread)})").status == 200


def test_errors_behind_a_200(browser: Browser, sandbox: SandboxProcess) -> None:
    """The fault errors answers 200 with a GraphQL errors array, in the form asked for."""
    sandbox.faults([{"match": {"path": "queryId=messengerConversations"}, "effect": "errors", "times": 2}])
    variables = f"(mailboxUrn:{encoded(browser.urn)})"
    plain = browser.query("messengerConversations", variables)
    normalized = browser.query("messengerConversations", variables, accept=NORMALIZED)
    assert plain.status == normalized.status == 200
    assert plain.json()["errors"][0]["extensions"]["classification"] == "DataFetchingException"
    assert normalized.json()["data"]["errors"] == plain.json()["errors"]


def test_faults_are_for_whom_they_are_meant(browser: Browser, sandbox: SandboxProcess) -> None:
    """Account, recipient and method narrow a fault; times counts down; GET lists what waits."""
    other = Browser(sandbox, sandbox.accounts[1])
    people = [told["profileUrn"] for told in sandbox.world(count=5)["recipients"]]
    sandbox.faults(
        [
            {"match": {"account": other.urn, "method": "POST"}, "effect": "status", "times": 2},
            {"match": {"recipient": people[0].rpartition(":")[2]}, "effect": "status", "status": 501},
        ]
    )
    assert other.get("/voyager/api/me").status == 200
    assert [other.post(SEND, other.group_message("x")).status for _ in range(3)] == [500, 500, 200]
    assert browser.post(SEND, browser.group_message("x", people[1])).status == 200
    assert len(sandbox.waiting_faults()) == 1
    assert browser.post(SEND, browser.group_message("x", people[0])).status == 501
    assert sandbox.waiting_faults() == []
    thread = browser.send("x", people[0])["conversationUrn"]
    sandbox.faults([{"match": {"recipient": people[0]}, "effect": "status", "status": 503, "times": None}])
    assert browser.post(SEND, browser.thread_message("x", thread)).status == 503
    variables = f"(mailboxUrn:{encoded(browser.urn)},recipients:List({encoded(people[0])}))"
    assert browser.query("messengerConversations", variables).status == 503


def test_a_delay_and_an_end_go_together(browser: Browser, sandbox: SandboxProcess) -> None:
    """One request can be both late and cut; two ends are for two requests."""
    sandbox.faults(
        [
            {"match": CREATE, "effect": "delay_seconds", "seconds": 0.05},
            {"match": CREATE, "effect": "reset_after_accept"},
            {"match": CREATE, "effect": "html"},
        ]
    )
    with pytest.raises(ConnectionResetError):
        post(browser)
    assert len(sandbox.waiting_faults()) == 1
    assert post(browser).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"effect": "explode"}, "effect"),
        ({}, "effect"),
        ({"effect": "html", "surprise": 1}, "surprise"),
        ({"effect": "html", "match": {"way": "x"}}, "way"),
        ({"effect": "html", "match": {"path": 1}}, "path"),
        ({"effect": "html", "times": 0}, "times"),
        ({"effect": "html", "times": "often"}, "times"),
        ({"effect": "status", "status": 1000}, "status"),
        ({"effect": "delay_seconds"}, "seconds"),
        ({"effect": "delay_seconds", "seconds": -1}, "seconds"),
        ({"effect": "set_cookie"}, "value"),
    ],
)
def test_a_fault_that_makes_no_sense_is_named(sandbox: SandboxProcess, fault: Json, field: str) -> None:
    """The control answers 400 with the name of the field, and takes none of the list."""
    with pytest.raises(ControlRefused) as refused:
        sandbox.faults([{"effect": "html"}, fault])
    assert (refused.value.status, refused.value.answer["field"]) == (400, field)
    assert sandbox.waiting_faults() == []


def test_an_idle_connection_stays_open(sandbox: SandboxProcess, browser: Browser) -> None:
    """One connection carries call after call, as a pool of connections needs it."""
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"))
    statuses = []
    for _ in range(3):
        connection.request("GET", "/voyager/api/me", headers=browser.headers)
        with connection.getresponse() as answer:
            statuses.append((answer.status, answer.will_close, len(answer.read()) > 0))
    connection.close()
    assert statuses == [(200, False, True)] * 3
