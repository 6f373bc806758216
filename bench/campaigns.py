"""What campaigns cost: to find the next person among many, to freeze an audience, and to check it."""

import asyncio
import io
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import apsw
import asyncpg
import msgspec

from bench.lanes import Claimed, Spec
from bench.processes import environment
from bench.stores import WORKSPACE, BenchStore, account_ids, make_store
from confrere.domain.message import MessageText
from confrere.domain.urns import GroupId
from confrere.linkedin import LinkedInClient
from confrere.services import build_services
from confrere.store import Vault, open_store

_BATCH = 20_000
_GROUP = GroupId("12345678")
_CAMPAIGN = ("id", "workspace_id", "name", "account_id", "group_id", "audience_id", "text", "status", "spread")
_COLUMNS = {
    "campaigns": (*_CAMPAIGN, "skip_existing_conversations", "created_at"),
    "campaign_people": (
        "id",
        "campaign_id",
        "workspace_id",
        "recipient",
        "name",
        "fingerprint",
        "status",
        "changed_at",
    ),
    "lanes": ("account_id", "workspace_id", "next_at"),
}
Row = tuple[object, ...]


@dataclass
class CampaignCosts:
    """What was seen, by engine. Lists have a value of each round; seconds are of one run."""

    claims: dict[str, list[Claimed]] = field(default_factory=dict)
    bare_claims: dict[str, list[Claimed]] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)
    frozen: int = 0
    lanes: int = 0
    waiting: int = 0

    def ratios(self) -> dict[str, tuple[float, float, float]]:
        """Median, least and greatest; each of claims within a round."""
        found = {}
        for name, suffix in (("sqlite", ""), ("postgres", "_postgres")):
            pairs = zip(self.claims[name], self.bare_claims[name], strict=True)
            found[f"claims_vs_bare{suffix}"] = _spread([ours.rate / bare.rate for ours, bare in pairs])
            took = self.seconds[name]
            found[f"freeze_vs_bare{suffix}"] = _spread([took["freeze"] / took["bare insert"]])
        grown = [(seen.peak - seen.idle) / 1e6 for all_seen in self.claims.values() for seen in all_seen]
        return {**found, "worker_megabytes": _spread(grown)}

    def as_json(self) -> dict[str, object]:
        """Medians of the rounds."""
        return {
            "lanes_people_and_frozen": [self.lanes, self.waiting, self.frozen],
            "claims_per_second": {name: round(median(one.rate for one in seen)) for name, seen in self.claims.items()},
            "bare_claims_per_second": {
                name: round(median(one.rate for one in seen)) for name, seen in self.bare_claims.items()
            },
            "seconds": {
                name: {what: round(value, 2) for what, value in took.items()} for name, took in self.seconds.items()
            },
        }

    def as_lines(self) -> list[str]:
        """A table in Markdown."""
        people = f"{self.waiting:,} people in {self.lanes:,} lanes"
        lines = [
            "",
            f"| {people} | claims/s | bare | s to import {self.frozen:,} people | to check | to start | bare insert |",
            "|---|---|---|---|---|---|---|",
        ]
        for name, took in self.seconds.items():
            ours, bare = (median(one.rate for one in seen[name]) for seen in (self.claims, self.bare_claims))
            times = " | ".join(f"{took[what]:.1f}" for what in ("audience", "check", "freeze", "bare insert"))
            lines.append(f"| {name} | {ours:,.0f} | {bare:,.0f} | {times} |")
        return lines


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    return median(values), min(values), max(values)


def measure_campaigns(
    folder: Path, postgres: str, *, lanes: int, waiting: int, frozen: int, rounds: int, seconds: float
) -> CampaignCosts:
    """Measure on both engines. postgres: the URL of an empty database."""
    costs = CampaignCosts(frozen=frozen, lanes=lanes, waiting=waiting)
    stores = {
        "sqlite": make_store(folder / "campaigns-sqlite", accounts=1),
        "postgres": make_store(folder / "campaigns-postgres", accounts=1, url=postgres),
    }
    for name, store in stores.items():
        asyncio.run(_insert(store, _rows(lanes, waiting)))
        costs.seconds[name] = {}
    for _ in range(rounds):
        for is_bare, kept in ((False, costs.claims), (True, costs.bare_claims)):
            for name, store in stores.items():
                kept.setdefault(name, []).append(_claim(store, seconds, is_bare=is_bare))
                asyncio.run(_wake(store))
    for name, store in stores.items():
        costs.seconds[name] = asyncio.run(_start_one(store, frozen))
    return costs


def _claim(store: BenchStore, seconds: float, *, is_bare: bool) -> Claimed:
    spec = Spec(url=store.url, folder=str(store.folder), seconds=seconds, is_bare=is_bare)
    command = [sys.executable, "-m", "bench.lanes", msgspec.json.encode(spec).decode()]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    return msgspec.json.decode(done.stdout, type=Claimed)


