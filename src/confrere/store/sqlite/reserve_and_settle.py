"""Decides a claim and writes a settlement, statement by statement: the only writer, so nothing changes in between."""

from collections.abc import Callable
from typing import Any, NamedTuple

from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.outcome import HOLDS_UNIT, NOTHING_SENT, OutcomeName
from confrere.store.campaign_gate import check_person, move_person
from confrere.store.clock import CLOCK_TOLERANCE
from confrere.store.pacing import check_pacing
from confrere.store.pacing_json import REPEAT_WINDOW_NAME
from confrere.store.repeats import check_repeats
from confrere.store.reservation_decision import OPTED_OUT_COLUMNS, ClaimRow, Decision, DecisionName
from confrere.store.rows import Row
from confrere.store.script import only
from confrere.store.settling import RecordStops, SettlementRow, Stops
from confrere.store.sqlite.connection import Connection
from confrere.store.webhook_queue import report_hold, report_session_end

_NOTHING_SENT = frozenset(name.value for name in NOTHING_SENT)
_HOLDS_UNIT = frozenset(name.value for name in HOLDS_UNIT)
_IN_FLIGHT = OutcomeName.IN_FLIGHT.value
_UNKNOWN = OutcomeName.UNKNOWN.value
_NOT_SENT = OutcomeName.NOT_SENT.value
_ACCEPTED = OutcomeName.ACCEPTED.value


class _Sender(NamedTuple):
    """The columns of `find_sender`."""

    account_id: str
    profile_urn: str
    session_version: int
    has_session: int
    enabled: int
    daily_limit: int
    hold_until: int | None
    is_erased: int | None
    was_contacted: int
    has_open: int
    rules: str | None
    used: int
    clock_went_back: int
    clock_differs: int
    lost_from: int | None
    lost_until: int | None


class _SendState(NamedTuple):
    """The columns of `read_for_settling`."""

    outcome: str
    account_id: str
    recipient: str
    workspace_id: str
    idempotency_key: str | None
    fingerprint: str
    day: int
    first_contact_window: int | None
    answer: str | None
    is_open: int
    created_at: int


def reserve(connection: Connection, claim: ClaimRow, is_alive: Callable[[str], bool]) -> Decision:
    """Decide the claim by gates 1 to 8, in the order of `reserve_send` (sql/functions.sql).

    Where it is reserved or opted out, its row is written.
    """
    values = claim._asdict()
    values["tolerance"], values["newest_window"] = CLOCK_TOLERANCE, claim.now + CLOCK_TOLERANCE
    row = connection.first("find_sender", values)
    sender = None if row is None else _Sender(*row)
    if sender is not None and (sender.clock_went_back or sender.clock_differs):  # before all gates
        return _refuse_clock(connection, claim, sender)
    decision = _check_earlier(connection, claim, sender, is_alive)  # gate 1: the key; gate 2: a repeat
    if decision is not None:
        return decision
    if sender is None:  # gate 3: the account
        return Decision(DecisionName.NO_ACCOUNT if claim.account_id is None else DecisionName.UNKNOWN_ACCOUNT)
    if not sender.enabled:
        return _refuse(connection, DecisionName.DISABLED, claim, sender)
    if not sender.has_session:
        return _refuse(connection, DecisionName.NO_SESSION, claim, sender)
    values["account_id"] = account_id = sender.account_id
    if sender.is_erased is not None:  # gate 4: the do-not-contact list
        return _refuse_opted_out(connection, claim, sender, values)
    if sender.hold_until is not None and sender.hold_until > claim.now:  # gate 5: the hold
        return _refuse(connection, DecisionName.HELD, claim, sender)
    if sender.rules is not None:  # gate 6: pacing
        too_fast = connection.run(check_pacing(claim, account_id), is_alive)
        if too_fast is not None:
            return too_fast
    limit = min(sender.daily_limit, MESSAGES_PER_DAY_CEILING)  # gate 7: the unit
    if connection.change("take_unit", (account_id, claim.day, claim.now, limit)) == 0:
        return _refuse(connection, DecisionName.USED_UP, claim, sender)
    if sender.used + 1 >= limit:
        connection.ask("record_quota_event", (account_id, claim.day, limit, claim.now))
    is_first_contact = not sender.was_contacted and claim.group_id != ""  # of a group; a plain message is none
    values["first_contact_window"] = claim.month if is_first_contact else None
    if is_first_contact:
        connection.ask("take_first_contact", (account_id, claim.month, claim.now))
    connection.ask("add_send", values)  # gate 8: the row
    if claim.campaign_person_id is not None:
        connection.ask("begin_campaign_attempt", (claim.campaign_person_id, claim.send_id, claim.now))
    _claim_key(connection, claim)
    return Decision(
        DecisionName.RESERVED,
        account_id,
        sender.profile_urn,
        sender.session_version,
        sender.daily_limit,
        sender.used + 1,
        claim.now,
        rules=sender.rules,
        lost_from=sender.lost_from,
        lost_until=sender.lost_until,
    )


