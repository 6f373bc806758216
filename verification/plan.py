"""The plan of a run: parts, engines, duration and seed."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

from verification.databases import Databases
from verification.report import Log

ENGINES = ("sqlite", "postgresql")

DEFAULT_MINUTES = 17.0

SHARES = {
    "crash": (120, 0.16),
    "campaign": (240, 0.10),
    "webhooks": (90, 0.05),
    "restore": (70, 0.03),
    "faults": (90, 0.01),
    "time": (40, 0.01),
    "model": (90, 0.16),
    "mutants": (170, 0.0),
    "api": (40, 0.17),
    "connections": (40, 0.0),
    "soak": (60, 0.31),
}
"""The seconds of each part in a run of the default length, and its share of every further second. Faults, time and
mutants take as long as they take."""


@dataclass(frozen=True)
class Plan:
    """The plan of one part on one engine. folder: for its files."""

    seed: int
    engine: str
    seconds: float
    folder: Path
    databases: Databases
    log: Log

    def random(self, *names: object) -> Random:
        """Return a generator for this purpose; the draws of one do not affect another."""
        return Random(f"{self.seed}/{self.engine}/{'/'.join(map(str, names))}")


def seconds_of(part: str, minutes: float) -> float:
    """Return a part's seconds, on all engines together, in a run of so many minutes."""
    base, share = SHARES[part]
    return base * min(1.0, minutes / DEFAULT_MINUTES) + share * max(0.0, minutes - DEFAULT_MINUTES) * 60