def _rows(lanes: int, waiting: int) -> Iterator[tuple[str, list[Row]]]:
    """One campaign of each account, everybody in it waiting; by table, in parts."""
    now = time.time_ns() // 1_000
    accounts = account_ids(lanes)
    campaigns = [f"{number:032x}" for number in range(1, lanes + 1)]
    plain = (WORKSPACE, "Spring", "12345678", "audience", "sealed", "running", 0, 0, now)
    yield (
        "campaigns",
        [(one, *plain[:2], account, *plain[2:]) for one, account in zip(campaigns, accounts, strict=True)],
    )
    yield "lanes", [(account, WORKSPACE, now) for account in accounts]
    yield from _people(campaigns, waiting)


def _people(campaigns: Sequence[str], waiting: int) -> Iterator[tuple[str, list[Row]]]:
    now = time.time_ns() // 1_000
    people: list[Row] = []
    for number in range(waiting):
        campaign, place = campaigns[number * len(campaigns) // waiting], number
        recipient = f"urn:li:fsd_profile:ACoAA{number:034d}"  # in order, which is written in a fifth of the time
        values = (WORKSPACE, recipient, "Bench", f"{number:064x}", "waiting", now)
        people.append((f"{campaign}{place:08x}", campaign, *values))
        if len(people) == _BATCH:
            yield "campaign_people", people
            people = []
    yield "campaign_people", people


async def _insert(store: BenchStore, parts: Iterator[tuple[str, list[Row]]], *, is_durable: bool = False) -> None:
    if not store.url.startswith("sqlite"):
        server = await asyncpg.connect(store.url)
        await server.execute(f"SET synchronous_commit = {'on' if is_durable else 'off'}")
        for table, rows in parts:
            await server.copy_records_to_table(table, records=rows, columns=_COLUMNS[table])
        await server.execute("ANALYZE")
        await server.close()
        return
    connection = apsw.Connection(store.url.removeprefix("sqlite://"))
    if not is_durable:
        connection.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA wal_autocheckpoint = 20000")
    for table, rows in parts:
        columns = _COLUMNS[table]
        with connection:
            connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({_marks(len(columns))})", rows)
    connection.close()


def _marks(count: int) -> str:
    return ", ".join(["?"] * count)


async def _wake(store: BenchStore) -> None:
    """Let every lane be due again."""
    statement = f"UPDATE lanes SET next_at = {time.time_ns() // 1_000}, lease_until = NULL"
    if store.url.startswith("sqlite"):
        apsw.Connection(store.url.removeprefix("sqlite://")).execute(statement)
        return
    server = await asyncpg.connect(store.url)
    await server.execute(statement)
    await server.execute("VACUUM ANALYZE lanes")
    await server.close()


async def _start_one(store: BenchStore, people: int) -> dict[str, float]:
    """Import an audience as CSV, check a campaign to it and start it, by the use cases of the API; seconds of each.

    bare insert:  as many rows of people into the same table, by the driver alone, in transactions of the same size.
    """
    opened = await open_store(store.url, vault=Vault.from_file(store.folder / "secret.key"))
    services = build_services(
        store=opened,
        upstream=LinkedInClient("http://127.0.0.1:9"),
        clock=lambda: datetime.now(UTC),
        gap=timedelta(minutes=2),
    )
    took: dict[str, float] = {}
    began = time.perf_counter()

    def lap(what: str) -> None:
        nonlocal began
        took[what] = time.perf_counter() - began
        began = time.perf_counter()

    try:
        content = await services.audiences.read_table(WORKSPACE, _GROUP, io.BytesIO(_table(people)))
        assert len(content.people) == people
        audience = await services.audiences.create_from_table(
            WORKSPACE, name="Members", group_id=_GROUP, content=content
        )
        lap("audience")
        state = await services.campaigns.create(
            WORKSPACE, name="Spring", audience_id=audience.id, text=MessageText("Hello fellow member")
        )
        began = time.perf_counter()
        preview = await services.campaigns.check(WORKSPACE, state.campaign.id)
        lap("check")
        await services.campaigns.start(WORKSPACE, state.campaign.id, content_hash=preview.content_hash)
        lap("freeze")
    finally:
        await services.close()
    parts = list(_people(["f" * 32], people))
    began = time.perf_counter()
    await _insert(store, iter(parts), is_durable=True)
    lap("bare insert")
    return took


def _table(count: int) -> bytes:
    """A CSV file, with a column that templates may use."""
    rows = (
        f"urn:li:fsd_profile:ACoAAfrozen{number:028d},Bastien,Exemple {number},Head of Procurement,Lyon"
        for number in range(count)
    )
    return "\n".join(["profile,firstName,lastName,headline,city", *rows]).encode()
