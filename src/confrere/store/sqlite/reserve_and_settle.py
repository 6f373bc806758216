"""Deciding a claim and writing a settlement, statement by statement: the writer is alone, nothing moves between."""

from collections.abc import Callable
from typing import Any

from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.outcome import HOLDS_UNIT, NOTHING_SENT, OutcomeName
from confrere.store.clock import CLOCK_TOLERANCE
from confrere.store.pacing import judge_pace
from confrere.store.pacing_json import REPEAT_WINDOW_NAME
from confrere.store.repeats import judge_earlier
from confrere.store.reservation_decision import OPTED_OUT_COLUMNS, ClaimRow, Decision, DecisionName
from confrere.store.rows import Row
from confrere.store.script import only
from confrere.store.settling import SettlementRow
from confrere.store.sqlite.connection import Connection

_NOTHING_SENT = frozenset(name.value for name in NOTHING_SENT)
_HOLDS_UNIT = frozenset(name.value for name in HOLDS_UNIT)
_IN_FLIGHT = OutcomeName.IN_FLIGHT.value
_UNKNOWN = OutcomeName.UNKNOWN.value
_NOT_SENT = OutcomeName.NOT_SENT.value
_ACCEPTED = OutcomeName.ACCEPTED.value


def rule(connection: Connection, claim: ClaimRow, is_alive: Callable[[str], bool]) -> Decision:
    """Decide the claim; where it is reserved or opted out, its row is written."""
    sender = connection.first(
        "find_sender",
        claim.workspace_id,
        claim.account_id,
        claim.recipient,
        claim.fingerprint,
        claim.day,
        claim.now + CLOCK_TOLERANCE,
        claim.clock,
        claim.instance,
        CLOCK_TOLERANCE,
    )
    if sender is not None and (sender[12] or sender[13]):
        return _refuse_clock(connection, claim, sender)
    if _has_earlier(connection, claim, sender):
        earlier = connection.run(judge_earlier(claim), is_alive)
        if earlier.decision is not None:
            return earlier.decision
    if sender is None:
        return Decision(DecisionName.NO_ACCOUNT if claim.account_id is None else DecisionName.UNKNOWN_ACCOUNT)
    (account_id, urn, version, has_session, enabled, daily_limit, hold_until, opted_out, contacted, _, rules, used) = (
        sender[:12]
    )
    if not enabled:
        return _refuse(connection, DecisionName.DISABLED, claim, sender)
    if not has_session:
        return _refuse(connection, DecisionName.NO_SESSION, claim, sender)
    if opted_out:
        return _refuse_opted_out(connection, claim, sender)
    if hold_until is not None and hold_until > claim.now:
        return _refuse(connection, DecisionName.HELD, claim, sender)
    if rules is not None and (too_fast := connection.run(judge_pace(claim, account_id), is_alive)) is not None:
        return too_fast
    limit = min(daily_limit, MESSAGES_PER_DAY_CEILING)
    if connection.change("take_unit", account_id, "MESSAGE", claim.day, claim.now, limit) == 0:
        return _refuse(connection, DecisionName.USED_UP, claim, sender)
    if not contacted:
        connection.ask("take_unit_anyway", account_id, "GROUP_FIRST_CONTACT", claim.month, claim.now)
    connection.ask(
        "add_send",
        *_row_beginning(claim, account_id),
        claim.day,
        None if contacted else claim.month,
        claim.instance,
        claim.lease_until,
        claim.now,
    )
    _claim_key(connection, claim)
    return Decision(DecisionName.RESERVED, account_id, urn, version, daily_limit, used + 1, claim.now, rules=rules)


def settle(connection: Connection, settlement: SettlementRow) -> Row | None:
    """Write what follows from the outcome, as far as the row's present state lets it. None where there is no row."""
    if not _settle_ordinary(connection, settlement) and not _settle_any(connection, settlement):
        return None
    return connection.first("read_settled", settlement.send_id, settlement.day)


def add_opt_outs(connection: Connection, rows: list[tuple[Any, ...]]) -> int:
    """How many were not there yet."""
    return sum(len(connection.ask("add_opt_out", *row)) for row in rows)


def _has_earlier(connection: Connection, claim: ClaimRow, sender: Row | None) -> bool:
    """Whether there is any row that the claim could repeat: the rules about it are costly, and rarely needed."""
    if claim.idempotency_key is not None:
        return connection.first("is_key_known", claim.workspace_id, claim.idempotency_key) is not None
    if sender is None:
        return False
    contacted, rules = sender[8], sender[10]
    return bool(sender[9]) or (contacted and rules is not None and REPEAT_WINDOW_NAME in rules)


