"""Settles sends: writes, counts and logs their outcomes."""

import asyncio
from dataclasses import replace

import structlog

from confrere.domain.errors import StoreUnavailable
from confrere.domain.outcome import Accepted
from confrere.domain.reservation import Claim, Settled, Settlement
from confrere.domain.send import Send
from confrere.ports import Clock, Ledger
from confrere.sending.caller import CallerConnection
from confrere.telemetry import metrics

log = structlog.get_logger()

_RETRY_SECONDS = 0.5


class Settler:
    """Writes the outcomes of attempts."""

    def __init__(self, *, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def settle(self, claim: Claim, caller: CallerConnection, settlement: Settlement) -> Settled:
        """Write the outcome, retrying while the store is away, until the lease is over. Raises StoreUnavailable."""
        while True:
            is_gone = caller.is_gone
            try:
                settled = await self._ledger.settle(replace(settlement, caller_gone=True) if is_gone else settlement)
            except StoreUnavailable:
                if self._clock() >= claim.lease_until:
                    log.exception("send_not_settled", send_id=claim.send_id, outcome=settlement.outcome.name)
                    raise
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                _record(settled.send, settlement)
                return settled


def _record(send: Send, settlement: Settlement) -> None:
    """Count and log what became of a send, never its text. The access log has a line for each success already."""
    outcome = settlement.outcome.name
    metrics.count_outcome(outcome)
    record = log.debug if isinstance(settlement.outcome, Accepted) else log.info
    record("send_settled", send_id=send.id, account_id=send.account_id, outcome=outcome, reason=send.reason)
