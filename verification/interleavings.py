"""All orders of the steps of short histories, with a crash at each step, on the real store."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from confrere.domain.outcome import HOLDS_UNIT, OutcomeName
from confrere.domain.send import SendFilter
from confrere.store import SqlStore, Vault, open_store
from verification.histories import Client, History, Play, keyed, reconcile
from verification.report import Report

_NOTHING_SENT = frozenset({OutcomeName.NOT_SENT, OutcomeName.REFUSED})
_MOST_STEPS = 80

_ONE = "one"
_REPEATS = Client(_ONE, ["P", "Q"])
_DISCONNECTS = Client(_ONE, ["P", "Q"], disconnects=1)
_DISCONNECTS_ALONE = Client(_ONE, ["P", "P"], disconnects=1)

_KEYLESS = [
    History("a client disconnects and repeats elsewhere", [_DISCONNECTS]),
    History("a client disconnects and repeats at the same process", [_DISCONNECTS_ALONE]),
    History("its process dies, and it repeats", [_REPEATS], kills=["P"]),
    History("it disconnects, its process dies, and it repeats", [_DISCONNECTS], kills=["P"]),
    History("the answer is lost, and it repeats", [Client(_ONE, ["P", "Q", "Q"])], replies=["lost", "accepted"]),
    History("the answer is lost, a worker reconciles, and it repeats", [_REPEATS], replies=["lost"], worker_rounds=1),
    History("the answer is lost, it disconnects, and repeats", [_DISCONNECTS], replies=["lost", "accepted"]),
    History("its process dies, a worker reconciles, and it repeats", [_REPEATS], kills=["P"], worker_rounds=1),
    History(
        "the message is lost, and it repeats until it is sent",
        [Client(_ONE, ["P", "Q", "Q"])],
        replies=["dropped", "accepted"],
        waits=1,
    ),
    History("the repeat's process dies too", [Client(_ONE, ["P", "Q", "P"])], replies=["lost"], kills=["Q"]),
]

_CROWDED = [
    History("two want the last unit", [Client("one", ["P"]), Client("two", ["Q"])], limit=1),
    History(
        "two want the last unit, one dies", [Client("one", ["P"]), Client("two", ["Q", "Q"])], limit=1, kills=["P"]
    ),
    History("one key at two processes", [Client(_ONE, ["P"], key="k"), Client(_ONE, ["Q", "Q"], key="k")]),
    History(
        "one key at two processes, one dies",
        [Client(_ONE, ["P"], key="k"), Client(_ONE, ["Q", "Q"], key="k")],
        kills=["P"],
    ),
]

HISTORIES = [*_CROWDED, *_KEYLESS, *map(keyed, _KEYLESS)]


@dataclass
class Explorer:
    """Runs a history in one order after the other, on one database, each with an account of its own."""

    url: str
    vault: Vault
    plays: int = 0
    wrongs: list[str] = field(default_factory=list)
    _stores: dict[str, SqlStore] = field(default_factory=dict)

    async def explore(self, history: History, *, until: float, most: int | None = None) -> bool:
        """Run orders until the time or the number is reached. Returns whether those were all."""
        path: list[int] = []
        plays = 0
        while True:
            widths = await self._play(history, path)
            plays += 1
            path = _next_path(widths)
            if not path:
                return True
            if monotonic() > until or plays == most or len(self.wrongs) > 5:
                return False

    async def close(self) -> None:
        """Close the stores."""
        for store in self._stores.values():
            await store.close()

    async def _play(self, history: History, path: Sequence[int]) -> list[tuple[int, int]]:
        """Run one order: the choices of `path`, then always the first. Returns each choice with its options' number."""
        for name in ("P", "Q", "worker"):
            if name not in self._stores:
                self._stores[name] = await open_store(self.url, vault=self.vault)
        self.plays += 1
        play = Play(history, self.plays)
        taken: list[tuple[int, int]] = []
        with play.patched():
            await play.begin(dict(self._stores))
            try:
                while (choices := play.choices()) and len(taken) < _MOST_STEPS:
                    chosen = path[len(taken)] if len(taken) < len(path) else 0
                    taken.append((chosen, len(choices)))
                    await play.turns.grant(choices[chosen])
            finally:
                await play.end()
        for name in play.turns.dead:
            del self._stores[name]
        await self._check(play, complete=len(taken) < _MOST_STEPS)
        return taken

    async def _check(self, play: Play, *, complete: bool) -> None:
        store = self._stores["worker"]
        await reconcile(play, store)
        rows = await store.list_sends(play.account_id, SendFilter(), before_id=None, count=100)
        used = (await store.read_quotas(play.account_id, rows[0].created_at if rows else play.now))[0].used
        seen = {message.origin_token for message in play.linkedin.seen}
        texts = {client.text for client in play.history.clients}
        wrong = []
        if not complete:
            wrong.append("it did not come to its end")
        if len(play.linkedin.seen) > len(texts):
            wrong.append(f"{len(play.linkedin.seen)} messages for {len(texts)} intentions")
        if len(play.linkedin.seen) > play.history.limit:
            wrong.append(f"{len(play.linkedin.seen)} messages of {play.history.limit}")
        if seen - {row.origin_token for row in rows}:
            wrong.append("a message without a row")
        for row in rows:
            if row.outcome in _NOTHING_SENT and row.origin_token in seen:
                wrong.append(f"{row.outcome}, but LinkedIn has it")
            if row.outcome is OutcomeName.ACCEPTED and row.origin_token not in seen:
                wrong.append("accepted, but LinkedIn does not have it")
            if row.outcome in (OutcomeName.UNKNOWN, OutcomeName.IN_FLIGHT):
                wrong.append(f"left {row.outcome}")
        if used != sum(row.outcome in HOLDS_UNIT for row in rows):
            wrong.append(f"{used} units for {[str(row.outcome) for row in rows]}")
        if any(OutcomeName.ACCEPTED in record.outcomes for record in play.records) and not seen:
            wrong.append("a client was answered 200 without a message")
        if wrong:
            self.wrongs.append(f"{play.history.name}: {'; '.join(wrong)}; order: {' > '.join(play.turns.done)}")


