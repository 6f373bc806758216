"""Once: what the proof has found about messages that a worker finds before anybody was told of them, as small tests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.contract.store.scene import ACCEPTED, UNKNOWN, Scene, repeats

from confrere.domain.outcome import OutcomeName
from confrere.store import SqlStore, Vault, open_store

KEY = Vault.new_key()


@pytest.fixture(params=["sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """Two open stores on one database: the process that sends, and another."""
    url = f"sqlite://{tmp_path / 'confrere.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(2):
            opened.append(await open_store(url, vault=Vault([KEY]), migrate=True))
            stack.push_async_callback(opened[-1].close)
        yield opened[0], opened[1]


async def test_once_of_a_message_that_was_found_while_its_process_slept(stores: tuple[SqlStore, SqlStore]) -> None:
    """Its caller gave up long ago and the sleeper could not note that: an identical request joins it."""
    asleep, awake = stores
    scene = Scene(awake)
    await scene.connect()
    first = await scene.reserve(store=asleep)
    scene.later(minutes=3)
    [due] = await awake.claim_unknown(scene.now, count=10)
    await scene.settle(due.id, ACCEPTED)
    repeats(await awake.reserve(scene.claim()), first)


async def test_once_of_a_message_that_is_found_as_its_caller_is_told_unknown(stores: tuple[SqlStore, SqlStore]) -> None:
    """A worker finds it before the note that nobody was told is written; a repeat at another process joins it."""
    sender, other = stores
    scene = Scene(sender)
    await scene.connect()
    first = await scene.send(UNKNOWN)
    sender.mark_answered(first.send_id, OutcomeName.UNKNOWN)
    await scene.settle(first, ACCEPTED, other)
    repeats(await other.reserve(scene.claim()), first)
