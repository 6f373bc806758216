"""The ledger port on SQL: sends, quota units and idempotency keys."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from confrere.domain.errors import NotFound
from confrere.domain.ids import first_send_id_at
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, MESSAGES_PER_DAY_CEILING, Action, Quota, window_start
from confrere.domain.outcome import UNCERTAIN, Accepted, NotSent, OutcomeName
from confrere.domain.pacing import first_contact_limit, message_limit
from confrere.domain.reservation import Claim, Reservation, Settled, Settlement
from confrere.domain.send import IDEMPOTENCY_WINDOW, REPEAT_WINDOW, DayCount, History, Send, SendFilter
from confrere.domain.urns import ProfileUrn
from confrere.ports import Ledger
from confrere.store.audit import Trail
from confrere.store.clock import ABSENCE_TOLERANCE, check_clock
from confrere.store.engine import Engine
from confrere.store.fingerprint import Fingerprints
from confrere.store.found_sends import place_found
from confrere.store.pacing_json import rules_of
from confrere.store.repeats import end_dead_sends, find_joined
from confrere.store.reservation_decision import claim_row, to_reservation
from confrere.store.rows import Row, day_counts_of, from_micros, history_of, quota_of, send_of, to_micros
from confrere.store.script import Query, Script, T, first, only
from confrere.store.settling import SettlementRow, Stops, settled_of, settlement_row
from confrere.store.stops import record_stops
from confrere.store.vault import Vault

_FIRST_RETRY_AFTER: Final = timedelta(minutes=2) // timedelta(microseconds=1)
_LAST_RETRY_AFTER: Final = timedelta(hours=6) // timedelta(microseconds=1)
_TIDY_EVERY: Final = timedelta(minutes=1)
_SEARCHES: Final[Mapping[OutcomeName | None, str]] = {
    OutcomeName.UNKNOWN: "search_unknown_sends",
    OutcomeName.IN_FLIGHT: "search_in_flight_sends",
    **dict.fromkeys(
        (OutcomeName.REFUSED, OutcomeName.THROTTLED, OutcomeName.SESSION_DEAD, OutcomeName.NOT_SENT),
        "search_failed_sends",
    ),
}
"""Rare outcomes are in indexes; a search for any other reads the newest sends first, of which most match."""


class SqlLedger(Ledger):
    """The port on SQL."""

    def __init__(
        self, engine: Engine, vault: Vault, fingerprints: Fingerprints, trail: Trail, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock
        self._fingerprints = fingerprints
        self._trail = trail
        self._tidied_at: datetime | None = None

    async def reserve(self, claim: Claim) -> Reservation:
        """Decide the claim; where the caller is cancelled meanwhile, give the unit back."""
        sealed = self._vault.seal(claim.request.text)
        clock = self._clock()
        fingerprints, request = self._fingerprints, claim.request
        person = fingerprints.stand_in(request.workspace_id, request.recipient)
        row = claim_row(claim, sealed, fingerprints.of(request), person, self._engine.instance, clock)
        decision = await self._engine.reserve(row, partial(_abandonment, claim))
        earlier = None
        if decision.earlier_id is not None:
            earlier = send_of(_only(await self._engine.read("read_send_by_id", decision.earlier_id)))
        return to_reservation(decision, claim, earlier, clock)

    async def settle(self, settlement: Settlement) -> Settled:
        """Write the settlement; it completes even where the caller is cancelled."""
        if settlement.sent_at is not None and isinstance(settlement.outcome, Accepted):
            found = settlement.send_id, settlement.outcome.message_urn, settlement.sent_at
            await self._engine.transact(partial(place_found, *found))
        row = await self._engine.settle(settlement_row(settlement), self._record_stops)
        if row is None:
            raise NotFound("There is no such send in this workspace")
        return settled_of(row, settlement)

    def _record_stops(self, settlement: SettlementRow, send: Row, stops: Stops) -> Script[None]:
        return record_stops(self._trail.recorder_of_server(from_micros(settlement.now)), settlement, send, stops)

    def mark_caller_gone(self, send_id: str) -> None:
        self._engine.write_later("mark_answer_lost", send_id, flush=True)

    def mark_answered(self, send_id: str, reported: OutcomeName) -> None:
        self._engine.write_later("mark_answer_lost" if reported in UNCERTAIN else "mark_certain_answer", send_id)

    async def read_send(self, workspace_id: str, send_id: str) -> Send:
        rows = await self._engine.read("read_send", send_id, workspace_id)
        return send_of(_only(rows))

    async def read_text(self, workspace_id: str, send_id: str) -> str:
        return self._vault.unseal(_only(await self._engine.read("read_text", send_id, workspace_id))[0])

    async def list_sends(
        self, account_id: str, which: SendFilter, *, before_id: str | None, count: int
    ) -> Sequence[Send]:
        """Return the sends from `since` (included) to `until` (excluded)."""
        return await self._list("list_sends", account_id, which, before_id, count)

    async def search_sends(
        self, workspace_id: str, which: SendFilter, *, before_id: str | None, count: int
    ) -> Sequence[Send]:
        query = _SEARCHES.get(which.outcome, "search_sends") if which.recipient is None else "search_sends_to"
        return await self._list(query, workspace_id, which, before_id, count)

    async def count_sends_by_day(self, workspace_id: str, since: datetime) -> Sequence[DayCount]:
        # An id is made shortly before its unit is taken, so that it may be of the day before.
        values = (workspace_id, to_micros(since), first_send_id_at(since - timedelta(hours=1)))
        return day_counts_of(await self._engine.read_many("count_sends_by_day", *values))

    async def list_last_refusals(self, workspace_id: str) -> Sequence[Send]:
        return [send_of(row) for row in await self._engine.read_many("list_last_refusals", workspace_id)]

    async def count_unknown_by_account(self, workspace_id: str) -> Mapping[str, int]:
        rows = await self._engine.read_many("count_unknown_by_account", workspace_id)
        return {account_id: count for account_id, count in rows}  # noqa: C416 - rows are no tuples to mypy

    async def _list(
        self, query: str, owner: str, which: SendFilter, before_id: str | None, count: int
    ) -> Sequence[Send]:
        rows = await self._engine.read_many(
            query,
            owner=owner,
            before_id=before_id,
            outcome=which.outcome,
            group_id=which.group_id,
            recipient=which.recipient,
            since=to_micros(which.since),
            until=to_micros(which.until),
            count=count,
        )
        return [send_of(row) for row in rows]

    async def read_history(self, workspace_id: str, send_id: str) -> tuple[Send, History]:
        row = _only(await self._engine.read("read_history", send_id, workspace_id))
        return send_of(row), history_of(row)

    async def find_identical(
        self, workspace_id: str, account_id: str, *, recipient: str, group_id: str, text: str, now: datetime
    ) -> Send | None:
        fingerprint = self._fingerprints.of_message(workspace_id, recipient, group_id, text)
        send_id = await self._engine.transact(
            partial(find_joined, fingerprint, account_id, recipient, self._engine.instance, to_micros(now))
        )
        return None if send_id is None else await self.read_send(workspace_id, send_id)

    async def find_recipient(self, account_id: str, conversation_urn: str) -> str | None:
        row = first(await self._engine.read("find_recipient", account_id, conversation_urn))
        return None if row is None else str(row[0])

    async def list_sends_to(self, account_id: str, recipient: ProfileUrn) -> Sequence[Send]:
        return [send_of(row) for row in await self._engine.read("list_sends_to", account_id, str(recipient))]

    async def claim_unknown(self, now: datetime, *, count: int) -> Sequence[Send]:
        """Claim unknown sends; about once a minute, also delete expired keys and rows past repeating."""
        instance = self._engine.instance
        await self._engine.transact(partial(self._if_clock_is_right, end_dead_sends, instance, to_micros(now)))
        if self._tidied_at is None or now - self._tidied_at >= _TIDY_EVERY:
            self._tidied_at = now
            await self._engine.transact(partial(_tidy, now))
        return await self._engine.transact(partial(_claim_unknown, to_micros(now), count))

    async def record_absent(self, send_id: str, now: datetime) -> None:
        await self._engine.transact(partial(self._if_clock_is_right, _ask, "record_absent", send_id, to_micros(now)))

    def _if_clock_is_right(self, script: Callable[..., Script[T]], *values: object) -> Script[T]:
        """Check the clock, then run a script that depends on it. Raises ClockWrong."""
        yield from check_clock(self._engine.instance, to_micros(self._clock()), tolerance=ABSENCE_TOLERANCE)
        return (yield from script(*values))

    async def read_quotas(self, account_id: str, now: datetime) -> Sequence[Quota]:
        """Raises NotFound."""
        day, month = window_start(Action.MESSAGE, now), window_start(Action.GROUP_FIRST_CONTACT, now)
        rows = await self._engine.read("read_quotas", account_id, to_micros(day), to_micros(month))
        daily_limit, rules = min(int(_only(rows)[0]), MESSAGES_PER_DAY_CEILING), rules_of(rows[0][4])
        limits = {
            Action.MESSAGE: message_limit(rules, daily_limit, now),
            Action.GROUP_MEMBERS: GROUP_MEMBERS_PER_DAY,
            Action.GROUP_FIRST_CONTACT: first_contact_limit(rules),
        }
        taken = {action: (used, last_taken_at) for _, action, used, last_taken_at, _ in rows}
        return [quota_of(action, limits[action], *taken.get(action, (0, None)), now) for action in Action]

    async def count_unknown(self) -> int:
        return int((await self._engine.read("count_unknown"))[0][0])


def _abandonment(claim: Claim) -> SettlementRow:
    """Return the settlement of a reservation whose caller was cancelled: `not_sent`."""
    return settlement_row(Settlement(claim.send_id, NotSent("it was given up before anything was sent"), claim.now))


def _only(rows: Sequence[Row]) -> Row:
    if not rows:
        raise NotFound("There is no such send in this workspace")
    return rows[0]


def _ask(query: str, *values: object) -> Script[Sequence[Row]]:
    return (yield Query(query, values))


def _tidy(now: datetime) -> Script[None]:
    yield Query("close_old", (to_micros(now - REPEAT_WINDOW),))
    yield Query("delete_old_keys", (to_micros(now - IDEMPOTENCY_WINDOW),))


def _claim_unknown(now: int, count: int) -> Script[list[Send]]:
    claimed = []
    for send_id, attempts in (yield Query("claim_due", (now, count))):
        wait = min(_FIRST_RETRY_AFTER << min(attempts, 10), _LAST_RETRY_AFTER)
        rows = yield Query("schedule_next_search", (send_id, now + wait))
        claimed.append(send_of(only(rows)))
    return claimed
