"""Once: callers who disconnect early."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.upstream import BROWSER, FakeUpstream

from confrere.domain.attempt import Absent
from confrere.domain.message import MessageText
from confrere.domain.outcome import Accepted, OutcomeName, Unknown
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.sending import CallerConnection, SendRequest
from confrere.services import build_services
from confrere.store import Vault, open_store

REQUEST = SendRequest(
    request_id="request-1",
    workspace_id="default",
    account_id=None,
    recipient=ProfileUrn("urn:li:fsd_profile:ACoAARecipient"),
    group_id=GroupId("42"),
    text=MessageText("Hello"),
)


class Scene:
    """The services on a real store and a scripted LinkedIn, with a clock that the test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 14, 12, tzinfo=UTC)
        self.upstream = FakeUpstream()

    async def open(self, folder: Path) -> None:
        """Open the services and connect one account."""
        store = await open_store(f"sqlite://{folder / 'confrere.db'}", vault=Vault([Vault.new_key()]), migrate=True)
        self.services = build_services(
            store=store, upstream=self.upstream, clock=lambda: self.now, gap=timedelta(minutes=2)
        )
        await self.services.accounts.connect("default", BROWSER)

    async def until_searched(self, searches: int) -> None:
        """Wait until LinkedIn was searched so often."""
        async with asyncio.timeout(10):
            while self.upstream.searches < searches:
                await asyncio.sleep(0)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Yield a new scene with one account."""
    scene = Scene()
    await scene.open(tmp_path)
    yield scene
    await scene.services.close()


async def test_once_if_a_caller_disconnects_while_the_first_message_is_searched_for(scene: Scene) -> None:
    """If the caller disconnects while the earlier message is searched for in vain, nothing is sent for it."""
    scene.upstream.will(Unknown("no answer"))
    first = CallerConnection()
    await scene.services.sender.send(REQUEST, first)
    scene.services.sender.record_answered(first)
    await scene.services.sender.send(REQUEST, CallerConnection())  # the first search without it
    scene.now += timedelta(minutes=3)
    disconnected, search_may_end = CallerConnection(), asyncio.Event()
    find = scene.upstream.find_message

    async def slow_search(*_: object) -> Absent:
        scene.upstream.searches += 1
        await search_may_end.wait()
        return Absent()

    scene.upstream.find_message = slow_search  # type: ignore[method-assign,assignment]
    sending = asyncio.create_task(scene.services.sender.send(REQUEST, disconnected))
    await scene.until_searched(2)
    scene.services.sender.record_disconnect(disconnected)
    search_may_end.set()
    assert (await sending).outcome.name is OutcomeName.NOT_SENT
    assert scene.upstream.seen == []
    scene.upstream.find_message = find  # type: ignore[method-assign]
    result = await scene.services.sender.send(REQUEST, CallerConnection())
    assert isinstance(result.outcome, Accepted)
    assert len(scene.upstream.seen) == 1


async def test_once_if_a_caller_disconnected_before_its_process_began(scene: Scene) -> None:
    """A request whose caller disconnected before its process began, and was served elsewhere, sends nothing."""
    late = CallerConnection()
    scene.services.sender.record_disconnect(late)
    served = CallerConnection()
    await scene.services.sender.send(REQUEST, served)
    scene.services.sender.record_answered(served)
    result = await scene.services.sender.send(REQUEST, late)
    assert result.outcome.name is OutcomeName.NOT_SENT
    assert len(scene.upstream.seen) == 1
