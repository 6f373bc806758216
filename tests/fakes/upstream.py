"""A LinkedIn in memory for tests of sending: what it answers is scripted, what it was asked is kept."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from confrere.domain.attempt import Absent, Attempt, Found, Look, OutgoingMessage, Unreadable
from confrere.domain.outcome import Accepted, Outcome, SessionDead
from confrere.domain.session import Member, Session

ODILE = Member("urn:li:fsd_profile:ACoAAOdile", "Odile", "Sample", "odile-sample-0001")
BROWSER = Session({"li_at": "secret-li-at", "JSESSIONID": '"ajax:123"'}, "Mozilla/5.0 (Test)")


class FakeUpstream:
    """Accepts every message, unless told otherwise; a look finds what was accepted."""

    def __init__(self) -> None:
        self.seen: list[OutgoingMessage] = []
        self.looks = 0
        self.probes = 0
        self.next_attempts: list[Attempt | Exception] = []
        self.next_looks: list[Look] = []
        self.member: Member | SessionDead | Unreadable = ODILE
        self.before_answer: Callable[[], Awaitable[None]] | None = None
        self.gate: asyncio.Event | None = None

    def will(self, outcome: Outcome, **more: object) -> None:
        """The next attempt ends so."""
        self.next_attempts.append(Attempt(outcome, {}, **more))  # type: ignore[arg-type]

    async def send_group_message(self, session: Session, message: OutgoingMessage) -> Attempt:
        """Answer as scripted; Unknown outcomes are not seen by the recipient unless the test says so."""
        attempt = self.next_attempts.pop(0) if self.next_attempts else None
        if attempt is None:
            self.seen.append(message)
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(attempt, Exception):
            raise attempt
        return attempt or Attempt(Accepted(f"urn:message:{message.origin_token}", "urn:thread"), {})

    async def find_message(
        self, session: Session, sender_urn: str, recipient_urn: str, origin_token: str, since: datetime
    ) -> Look:
        """What was accepted is found."""
        self.looks += 1
        if self.next_looks:
            return self.next_looks.pop(0)
        if any(message.origin_token == origin_token for message in self.seen):
            return Found(f"urn:message:{origin_token}", "urn:thread")
        return Absent()

    async def read_member(self, session: Session) -> Member | SessionDead | Unreadable:
        """Odile, or as scripted."""
        self.probes += 1
        return self.member

    async def close(self) -> None:
        """Nothing to let go of."""
