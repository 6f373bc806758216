from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from confrere.domain.attempt import Absent, Attempt, Found, OutgoingMessage, SearchResult, Unreadable
from confrere.domain.ids import new_origin_token
from confrere.domain.outcome import Accepted, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.domain.session import Member, Session
from confrere.linkedin import LinkedInClient, load_protocol, read_paste
from confrere.ports import Upstream
from tests.sandbox_process import SandboxProcess, running_sandbox


@pytest.fixture(scope="module")
def process() -> Iterator[SandboxProcess]:
    """Start one sandbox for all tests."""
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(process: SandboxProcess) -> SandboxProcess:
    """Reset the sandbox."""
    process.clear_faults()
    process.reset()
    return process


@pytest.fixture
async def client(sandbox: SandboxProcess) -> AsyncIterator[LinkedInClient]:
    """Open a client of the sandbox, with long timeouts except for tests of silence."""
    client = LinkedInClient(sandbox.url, retry_pause_seconds=0)
    yield client
    await client.close()


@pytest.fixture
def session(sandbox: SandboxProcess) -> Session:
    """Return the first account's session as copied from its browser."""
    return read_paste(sandbox.accounts[0].cookie, user_agent=sandbox.accounts[0].user_agent)


@pytest.fixture
def message(sandbox: SandboxProcess) -> OutgoingMessage:
    """Build a message to the sandbox's example recipient."""
    return OutgoingMessage(
        sender_urn=sandbox.accounts[0].profile_urn,
        recipient_urn=sandbox.recipient,
        group_urn=f"urn:li:fsd_group:{sandbox.group_id}",
        text='Grüße, "Kollege" 👋\nzweite Zeile',
        origin_token=new_origin_token(),
    )


async def _find(client: LinkedInClient, session: Session, message: OutgoingMessage) -> SearchResult:
    return await client.find_message(
        session, message.sender_urn, message.recipient_urn, message.origin_token, datetime.now(UTC)
    )


def test_it_is_what_sending_needs() -> None:
    """The client implements the port that sending declares, as the type checker confirms."""
    upstream: Upstream = LinkedInClient()
    assert isinstance(upstream, LinkedInClient)


async def test_a_message_arrives_as_it_was_given(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, message: OutgoingMessage
) -> None:
    """A message arrives once, in its group's context with its token, and is found afterwards."""
    attempt = await client.send_group_message(session, message)
    (seen,) = sandbox.messages()
    assert attempt == Attempt(Accepted(seen["messageUrn"], seen["conversationUrn"]), {})
    assert (seen["text"], seen["groupUrn"], seen["originToken"]) == (
        message.text,
        message.group_urn,
        message.origin_token,
    )
    assert (seen["sender"], seen["recipient"]) == (message.sender_urn, message.recipient_urn)
    assert await _find(client, session, message) == Found(seen["messageUrn"], seen["conversationUrn"])


async def test_the_account_is_the_sessions_member(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session
) -> None:
    """`/me` returns the session's member of the sandbox's world."""
    account = sandbox.accounts[0]
    member = await client.read_member(session)
    assert isinstance(member, Member)
    assert (member.profile_urn, member.first_name, member.last_name, member.public_id) == (
        account.profile_urn,
        account.first_name,
        account.last_name,
        account.public_identifier,
    )


DEAD = "LinkedIn asks to log in; connect the account again"
DELETED = "LinkedIn deleted the session's cookie; connect the account again"
CHALLENGED = "LinkedIn asks for a security challenge; solve it in the browser, then connect the account again"

OLD_ID = load_protocol().queries.conversations_with.id

FAULTS: list[tuple[dict[str, Any], Outcome | None, int]] = [
    ({"effect": "status", "status": 500}, Unknown("Request failed with status code 500"), 0),
    ({"effect": "status", "status": 503}, Unknown("Request failed with status code 503"), 0),
    ({"effect": "status", "status": 400}, Refused(400, "Bad Request", None, None), 0),
    ({"effect": "status", "status": 404}, Refused(404, "Not Found", None, None), 0),
    ({"effect": "status", "status": 429}, Throttled(429, 3_600), 0),
    ({"effect": "status", "status": 429, "headers": {"Retry-After": "90"}}, Throttled(429, 90), 0),
    ({"effect": "status", "status": 999, "body": "no"}, Throttled(999, 86_400), 0),
    ({"effect": "accept_then_status", "status": 502}, Unknown("Request failed with status code 502"), 1),
    ({"effect": "reset_before_read"}, Unknown("the connection to LinkedIn broke"), 0),
    ({"effect": "reset_after_accept"}, Unknown("the connection to LinkedIn broke"), 1),
    ({"effect": "truncate"}, Unknown("LinkedIn's answer was cut off"), 1),
    ({"effect": "html"}, Unknown("LinkedIn answered with a web page"), 0),
    ({"effect": "redirect_login"}, SessionDead(DEAD), 0),
    ({"effect": "delete_cookie"}, SessionDead(DELETED), 0),
    ({"effect": "challenge"}, SessionDead(CHALLENGED), 0),
]


