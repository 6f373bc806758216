"""The result of a part: figures, and violations with the detail to reproduce them."""

from collections.abc import Callable
from dataclasses import dataclass, field

MOST_SHOWN = 25
"""Violations of one part that are listed; all are counted."""

Figure = int | float | str
Log = Callable[[str], None]


@dataclass
class Report:
    """The report of one part on one engine."""

    part: str
    engine: str
    figures: dict[str, Figure] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    violation_count: int = 0

    def count(self, name: str, by: int = 1) -> None:
        """Add to a figure."""
        before = self.figures.get(name, 0)
        assert isinstance(before, int)
        self.figures[name] = before + by

    def violate(self, text: str) -> None:
        """Record a broken promise."""
        self.violation_count += 1
        if len(self.violations) < MOST_SHOWN:
            self.violations.append(text)

    def require(self, text: str, *, holds: bool) -> None:
        """Record a violation unless the promise holds."""
        if not holds:
            self.violate(text)

    def count_wrong(self, name: str, wrongs: list[str]) -> None:
        """Add to a figure that must be 0, and record each as a violation."""
        self.count(name, len(wrongs))
        for text in wrongs:
            self.violate(f"{name}: {text}")

    def add(self, other: "Report") -> None:
        """Add another report on the same part; numbers are summed."""
        for name, figure in other.figures.items():
            if isinstance(figure, int):
                self.count(name, figure)
            else:
                self.figures[name] = figure
        for text in other.violations:
            self.violate(text)
        self.violation_count += other.violation_count - len(other.violations)

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return self.violation_count == 0
