"""The chart of messages a day, as the numbers of an SVG: it needs no script and no style of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from confrere.console.words import OUTCOME_WORDS
from confrere.domain.outcome import OutcomeName

WIDTH: Final = 720
HEIGHT: Final = 160
_GAP: Final = 4


@dataclass(frozen=True, slots=True)
class DayCounts:
    """How many sends of a UTC day have which outcome."""

    day: datetime
    counts: dict[OutcomeName, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle."""

    x: float
    y: float
    width: float
    height: float
    outcome: OutcomeName


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawing.

    outcomes:  those that occur.
    limit_y:   where the line of the limit is; None where it is above the drawing.
    """

    width: int
    height: int
    bars: Sequence[Bar]
    outcomes: Sequence[OutcomeName]
    limit_y: float | None
    top: int


def draw_days(days: Sequence[DayCounts], limit: int) -> Chart:
    """Stack the outcomes of each day, the earliest at the left. The limit is shown where the highest day is near it."""
    highest = max((day.total for day in days), default=0)
    top = max(highest, limit if limit and highest * 3 >= limit else 0, 1)
    width = WIDTH / max(1, len(days))
    bars = []
    for place, day in enumerate(reversed(days)):
        y = float(HEIGHT)
        for outcome in OUTCOME_WORDS:
            height = day.counts.get(outcome, 0) * HEIGHT / top
            if height:
                y -= height
                bars.append(
                    Bar(
                        round(place * width + _GAP / 2, 1),
                        round(y, 1),
                        round(width - _GAP, 1),
                        round(height, 1),
                        outcome,
                    )
                )
    limit_y = round(HEIGHT - limit * HEIGHT / top, 1) if 0 < limit <= top else None
    outcomes = [outcome for outcome in OUTCOME_WORDS if any(day.counts.get(outcome) for day in days)]
    return Chart(WIDTH, HEIGHT, bars, outcomes, limit_y, top)
