"""What the web client does in a conversation before it sends: a signal, without which the message goes out too."""

import asyncio
from dataclasses import dataclass
from typing import assert_never

import structlog

from confrere.domain.attempt import AccountProblem
from confrere.domain.session import Session
from confrere.ports import Upstream

log = structlog.get_logger()

SIGNAL_SECONDS = 2.0
"""A send waits no longer for it."""


@dataclass(frozen=True, slots=True)
class Typing:
    """Show that the account is typing, where there is a conversation already."""


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """Say that these messages of the account's mailbox have been received."""

    message_urns: tuple[str, ...]


ChatSignal = Typing | DeliveryReceipt


async def send_signal(
    upstream: Upstream, session: Session, signal: ChatSignal, *, sender_urn: str, recipient_urn: str
) -> bool | AccountProblem:
    """Whether LinkedIn took it, or how it objects. Raises nothing, and is over in SIGNAL_SECONDS."""
    try:
        async with asyncio.timeout(SIGNAL_SECONDS):
            match signal:
                case Typing():
                    return await _type(upstream, session, sender_urn, recipient_urn)
                case DeliveryReceipt(message_urns):
                    return await _acknowledge(upstream, session, sender_urn, message_urns)
                case _:
                    assert_never(signal)
    except TimeoutError:
        return False
    except Exception:  # whatever it is, the message is to go out
        log.exception("chat_signal_failed", signal=type(signal).__name__)
        return False


async def _type(upstream: Upstream, session: Session, sender_urn: str, recipient_urn: str) -> bool | AccountProblem:
    found = await upstream.find_conversation(session, sender_urn, recipient_urn)
    match found:
        case str():
            return await upstream.send_typing(session, found)
        case None:
            return False
        case _:
            return found if isinstance(found, AccountProblem) else False


async def _acknowledge(
    upstream: Upstream, session: Session, sender_urn: str, message_urns: tuple[str, ...]
) -> bool | AccountProblem:
    """Messages of another mailbox cannot have been received in this one."""
    if not message_urns or not all(urn.startswith(f"urn:li:msg_message:({sender_urn},") for urn in message_urns):
        return False
    return await upstream.acknowledge(session, message_urns)