def _row_beginning(claim: ClaimRow, account_id: str) -> tuple[Any, ...]:
    return (
        claim.send_id,
        claim.request_id,
        claim.workspace_id,
        account_id,
        claim.recipient,
        claim.group_id,
        claim.sealed_text,
        claim.origin_token,
        claim.fingerprint,
        claim.idempotency_key,
    )


def _claim_key(connection: Connection, claim: ClaimRow) -> None:
    if claim.idempotency_key is not None:
        connection.ask(
            "claim_key",
            claim.workspace_id,
            claim.idempotency_key,
            claim.send_id,
            claim.fingerprint,
            claim.account_id,
            claim.now,
        )


def _refuse(connection: Connection, name: DecisionName, claim: ClaimRow, sender: Row) -> Decision:
    account_id, urn, version, _, _, daily_limit, hold_until, *_ = sender
    quota = only(connection.ask("read_account_quota", account_id, claim.day))
    return Decision(name, account_id, urn, version, daily_limit, quota[1], quota[2], hold_until, quota[3])


def _refuse_clock(connection: Connection, claim: ClaimRow, sender: Row) -> Decision:
    account_id, went_back = sender[0], sender[12]
    if went_back:
        newest = connection.first("find_newest_window", account_id)
        return Decision(DecisionName.CLOCK_WENT_BACK, other_clock=newest[0] if newest else None)
    clocks = [row[0] for row in connection.ask("read_clocks", claim.instance)]
    return Decision(DecisionName.CLOCK_DIFFERS, other_clock=max(clocks, key=lambda other: abs(other - claim.clock)))


def _refuse_opted_out(connection: Connection, claim: ClaimRow, sender: Row) -> Decision:
    connection.ask(
        "add_refused_send",
        *_row_beginning(claim, sender[0]),
        *OPTED_OUT_COLUMNS[:6],
        claim.day,
        claim.instance,
        claim.lease_until,
        claim.now,
    )
    _claim_key(connection, claim)
    return _refuse(connection, DecisionName.OPTED_OUT, claim, sender)


def _settle_ordinary(connection: Connection, settlement: SettlementRow) -> bool:
    """In one statement what nearly every settlement is; False, and nothing written, where this is not such a one."""
    if settlement.outcome != _ACCEPTED or settlement.caller_gone:
        return False
    if settlement.hold_until is not None or settlement.session_ended is not None:
        return False
    send_id, urns = settlement.send_id, (settlement.message_urn, settlement.conversation_urn)
    return connection.change("settle_accepted", send_id, *urns, settlement.now) == 1


def _settle_any(connection: Connection, settlement: SettlementRow) -> bool:
    """Whatever the row's state and the outcome are; False where there is no row."""
    row = connection.first("read_for_settling", settlement.send_id)
    if row is None:
        return False
    before, account_id = row[0], row[1]
    if _moves(before, settlement.outcome):
        _move(connection, settlement, row)
    elif settlement.caller_gone:
        connection.ask("mark_answer_lost", settlement.send_id)
    if settlement.hold_until is not None:
        connection.ask("hold_account", account_id, settlement.hold_until)
    if settlement.session_ended is not None:
        connection.ask("end_session", account_id, settlement.session_ended, settlement.session_version)
    return True


def _moves(before: str, after: str) -> bool:
    """Forward only: to something certain, or from in flight to unknown; a late witness overturns `not_sent`."""
    if before == _IN_FLIGHT:
        return True
    if before == _UNKNOWN:
        return after != _UNKNOWN
    return before == _NOT_SENT and after == _ACCEPTED


def _move(connection: Connection, settlement: SettlementRow, row: Row) -> None:
    before, account_id, recipient, workspace_id, key, fingerprint, day, month, answer, is_open, created_at = row
    after = settlement.outcome
    if after in _NOTHING_SENT:
        is_open = 0
        if key is not None:
            connection.ask("free_key", workspace_id, key, settlement.send_id)
    if before == _NOT_SENT:
        is_open, answer = 1, "lost"  # whoever was told `not_sent` may ask again, and has to join this one
        if key is not None:
            connection.ask("restore_key", workspace_id, key, settlement.send_id, fingerprint, account_id, created_at)
        if connection.first("was_contacted", account_id, recipient) is not None:
            month = None
    if is_open and (settlement.caller_gone or after == _UNKNOWN):
        answer = "lost"  # whoever is told that nobody knows may ask again at once, at any process
    holds, held = after in _HOLDS_UNIT, before in _HOLDS_UNIT
    if holds != held:
        change = "take_unit_again" if holds else "give_unit_back"
        connection.ask(change, account_id, "MESSAGE", day)
        if month is not None:
            connection.ask(change, account_id, "GROUP_FIRST_CONTACT", month)
    connection.ask(
        "settle",
        *settlement[:10],
        int(holds),
        month,
        answer,
        is_open,
        settlement.now if after == _UNKNOWN else None,
    )