def _refuse_opted_out(connection: Connection, claim: ClaimRow, sender: _Sender, values: dict[str, Any]) -> Decision:
    """Write the refused row; of somebody who is erased, without their URN and the text."""
    if sender.is_erased:
        values["recipient"], values["sealed_text"], values["conversation_urn"] = claim.person, "", None
    connection.ask("add_refused_send", OPTED_OUT_COLUMNS._asdict() | values)
    connection.ask("record_send_event", (claim.send_id,))
    _claim_key(connection, claim)
    return _refuse(connection, DecisionName.OPTED_OUT, claim, sender)


def settle(connection: Connection, settlement: SettlementRow, record: RecordStops | None = None) -> Row | None:
    """Write what follows from the outcome, as far as the row's present state lets it; see `Engine.settle`.

    record:  None for a settlement that can stop nothing.
    """
    is_moved = _settle_ordinary(connection, settlement) or _settle_any(connection, settlement)
    if is_moved is None:
        return None
    row = only(connection.ask("read_settled", (settlement.send_id, settlement.day)))
    campaign_person_id, is_watched = row[-2:]
    paused = None
    if campaign_person_id is not None:
        paused = connection.run(move_person(settlement.send_id), _nobody_asks)
    if is_moved and is_watched:
        connection.ask("record_send_event", (settlement.send_id,))
    if record is not None and settlement.may_stop:
        stops = Stops(paused, *_stop_account(connection, settlement, row[3]))
        if any(stops):
            connection.run(record(settlement, row, stops), _nobody_asks)
    return row


def _stop_account(connection: Connection, settlement: SettlementRow, account_id: str) -> tuple[bool, bool]:
    """Hold the account, or record that its session is dead, as settled. Returns which of both was not so before."""
    begins_hold = begins_error = None
    if settlement.hold_until is not None:
        begins_hold = connection.run(report_hold(account_id, settlement.hold_until, settlement.now), _nobody_asks)
        connection.ask("hold_account", (account_id, settlement.hold_until))
    if settlement.session_ended is not None:
        ended, version = settlement.session_ended, settlement.session_version
        report = report_session_end(account_id, ended, settlement.now, version)
        begins_error = connection.run(report, _nobody_asks)
        connection.ask("end_session", (account_id, ended, version))
    return begins_hold is not None, begins_error is not None


def _nobody_asks(_instance: str) -> bool:
    raise AssertionError("a settlement asks for no process")


def _check_earlier(
    connection: Connection, claim: ClaimRow, sender: _Sender | None, is_alive: Callable[[str], bool]
) -> Decision | None:
    """Decide gates 1 and 2; for a message of a campaign, in their place, whether its person is to be written to."""
    if claim.campaign_person_id is not None:
        return connection.run(check_person(claim), is_alive)
    if _has_earlier(connection, claim, sender):
        return connection.run(check_repeats(claim), is_alive).decision
    return None


def _has_earlier(connection: Connection, claim: ClaimRow, sender: _Sender | None) -> bool:
    """Whether there is any row that the claim could repeat: checking repeats is costly and rarely needed."""
    if claim.idempotency_key is not None:
        return connection.first("is_key_known", (claim.workspace_id, claim.idempotency_key)) is not None
    if sender is None:
        return False
    has_window = sender.rules is not None and REPEAT_WINDOW_NAME in sender.rules
    return bool(sender.has_open) or (bool(sender.was_contacted) and has_window)


