"""A crowd that obeys Retry-After gets every message through under every pacing rule.

The servers' clock is moved where a client would wait; nothing else differs from production.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from confrere.domain.send import Send
from tests.sandbox_process import SandboxProcess
from tests.server_process import Reply, ServerProcess, Site, prepare_site, running_server
from verification.clocked_process import MovedClock
from verification.ledgers import recipients_of

MINUTE = timedelta(minutes=1)
MAX_ROUNDS = 500
"""The number of rounds after which a crowd has failed: many times what any rule needs."""


@dataclass
class Crowded:
    """Two servers on one store whose common clock is moved, and people who were never written to."""

    sandbox: SandboxProcess
    site: Site
    clock: MovedClock
    servers: list[ServerProcess]
    recipients: list[str]
    refusals: list[Reply] = field(default_factory=list)

    def pace(self, **form: Any) -> None:
        """Replace the account's rules; earlier sends do not count any more."""
        self.clock.move(days=40)

        async def pace() -> None:
            async with self.site.services() as product:
                await product.pacing.replace("default", self.site.account_ids[0], form)

        asyncio.run(pace())

    def at(self, instant: datetime) -> None:
        """Set the clock."""
        self.clock.set(instant - datetime.now(UTC))

    def next_monday(self) -> datetime:
        """Return the next Monday, at midnight UTC."""
        today = self.clock.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return today + timedelta(days=7 - today.weekday())

    def send_all(self, messages: int) -> list[Send]:
        """Send one message per client, to different people; return the rows in order."""
        before = len(self.site.sends())
        seen = self.sandbox.count_messages()
        wanted = [(f"message {before}.{number}", self.recipients.pop()) for number in range(messages)]
        due = dict.fromkeys(wanted, self.clock.now(UTC))
        for _ in range(MAX_ROUNDS):
            if not due:
                break
            now = self.clock.now(UTC)
            turn = [one for one, then in due.items() if then <= now]
            with ThreadPoolExecutor(8) as clients:
                for one, reply in zip(turn, clients.map(self._try, turn), strict=True):
                    if reply.status == 200:
                        del due[one]
                    else:
                        due[one] = self.clock.now(UTC) + timedelta(seconds=self._told_to_wait(reply))
            if due and (wait := min(due.values()) - self.clock.now(UTC)) > timedelta():
                self.clock.move(seconds=wait.total_seconds())
        assert due == {}
        assert self.sandbox.count_messages() == seen + messages
        return self._checked(self.site.sends()[before:], wanted)

    def _try(self, message: tuple[str, str]) -> Reply:
        text, recipient = message
        server = self.servers[hash(text) % len(self.servers)]
        return server.send(self.sandbox, text, recipientProfileUrn=recipient)

    def _told_to_wait(self, reply: Reply) -> int:
        assert reply.status == 429, reply
        assert list(reply.body) == ["error", "success"]
        assert reply.headers["x-ratelimit-action"] == "MESSAGE"
        self.refusals.append(reply)
        return int(reply.headers["retry-after"])

    def _checked(self, sends: list[Send], wanted: list[tuple[str, str]]) -> list[Send]:
        """Check that recipients have seen exactly the recorded sends; return the rows in the order of their times."""
        seen = {message["originToken"]: message for message in self.sandbox.messages()}
        assert {seen[send.origin_token]["text"] for send in sends} == {text for text, _ in wanted}
        assert {send.recipient for send in sends} == {recipient for _, recipient in wanted}
        assert len(sends) == len(wanted)
        return sorted(sends, key=lambda send: send.created_at)

    def named(self) -> set[str]:
        """Return the limits that errors have named since the last call."""
        names = {reply.body["error"].split()[4].rstrip(":") for reply in self.refusals}
        self.refusals.clear()
        return names


