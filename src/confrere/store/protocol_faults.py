"""The protocol faults port on SQL."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from confrere.domain.attempt import ProtocolFault
from confrere.ports import ProtocolFaults
from confrere.store.engine import Engine
from confrere.store.rows import from_micros, to_micros
from confrere.store.script import run_query


class SqlProtocolFaults(ProtocolFaults):
    """The port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def record_protocol_fault(self, kind: str, why: str, now: datetime) -> None:
        await self._engine.transact(partial(run_query, "record_protocol_fault", (kind, why, to_micros(now))))

    async def end_protocol_fault(self, kind: str) -> None:
        await self._engine.transact(partial(run_query, "end_protocol_fault", (kind,)))

    async def list_protocol_faults(self) -> Sequence[ProtocolFault]:
        rows = await self._engine.read("list_protocol_faults")
        return [ProtocolFault(row[0], row[1], from_micros(row[2]), from_micros(row[3])) for row in rows]
