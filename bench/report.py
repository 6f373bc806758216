"""What a run saw, as ratios with their spread, for people and as JSON."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

from bench.campaigns import CampaignCosts
from bench.console import PageTimes
from bench.measure import Measured

Spread = tuple[float, float, float]
"""Median, least and greatest over the rounds."""


@dataclass(frozen=True)
class Aim:
    """A ratio and what it should be."""

    name: str
    text: str
    at_least: float | None = None
    at_most: float | None = None

    def reached(self, value: float) -> bool:
        """Whether the value is what is aimed at."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value < self.at_most)


AIMS = (
    Aim("vs_tutorial_peer", "sends/s, times FastAPI + SQLAlchemy + httpx", at_least=10),
    Aim("vs_plain_peer", "sends/s, times FastAPI + SQLite + aiohttp", at_least=1.5),
    Aim("vs_ceiling", "sends/s, times a bare proxy that stores nothing", at_least=0.4),
    Aim("postgres_vs_tutorial_peer", "sends/s on PostgreSQL, times FastAPI + SQLAlchemy + httpx"),
    Aim("postgres_vs_plain_peer", "sends/s on PostgreSQL, times FastAPI + SQLite + aiohttp"),
    Aim("postgres_vs_ceiling", "sends/s on PostgreSQL, times a bare proxy"),
    Aim("sqlite_2_vs_1", "2 processes on one SQLite file, times 1"),
    Aim("postgres_2_vs_1", "2 processes on PostgreSQL, times 1, all sharing these cores"),
    Aim("postgres_2_vs_1_quarters", "2 processes on PostgreSQL, times 1, each with a quarter of a core", at_least=1.6),
    Aim("accounts_vs_few", "many accounts, times 10", at_least=0.9),
    Aim("big_vs_small", "many accounts and a long ledger, times 10 and none", at_least=0.9),
    Aim("added_p99_half_ms", "p99 that the gateway adds at half load, ms", at_most=8),
    Aim("added_p99_half_vs_ceiling", "the same, times what the bare proxy adds", at_most=3),
    Aim("everyday_100_cpu", "CPU of a send at 100 sends/s, times the bare proxy's", at_most=2.2),
    Aim("everyday_500_cpu", "CPU of a send at 500 sends/s, times the bare proxy's", at_most=2.2),
    Aim("everyday_100_p99", "p99 at 100 sends/s, times the bare proxy's", at_most=4),
    Aim("everyday_500_p99", "p99 at 500 sends/s, times the bare proxy's", at_most=4),
    Aim("everyday_100_cpu_postgres", "CPU of a send on PostgreSQL at 100 sends/s, times the bare proxy's", at_most=3),
    Aim("everyday_500_cpu_postgres", "CPU of a send on PostgreSQL at 500 sends/s, times the bare proxy's", at_most=3),
    Aim("everyday_100_p99_postgres", "p99 on PostgreSQL at 100 sends/s, times the bare proxy's", at_most=8),
    Aim("everyday_500_p99_postgres", "p99 on PostgreSQL at 500 sends/s, times the bare proxy's", at_most=8),
    Aim("claims_vs_bare", "next person of a campaign, claims/s on SQLite, times a bare loop", at_least=1),
    Aim(
        "claims_vs_bare_postgres", "next person of a campaign, claims/s on PostgreSQL, times a bare loop", at_least=0.8
    ),
    Aim("worker_megabytes", "memory of a worker above idle meanwhile, MB", at_most=40),
    Aim("freeze_vs_bare", "seconds to start a campaign of many on SQLite, times a bare insert of its rows", at_most=8),
    Aim("freeze_vs_bare_postgres", "seconds to start a campaign of many on PostgreSQL, times a bare insert", at_most=8),
    Aim("console_p95_ms", "slowest page of the console at the 95th percentile, ms", at_most=150),
    Aim("console_first_page_ms", "first page of the console after a start, ms"),
    Aim("first_200_seconds", "from the start of `confrere serve` to its first 200, s", at_most=1.5),
    Aim("idle_megabytes", "memory of an idle `confrere serve`, MB", at_most=80),
)


def spread(values: Sequence[float]) -> Spread:
    """Median, least, greatest."""
    return median(values), min(values), max(values)


