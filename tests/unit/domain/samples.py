"""Sample values of the domain."""

from datetime import UTC, datetime

from confrere.domain.account import Account, AccountStatus

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)

ACCOUNT = Account(
    id="0" * 24,
    workspace_id="default",
    profile_urn="urn:li:fsd_profile:ACoAAowner",
    first_name="Odile",
    last_name="Exemple",
    public_id="odile",
    picture=None,
    premium=None,
    status=AccountStatus.AVAILABLE,
    status_reason=None,
    enabled=True,
    is_default=True,
    daily_limit=150,
    hold_until=None,
    session_version=1,
    created_at=NOON,
    last_used_at=None,
)
"""An account that may send at NOON."""