@pytest.fixture(params=["sqlite", "postgresql"])
def crowded(tmp_path: Path, sandbox: SandboxProcess, request: pytest.FixtureRequest) -> Iterator[Crowded]:
    """Start the servers, on each engine in turn."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    site = prepare_site(tmp_path, sandbox, database_url=url)
    file = tmp_path / "clock"
    clock = MovedClock(file)
    with ExitStack() as stack:
        command = ("-m", "verification.clocked_process", str(file), "-", "serve")
        servers = [stack.enter_context(running_server(site, command=command)) for _ in range(2)]
        yield Crowded(sandbox, site, clock, servers, recipients_of(sandbox, 200))


def times_of(sends: list[Send]) -> list[datetime]:
    """Return the times at which the rows took their units."""
    return [send.created_at for send in sends]


def test_pacing_crowd_that_obeys_gets_through(crowded: Crowded) -> None:
    """Two processes keep every rule, name it in their errors, and every client that waits is served."""
    crowded.pace(writesPerMinute=3)
    sent = times_of(crowded.send_all(10))
    assert all(beyond - first >= MINUTE for first, beyond in zip(sent, sent[3:], strict=False))
    assert crowded.named() == {"WRITES_PER_MINUTE"}

    crowded.pace(minGapSeconds=2.5)
    sent = times_of(crowded.send_all(6))
    assert all(then - one >= timedelta(seconds=2.5) for one, then in pairwise(sent))
    assert crowded.named() == {"MIN_GAP"}

    night = {"timeZone": "Asia/Kathmandu", "weekdays": ["tue", "wed"], "from": "23:00", "to": "01:00"}
    crowded.pace(sendingHours=night, minGapSeconds=3600)
    crowded.at(crowded.next_monday())
    sent = times_of(crowded.send_all(4))
    assert [f"{instant:%a %H}" for instant in sent] == ["Tue 17", "Tue 18", "Wed 17", "Wed 18"]
    assert crowded.named() == {"SENDING_HOURS", "MIN_GAP"}

    crowded.pace(firstContactsPerMonth=2)
    months = [(instant.year, instant.month) for instant in times_of(crowded.send_all(5))]
    assert [months.count(month) for month in sorted(set(months))] == [2, 2, 1]
    assert crowded.named() == {"GROUP_FIRST_CONTACT"}

    monday = crowded.next_monday() + timedelta(days=42)
    crowded.pace(warmUp={"startsOn": f"{monday:%Y-%m-%d}", "firstDay": 1, "growthPerDay": 2})
    days = [(instant.date() - monday.date()).days for instant in times_of(crowded.send_all(9))]
    assert days == [0, *[1] * 3, *[2] * 5]
    assert crowded.named() == {"WARM_UP"}

    crowded.pace(sendingHours={**night, "weekdays": None}, writesPerMinute=2, firstContactsPerMonth=5)
    crowded.at(crowded.next_monday() + timedelta(days=3, hours=18, minutes=59, seconds=30))
    sent = times_of(crowded.send_all(5))
    assert all(beyond - first >= MINUTE for first, beyond in zip(sent, sent[2:], strict=False))
    assert all(instant.hour in (17, 18) or (instant.hour, instant.minute < 15) == (19, True) for instant in sent)


def test_pacing_is_kept_in_real_time(crowded: Crowded) -> None:
    """A gap of a second is kept in real time, with clients that sleep for Retry-After."""
    crowded.pace(minGapSeconds=1)

    def insist(number: int) -> Reply:
        while True:
            reply = crowded.servers[number % 2].send(
                crowded.sandbox, f"real {number}", recipientProfileUrn=crowded.recipients[number]
            )
            if reply.status == 200:
                return reply
            time.sleep(int(reply.headers["retry-after"]))

    with ThreadPoolExecutor(4) as clients:
        list(clients.map(insist, range(4)))
    sent = times_of(crowded.site.sends())
    assert all(then - one >= timedelta(seconds=1) for one, then in pairwise(sent))
    assert crowded.sandbox.count_messages() == 4


def test_calls_of_a_key_are_limited_by_each_process(crowded: Crowded) -> None:
    """Reads count as calls; the 429 has the account's rate limit headers, and a client that waits is served."""

    async def limit() -> None:
        async with crowded.site.services() as product:
            await product.pacing.replace("default", None, {"callsPerMinute": 3})

    asyncio.run(limit())
    server = crowded.servers[0]
    assert [server.call("GET", "/linkedin/accounts").status for _ in range(3)] == [200] * 3
    refused = server.call("GET", "/linkedin/accounts")
    assert (refused.status, refused.body) == (
        429,
        {"error": "Rate limit exceeded for CALLS_PER_MINUTE: 3/3 used", "success": False},
    )
    assert (refused.headers["x-ratelimit-action"], refused.headers["x-ratelimit-limit"]) == ("MESSAGE", "0")
    assert server.send(crowded.sandbox).status == 429
    assert crowded.servers[1].call("GET", "/linkedin/accounts").status == 200
    crowded.clock.move(seconds=int(refused.headers["retry-after"]))
    assert server.send(crowded.sandbox).status == 200


def test_dead_session_is_found_before_it_is_needed(site: Site, sandbox: SandboxProcess) -> None:
    """The worker detects a dead session without a send; the server stays ready and reports the account."""
    faults: list[Mapping[str, Any]] = [
        {"match": {"path": "/voyager/api/me"}, "effect": "status", "status": 401, "times": 1_000}
    ]
    sandbox.faults(faults)
    silence = {"CONFRERE_SESSION_PROBE_HOURS": "0.0002", "CONFRERE_RECONCILE_EVERY_SECONDS": "0.2"}
    with running_server(site, command=("-m", "confrere", "up"), environment=silence) as server:
        deadline = time.monotonic() + 15
        while (ready := server.call("GET", "/ready")).body["checks"]["accounts"] == "ok":
            assert time.monotonic() < deadline, "nobody probed"
            time.sleep(0.1)
        assert ready.status == 200
        assert ready.body["status"] == "ok"
        assert ready.body["checks"]["accounts"].startswith("1 need attention")
        assert b'confrere_accounts{status="error"} 1.0' in server.call("GET", "/metrics").content
        assert server.send(sandbox).status == 500
    assert "session_lost" in site.log.read_text()
    assert sandbox.count_messages() == 0
    assert site.used() == 0
