"""Accounts whose LinkedIn hangs do not affect the sends of other accounts."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from confrere.domain.attempt import OutgoingMessage
from confrere.domain.ids import new_origin_token
from confrere.domain.outcome import Accepted, NotSent
from confrere.domain.session import Session
from confrere.linkedin import LinkedInClient, read_paste
from tests.contract.linkedin.one_message import connected_client
from tests.sandbox_process import SandboxProcess, running_sandbox

CROWD = 300
NOT_IN_TIME = NotSent("no connection to LinkedIn could be had in time")


@pytest.fixture(scope="module")
def process() -> Iterator[SandboxProcess]:
    """Start one sandbox for all tests, with a recipient for everybody."""
    with running_sandbox(members=500, accounts=3) as running:
        yield running


@pytest.fixture
def sandbox(process: SandboxProcess) -> SandboxProcess:
    """Reset the sandbox."""
    process.reset()
    return process


def session_of(sandbox: SandboxProcess, number: int) -> Session:
    """Return an account's session as the store gives it."""
    account = sandbox.accounts[number]
    return replace(read_paste(account.cookie, user_agent=account.user_agent), account_id=f"account-{number}")


def message_of(sandbox: SandboxProcess, number: int) -> OutgoingMessage:
    """Build a new message of this account to the sandbox's recipient."""
    return OutgoingMessage(
        sender_urn=sandbox.accounts[number].profile_urn,
        recipient_urn=sandbox.recipient,
        group_urn=f"urn:li:fsd_group:{sandbox.group_id}",
        text="Hello",
        origin_token=new_origin_token(),
    )


def hang(sandbox: SandboxProcess, number: int) -> None:
    """Let LinkedIn not answer this account."""
    match = {"account": sandbox.accounts[number].profile_urn}
    sandbox.faults([{"effect": "delay_seconds", "seconds": 600, "times": None, "match": match}])


async def _crowd(sandbox: SandboxProcess, client: LinkedInClient, number: int, *, reads: bool) -> asyncio.Future[Any]:
    """Start three hundred calls of one account."""
    session = session_of(sandbox, number)
    calls: asyncio.Future[Any] = asyncio.gather(
        *(
            client.read_member(session) if reads else client.send_group_message(session, message_of(sandbox, number))
            for _ in range(CROWD)
        )
    )
    await asyncio.sleep(0)
    return calls


@pytest.mark.parametrize("reads", [False, True], ids=["sends", "reads"])
@pytest.mark.parametrize("hanging", [(0,), (0, 1)], ids=["one hangs", "two hang"])
async def test_accounts_that_hang_do_not_delay_another(
    sandbox: SandboxProcess, hanging: tuple[int, ...], reads: bool
) -> None:
    """All sends of a healthy account are accepted before any call of the hanging accounts has ended."""
    for number in hanging:
        hang(sandbox, number)
    async with connected_client(
        sandbox.url, connections=200, send_timeout_seconds=60, read_timeout_seconds=60, pool_timeout_seconds=60
    ) as client:
        crowds = [await _crowd(sandbox, client, number, reads=reads) for number in hanging]
        healthy = session_of(sandbox, 2)
        attempts = await asyncio.gather(
            *(client.send_group_message(healthy, message_of(sandbox, 2)) for _ in range(150))
        )
        assert all(isinstance(attempt.outcome, Accepted) for attempt in attempts)
        assert not any(crowd.done() for crowd in crowds)
        for crowd in crowds:
            crowd.cancel()
        await asyncio.gather(*crowds, return_exceptions=True)
    assert sandbox.count_messages() == 150


async def test_who_waits_for_a_share_too_long_has_certainly_sent_nothing(sandbox: SandboxProcess) -> None:
    """A call that gets no slot in time is not sent: LinkedIn has seen the requests of the unknown ones only."""
    hang(sandbox, 0)
    async with connected_client(
        sandbox.url, connections=40, send_timeout_seconds=1, pool_timeout_seconds=0.2
    ) as client:
        session = session_of(sandbox, 0)
        attempts = await asyncio.gather(
            *(client.send_group_message(session, message_of(sandbox, 0)) for _ in range(50))
        )
    outcomes = [attempt.outcome for attempt in attempts]
    assert outcomes.count(NOT_IN_TIME) == 30
    assert sum(outcome.name == "unknown" for outcome in outcomes) == 20