@dataclass
class Report:
    """Everything that was measured, by load and name."""

    full: dict[str, list[Measured]] = field(default_factory=dict)
    half: dict[str, list[Measured]] = field(default_factory=dict)
    everyday: dict[int, dict[str, list[Measured]]] = field(default_factory=dict)
    quarter: dict[str, list[Measured]] = field(default_factory=dict)
    growth: dict[str, list[Measured]] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    start_seconds: list[float] = field(default_factory=list)
    memory: tuple[int, int, int, int] = (0, 0, 0, 1)
    campaigns: CampaignCosts = field(default_factory=CampaignCosts)
    console: PageTimes = field(default_factory=PageTimes)
    console_sizes: tuple[int, int] = (0, 0)
    public_client: float = math.nan
    notes: list[str] = field(default_factory=list)

    def ratios(self) -> dict[str, Spread]:
        """Each computed within a round, so that what slows the machine slows both sides."""
        names = list(self.growth)
        few, many, big = names[0], names[-2], names[-1]
        return {
            "vs_tutorial_peer": self._rates("sqlite_1", "tutorial"),
            "vs_plain_peer": self._rates("sqlite_1", "plain"),
            "vs_ceiling": self._rates("sqlite_1", "ceiling"),
            "postgres_vs_tutorial_peer": self._rates("postgres_1", "tutorial"),
            "postgres_vs_plain_peer": self._rates("postgres_1", "plain"),
            "postgres_vs_ceiling": self._rates("postgres_1", "ceiling"),
            "sqlite_2_vs_1": self._rates("sqlite_2", "sqlite_1"),
            "postgres_2_vs_1": self._rates("postgres_2", "postgres_1"),
            "postgres_2_vs_1_quarters": _over(self.quarter["postgres_2"], self.quarter["postgres_1"], _rate),
            "accounts_vs_few": _over(self.growth[many], self.growth[few], _rate),
            "big_vs_small": _over(self.growth[big], self.growth[few], _rate),
            "added_p50_half_ms": spread(self._added("sqlite_1", _p50)),
            "added_p99_half_ms": spread(self._added("sqlite_1", _p99)),
            "added_p99_half_postgres_ms": spread(self._added("postgres_1", _p99)),
            "added_p99_half_vs_ceiling": spread(
                [
                    ours / theirs
                    for ours, theirs in zip(self._added("sqlite_1", _p99), self._added("ceiling", _p99), strict=True)
                ]
            ),
            **self._everyday_ratios(),
            **self.campaigns.ratios(),
            "console_p95_ms": spread([self.console.slowest_p95]),
            "console_first_page_ms": spread([self.console.cold]),
            "first_200_seconds": spread(self.start_seconds),
            "idle_megabytes": spread([self.memory[0] / 1e6]),
            "bytes_kept_a_send": spread([(self.memory[2] - self.memory[1]) / self.memory[3]]),
        }

    def _everyday_ratios(self) -> dict[str, Spread]:
        return {
            f"everyday_{rate}_{name}{suffix}": _over(seen[contestant], seen["ceiling"], read)
            for rate, seen in self.everyday.items()
            for contestant, suffix in (("sqlite_1", ""), ("postgres_1", "_postgres"))
            for name, read in (("cpu", _own_cpu), ("p50", _p50), ("p99", _p99))
        }

    def _rates(self, one: str, other: str) -> Spread:
        return _over(self.full[one], self.full[other], _rate)

    def _added(self, name: str, read: Callable[[Measured], float]) -> list[float]:
        return [read(ours) - read(direct) for ours, direct in zip(self.half[name], self.half["direct"], strict=True)]

    def as_json(self) -> dict[str, object]:
        """Medians first; everything else beside."""
        ratios = self.ratios()
        return {
            "ratios": {name: round(value[0], 3) for name, value in ratios.items()},
            "spread": {name: [round(value[1], 3), round(value[2], 3)] for name, value in ratios.items()},
            "sends_per_second": {name: round(median(map(_rate, seen))) for name, seen in self.full.items()},
            "full_load_milliseconds": _latencies(self.full),
            "full_load_own_cpu": {name: round(median(s.own_cpu for s in seen)) for name, seen in self.full.items()},
            "memory_bytes_idle_warm_after_and_sends": self.memory,
            "growth_sends_per_second": {name: round(median(map(_rate, seen))) for name, seen in self.growth.items()},
            "campaigns": self.campaigns.as_json(),
            "console_milliseconds": self.console.as_json(),
            "half_load_milliseconds": _latencies(self.half),
            "everyday_milliseconds": {rate: _latencies(seen) for rate, seen in self.everyday.items()},
            "cpu_microseconds_by_stage": {name: round(value, 1) for name, value in self.stages.items()},
            "public_client_messages_per_second": round(self.public_client),
            "cores": os.cpu_count(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "notes": self.notes,
        }

    def as_text(self) -> str:
        """Tables in Markdown."""
        lines = [f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores", ""]
        lines += [
            "| at full load (64 connections) | sends/s (spread) | p50 ms | p99 ms | own CPU µs a send |",
            "|---|---|---|---|---|",
        ]
        for name, seen in self.full.items():
            lines.append(
                f"| {name} | {_told(spread(list(map(_rate, seen))), 0)} | {median(map(_p50, seen)):.1f} "
                f"| {median(map(_p99, seen)):.1f} | {median(one.own_cpu for one in seen):.0f} |"
            )
        lines += [f"| public client, one after another | {self.public_client:.0f} | | | |", ""]
        lines += ["| at half of its full load | sends/s | p50 ms | p99 ms (spread) |", "|---|---|---|---|"]
        for name, seen in self.half.items():
            lines.append(
                f"| {name} | {median(map(_rate, seen)):.0f} | {median(map(_p50, seen)):.2f} "
                f"| {_told(spread(list(map(_p99, seen))), 1)} |"
            )
        lines += [
            "",
            "| at a fixed rate | sends/s | p50 ms | p99 ms (spread) | own CPU µs a send |",
            "|---|---|---|---|---|",
        ]
        for rate, by_name in self.everyday.items():
            for name, seen in by_name.items():
                lines.append(
                    f"| {name} | {rate} | {median(map(_p50, seen)):.2f} "
                    f"| {_told(spread(list(map(_p99, seen))), 2)} | {median(map(_own_cpu, seen)):.0f} |"
                )
        lines += ["", "| SQLite by size | sends/s (spread) |", "|---|---|"]
        lines += [f"| {name} | {_told(spread(list(map(_rate, seen))), 0)} |" for name, seen in self.growth.items()]
        lines += self.campaigns.as_lines()
        lines += self.console.as_lines(*self.console_sizes)
        lines += ["", "| CPU of a send by stage | µs |", "|---|---|"]
        lines += [f"| {name} | {value:.0f} |" for name, value in self.stages.items()]
        ratios = self.ratios()
        lines += ["", "| ratio | value (spread) | aim | |", "|---|---|---|---|"]
        for aim in AIMS:
            value = ratios[aim.name]
            wanted = (
                f"≥ {aim.at_least:g}"
                if aim.at_least is not None
                else f"< {aim.at_most:g}"
                if aim.at_most is not None
                else ""
            )
            state = "" if not wanted else "reached" if aim.reached(value[0]) else "not reached"
            lines.append(f"| {aim.text} (`{aim.name}`) | {_told(value, 2)} | {wanted} | {state} |")
        idle, warm, after, sent = self.memory
        lines += [
            "",
            f"Memory: {idle / 1e6:.0f} MB idle, {warm / 1e6:.0f} MB warm, {after / 1e6:.0f} MB after {sent:,} sends.",
            *(f"Note: {note}." for note in self.notes),
        ]
        return "\n".join(lines)


def _latencies(measured: Mapping[str, Sequence[Measured]]) -> dict[str, dict[str, float]]:
    return {
        name: {"p50": round(median(map(_p50, seen)), 2), "p99": round(median(map(_p99, seen)), 2)}
        for name, seen in measured.items()
    }


def _rate(seen: Measured) -> float:
    return seen.rate


def _p50(seen: Measured) -> float:
    return seen.p50


def _own_cpu(seen: Measured) -> float:
    return seen.own_cpu


def _p99(seen: Measured) -> float:
    return seen.p99


def _over(ours: Sequence[Measured], theirs: Sequence[Measured], read: Callable[[Measured], float]) -> Spread:
    return spread([read(one) / read(other) for one, other in zip(ours, theirs, strict=True)])


def _told(value: Spread, digits: int) -> str:
    middle, least, greatest = (f"{part:,.{digits}f}" for part in value)
    return middle if least == greatest else f"{middle} ({least} to {greatest})"