def _next_path(taken: Sequence[tuple[int, int]]) -> list[int]:
    """Return the next order, depth first; empty where there is none."""
    for index in reversed(range(len(taken))):
        chosen, width = taken[index]
        if chosen + 1 < width:
            return [choice for choice, _ in taken[:index]] + [chosen + 1]
    return []


async def explore(
    report: Report, url: str, histories: Sequence[History] = HISTORIES, *, seconds: float, most: int | None = None
) -> None:
    """Explore each history for its share of the time; the others get what it does not use."""
    until = monotonic() + seconds
    async with AsyncExitStack() as stack:
        vault = Vault([Vault.new_key()])
        first = await open_store(url, vault=vault, migrate=True)
        await first.close()
        explorer = Explorer(url, vault)
        stack.push_async_callback(explorer.close)
        whole = 0
        for number, history in enumerate(histories):
            if explorer.wrongs:
                break
            share = (until - monotonic()) / (len(histories) - number)
            whole += await explorer.explore(history, until=monotonic() + share, most=most)
        report.count("histories", len(histories))
        report.count("histories played in every order", whole)
        report.count("orders played", explorer.plays)
        report.count_wrong("orders that broke a promise", explorer.wrongs)


def explore_sqlite(report: Report, *, seconds: float, most: int | None = None) -> None:
    """Explore on a file in memory, where possible: orders are tested here, not disks."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="confrere-", dir=memory if memory.is_dir() else None))
    try:
        asyncio.run(explore(report, f"sqlite://{folder / 'confrere.db'}", seconds=seconds, most=most))
    finally:
        shutil.rmtree(folder)


def explore_postgresql(report: Report, url: str, *, seconds: float, most: int | None = None) -> None:
    """Explore on a server, where each step takes longer, so that fewer orders are run."""
    asyncio.run(explore(report, url, seconds=seconds, most=most))
