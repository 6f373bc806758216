"""Reserving a unit for a request, or joining the earlier send that it repeats."""

import asyncio
from datetime import timedelta

from confrere.domain.errors import ConfrereError
from confrere.domain.ids import new_origin_token, new_send_id
from confrere.domain.outcome import NOTHING_SENT, OPTED_OUT, OutcomeName
from confrere.domain.reservation import Claim, InFlightElsewhere, OptedOut, Repeats, Reservation, Reserved
from confrere.domain.send import Send
from confrere.domain.send_request import SendRequest
from confrere.ports import Clock, Ledger
from confrere.sending.caller import CallerConnection, SendResult
from confrere.sending.reconcile import Reconciler
from confrere.telemetry import metrics

LEASE = timedelta(seconds=60)
"""How long an attempt may take, its settling included, before others count it as dead: three times its 20 s."""

REPEAT_WAIT_SECONDS = 20.0
"""How long a repeat waits for the send that it joins."""

ELSEWHERE_BACKOFF_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""The waits for another process to record whether the caller of an identical send was answered."""

_POLL_SECONDS = 0.05


class Joiner:
    """Reserves a unit for each request, or finds the earlier send that it repeats."""

    def __init__(self, *, ledger: Ledger, reconciler: Reconciler, clock: Clock) -> None:
        self._ledger = ledger
        self._reconciler = reconciler
        self._clock = clock

    async def reserve_or_join(
        self, request: SendRequest, caller: CallerConnection
    ) -> tuple[Claim, Reserved] | SendResult:
        """Return the reservation of a new send, or the answer where nothing is to be sent. Raises as `Ledger.reserve`.

        A repeat of a send that touched nothing is a new send, unless its caller is gone.
        """
        wait_for_ids: frozenset[str] | None = None
        pauses = iter(ELSEWHERE_BACKOFF_SECONDS)
        while True:
            claim = self._claim(request, wait_for_ids)
            match await self._reserve(claim, caller):
                case Reserved() as reserved:
                    return claim, reserved
                case OptedOut(quota):
                    metrics.REFUSED_LOCALLY.labels(OptedOut.__name__).inc()
                    return SendResult(claim.send_id, OPTED_OUT, quota)
                case InFlightElsewhere(send_ids):
                    wait_for_ids = frozenset()
                    if (pause := next(pauses, None)) is not None:
                        await asyncio.sleep(pause)
                        wait_for_ids = send_ids
                case Repeats() as repeats:
                    result = await self._join(repeats, caller)
                    if caller.is_gone or result.outcome.name not in NOTHING_SENT:
                        return result

    def _claim(self, request: SendRequest, wait_for_ids: frozenset[str] | None) -> Claim:
        now = self._clock()
        return Claim(request, new_send_id(), new_origin_token(), now, now + LEASE, wait_for_ids)

    async def _reserve(self, claim: Claim, caller: CallerConnection) -> Reservation:
        caller.send_id = claim.send_id
        try:
            return await self._ledger.reserve(claim)
        except ConfrereError as refusal:
            caller.send_id = None
            metrics.REFUSED_LOCALLY.labels(type(refusal).__name__).inc()
            raise

    async def _join(self, repeats: Repeats, caller: CallerConnection) -> SendResult:
        """Return the outcome of the earlier send: wait while it is in flight, reconcile it where it is unknown."""
        metrics.JOINED.inc()
        caller.send_id = repeats.send.id
        send, quota = await self._wait_for(repeats.send), repeats.quota
        if send.outcome is OutcomeName.UNKNOWN:
            settled = await self._reconciler.reconcile(send)
            if settled is not None:
                send, quota = settled.send, settled.quota
        return SendResult(send.id, send.as_outcome(), quota, replayed=repeats.keyed)

    async def _wait_for(self, send: Send) -> Send:
        loop = asyncio.get_running_loop()
        until = loop.time() + REPEAT_WAIT_SECONDS
        while send.outcome is OutcomeName.IN_FLIGHT and loop.time() < until:
            await asyncio.sleep(_POLL_SECONDS)
            send = await self._ledger.read_send(send.workspace_id, send.id)
        return send
