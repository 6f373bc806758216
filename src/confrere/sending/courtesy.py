"""What the web client does in a conversation before it sends: a courtesy, without which the message goes out too."""

import asyncio
from dataclasses import dataclass
from typing import assert_never

import structlog

from confrere.domain.attempt import Trouble
from confrere.domain.session import Session
from confrere.sending.ports import Upstream

log = structlog.get_logger()

COURTESY_SECONDS = 2.0
"""A send waits no longer for it."""


@dataclass(frozen=True, slots=True)
class Typing:
    """Show that the account is typing, where there is a conversation already."""


@dataclass(frozen=True, slots=True)
class Acknowledging:
    """Say that these messages of the account's mailbox have been received."""

    message_urns: tuple[str, ...]


Courtesy = Typing | Acknowledging


async def show_courtesy(
    upstream: Upstream, session: Session, courtesy: Courtesy, *, sender_urn: str, recipient_urn: str
) -> bool | Trouble:
    """Whether LinkedIn took it, or how it objects. Raises nothing, and is over in COURTESY_SECONDS."""
    try:
        async with asyncio.timeout(COURTESY_SECONDS):
            match courtesy:
                case Typing():
                    return await _type(upstream, session, sender_urn, recipient_urn)
                case Acknowledging(message_urns):
                    return await _acknowledge(upstream, session, sender_urn, message_urns)
                case _:
                    assert_never(courtesy)
    except TimeoutError:
        return False
    except Exception:  # whatever it is, the message is to go out
        log.exception("courtesy_failed", courtesy=type(courtesy).__name__)
        return False


async def _type(upstream: Upstream, session: Session, sender_urn: str, recipient_urn: str) -> bool | Trouble:
    found = await upstream.find_conversation(session, sender_urn, recipient_urn)
    match found:
        case str():
            return await upstream.send_typing(session, found)
        case None:
            return False
        case _:
            return found if isinstance(found, Trouble) else False


async def _acknowledge(
    upstream: Upstream, session: Session, sender_urn: str, message_urns: tuple[str, ...]
) -> bool | Trouble:
    """Messages of another mailbox cannot have been received in this one."""
    if not message_urns or not all(urn.startswith(f"urn:li:msg_message:({sender_urn},") for urn in message_urns):
        return False
    return await upstream.acknowledge(session, message_urns)
