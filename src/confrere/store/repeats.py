"""Whether a claim is a repeat of an earlier send: by its idempotency key, or by being identical to one unanswered.

Gates 1 and 2 of a reservation, once for both engines, as scripts. They run only where there is an earlier row, which is
rare.
"""

from datetime import timedelta
from enum import Enum, auto
from typing import NamedTuple

from confrere.domain.outcome import NOTHING_SENT, OutcomeName
from confrere.domain.send import IDEMPOTENCY_WINDOW, REPEAT_WINDOW
from confrere.store.campaign_gate import move_person
from confrere.store.pacing_json import repeat_window_of
from confrere.store.reservation_decision import ClaimRow, Decision, DecisionName
from confrere.store.rows import Row
from confrere.store.script import LivenessQuery, Query, Script, first

PROCESS_ENDED = "the process that was sending it ended before it recorded the outcome"
LEASE_OVER = "the attempt did not end within the time it was given"

_KEY_LIFE = IDEMPOTENCY_WINDOW // timedelta(microseconds=1)
_REPEAT_LIFE = REPEAT_WINDOW // timedelta(microseconds=1)


class Earlier(NamedTuple):
    """What gates 1 and 2 found.

    decision:  that of gate 1 or 2; None where the claim passes both.
    stale_id:  the send whose key the claim may take over.
    """

    decision: Decision | None = None
    stale_id: str | None = None


def check_repeats(claim: ClaimRow) -> Script[Earlier]:
    """Decide gates 1 (its key was used before) and 2 (an identical send was not answered)."""
    account = first((yield Query("resolve_account", (claim.workspace_id, claim.account_id))))
    account_id: str | None = account[0] if account else None
    if claim.idempotency_key is not None:
        return (yield from _check_key(claim, account_id))
    if account_id is not None:
        return (yield from _check_identical(claim, account_id))
    return Earlier()


def end_dead_sends(instance: str, now: int) -> Script[int]:
    """Turn every `in_flight` row whose process is dead or whose lease is over into `unknown`; return how many."""
    rows = yield Query("list_in_flight")  # id, owner, lease_until
    alive = yield from _alive(frozenset(row[1] for row in rows), instance)
    ended = 0
    for send_id, owner, lease_until in rows:
        if owner not in alive or lease_until <= now:
            ended += yield from _end(send_id, owner_lives=owner in alive, now=now)
    return ended


def _check_key(claim: ClaimRow, account_id: str | None) -> Script[Earlier]:
    row = first((yield Query("find_key", (claim.workspace_id, claim.idempotency_key))))
    if row is None:
        return Earlier()
    send_id, fingerprint, requested_account, created_at, sender_id, outcome, owner, lease_until = row
    if outcome in NOTHING_SENT or created_at <= claim.now - _KEY_LIFE:
        return Earlier(stale_id=send_id)
    same_account = requested_account == claim.account_id or sender_id == account_id
    if fingerprint != claim.fingerprint or not same_account:
        return Earlier((yield from _decision(DecisionName.KEY_REUSED, claim, account_id, send_id)))
    if outcome == OutcomeName.IN_FLIGHT:
        alive = yield from _alive(frozenset({owner}), claim.instance)
        if alive and lease_until > claim.now:
            return Earlier((yield from _decision(DecisionName.KEY_IN_USE, claim, sender_id, send_id)))
        if not (yield from _end(send_id, owner_lives=bool(alive), now=claim.now)):
            return (yield from _check_key(claim, account_id))  # it was settled meanwhile
    return Earlier((yield from _decision(DecisionName.REPEATS_KEYED, claim, sender_id, send_id)))


