"""Kinds of requests that LinkedIn does not understand, mostly because it has renewed a query id."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.attempt import ProtocolFault


class ProtocolFaults(Protocol):
    """What LinkedIn does not understand of any account's requests, across restarts and processes."""

    async def record_protocol_fault(self, kind: str, why: str, now: datetime) -> None:
        """Record that a request of this kind was not understood; the time of the first one stays."""
        ...

    async def end_protocol_fault(self, kind: str) -> None:
        """Record that a request of this kind was understood."""
        ...

    async def list_protocol_faults(self) -> Sequence[ProtocolFault]:
        """Return the kinds whose last request was not understood, the oldest fault first."""
        ...
