"""Invariant: Once and Quota at any crash point. A process that dies is seen dead at that moment."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from confrere.domain.errors import KeyInUse, StoreUnavailable
from confrere.domain.outcome import OutcomeName
from confrere.domain.reservation import Claim, InFlightElsewhere, Repeats, Reservation
from confrere.store import SqlStore
from tests.contract.store.conftest import KEY, OpenStore
from tests.contract.store.scene import ACCEPTED, Scene, repeats

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 60
DEAD = "the process that was sending it ended before it could say how it went"


class Sending:
    """A process of its own, with the ids of what it has reserved."""

    def __init__(self, process: asyncio.subprocess.Process, send_ids: list[str]) -> None:
        self.process = process
        self.send_ids = send_ids

    async def kill(self) -> None:
        """SIGKILL: it can say nothing any more."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()


StartSending = Callable[..., Awaitable[Sending]]


@pytest.fixture
async def start_sending(url: str) -> AsyncIterator[StartSending]:
    """Starts processes that reserve; they are killed at the end."""
    async with AsyncExitStack() as stack:

        async def start(*whats: str) -> Sending:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.contract.store.sending_process",
                url,
                KEY,
                *whats,
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}"},
            )
            sending = Sending(process, [])
            stack.push_async_callback(sending.kill)
            assert process.stdout is not None
            async with asyncio.timeout(PATIENCE_SECONDS):
                sending.send_ids = [(await process.stdout.readline()).decode().strip() for _ in whats]
            assert all(sending.send_ids)
            return sending

        yield start


async def until_dead(scene: Scene, sending: Sending) -> None:
    """On SQLite at once; a server first has to notice that the connection is gone."""
    engine = scene.store.engine
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await scene.store.claim_unknown(scene.now, count=0)) or await engine.read("list_in_flight"):
            await asyncio.sleep(0.01)
    assert sending.process.returncode is not None


async def test_once_a_living_process_is_left_alone(scene: Scene, start_sending: StartSending) -> None:
    """Its rows are neither looked for nor joined; its key is in use."""
    await start_sending("reserved", "settled")
    assert await scene.store.claim_unknown(scene.now, count=10) == []
    assert isinstance(await scene.store.reserve(scene.claim(text="reserved")), InFlightElsewhere)
    assert isinstance(await scene.store.reserve(scene.claim(text="settled")), InFlightElsewhere)
    with pytest.raises(KeyInUse):
        await scene.store.reserve(scene.claim(text="reserved", idempotency_key="key of reserved"))


async def test_once_a_killed_process_leaves_unknowns_that_are_reconciled_at_once(
    scene: Scene, start_sending: StartSending
) -> None:
    """Long before its lease is over."""
    sending = await start_sending("reserved")
    await sending.kill()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := await scene.store.claim_unknown(scene.now, count=10)):
            await asyncio.sleep(0.01)
    assert [send.id for send in found] == sending.send_ids
    assert found[0].outcome is OutcomeName.UNKNOWN
    assert found[0].reason == DEAD
    assert await scene.used() == 1


async def test_once_what_a_killed_process_was_sending_is_joined(scene: Scene, start_sending: StartSending) -> None:
    """By an identical request, and by one with its key."""
    sending = await start_sending("reserved")
    await sending.kill()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not isinstance(reservation := await scene.store.reserve(scene.claim(text="reserved")), Repeats):
            assert isinstance(reservation, InFlightElsewhere)
            await asyncio.sleep(0.01)
    assert reservation.send.id == sending.send_ids[0]
    assert (reservation.send.outcome, reservation.send.reason) == (OutcomeName.UNKNOWN, DEAD)
    keyed = await scene.store.reserve(scene.claim(text="reserved", idempotency_key="key of reserved"))
    assert isinstance(keyed, Repeats)
    assert keyed.keyed


async def test_once_an_answer_that_a_killed_process_may_not_have_given_is_given_again(
    scene: Scene, start_sending: StartSending
) -> None:
    """LinkedIn has the message, and nobody can say whether the caller knows: it is not sent again."""
    sending = await start_sending("reserved", "settled")
    await sending.kill()
    await until_dead(scene, sending)
    reservation = await scene.store.reserve(scene.claim(text="settled"))
    assert isinstance(reservation, Repeats)
    assert reservation.send.id == sending.send_ids[1]
    assert reservation.send.outcome is OutcomeName.ACCEPTED


async def reserve_or_wait(scene: Scene, claim: Claim) -> Reservation | KeyInUse:
    """The refusal of a key in use as a value."""
    try:
        return await scene.store.reserve(claim)
    except KeyInUse as refusal:
        return refusal


async def test_once_a_key_of_a_killed_process_is_not_in_use(scene: Scene, start_sending: StartSending) -> None:
    """It is a repeat of something unknown."""
    sending = await start_sending("reserved")
    await sending.kill()
    claim = scene.claim(text="reserved", idempotency_key="key of reserved")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while isinstance(reservation := await reserve_or_wait(scene, claim), KeyInUse):
            await asyncio.sleep(0.01)
    assert isinstance(reservation, Repeats)
    assert reservation.send.outcome is OutcomeName.UNKNOWN


async def test_once_a_closed_store_is_dead_too(scene: Scene, open_another: OpenStore) -> None:
    """What it had not finished is unknown, for the others and after a restart."""
    other = await open_another()
    first = await scene.reserve(store=other)
    await other.close()
    assert repeats(await scene.store.reserve(scene.claim()), first).reason == DEAD


async def test_once_answers_are_recorded_before_the_store_closes(scene: Scene, open_another: OpenStore) -> None:
    """A graceful stop leaves nothing to repeat."""
    other = await open_another()
    first = await scene.send(ACCEPTED, store=other)
    other.mark_answered(first.send_id, OutcomeName.ACCEPTED)
    await other.close()
    await scene.reserve()


def names_in(directory: Path) -> set[str]:
    """The files that are there."""
    return {path.name for path in directory.iterdir()}


async def test_dead_instances_leave_nothing_behind(url: str, store: SqlStore, open_another: OpenStore) -> None:
    """On SQLite each open store has one lock file, and no more."""
    if url.startswith("sqlite"):
        directory = Path(f"{url.removeprefix('sqlite://')}.instances")
        (directory / "of-a-dead-process").touch()
        other = await open_another()
        assert names_in(directory) == {store.engine.instance, other.engine.instance}
        await other.close()
        assert names_in(directory) == {store.engine.instance}


async def test_closed_store_is_unavailable(store: SqlStore) -> None:
    """Every operation raises StoreUnavailable after closing; closing twice is closing once."""
    await store.ping()
    await store.close()
    await store.close()
    for ask in (
        store.ping,
        store.count_unknown,
        lambda: store.beat(is_worker=True),
        lambda: store.list_keys("default"),
    ):
        with pytest.raises(StoreUnavailable):
            await ask()
