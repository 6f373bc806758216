"""What LinkedIn's web client sends in a conversation before a message: a typing indicator, a delivery receipt.

A signal never keeps the message from being sent.
"""

import asyncio
from typing import assert_never

import structlog

from confrere.domain.attempt import AccountProblem
from confrere.domain.errors import StoreUnavailable
from confrere.domain.outcome import Throttled
from confrere.domain.reservation import Reserved
from confrere.domain.send_request import ChatSignal, DeliveryReceipt, Typing
from confrere.domain.session import Session
from confrere.ports import Accounts, Upstream
from confrere.sending.account_guard import AccountGuard

log = structlog.get_logger()

SIGNAL_SECONDS = 2.0
"""The longest that a message waits for its signal."""


class ChatSignals:
    """Sends signals with an account's session."""

    def __init__(self, *, accounts: Accounts, upstream: Upstream, guard: AccountGuard) -> None:
        self._accounts = accounts
        self._upstream = upstream
        self._guard = guard

    async def send(self, signal: ChatSignal, sender: Reserved, recipient_urn: str) -> bool:
        """Return whether LinkedIn took it. Raises nothing; a throttling holds the account, in the background."""
        try:
            session = await self._accounts.read_session(sender.account_id, sender.session_version)
        except StoreUnavailable:
            return False
        if session is None:
            return False
        answer = await self._ask(signal, session, sender.profile_urn, recipient_urn)
        if isinstance(answer, Throttled):
            self._guard.stop_later(sender.account_id, answer, session)
        return answer is True

    async def _ask(
        self, signal: ChatSignal, session: Session, sender_urn: str, recipient_urn: str
    ) -> bool | AccountProblem:
        try:
            async with asyncio.timeout(SIGNAL_SECONDS):
                match signal:
                    case Typing():
                        return await self._type(session, sender_urn, recipient_urn)
                    case DeliveryReceipt(message_urns):
                        return await self._acknowledge(session, sender_urn, message_urns)
                    case _:
                        assert_never(signal)
        except TimeoutError:
            return False
        except Exception:  # whatever it is, the message is to go out
            log.exception("chat_signal_failed", signal=type(signal).__name__)
            return False

    async def _type(self, session: Session, sender_urn: str, recipient_urn: str) -> bool | AccountProblem:
        found = await self._upstream.find_conversation(session, sender_urn, recipient_urn)
        if isinstance(found, str):
            return await self._upstream.send_typing(session, found)
        return found if isinstance(found, AccountProblem) else False

    async def _acknowledge(
        self, session: Session, sender_urn: str, message_urns: tuple[str, ...]
    ) -> bool | AccountProblem:
        """Acknowledge messages of this mailbox; those of another one cannot have been received in it."""
        if not message_urns or not all(urn.startswith(f"urn:li:msg_message:({sender_urn},") for urn in message_urns):
            return False
        return await self._upstream.acknowledge(session, message_urns)
