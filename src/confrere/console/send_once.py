"""One message of a form, however often the form is sent."""

import asyncio
from typing import Final

from confrere.domain.errors import KeyInUse
from confrere.domain.send_request import SendRequest
from confrere.sending.caller import CallerConnection, SendResult
from confrere.services import Services

WAIT_SECONDS: Final = 20.0
"""How long the second of two equal forms waits for the first, which is being sent."""

_POLL_SECONDS: Final = 0.25


async def send_once(services: Services, request: SendRequest) -> SendResult:
    """Send it by the form's idempotency key; after a double click wait for the outcome of the first.

    Who has pressed the button and goes on to another page wants it sent: this caller is never gone.
    Raises as `GroupSender.send`.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + WAIT_SECONDS
    while True:
        caller = CallerConnection()
        try:
            result = await services.sender.send(request, caller)
        except KeyInUse:
            if loop.time() > until:
                raise
            await asyncio.sleep(_POLL_SECONDS)
            continue
        services.sender.record_answered(caller)
        return result
