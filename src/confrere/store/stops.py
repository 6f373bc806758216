"""The entries of the audit log about what the outcome of a send stops."""

from confrere.domain.audit import AuditAction, until_words
from confrere.domain.campaigns.campaign import PauseCause
from confrere.store.audit import Recorder
from confrere.store.rows import Row, from_micros
from confrere.store.script import Script
from confrere.store.settling import SettlementRow, Stops


def record_stops(audit: Recorder, settlement: SettlementRow, send: Row, stops: Stops) -> Script[None]:
    """Append an entry for each that was stopped. send: its columns."""
    workspace_id, account_id = send[2], send[3]
    if stops.is_held:
        yield from record_hold(audit, workspace_id, account_id, settlement.hold_until)
    if stops.is_dead:
        yield from record_death(audit, workspace_id, account_id, settlement.session_ended)
    if stops.campaign_id is not None:
        detail = PauseCause.REFUSALS.value
        yield from audit.append(workspace_id, AuditAction.CAMPAIGN_PAUSED, stops.campaign_id, detail=detail)


def record_hold(audit: Recorder, workspace_id: str, account_id: str, until: int | None) -> Script[None]:
    """Append that a hold of the account has begun. until: microseconds."""
    detail = None if until is None else until_words(from_micros(until))
    return audit.append(workspace_id, AuditAction.ACCOUNT_HELD, account_id, detail=detail)


def record_death(audit: Recorder, workspace_id: str, account_id: str, why: str | None) -> Script[None]:
    """Append that the account's session has ended."""
    return audit.append(workspace_id, AuditAction.ACCOUNT_SESSION_DEAD, account_id, detail=why)
