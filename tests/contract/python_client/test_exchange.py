"""The retry decisions, without any I/O."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, product, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere_client.accounts import Accounts
from confrere_client.address import Address
from confrere_client.calls import Call
from confrere_client.errors import (
    ConfrereClientError,
    ConnectionFailed,
    InvalidRequest,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerError,
    Unauthorized,
)
from confrere_client.exchange import RetryPolicy, Server, Wait, run_call
from confrere_client.http import HttpAnswer, HttpRequest, NoAnswer
from confrere_client.messaging import SEND_GROUP, send
from confrere_client.models import Sent

NOW = datetime(2026, 3, 14, 9, 0, 0, tzinfo=UTC)
ADDRESS = Address("http://host", "confrere_key")
REFUSED_CONNECTION = NoAnswer("ConnectError", may_have_left=False)
LOST = NoAnswer("ReadTimeout", may_have_left=True)
Came = HttpAnswer | NoAnswer


def answer(status: int, body: object = None, **headers: str) -> HttpAnswer:
    """Build an answer as it is received."""
    return HttpAnswer(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode()
    )


SENT = answer(200, {"success": True, "message": "…", "recipientProfileUrn": "urn:li:fsd_profile:A", "groupId": "1"})
NOT_SENT = answer(500, {"error": "Error sending: no connection", "success": False, "outcome": "not_sent"})
ANSWERED_400 = answer(
    500, {"error": "Error: Request failed with status code 400", "success": False, "outcome": "not_sent"}
)
UNKNOWN = answer(500, {"error": "Error sending: no answer", "success": False, "outcome": "unknown"})
STOPPING = answer(503, {"error": "The server is stopping", "success": False}, retry_after="1")
NO_CREDENTIALS = answer(500, {"error": "Failed to get LinkedIn authentication credentials", "success": False})
IN_USE = answer(409, {"success": False, "error": "still running"}, retry_after="1")
LIMITED = answer(429, {"error": "Rate limit exceeded for MESSAGE: 150/150 used", "success": False}, retry_after="7")
BAD_GATEWAY = HttpAnswer(502, {}, b"<html>Bad Gateway</html>")
REFUSED = answer(
    403,
    {
        "success": False,
        "message": "Error sending group context message: Request failed with status code 403",
        "errorDetails": {
            "status": 403,
            "statusText": "Forbidden",
            "data": {"code": "UNAUTHORIZED_VIEWER", "message": "no"},
        },
    },
)
DESCRIBED = answer(
    200,
    {"paths": {"/linkedin" + SEND_GROUP: {"post": {"parameters": [{"name": "Idempotency-Key", "in": "header"}]}}}},
)
NO_PAGE = answer(404, {"success": False, "error": "nothing here"})


def a_send() -> Call[Sent]:
    """Build a send."""
    return send(
        SEND_GROUP,
        recipient="urn:li:fsd_profile:A",
        group_id="1",
        message="a secret text",
        account_id=None,
        idempotency_key="key-1",
    )


@dataclass
class Ended:
    """The actions of a conversation, and how it ended."""

    sends: list[HttpRequest] = field(default_factory=list)
    questions: int = 0
    waits: list[float] = field(default_factory=list)
    result: Any = None
    error: ConfrereClientError | None = None


def drive(
    call: Call[Any], respond: Callable[[HttpRequest], Came], *, server: Server | None = None, **patience: Any
) -> Ended:
    """Run a conversation; `respond` simulates the server."""
    ended = Ended()
    steps = run_call(
        call, server or Server(ADDRESS), RetryPolicy(**{"clock": lambda: NOW, "jitter": lambda: 0.0, **patience})
    )
    came: Came | None = None
    while True:
        try:
            step = steps.send(came)
        except StopIteration as end:
            ended.result = end.value
            return ended
        except ConfrereClientError as error:
            ended.error = error
            return ended
        if isinstance(step, Wait):
            ended.waits.append(step.seconds)
            came = None
        else:
            came = respond(step)
            if step.url.endswith("/openapi.json"):
                ended.questions += 1
            else:
                ended.sends.append(step)


def follow(call: Call[Any], *answers: Came, description: Came = DESCRIBED, **options: Any) -> Ended:
    """Run a conversation with these answers."""
    left = list(answers)

    def respond(request: HttpRequest) -> Came:
        return description if request.url.endswith("/openapi.json") else left.pop(0)

    ended = drive(call, respond, **options)
    assert not left
    return ended


# ---- sends ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [LOST, UNKNOWN, NOT_SENT, STOPPING, BAD_GATEWAY, IN_USE, answer(200, "not an object")]
)
def test_a_send_is_repeated_with_its_key(fault: Came) -> None:
    """After any ambiguous result, a server that keeps keys gets the same key and body again."""
    ended = follow(a_send(), fault, fault, SENT)
    assert isinstance(ended.result, Sent)
    assert ended.result.idempotency_key == "key-1"
    assert {request.headers["Idempotency-Key"] for request in ended.sends} == {"key-1"}
    assert len({(request.url, request.content) for request in ended.sends}) == 1
    assert ended.questions <= 1


def test_every_send_has_a_key_of_its_own() -> None:
    """Without a key of the caller's, each send gets a new one."""
    calls = [
        send(SEND_GROUP, recipient="r", group_id=1, message="m", account_id=None, idempotency_key=None)
        for _ in range(2)
    ]
    assert calls[0].idempotency_key != calls[1].idempotency_key


