"""What a run of the proof is to do: which parts, on which engines, for how long, from which seed."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

from verification.databases import Databases
from verification.report import Log

ENGINES = ("sqlite", "postgresql")

DEFAULT_MINUTES = 10.0

SHARES = {
    "crash": (120, 0.20),
    "faults": (90, 0.01),
    "time": (40, 0.01),
    "model": (90, 0.16),
    "mutants": (170, 0.0),
    "api": (40, 0.17),
    "connections": (40, 0.0),
    "soak": (60, 0.45),
}
"""Of each part: its seconds in a run of the default length, and its share of every second beyond that. Faults, time and
mutants take as long as they take."""


@dataclass(frozen=True)
class Plan:
    """Handed to every part. `folder` is its own to write in."""

    seed: int
    engine: str
    seconds: float
    folder: Path
    databases: Databases
    log: Log

    def random(self, *names: object) -> Random:
        """A generator of its own for each purpose, so that one part's draws do not move another's."""
        return Random(f"{self.seed}/{self.engine}/{'/'.join(map(str, names))}")


def seconds_of(part: str, minutes: float) -> float:
    """How long a part has, on all its engines together, in a run of so many minutes."""
    base, share = SHARES[part]
    return base * min(1.0, minutes / DEFAULT_MINUTES) + share * max(0.0, minutes - DEFAULT_MINUTES) * 60