def _check_identical(claim: ClaimRow, account_id: str) -> Script[Earlier]:
    rows = yield Query("list_open", (claim.fingerprint, account_id))  # the newest first: it wins
    alive = yield from _alive(frozenset(row[2] for row in rows), claim.instance)
    pending = set()
    for row in rows:
        send_id, _, owner, *_ = row
        match _relation(row, alive, claim.now):
            case _Relation.APART:
                continue
            case _Relation.PENDING:
                if owner != claim.instance and (claim.wait_for_ids is None or send_id in claim.wait_for_ids):
                    pending.add(send_id)
                continue
            case _Relation.ABANDONED:
                if not (yield from _end(send_id, owner_lives=owner in alive, now=claim.now)):
                    return (yield from _check_identical(claim, account_id))  # it was settled meanwhile
        return Earlier((yield from _decision(DecisionName.REPEATS, claim, account_id, send_id)))
    if pending:
        return Earlier(Decision(DecisionName.IN_FLIGHT_ELSEWHERE, pending_ids=frozenset(pending)))
    answered = yield from _find_answered(claim.fingerprint, account_id, claim.recipient, claim.now)
    if answered is not None:
        return Earlier((yield from _decision(DecisionName.REPEATS_ANSWERED, claim, account_id, answered)))
    return Earlier()


def _find_answered(fingerprint: str, account_id: str, recipient: str, now: int) -> Script[str | None]:
    """Return the identical send whose 200 was delivered within the workspace's repeat window, if any."""
    row = first((yield Query("read_rules", (account_id,))))
    window = repeat_window_of(row[0]) if row else None
    if window is None:
        return None
    since = now - window // timedelta(microseconds=1)
    found = first((yield Query("find_answered", (account_id, recipient, fingerprint, since))))
    return found[0] if found else None


def find_joined(fingerprint: str, account_id: str, recipient: str, instance: str, now: int) -> Script[str | None]:
    """Return the identical earlier send that a claim would repeat; write nothing."""
    rows = yield Query("list_open", (fingerprint, account_id))
    alive = yield from _alive(frozenset(row[2] for row in rows), instance)
    joined = (_Relation.ABANDONED, _Relation.UNANSWERED)
    found = next((row[0] for row in rows if _relation(row, alive, now) in joined), None)
    return found or (yield from _find_answered(fingerprint, account_id, recipient, now))


class _Relation(Enum):
    """How an open row stands to an identical claim."""

    ABANDONED = auto()  # in flight, but its process is dead or its lease over: it is joined, once it is `unknown`
    UNANSWERED = auto()  # its answer was not delivered: it is joined
    PENDING = auto()  # its caller waits for the answer, or has it and that is about to be written
    APART = auto()  # too long ago


def _relation(row: Row, alive: frozenset[str], now: int) -> _Relation:
    """row:  of `list_open`."""
    _, outcome, owner, answer, lease_until, ended_at = row
    if outcome == OutcomeName.IN_FLIGHT:
        if owner not in alive or lease_until <= now:
            return _Relation.ABANDONED
        return _Relation.UNANSWERED if answer == "lost" else _Relation.PENDING
    if ended_at <= now - _REPEAT_LIFE:
        return _Relation.APART
    is_certain = outcome != OutcomeName.UNKNOWN and answer != "lost" and owner in alive
    return _Relation.PENDING if is_certain else _Relation.UNANSWERED


def _alive(owners: frozenset[str], instance: str) -> Script[frozenset[str]]:
    """Return the owners that are alive, among them this process."""
    others = owners - {instance}
    rows = (yield LivenessQuery(others)) if others else ()
    return frozenset(row[0] for row in rows) | (owners & {instance})


def _end(send_id: str, *, owner_lives: bool, now: int) -> Script[int]:
    """Settle as `unknown`; return 0 where the row was settled meanwhile."""
    why = LEASE_OVER if owner_lives else PROCESS_ENDED
    row = first((yield Query("make_unknown", (send_id, why, now))))
    if row is not None and row[0] is not None:  # it belongs to a person of a campaign
        yield from move_person(send_id)
    if row is not None:
        yield Query("record_send_event", (send_id,))
    return int(row is not None)


def _decision(name: DecisionName, claim: ClaimRow, account_id: str | None, earlier_id: str | None) -> Script[Decision]:
    row = first((yield Query("read_account_quota", (account_id, claim.day)))) if account_id is not None else None
    if row is None:
        return Decision(name, earlier_id=earlier_id)
    daily_limit, used, last_taken_at, rules = row
    return Decision(
        name,
        account_id,
        daily_limit=daily_limit,
        used=used,
        last_taken_at=last_taken_at,
        rules=rules,
        earlier_id=earlier_id,
    )