@pytest.mark.parametrize("fault", [LOST, BAD_GATEWAY, answer(500, {"error": "?"}), STOPPING, UNKNOWN, IN_USE])
@pytest.mark.parametrize(("description", "kept"), [(NO_PAGE, False), (answer(200, {"paths": {}}), False)])
def test_a_send_is_not_repeated_where_keys_are_not_kept(fault: Came, description: Came, kept: bool) -> None:
    """A server that does not document keys gets an ambiguous send once, and the error states the ambiguity."""
    ended = follow(a_send(), fault, description=description)
    assert isinstance(ended.error, OutcomeUnknown)
    assert (ended.error.idempotency_key, ended.error.server_keeps_keys) == ("key-1", kept)
    assert ended.waits == []


def test_a_server_that_cannot_be_asked_is_not_trusted() -> None:
    """While the server's description is unavailable only the query for it is retried, and then the send fails."""
    ended = follow(a_send(), LOST, description=REFUSED_CONNECTION)
    assert isinstance(ended.error, OutcomeUnknown)
    assert ended.error.server_keeps_keys is None
    assert (len(ended.sends), ended.questions) == (1, 5)


def test_the_question_is_asked_once() -> None:
    """The server's description is read once and remembered for the next send."""
    server = Server(ADDRESS)
    assert follow(a_send(), LOST, SENT, server=server).questions == 1
    assert follow(a_send(), LOST, SENT, server=server).questions == 0


@pytest.mark.parametrize("kept", [True, False])
def test_the_client_can_be_configured_for_servers_with_keys(kept: bool) -> None:
    """A client that is configured for a server with keys does not read the description."""
    server = Server(ADDRESS, keeps_keys=kept)
    ended = follow(a_send(), LOST, *([SENT] if kept else []), server=server)
    assert ended.questions == 0
    assert (ended.error is None) is kept


@pytest.mark.parametrize("fault", [REFUSED_CONNECTION, NOT_SENT])
def test_what_certainly_was_not_sent_is_repeated_anywhere(fault: Came) -> None:
    """A request that was certainly not sent is retried without reading the description."""
    ended = follow(a_send(), fault, SENT, server=Server(ADDRESS, keeps_keys=False))
    assert isinstance(ended.result, Sent)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([REFUSED_CONNECTION] * 2, ConnectionFailed),
        ([NOT_SENT] * 2, NotSent),
        ([UNKNOWN] * 2, OutcomeUnknown),
        ([STOPPING] * 2, NotSent),
        ([NO_CREDENTIALS], NotSent),
        ([ANSWERED_400], NotSent),
        ([UNKNOWN, NOT_SENT], NotSent),
        ([LOST, NOT_SENT], OutcomeUnknown),
        ([LOST, REFUSED_CONNECTION], OutcomeUnknown),
        ([LOST, LIMITED], OutcomeUnknown),
        ([LOST, answer(401, {"error": "Unauthorized"})], OutcomeUnknown),
        ([UNKNOWN, NO_CREDENTIALS], OutcomeUnknown),
        ([LOST, REFUSED], Refused),
        ([LOST, answer(403, {"success": False, "error": "it lacks the scope"})], OutcomeUnknown),
        ([STOPPING, LIMITED], RateLimited),
        ([answer(401, {"error": "Unauthorized"})], Unauthorized),
        ([answer(422, {"success": False, "error": "another body"})], InvalidRequest),
    ],
)
def test_the_error_is_true_of_all_attempts(answers: list[Came], kind: type[ConfrereClientError]) -> None:
    """A certain failure of one attempt does not hide that an earlier one may have been sent."""
    ended = follow(a_send(), *answers, max_retries=1)
    assert type(ended.error) is kind


