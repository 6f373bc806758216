"""What a send of a campaign adds to the transactions of every send: the gate before it, and the move after it.

Scripts, for SQLite and for both engines' other transactions; PostgreSQL's functions run the same queries.
"""

from confrere.domain.campaigns.campaign import PauseCause
from confrere.store.reservation_decision import ClaimRow, Decision, DecisionName
from confrere.store.script import Query, Script, first

_NOT_DUE = "not_due"


def check_person(claim: ClaimRow) -> Script[Decision | None]:
    """Decide whether the campaign may write to its person now; None where it may.

    A person to whom it may never write is skipped, in the same transaction.
    """
    values = (
        claim.campaign_person_id,
        claim.workspace_id,
        claim.account_id,
        claim.recipient,
        claim.fingerprint,
        claim.now,
    )
    row = first((yield Query("check_campaign_person", values)))
    reason = _NOT_DUE if row is None else row[0]
    if reason is None:
        return None
    if reason == _NOT_DUE:
        return Decision(DecisionName.DECLINED)
    yield Query("decline_campaign_person", (claim.campaign_person_id, reason, claim.now))
    return Decision(DecisionName.DECLINED, skip_reason=reason)


def move_person(send_id: str) -> Script[str | None]:
    """Write into the campaign what the send's row says now. Returns which campaign that has paused after refusals."""
    counted = first((yield Query("count_campaign_attempt", (send_id,))))
    campaign_id, cause, at = counted or (None, None, None)
    if cause is not None:
        yield Query("record_campaign_event", (campaign_id, at, f".{send_id}"))
    yield Query("move_campaign_person", (send_id,))
    return campaign_id if cause == PauseCause.REFUSALS else None
