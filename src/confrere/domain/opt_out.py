"""Somebody who is not to be written to again."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OptOut:
    """Somebody who is not to be written to. `source`: who or what added them."""

    recipient: str
    reason: str | None
    source: str
    added_at: datetime
