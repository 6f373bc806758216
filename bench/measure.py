"""One measurement: the load against a contestant, and what each process spent on it."""

import itertools
import subprocess
import sys
import time
from dataclasses import dataclass

import msgspec

from bench.load import Load, Seen
from bench.processes import Contestant, environment, taken

_numbers = itertools.count(time.time_ns() // 1_000_000 % 10**9 * 1_000, 200_000)
"""The first request number of each measurement: no two measurements ask for the same message."""


@dataclass(frozen=True)
class Measured:
    """What one measurement saw. CPU in microseconds a send."""

    rate: float
    p50: float
    p99: float
    worst: float
    good: int
    failed: int
    own_cpu: float
    load_cpu: float
    upstream_cpu: float


def measure(
    contestant: Contestant,
    direct: Contestant,
    *,
    seconds: float,
    rate: float | None = None,
    connections: int = 64,
    warm_seconds: float = 0.5,
) -> Measured:
    """Ask for so long. Raises RuntimeError where the upstream has another number of messages than were answered 200."""
    load = Load(
        urls=contestant.urls,
        head=contestant.head,
        body=contestant.body,
        accounts=str(contestant.accounts),
        first=next(_numbers),
        connections=connections,
        warm_seconds=warm_seconds,
        seconds=seconds,
        rate=rate,
    )
    before, own, upstream = taken(direct), contestant.cpu_seconds(), direct.cpu_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", msgspec.json.encode(load).decode()],
        check=True,
        capture_output=True,
        text=True,
        env=environment(),
    )
    seen = msgspec.json.decode(done.stdout, type=Seen)
    arrived = taken(direct) - before
    if arrived != seen.good:
        raise RuntimeError(f"{contestant.name}: {seen.good} answers 200, {arrived} messages; {seen.statuses}")

    def a_send(cpu_seconds: float) -> float:
        return cpu_seconds / max(seen.asked, 1) * 1e6

    return Measured(
        rate=seen.rate,
        p50=seen.p50,
        p99=seen.p99,
        worst=seen.worst,
        good=seen.good,
        failed=seen.asked - seen.good,
        own_cpu=a_send(contestant.cpu_seconds() - own),
        load_cpu=a_send(seen.cpu_seconds),
        upstream_cpu=a_send(direct.cpu_seconds() - upstream),
    )
