"""After a backup was restored: looks whether a message was sent between the backup and its restoring."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from confrere.domain.account import LostSends
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.conversation import ThreadMessage
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import Accepted, NotSent
from confrere.domain.reservation import Claim, Reserved
from confrere.domain.send_request import SendRequest
from confrere.domain.session import Session
from confrere.ports import Accounts, Clock, DoNotContact, Ledger, Upstream
from confrere.sending.reserved_session import read_reserved_session


@dataclass(frozen=True, slots=True)
class FoundSend:
    """LinkedIn has the message already, since this time."""

    outcome: Accepted
    sent_at: datetime


Looked = FoundSend | NotSent | AccountProblem | None
"""What was found; or why nothing can be found out, or is not to be sent; None where the message is to be sent."""

LOOK_SECONDS: Final = 3.0
"""The longest that a message waits for it, so that every answer of ours still comes within 25 s or so."""

_SLACK: Final = timedelta(minutes=1)
"""By how much LinkedIn's clock may differ from ours."""

_MAX_THREADS: Final = 5
_MAX_PAGES: Final = 10


class LostSendSearch:
    """Finds a message that is in no row of the ledger, by its text, in the conversations with its recipient.

    A message that it has found answers one request with an Idempotency-Key, and any number of those without. Who has
    asked for no more messages meanwhile is put on the do-not-contact list.
    """

    def __init__(
        self, *, ledger: Ledger, accounts: Accounts, opt_outs: DoNotContact, upstream: Upstream, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._opt_outs = opt_outs
        self._upstream = upstream
        self._clock = clock
        self._attributed: dict[str, str] = {}
        """Messages that answer a send; that of a send whose row holds no unit, in the end, answers none."""

    async def find(self, claim: Claim, sender: Reserved, lost: LostSends) -> Looked:
        """Look into the conversation; where it cannot be read to the end, nothing is to be sent."""
        session = await read_reserved_session(self._accounts, sender)
        if isinstance(session, NotSent):
            return session
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._find(claim, sender, lost, session)
        except TimeoutError:
            return _not_sent("LinkedIn did not answer in time")

    async def _find(self, claim: Claim, sender: Reserved, lost: LostSends, session: Session) -> Looked:
        request = claim.request
        threads: tuple[str, ...] | AccountProblem | Unreadable
        if request.conversation_urn is not None:
            threads = (str(request.conversation_urn),)
        else:
            threads = await self._upstream.find_conversations(session, sender.profile_urn, str(request.recipient))
        if isinstance(threads, Unreadable):
            return _not_sent(threads.why)
        if isinstance(threads, AccountProblem):
            return threads
        if len(threads) > _MAX_THREADS:
            return _not_sent("there are too many threads with the recipient")
        for thread in threads:
            read = await self._read_since(thread, lost, session)
            if not isinstance(read, list):
                return read
            wants_out = await self._record_opt_out(request, read)
            own = [one for one in read if one.is_from(sender.profile_urn) and one.delivered_at <= lost.until + _SLACK]
            same = [one for one in own if _plain(one.text) == _plain(request.text)]
            rows = await self._ledger.list_sends_to(sender.account_id, request.recipient)
            known = {row.message_urn for row in rows if row.created_at <= lost.until}
            open_sends = {row.id for row in rows}
            attributed = {urn for urn, send_id in self._attributed.items() if send_id in open_sends}
            found = known | {row.message_urn for row in rows} | attributed
            # With a key of its own a request is another message; without one it may be another repeat.
            passed = found if request.idempotency_key is not None else known
            message = min((one for one in same if one.message_urn not in passed), key=_order(found), default=None)
            if message is not None:
                self._attributed[message.message_urn] = claim.send_id
                return FoundSend(Accepted(message.message_urn, thread), message.delivered_at)
            if wants_out:
                return NotSent("the recipient has asked for no more messages, and is on the do-not-contact list now")
        return None

    async def _record_opt_out(self, request: SendRequest, messages: Sequence[ThreadMessage]) -> bool:
        """Put the recipient on the do-not-contact list who asked for it, unless a person took them off it since."""
        from confrere.domain.campaigns.way_out import is_opt_out  # here: it compiles its phrases

        asked = [one for one in messages if one.is_from(request.recipient) and is_opt_out(one.text or "")]
        if not asked:
            return False
        at = max(one.delivered_at for one in asked)
        if await self._opt_outs.was_removed_since(request.workspace_id, request.recipient, at):
            return False
        reason = "Asked for no more messages between a backup and its restoring, or since"
        opt_out = OptOut(request.recipient, reason, "reply", self._clock())
        await self._opt_outs.add_opt_outs(request.workspace_id, [opt_out])
        return True

    async def _read_since(
        self, thread: str, lost: LostSends, session: Session
    ) -> list[ThreadMessage] | NotSent | AccountProblem:
        """Return the messages since the lost time began, the oldest first."""
        found: list[ThreadMessage] = []
        before_ms: int | None = None
        for _ in range(_MAX_PAGES):
            page = await self._upstream.read_thread(session, thread, before_ms=before_ms)
            if isinstance(page, Unreadable):
                return _not_sent(page.why)
            if isinstance(page, AccountProblem):
                return page
            found += page.messages
            before_ms = page.older_before_ms
            if before_ms is None or page.messages[-1].delivered_at < lost.since - _SLACK:
                return [one for one in reversed(found) if one.delivered_at >= lost.since - _SLACK]
        return _not_sent("the conversation is too long to be read back to the backup")


def _not_sent(why: str) -> NotSent:
    return NotSent(f"a backup was restored, and whether the message was sent before could not be looked up: {why}")


def _plain(text: str | None) -> str:
    return "\n".join((text or "").split("\r\n")).strip()


def _order(found: set[str | None]) -> Callable[[ThreadMessage], tuple[bool, int]]:
    """Return the order in which messages are taken: those that answer no request yet, then the oldest."""
    return lambda one: (one.message_urn in found, one.delivered_at_ms)
