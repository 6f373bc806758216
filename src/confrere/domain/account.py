"""A LinkedIn account that the workspace's owner runs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AccountStatus(StrEnum):
    """Source: the HTTP contract, section 4. A held account is AVAILABLE again when its hold ends."""

    AVAILABLE = "AVAILABLE"
    IN_USE = "IN_USE"
    WARMUP = "WARMUP"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of an account, without its session.

    daily_limit:     messages a day, at most the ceiling.
    status_reason:   one clause for people on why the status is ERROR, else None.
    hold_until:      aware UTC; LinkedIn throttled the account, it rests until then.
    session_version: counts the changes of the stored session; 0 where there is none.
    last_used_at:    when the last unit was taken.
    """

    id: str
    workspace_id: str
    profile_urn: str
    first_name: str
    last_name: str
    public_id: str
    picture: str | None
    premium: bool | None
    status: AccountStatus
    status_reason: str | None
    enabled: bool
    is_default: bool
    daily_limit: int
    hold_until: datetime | None
    session_version: int
    created_at: datetime
    last_used_at: datetime | None

    @property
    def has_session(self) -> bool:
        """Whether a session is stored."""
        return self.session_version > 0
