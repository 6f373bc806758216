"""The row form of a settlement."""

from collections.abc import Callable
from typing import NamedTuple

from confrere.domain.outcome import OutcomeName, SessionDead
from confrere.domain.reservation import Settled, Settlement
from confrere.store.rows import SEND_COLUMN_COUNT, Row, message_quota, outcome_columns, send_of, to_micros, windows_of
from confrere.store.script import Script


class SettlementRow(NamedTuple):
    """The parameters of the queries that settle. Times are microseconds; `day` begins the window that is reported."""

    send_id: str
    outcome: str
    reason: str | None
    refusal_status: int | None
    refusal_status_text: str | None
    refusal_code: str | None
    refusal_text: str | None
    message_urn: str | None
    conversation_urn: str | None
    now: int
    day: int
    hold_until: int | None
    caller_gone: bool
    session_ended: str | None
    session_version: int | None

    @property
    def may_stop(self) -> bool:
        """Whether it holds or stops the account, or may pause a campaign after refusals."""
        return self.hold_until is not None or self.session_ended is not None or self.outcome == OutcomeName.REFUSED


class Stops(NamedTuple):
    """What a settlement has stopped.

    campaign_id:  which campaign was paused after refusals.
    is_held:      whether a hold of the account has begun.
    is_dead:      whether the account's session is recorded to be dead for the first time.
    """

    campaign_id: str | None
    is_held: bool
    is_dead: bool


RecordStops = Callable[[SettlementRow, Row, Stops], Script[None]]
"""Appends what was stopped to the audit log, as the last part of the settlement's transaction.

It takes the settlement and the columns of its send.
"""


def settlement_row(settlement: Settlement) -> SettlementRow:
    """Prepare a settlement for the database. SessionDead ends the session by itself."""
    outcome, session_ended = settlement.outcome, settlement.session_ended
    if isinstance(outcome, SessionDead) and session_ended is None:
        session_ended = outcome.why
    now = to_micros(settlement.now)
    columns = outcome_columns(outcome)
    return SettlementRow(
        send_id=settlement.send_id,
        outcome=columns.outcome,
        reason=columns.reason,
        refusal_status=columns.refusal_status,
        refusal_status_text=columns.refusal_status_text,
        refusal_code=columns.refusal_code,
        refusal_text=columns.refusal_text,
        message_urn=columns.message_urn,
        conversation_urn=columns.conversation_urn,
        now=now,
        day=windows_of(now).day,
        hold_until=to_micros(settlement.hold_until),
        caller_gone=settlement.caller_gone,
        session_ended=session_ended,
        session_version=settlement.session_version,
    )


def settled_of(row: Row, settlement: Settlement) -> Settled:
    """Decode a settlement's result: the columns of a send, then daily_limit, used, last_taken_at, rules."""
    daily_limit, used, last_taken_at, rules = row[SEND_COLUMN_COUNT : SEND_COLUMN_COUNT + 4]
    return Settled(send_of(row), message_quota(daily_limit, used, last_taken_at, settlement.now, rules))
