"""A worker's way to the next person of a campaign, again and again: `python -m bench.lanes <specification as JSON>`.

A claim is all that a worker does before it sends: lease a lane, list its account's campaigns, pick the next person, and
release the lane afterwards. Nothing is sent. The bare one leases a lane, picks a person and releases the lane, each in
one statement, without anything that guards or encrypts.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import apsw
import asyncpg
import msgspec
import uvloop

from bench.processes import rss_bytes
from confrere.campaigns.lane_runner import LANE_LEASE, MOST_LANES
from confrere.store import SqlStore, Vault, open_store


class Spec(msgspec.Struct, kw_only=True):
    """What to run. url: of a store with lanes that are due; every lane is claimed at most once."""

    url: str
    folder: str
    seconds: float
    is_bare: bool


class Claimed(msgspec.Struct, kw_only=True):
    """What came of it. idle, peak: resident bytes of the process with the store open, and at its most."""

    claims: int
    seconds: float
    idle: int
    peak: int

    @property
    def rate(self) -> float:
        """Claims a second."""
        return self.claims / self.seconds


async def _claim_as_a_worker(store: SqlStore, until: float) -> int:
    claims = 0
    running: set[asyncio.Task[None]] = set()

    async def run(lane: object) -> None:
        nonlocal claims
        for campaign in await store.list_running_campaigns(lane.account_id):  # type: ignore[attr-defined]
            assert await store.pick_person(campaign.id, datetime.now(UTC)) is not None
        await store.release_lane(lane, None, last_campaign_id=None)  # type: ignore[arg-type]
        claims += 1

    while time.perf_counter() < until:
        now = datetime.now(UTC)
        lanes = await store.claim_lanes(now, count=MOST_LANES - len(running), lease_until=now + LANE_LEASE)
        if not lanes:
            break
        running |= {asyncio.create_task(run(lane)) for lane in lanes}
        while len(running) > MOST_LANES // 2:
            _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    if running:
        await asyncio.wait(running)
    return claims


_LEASE = """UPDATE lanes SET lease_until = $1, owner = 'bare', next_at = $1
  WHERE account_id = (SELECT account_id FROM lanes WHERE next_at <= $2 AND lease_until IS NULL
  ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING account_id"""
_PICK = """SELECT p.id, p.recipient FROM campaigns c JOIN campaign_people p ON p.campaign_id = c.id
  AND p.status = 'waiting' AND p.due_at <= $2
  WHERE c.account_id = $1 AND c.status = 'running' ORDER BY p.due_at, p.id LIMIT 1"""
_RELEASE = "UPDATE lanes SET lease_until = NULL, next_at = NULL WHERE account_id = $1 AND owner = 'bare'"


async def _claim_barely(url: str, until: float) -> int:
    """On PostgreSQL as many at once as a worker has lanes; each statement is a transaction."""
    claims = 0

    async def claim(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        nonlocal claims
        while time.perf_counter() < until:
            now = time.time_ns() // 1_000
            async with pool.acquire() as connection:
                account_id = await connection.fetchval(_LEASE, now + 240_000_000, now)
                if account_id is None:
                    return
                assert await connection.fetchrow(_PICK, account_id, now) is not None
                await connection.execute(_RELEASE, account_id)
            claims += 1

    async with asyncpg.create_pool(url, max_size=10, server_settings={"enable_seqscan": "off"}) as pool:
        await asyncio.gather(*(claim(pool) for _ in range(MOST_LANES)))
    return claims


def _claim_barely_in_file(path: str, until: float) -> int:
    """On SQLite one after another, since there is one writer."""
    connection = apsw.Connection(path)
    connection.execute("PRAGMA synchronous = FULL")
    lease, pick, release = (
        statement.replace(" FOR UPDATE SKIP LOCKED", "").replace("$", "?") for statement in (_LEASE, _PICK, _RELEASE)
    )
    claims = 0
    while time.perf_counter() < until:
        now = time.time_ns() // 1_000
        rows = connection.execute(lease, (now + 240_000_000, now)).fetchall()
        if not rows:
            break
        assert connection.execute(pick, (rows[0][0], now)).fetchall()
        connection.execute(release, rows[0])
        claims += 1
    connection.close()
    return claims


def _peak_bytes() -> int:
    """The most resident memory of this process since it began (Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1_024


async def _measure(spec: Spec) -> Claimed:
    if spec.is_bare:
        began = time.perf_counter()
        if spec.url.startswith("sqlite"):
            claims = _claim_barely_in_file(spec.url.removeprefix("sqlite://"), began + spec.seconds)
        else:
            claims = await _claim_barely(spec.url, began + spec.seconds)
        return Claimed(claims=claims, seconds=time.perf_counter() - began, idle=0, peak=0)
    store = await open_store(spec.url, vault=Vault.from_file(Path(spec.folder) / "secret.key"))
    idle = rss_bytes(os.getpid())
    began = time.perf_counter()
    claims = await _claim_as_a_worker(store, began + spec.seconds)
    seconds = time.perf_counter() - began
    peak = _peak_bytes()
    await store.close()
    return Claimed(claims=claims, seconds=seconds, idle=idle, peak=peak)


def main() -> None:
    """One run as the argument says."""
    spec = msgspec.json.decode(sys.argv[1], type=Spec)
    print(msgspec.json.encode(uvloop.run(_measure(spec))).decode())


if __name__ == "__main__":
    main()