def _claim_key(connection: Connection, claim: ClaimRow) -> None:
    if claim.idempotency_key is not None:
        connection.ask("claim_key", claim._asdict() | {"requested_account": claim.account_id})


def _refuse(connection: Connection, name: DecisionName, claim: ClaimRow, sender: _Sender) -> Decision:
    _, used, last_taken_at, _ = only(connection.ask("read_account_quota", (sender.account_id, claim.day)))
    return Decision(
        name,
        sender.account_id,
        sender.profile_urn,
        sender.session_version,
        sender.daily_limit,
        used,
        last_taken_at,
        sender.hold_until,
        sender.rules,
    )


def _refuse_clock(connection: Connection, claim: ClaimRow, sender: _Sender) -> Decision:
    if sender.clock_went_back:
        newest = connection.first("find_newest_window", (sender.account_id,))
        return Decision(DecisionName.CLOCK_WENT_BACK, other_clock=newest[0] if newest else None)
    clocks = [row[0] for row in connection.ask("read_clocks", (claim.instance,))]
    return Decision(DecisionName.CLOCK_DIFFERS, other_clock=max(clocks, key=lambda other: abs(other - claim.clock)))


def _settle_ordinary(connection: Connection, settlement: SettlementRow) -> bool:
    """Settle an ordinary send in one statement; return False, with nothing written, for any other settlement."""
    if settlement.outcome != _ACCEPTED or settlement.caller_gone:
        return False
    if settlement.hold_until is not None or settlement.session_ended is not None:
        return False
    values = (settlement.send_id, settlement.message_urn, settlement.conversation_urn, settlement.now)
    return connection.change("settle_accepted", values) == 1


def _settle_any(connection: Connection, settlement: SettlementRow) -> bool | None:
    """Settle in any state of the row and with any outcome; return whether that has moved it, None without a row."""
    row = connection.first("read_for_settling", (settlement.send_id,))
    if row is None:
        return None
    before = _SendState(*row)
    is_moved = _moves(before.outcome, settlement.outcome)
    if is_moved:
        _move(connection, settlement, before)
    elif settlement.caller_gone:
        connection.ask("mark_answer_lost", (settlement.send_id,))
    return is_moved


def _moves(before: str, after: str) -> bool:
    """Whether the state may change: to a certain one, or in flight to unknown; late evidence overrides `not_sent`."""
    if before == _IN_FLIGHT:
        return True
    if before == _UNKNOWN:
        return after != _UNKNOWN
    return before == _NOT_SENT and after == _ACCEPTED


def _move(connection: Connection, settlement: SettlementRow, before: _SendState) -> None:
    after, key, account_id = settlement.outcome, before.idempotency_key, before.account_id
    is_open, answer, first_contact_window = before.is_open, before.answer, before.first_contact_window
    if after in _NOTHING_SENT:
        is_open = 0
        if key is not None:
            connection.ask("free_key", (before.workspace_id, key, settlement.send_id))
    if before.outcome == _NOT_SENT:
        connection.ask("detach_from_person", (settlement.send_id,))
        is_open, answer = 1, "lost"  # its caller may have repeated it since, and has to join this one
        if key is not None:
            connection.ask(
                "restore_key", before._asdict() | {"send_id": settlement.send_id, "requested_account": account_id}
            )
        if connection.first("was_contacted", (account_id, before.recipient)) is not None:
            first_contact_window = None
    if is_open and (settlement.caller_gone or after == _UNKNOWN):
        answer = "lost"  # a caller who is answered `unknown` may repeat it at once, at any process
    holds, held = after in _HOLDS_UNIT, before.outcome in _HOLDS_UNIT
    if holds != held:
        change = "take_unit_again" if holds else "give_unit_back"
        connection.ask(change, (account_id, "MESSAGE", before.day))
        if first_contact_window is not None:
            connection.ask(change, (account_id, "GROUP_FIRST_CONTACT", first_contact_window))
    connection.ask(
        "settle",
        {
            **settlement._asdict(),
            "holds_unit": int(holds),
            "first_contact_window": first_contact_window,
            "answer": answer,
            "is_open": is_open,
            "look_at": settlement.now if after == _UNKNOWN else None,
        },
    )
