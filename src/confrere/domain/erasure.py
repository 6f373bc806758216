"""People whose data was erased, and what stands in their place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

ERASED_PREFIX: Final = "urn:li:fsd_profile:ERASED-"
"""What the stand-in of an erased person begins with. It has the form of a profile URN, and no member has it."""

SOURCE: Final = "erasure"
"""Who added an erased person to the do-not-contact list."""

OWN_ACCOUNT: Final = "must not be an account of this workspace; `confrere accounts disconnect` erases its session"
"""Of a person who is to be erased."""


def is_stand_in(recipient: str) -> bool:
    """Whether this stands for an erased person."""
    return recipient.startswith(ERASED_PREFIX)


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erased person. `person` is a keyed hash of workspace and profile URN, in the form of a profile URN."""

    workspace_id: str
    person: str
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """What an erasure has done.

    erased:   how many of each kind are gone.
    pending:  messages on their way, or whose outcome is unknown: they are erased once they are settled.
    """

    erasure: Erasure
    erased: Mapping[str, int]
    pending: int
