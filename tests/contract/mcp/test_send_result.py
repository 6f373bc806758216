"""The result that an agent gets for each outcome: on a real store, with a scripted LinkedIn."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from confrere.domain.attempt import Attempt
from confrere.domain.keys import Caller, Scope
from confrere.domain.outcome import NotSent, Refused, SessionDead, Throttled, Unknown
from confrere.domain.urns import ProfileUrn
from confrere.mcp import AgentSession
from confrere.mcp.server import build_server
from confrere.services import Services, build_services
from confrere.store import Vault, open_store
from tests.contract.mcp.agents import MODERN, structured, text_of
from tests.fakes.upstream import BROWSER, FakeUpstream
from tests.sqlite_files import migrated_file
from tests.unit.sending.conftest import HandClock

RECIPIENT = "urn:li:fsd_profile:ACoAABastien"
SEND = {"recipientProfileUrn": RECIPIENT, "groupId": "12345678", "message": "Hello fellow group member!"}


@pytest.fixture
def clock() -> HandClock:
    """Return a clock that the test moves."""
    return HandClock()


@pytest.fixture
def upstream() -> FakeUpstream:
    """Return a scripted LinkedIn."""
    return FakeUpstream()


@pytest.fixture
async def services(tmp_path: Path, upstream: FakeUpstream, clock: HandClock) -> AsyncIterator[Services]:
    """Build the services on a real SQLite store, with one account."""
    store = await open_store(migrated_file(tmp_path), vault=Vault([Vault.new_key()]))
    services = build_services(store=store, upstream=upstream, clock=clock, gap=timedelta(minutes=2))
    await services.accounts.connect("default", BROWSER)
    yield services
    await services.close()


async def send(services: Services, **more: object) -> dict[str, Any]:
    """Return the result of a send, which is an error if and only if it was certainly not sent."""
    agent_session = AgentSession(services, Caller("test", "default", frozenset({Scope.SEND})))
    async with Client(build_server(lambda _context: agent_session), mode=MODERN) as agent:
        result = await agent.call_tool("send-group-message", {**SEND, **more})
    agent_session.mark_all_answered()
    answer = structured(result)
    assert result.is_error == (answer["sent"] is False), text_of(result)
    return answer


async def test_accepted(services: Services, upstream: FakeUpstream) -> None:
    """The result of an accepted message has what is left of the day, and a reminder that this is not a goal."""
    answer = await send(services)
    assert (answer["outcome"], answer["sent"], answer["mayRepeat"]) == ("accepted", True, False)
    assert (answer["budget"]["used"], answer["budget"]["remaining"]) == (1, 149)
    assert "not a goal" in answer["nextStep"]
    assert [message.text for message in upstream.seen] == [SEND["message"]]


async def test_little_is_left(services: Services) -> None:
    """Near the limit the agent is advised to leave the rest to the human, and to stop when the day is used up."""
    account = await services.accounts.read("default", None)
    await services.accounts.update("default", account.id, daily_limit=2)
    assert "2026-03-15" in (await send(services, message="one"))["nextStep"]
    assert "unless the human" in (await send(services, message="two"))["nextStep"]
    answer = await send(services, message="three")
    assert (answer["outcome"], answer["sendId"], answer["mayRepeat"]) == ("not_sent", None, True)
    assert answer["notBefore"] == "2026-03-15T00:00:00Z"
    assert "Rate limit exceeded for MESSAGE: 2/2 used" in answer["summary"]
    assert "tell the human" in answer["nextStep"]


async def test_unknown(services: Services, upstream: FakeUpstream) -> None:
    """An unknown outcome counts as sent; with a key, the same call searches for the message and sends nothing."""
    upstream.will(Unknown("the answer was lost"))
    answer = await send(services, idempotencyKey="k1")
    assert (answer["outcome"], answer["sent"], answer["mayRepeat"]) == ("unknown", None, True)
    assert "do not send it again" in answer["nextStep"]
    assert answer["budget"]["used"] == 1
    upstream.will(Unknown("the answer was lost"))
    again = await send(services, message="without a key")
    assert again["mayRepeat"] is False
    assert "Do not call again" in again["nextStep"]
    assert upstream.seen == []


async def test_unknown_is_searched_for_by_a_repeat(services: Services, upstream: FakeUpstream) -> None:
    """A repeated call reports a message that LinkedIn has as sent, and it was sent once."""
    first = await send(services, idempotencyKey="k1", message="first")
    assert first["outcome"] == "accepted"
    replay = await send(services, idempotencyKey="k1", message="first")
    assert (replay["replayed"], replay["sendId"]) == (True, first["sendId"])
    assert "nothing new was sent" in replay["summary"]
    assert len(upstream.seen) == 1


@pytest.mark.parametrize(
    ("attempt", "outcome", "may_repeat", "advice"),
    [
        (Refused(403, "Forbidden", "NOT_IN_GROUP", "Not members"), "refused", False, "Do not repeat it"),
        (Throttled(429, 3600), "throttled", True, "Do not use another account"),
        (SessionDead("LinkedIn asks for a login"), "session_dead", False, "accounts connect"),
        (NotSent("no connection"), "not_sent", True, "same idempotencyKey"),
        (NotSent("LinkedIn answered 400", protocol_moved=True), "not_sent", False, "confrere doctor"),
    ],
)
async def test_not_sent(
    services: Services, upstream: FakeUpstream, attempt: Any, outcome: str, may_repeat: bool, advice: str
) -> None:
    """The result of a send that failed has the reason, the certainty that nothing was sent, and the remedy."""
    upstream.next_attempts.append(Attempt(attempt, {}))
    answer = await send(services)
    assert (answer["outcome"], answer["sent"], answer["mayRepeat"]) == (outcome, False, may_repeat)
    assert advice in answer["nextStep"]
    assert answer["budget"]["used"] == 0


async def test_a_hold_is_where_it_stops(services: Services, upstream: FakeUpstream) -> None:
    """After a throttle, further calls do not reach LinkedIn and return the end of the hold."""
    upstream.will(Throttled(429, 3600))
    assert (await send(services))["notBefore"] == "2026-03-14T13:00:00Z"
    answer = await send(services, message="another")
    assert (answer["outcome"], answer["mayRepeat"]) == ("not_sent", True)
    assert answer["notBefore"] == "2026-03-14T13:00:00Z"
    assert "do not turn to another account" in answer["nextStep"]


async def test_opted_out(services: Services, upstream: FakeUpstream) -> None:
    """A person on the do-not-contact list gets no message, and the agent is asked not to use other ways."""
    await services.do_not_contact.add("default", [ProfileUrn.parse(RECIPIENT)], reason=None, source="test")
    answer = await send(services)
    assert answer["outcome"] == "refused"
    assert "Do not write to this person" in answer["nextStep"]
    assert upstream.seen == []


async def test_a_key_belongs_to_one_message(services: Services, upstream: FakeUpstream) -> None:
    """A key that was used for another text sends nothing; the agent is to check the sends before using a new one."""
    await send(services, idempotencyKey="k1")
    answer = await send(services, idempotencyKey="k1", message="something else")
    assert (answer["outcome"], answer["mayRepeat"]) == ("not_sent", False)
    assert "list-sends" in answer["nextStep"]
    assert len(upstream.seen) == 1


async def test_no_account(services: Services) -> None:
    """Without a session the result names who can connect the account, and that the agent cannot."""
    account = await services.accounts.read("default", None)
    await services.accounts.disconnect("default", account.id)
    answer = await send(services)
    assert (answer["outcome"], answer["mayRepeat"]) == ("not_sent", False)
    assert "you cannot do that" in answer["nextStep"]


async def test_the_server_stops(services: Services) -> None:
    """During a shutdown no send begins, and the same call can be repeated."""
    await services.sender.drain()
    answer = await send(services)
    assert (answer["outcome"], answer["mayRepeat"]) == ("not_sent", True)


async def test_a_bug_is_reported_without_its_details(services: Services, upstream: FakeUpstream) -> None:
    """A bug during a send is reported as an unknown outcome without details, and not as an error to retry."""
    upstream.next_attempts.append(ValueError("a detail of ours"))
    answer = await send(services)
    assert (answer["outcome"], answer["mayRepeat"]) == ("unknown", False)
    assert "a detail of ours" not in str(answer)


async def test_a_bug_in_a_read(services: Services, upstream: FakeUpstream) -> None:
    """A bug in a read is reported with one fixed sentence."""
    upstream.next_reads.append(ValueError("a detail of ours"))
    agent_session = AgentSession(services, Caller("test", "default", frozenset({Scope.READ})))
    async with Client(build_server(lambda _context: agent_session), mode=MODERN) as agent:
        result = await agent.call_tool("get-group-members", {"groupId": "12345678"})
    assert text_of(result).startswith("Internal server error.")


@pytest.mark.parametrize(
    ("failure", "advice"),
    [
        (Refused(403, "Forbidden", None, "Not a member"), "Do not repeat it"),
        (Throttled(429, 3600), "held until 2026-03-14T13:00:00Z"),
        (SessionDead("logged out"), "accounts connect"),
    ],
)
async def test_reads_that_linkedin_does_not_answer(
    services: Services, upstream: FakeUpstream, failure: Any, advice: str
) -> None:
    """A failed read is reported with its reason and remedy."""
    upstream.next_reads.append(failure)
    agent_session = AgentSession(services, Caller("test", "default", frozenset({Scope.READ})))
    async with Client(build_server(lambda _context: agent_session), mode=MODERN) as agent:
        result = await agent.call_tool("get-group-members", {"groupId": "12345678"})
    assert result.is_error
    assert advice in text_of(result)


async def test_a_rule_of_pacing(services: Services, upstream: FakeUpstream) -> None:
    """A send that breaks a pacing rule is reported with the time from which the same call can succeed."""
    await services.pacing.replace("default", None, {"minGapSeconds": 60})
    assert (await send(services))["outcome"] == "accepted"
    answer = await send(services, message="another")
    assert (answer["outcome"], answer["mayRepeat"]) == ("not_sent", True)
    assert answer["notBefore"] == "2026-03-14T12:01:00Z"
    assert "do not look for a faster way" in answer["nextStep"]
    assert len(upstream.seen) == 1
