"""Looks for the conversation of a plain message that names none, after its unit was taken."""

import asyncio

from confrere.domain.attempt import AccountProblem, OutgoingMessage, OutgoingReply, Unreadable
from confrere.domain.outcome import NotSent
from confrere.domain.reservation import Claim, Reserved
from confrere.domain.session import Session
from confrere.ports import Upstream

Addressed = OutgoingMessage | OutgoingReply | AccountProblem | NotSent
"""A message to send, or why there is none."""

SEARCH_SECONDS = 4.0
"""The longest that a message waits for it: the attempt may take 20 s, and every answer of ours comes within 25 s."""


class ThreadSearch:
    """Finds where a plain message goes."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def address(self, claim: Claim, sender: Reserved, session: Session) -> Addressed:
        """Return the message into the conversation with the recipient, or why nothing can be sent.

        Where there is no conversation, the message names the recipient, as LinkedIn's web client does to begin one. To
        whom it may be begun without a group is LinkedIn's decision: it takes it for a connection, and refuses others.
        Source: LinkedIn's web client, attested.
        """
        found: str | AccountProblem | Unreadable | None
        try:
            async with asyncio.timeout(SEARCH_SECONDS):
                found = await self._upstream.find_conversation(
                    session, sender.profile_urn, str(claim.request.recipient)
                )
        except TimeoutError:
            found = Unreadable("LinkedIn did not answer in time")
        if isinstance(found, Unreadable):
            return NotSent(f"the conversation with the recipient could not be looked for: {found.why}")
        if isinstance(found, AccountProblem):
            return found
        return claim.message(sender.profile_urn) if found is None else claim.reply(sender.profile_urn, found)
