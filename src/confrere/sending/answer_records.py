"""Records what LinkedIn's answers show beside their content: that a session lives, and which requests are outdated."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from confrere.domain.attempt import ProtocolFault
from confrere.domain.session import Session
from confrere.ports import Clock, Store, Upstream
from confrere.sending.background import BackgroundTasks

_RECORD_EVERY: Final = timedelta(minutes=1)
"""Between two records of the same about one kind of request: other processes may have recorded something else."""


class AnswerRecords:
    """Faults of the protocol and the times of sessions, for all accounts. It is called on every answer."""

    def __init__(self, *, store: Store, upstream: Upstream, background: BackgroundTasks, clock: Clock) -> None:
        self._store = store
        self._background = background
        self._clock = clock
        self._recorded: dict[str, tuple[bool, datetime]] = {}
        self._writes = BackgroundTasks()
        upstream.on_answer(self._record)

    async def list_protocol_faults(self) -> Sequence[ProtocolFault]:
        """Return the kinds of requests that LinkedIn does not understand, with all answers until now."""
        await self._writes.wait_until_idle()
        return await self._store.list_protocol_faults()

    def _record(self, session: Session, kind: str, fault: str | None) -> None:
        now = self._clock()
        if fault is None and session.account_id:
            self._store.record_answer(session.account_id, now)
        was_fault, at = self._recorded.get(kind, (fault is None, now))
        if was_fault == (fault is not None) and at <= now < at + _RECORD_EVERY:
            return
        self._recorded[kind] = (fault is not None, now)
        self._writes.start(self._write(kind, fault, now))
        self._background.start(self._writes.wait_until_idle())  # before the store closes

    async def _write(self, kind: str, fault: str | None, now: datetime) -> None:
        if fault is None:
            await self._store.end_protocol_fault(kind)
        else:
            await self._store.record_protocol_fault(kind, fault, now)
