"""How long personal data is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kept(StrEnum):
    """What is kept for a number of days."""

    TEXTS = "texts"
    REPLIES = "replies"
    UNWRITTEN = "unwritten"
    """people in audiences, members of groups and addresses to whom nobody has written"""


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """Days after which data goes; 0 keeps it. Rows of the ledger stay: they prevent second messages."""

    texts_days: int = 0
    replies_days: int = 0
    unwritten_days: int = 0

    def days(self, kind: Kept) -> int:
        """Return the rule about this kind."""
        return {Kept.TEXTS: self.texts_days, Kept.REPLIES: self.replies_days, Kept.UNWRITTEN: self.unwritten_days}[kind]

    def before(self, kind: Kept, now: datetime) -> datetime | None:
        """Return the time before which data of this kind goes; None where it stays."""
        days = self.days(kind)
        return now - timedelta(days) if days else None