def test_an_earlier_request_with_the_key_is_waited_for_without_end_of_patience() -> None:
    """A 409 does not count as a retry: the earlier request is waited for up to a minute."""
    ended = follow(a_send(), *[IN_USE] * 20, SENT, max_retries=0)
    assert ended.waits == [1.0] * 20
    ended = follow(a_send(), *[IN_USE] * 61, max_retries=0)
    assert isinstance(ended.error, OutcomeUnknown)


def test_a_limit_is_raised_or_waited_for() -> None:
    """A 429 is raised, unless the client is configured to wait."""
    ended = follow(a_send(), LIMITED)
    assert isinstance(ended.error, RateLimited)
    assert (ended.error.retry_after, ended.waits) == (7.0, [])
    ended = follow(a_send(), LOST, LIMITED, wait_for_limits=True)
    assert isinstance(ended.error, OutcomeUnknown)  # the key may expire before the limit ends
    ended = follow(a_send(), LIMITED, LIMITED, SENT, wait_for_limits=True, max_retries=0)
    assert (ended.waits, ended.error) == ([7.0, 7.0], None)


# ---- reads and waits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [LOST, REFUSED_CONNECTION, BAD_GATEWAY, STOPPING, answer(408, {"error": "slow"})])
def test_a_read_is_repeated_anywhere(fault: Came) -> None:
    """A read is retried without reading the description."""
    ended = follow(Accounts.list.build(None), fault, fault, answer(200, []))
    assert (ended.result, ended.questions) == ((), 0)
    assert "Idempotency-Key" not in ended.sends[0].headers


def test_a_read_that_no_repeat_helps_is_not_repeated() -> None:
    """A read that fails for a missing session is not retried."""
    assert isinstance(follow(Accounts.list.build(None), NO_CREDENTIALS).error, ServerError)


def test_waits_grow_and_heed_the_server() -> None:
    """Waits are half to all of a doubling time up to 8 s, and at least what the server asks for."""
    slowest = follow(Accounts.list.build(None), *[LOST] * 7, max_retries=6, jitter=lambda: 1.0)
    quickest = follow(Accounts.list.build(None), *[LOST] * 7, max_retries=6, jitter=lambda: 0.0)
    assert slowest.waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert quickest.waits == [seconds / 2 for seconds in slowest.waits]
    asked = answer(503, {"error": "busy", "success": False}, retry_after="9")
    assert follow(Accounts.list.build(None), asked, answer(200, [])).waits == [9.0]
    assert follow(Accounts.list.build(None), answer(503, {}, retry_after="3600")).waits == []


def test_without_a_key_nothing_is_asked() -> None:
    """Without an API key the client raises before it sends a request."""
    ended = follow(Accounts.list.build(None), server=Server(Address("http://host", None)))
    assert isinstance(ended.error, Unauthorized)


# ---- any faults ----------------------------------------------------------------------------------------------------