@pytest.mark.parametrize(
    ("fault", "outcome", "arrived"), FAULTS, ids=[f"{n}-{f[0]['effect']}" for n, f in enumerate(FAULTS)]
)
async def test_each_fault_has_its_outcome_and_no_send_is_repeated(
    sandbox: SandboxProcess,
    client: LinkedInClient,
    session: Session,
    message: OutgoingMessage,
    fault: dict[str, Any],
    outcome: Outcome,
    arrived: int,
) -> None:
    """Each fault has its outcome, and the recipient sees at most one message, and none where nothing was sent."""
    sandbox.faults([{"match": {"path": "createMessage"}, **fault}])
    attempt = await client.send_group_message(session, message)
    assert attempt.outcome == outcome
    assert sandbox.count_messages() == arrived
    assert sandbox.waiting_faults() == []


async def test_silence_after_the_message_was_taken_is_unknown_and_then_found(
    sandbox: SandboxProcess, session: Session, message: OutgoingMessage
) -> None:
    """A message that LinkedIn took without an answer is unknown, and then found."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "hang_after_accept"}])
    client = LinkedInClient(sandbox.url, send_timeout_seconds=0.5)
    attempt = await client.send_group_message(session, message)
    assert attempt.outcome == Unknown("LinkedIn did not answer in time")
    assert isinstance(await _find(client, session, message), Found)
    await client.close()


async def test_a_message_that_was_never_taken_is_absent(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, message: OutgoingMessage
) -> None:
    """A message that LinkedIn never took is absent, with no thread and in a thread with other messages."""
    assert await _find(client, session, message) == Absent()
    other = OutgoingMessage(message.sender_urn, message.recipient_urn, message.group_urn, "earlier", new_origin_token())
    await client.send_group_message(session, other)
    sandbox.reply(message.recipient_urn, message.sender_urn, "an answer")
    assert await _find(client, session, message) == Absent()
    assert isinstance(await _find(client, session, other), Found)


async def test_a_message_is_found_behind_many_others(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, message: OutgoingMessage
) -> None:
    """A message is found behind several pages of later ones."""
    since = datetime.now(UTC)
    await client.send_group_message(session, message)
    for number in range(50):
        sandbox.reply(message.recipient_urn, message.sender_urn, f"answer {number}")
    found = await client.find_message(session, message.sender_urn, message.recipient_urn, message.origin_token, since)
    assert isinstance(found, Found)


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        ({"effect": "status", "status": 503, "times": 2}, Unreadable("Request failed with status code 503")),
        ({"effect": "errors"}, Unreadable("LinkedIn answered the query with an error")),
        ({"effect": "html"}, Unreadable("LinkedIn answered with a web page")),
        ({"effect": "redirect_login"}, SessionDead(DEAD)),
        ({"effect": "challenge"}, SessionDead(CHALLENGED)),
        (
            {"effect": "old_query_id"},
            Unreadable(
                f"Request failed with status code 400: the query id {OLD_ID} looks old; "
                "put a newer one into the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names",
                protocol_moved=True,
            ),
        ),
    ],
)
async def test_a_failed_search_is_not_absent(
    sandbox: SandboxProcess,
    client: LinkedInClient,
    session: Session,
    message: OutgoingMessage,
    fault: dict[str, Any],
    result: SearchResult,
) -> None:
    """A search that fails reports why, and not that the message is absent."""
    sandbox.faults([{"match": {"path": "voyagerMessagingGraphQL"}, **fault}])
    assert await _find(client, session, message) == result


async def test_a_read_survives_one_passing_fault(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, message: OutgoingMessage
) -> None:
    """A read survives one 503."""
    sandbox.faults([{"match": {"path": "voyagerMessagingGraphQL"}, "effect": "status", "status": 503}])
    assert await _find(client, session, message) == Absent()


async def test_cookies_that_are_set_are_reported(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, message: OutgoingMessage
) -> None:
    """Cookies are reported beside the outcome; a deleted one ends the session, and the outcome stays."""
    sandbox.faults([{"effect": "set_cookie", "name": "lidc", "value": "new"}])
    attempt = await client.send_group_message(session, message)
    assert isinstance(attempt.outcome, Accepted)
    assert attempt.changed_cookies == {"lidc": "new"}
    assert attempt.session_ended is None


async def test_a_sender_outside_the_group_is_refused_without_doubt(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, message: OutgoingMessage
) -> None:
    """A sender outside the group is refused with LinkedIn's own words."""
    sandbox.act({"action": "leave_group", "group": sandbox.group_id, "member": sandbox.recipient})
    attempt = await client.send_group_message(session, message)
    assert isinstance(attempt.outcome, Refused)
    assert (attempt.outcome.status, attempt.outcome.status_text) == (403, "Forbidden")
    assert attempt.outcome.code == "UNAUTHORIZED_VIEWER"
    assert not attempt.needs_probe
    assert sandbox.count_messages() == 0


async def test_a_foreign_session_is_dead(client: LinkedInClient, message: OutgoingMessage) -> None:
    """A cookie that LinkedIn does not know is a dead session."""
    stranger = Session({"li_at": "AQEDunknown", "JSESSIONID": '"ajax:1"'}, "Mozilla/5.0")
    assert isinstance((await client.send_group_message(stranger, message)).outcome, SessionDead)
    assert isinstance(await client.read_member(stranger), SessionDead)
