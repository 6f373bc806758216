"""Whether the store answers, the clock is right, a worker lives, and no account waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from logging import ERROR, INFO
from typing import Final

import structlog

from confrere.domain.account import Condition
from confrere.domain.attempt import ProtocolFault
from confrere.domain.errors import ClockWrong
from confrere.domain.installation import ProcessBeat
from confrere.domain.limits import iso_z
from confrere.domain.remedies import CONNECT_THOSE_IN_ERROR, READ_LOG_OF_MAILBOXES
from confrere.ports import Clock, Store
from confrere.sending.answer_records import AnswerRecords
from confrere.sending.session_monitor import SessionMonitor

log = structlog.get_logger()

_UNREAD_FOR: Final = timedelta(hours=3)
"""After so long a mailbox that cannot be read is reported: polls of it are up to an hour apart."""

_OF_LINKEDIN: Final = frozenset({"accounts", "replies", "protocol"})
"""The checks of what LinkedIn answers. One that waits for a person keeps nobody else from being served."""


@dataclass(frozen=True, slots=True)
class Health:
    """A check's name to "ok", or to one clause for people about what is wrong."""

    checks: dict[str, str]

    @property
    def ready(self) -> bool:
        """Whether requests can be served."""
        return all(state == "ok" for check, state in self.checks.items() if check not in _OF_LINKEDIN)


class HealthCheck:
    """Checks the store, the clock, the workers and the accounts."""

    def __init__(self, *, store: Store, session_monitor: SessionMonitor, answers: AnswerRecords, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._session_monitor = session_monitor
        self._answers = answers
        self._is_clock_right = True

    async def check(self) -> Health:
        """Run all checks. Raises StoreUnavailable."""
        await self._store.ping()
        in_error = (await self._session_monitor.count_by_condition())[Condition.ERROR]
        return Health(
            {
                "store": "ok",
                "clock": await self._clock_state(with_accounts=True),
                "worker": "ok"
                if await self._store.has_worker()
                else "no worker runs: unknown sends are not reconciled",
                "accounts": f"{in_error} need attention, their sessions are dead: {CONNECT_THOSE_IN_ERROR}"
                if in_error
                else "ok",
                "replies": await self._replies_state(),
                "protocol": _protocol_state(await self.list_protocol_faults()),
            }
        )

    async def beat(self, *, is_worker: bool) -> None:
        """Record that this process lives, and log when its clock becomes wrong, or right again."""
        await self._store.beat(is_worker=is_worker)
        await self._clock_state()

    async def list_protocol_faults(self) -> Sequence[ProtocolFault]:
        """Return the kinds of requests that LinkedIn does not understand, the oldest fault first."""
        return await self._answers.list_protocol_faults()

    async def list_processes(self) -> Sequence[ProcessBeat]:
        """Return the processes that have the store open."""
        return await self._store.list_processes()

    async def accept_clock(self) -> int:
        """Count the units of days to come as used today. Returns for how many accounts. Raises ClockWrong."""
        return await self._store.accept_clock()

    async def find_damage(self) -> Sequence[str]:
        """Read all of the store's files, and return what is wrong with them."""
        return await self._store.find_damage()

    async def _replies_state(self) -> str:
        """How many mailboxes cannot be read and what to do, or "ok"."""
        failing = await self._store.count_failing_mailboxes(self._clock() - _UNREAD_FOR)
        return f"{failing} mailboxes cannot be read for replies: {READ_LOG_OF_MAILBOXES}" if failing else "ok"

    async def _clock_state(self, *, with_accounts: bool = False) -> str:
        """What is wrong with the clock and what to do, or "ok"."""
        try:
            await self._store.check_clock(with_accounts=with_accounts)
        except ClockWrong as fault:
            state = fault.advice
        else:
            state = "ok"
        if (state == "ok") != self._is_clock_right:
            self._is_clock_right = state == "ok"
            log.log(INFO if self._is_clock_right else ERROR, "clock_checked", state=state)
        return state


def _protocol_state(faults: Sequence[ProtocolFault]) -> str:
    """Which requests LinkedIn does not understand, or "ok"."""
    if not faults:
        return "ok"
    kinds = ", ".join(f"`{fault.kind}`" for fault in faults)
    return f"LinkedIn has not understood {kinds} since {iso_z(faults[0].since)}. {faults[0].remedy}"
