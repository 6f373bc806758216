"""One guard of the product, removed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """In `file` under src/confrere, `old` (there exactly once) becomes `new`. checks: those to try first, in order."""

    name: str
    file: str
    old: str
    new: str
    checks: tuple[str, ...]
    engine: str = "sqlite"
