"""Once: messages that a worker finds before any caller was answered."""

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
    """Open two stores on one database: that of the sending process, and another."""
    url = f"sqlite://{tmp_path / 'confrere.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(2):
            opened.append(await open_store(url, vault=Vault([KEY]), migrate=True))
            stack.push_async_callback(opened[-1].close)
        yield opened[0], opened[1]


async def test_once_if_a_message_is_found_while_its_process_is_suspended(
    stores: tuple[SqlStore, SqlStore],
) -> None:
    """If a caller disconnected while its process was suspended, an identical request joins the send."""
    asleep, awake = stores
    scene = Scene(awake)
    await scene.connect()
    first = await scene.reserve(store=asleep)
    scene.later(minutes=3)
    [due] = await awake.claim_unknown(scene.now, count=10)
    await scene.settle(due.id, ACCEPTED)
    repeats(await awake.reserve(scene.claim()), first)


async def test_once_if_a_message_is_found_while_its_caller_is_answered_unknown(
    stores: tuple[SqlStore, SqlStore],
) -> None:
    """If a worker finds a message before its unanswered caller is recorded, a repeat at another process joins it."""
    sender, other = stores
    scene = Scene(sender)
    await scene.connect()
    first = await scene.send(UNKNOWN)
    sender.mark_answered(first.send_id, OutcomeName.UNKNOWN)
    await scene.settle(first, ACCEPTED, other)
    repeats(await other.reserve(scene.claim()), first)