class Confrere:
    """A model of a server that keeps keys, with LinkedIn behind it: `messages` is what the recipient has."""

    def __init__(self) -> None:
        self.messages = 0
        self.state: str | None = None
        self.late = 0

    def meet(self, event: str) -> Came:
        """Make one attempt under this weather."""
        match event:
            case "no_connection":
                return REFUSED_CONNECTION
            case "lost_before":
                return LOST
            case "lost_after":
                self.process("accepted")
                return LOST
            case "late":
                self.late += 1
                return LOST
            case "proxy":
                return BAD_GATEWAY
            case "stopping":
                return STOPPING
            case "scope_lost":
                return answer(403, {"success": False, "error": "The key lacks the scope send"})
            case "key_revoked":
                return answer(401, {"error": "Unauthorized - Invalid credentials"})
            case "running":
                return IN_USE if self.state else self.process("accepted")
            case _:
                return self.process(event)

    def process(self, event: str) -> Came:
        """Process a request that arrived."""
        match self.state:
            case "accepted":
                return SENT
            case "refused":
                return REFUSED
            case "unknown" if self.messages and event != "unknown":
                self.state = "accepted"
                return SENT
            case "unknown" if event != "not_sent":
                return UNKNOWN
            case "unknown":  # reconciled: certainly absent
                self.state = None
        match event:
            case "limited":
                return LIMITED
            case "not_sent":
                return NOT_SENT
            case "no_credentials":
                return NO_CREDENTIALS
            case "refused":
                self.state = "refused"
                return REFUSED
            case "unknown" | "unknown_sent":
                self.state = "unknown"
                self.messages += event == "unknown_sent"
                return UNKNOWN
        self.state = "accepted"
        self.messages += 1
        return SENT

    def settle(self) -> None:
        """Deliver what was still in transit."""
        for _ in range(self.late):
            self.process("accepted")


class Vendor(Confrere):
    """A server without keys: each accepted request is a new message."""

    def meet(self, event: str) -> Came:
        """Make one attempt; its 503 does not mean that nothing was sent."""
        self.messages += event in ("stopping", "proxy")
        return super().meet(event)

    def process(self, event: str) -> Came:
        """Process a request that arrived."""
        match event:
            case "limited":
                return LIMITED
            case "refused":
                return REFUSED
            case "no_credentials":
                return NO_CREDENTIALS
            case "not_sent":
                return answer(500, {"error": "Error sending group context message: …", "success": False})
        self.messages += 1
        return answer(500, {"error": "…", "success": False}) if event.startswith("unknown") else SENT


EVENTS = [
    "no_connection", "lost_before", "lost_after", "late", "proxy", "stopping", "key_revoked", "scope_lost", "running",
    "limited", "not_sent", "no_credentials", "refused", "unknown", "unknown_sent", "accepted",
]  # fmt: skip


def send_under(world: Confrere, weather: Sequence[str], questions: Sequence[Came], **patience: Any) -> None:
    """Send under this weather, of which the last event persists, and check the client's result against the messages."""
    events = chain(weather, repeat(weather[-1], 5), repeat("accepted"))
    asked = iter(questions)

    def respond(request: HttpRequest) -> Came:
        if request.url.endswith("/openapi.json"):
            return next(asked, NO_PAGE if isinstance(world, Vendor) else DESCRIBED)
        return world.meet(next(events))

    ended = drive(a_send(), respond, **patience)
    world.settle()
    assert world.messages <= 1
    if ended.error is None:
        assert world.messages == 1
    elif not isinstance(ended.error, OutcomeUnknown):
        assert world.messages == 0


@pytest.mark.parametrize("world", [Confrere, Vendor])
def test_never_twice_and_never_a_false_result(world: type[Confrere]) -> None:
    """After any two events, on either kind of server, there is at most one message and a true result."""
    for weather, max_retries, patient in product(product(EVENTS, repeat=2), range(3), (True, False)):
        for questions in ([], [LOST] * 9):
            send_under(world(), weather, questions, max_retries=max_retries, wait_for_limits=patient)


@given(
    world=st.sampled_from([Confrere, Vendor]),
    weather=st.lists(st.sampled_from(EVENTS), min_size=1, max_size=9),
    questions=st.lists(st.sampled_from([LOST, REFUSED_CONNECTION, STOPPING, LIMITED]), max_size=3),
    max_retries=st.integers(0, 6),
    patient=st.booleans(),
)
def test_in_any_weather(
    world: type[Confrere], weather: list[str], questions: list[Came], max_retries: int, patient: bool
) -> None:
    """Longer histories and unknown support of keys keep the same promise."""
    send_under(world(), weather, questions, max_retries=max_retries, wait_for_limits=patient)
