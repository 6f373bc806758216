import asyncio
import json
import socket
import ssl
from pathlib import Path
from typing import Any

import aiohappyeyeballs
import pytest

from confrere.domain.attempt import Attempt
from confrere.domain.outcome import NotSent, SessionDead
from confrere.domain.session import Session
from confrere.linkedin import LinkedInClient
from confrere.linkedin.http.connection import Connection
from tests.contract.linkedin.one_message import (
    ACCEPTED,
    CREATED,
    GOOD,
    MESSAGE,
    OTHER,
    OWN,
    SESSION,
    SILENT,
    TOKEN,
    connected_client,
    send,
    swallow,
)
from tests.contract.linkedin.raw_server import Wire, answer, raw_server, read_all
from tests.contract.linkedin.tls import own_certificate


async def test_the_request_is_on_the_wire_as_the_browser_writes_it() -> None:
    """A send equals the browser's request byte for byte, except the tracking id and HTTP's own headers."""
    async with raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server:
        assert await send(server) == Attempt(ACCEPTED, {})
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage HTTP/1.1"
    own = [line for line in lines[1:] if not line.lower().startswith(("host:", "accept-encoding:", "content-length:"))]
    assert own == [
        "accept: application/json",
        "accept-language: de",
        'cookie: bcookie="v=2"; li_at=AQED1; JSESSIONID="ajax:7"',
        "csrf-token: ajax:7",
        "referer: https://www.linkedin.com/messaging/",
        "user-agent: Mozilla/5.0 (Test)",
        "x-li-lang: de_DE",
        "x-li-page-instance: urn:li:page:p;1",
        "x-li-track: {}",
        "x-restli-protocol-version: 2.0.0",
        "content-type: text/plain;charset=UTF-8",
        "origin: https://www.linkedin.com",
    ]
    sent = json.loads(body)
    assert len(sent.pop("trackingId")) == 16
    assert sent == {
        "message": {
            "body": {"attributes": [], "text": "Grüße"},
            "renderContentUnions": [],
            "originToken": TOKEN,
        },
        "mailboxUrn": OWN,
        "dedupeByClientGeneratedToken": False,
        "hostRecipientUrns": [OTHER],
        "messageRequestContextByRecipient": [{"hostRecipientUrn": OTHER, "contextEntityUrn": "urn:li:fsd_group:1"}],
    }


# ---- before anything has left -----------------------------------------------------------------------------------


async def test_no_connection_is_not_sent() -> None:
    """A send to a port where nobody listens is not sent."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with connected_client(f"http://127.0.0.1:{taken.getsockname()[1]}") as client:
            attempt = await client.send_group_message(SESSION, MESSAGE)
    assert attempt == Attempt(NotSent("no connection to LinkedIn could be made"), {})


async def test_no_tls_is_not_sent() -> None:
    """A send to a server that does not speak TLS is not sent."""
    async with raw_server(lambda wire: wire.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        attempt = await send(server, scheme="https")
    assert attempt.outcome == NotSent("no secure connection to LinkedIn could be made")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"connect_timeout_seconds": 0.05}, "no connection to LinkedIn could be had in time"),
        ({"send_timeout_seconds": 0.05}, "LinkedIn did not answer in time before anything was sent"),
    ],
)
async def test_a_handshake_without_end_is_not_sent(options: dict[str, Any], why: str) -> None:
    """Nothing is sent where a handshake does not end, whichever of the two timeouts expires first."""
    async with raw_server(Wire.wait_for_end) as server:
        attempt = await send(server, scheme="https", **options)
    assert attempt.outcome == NotSent(why)


async def test_no_free_connection_in_time_is_not_sent() -> None:
    """A send that gets no connection of the pool in time is not sent."""
    async with raw_server(swallow) as server:
        options = {"connections": 1, "pool_timeout_seconds": 0.03, "connect_timeout_seconds": 0.03}
        async with connected_client(server.url, **options, send_timeout_seconds=0.5) as client:
            first = asyncio.create_task(client.send_group_message(SESSION, MESSAGE))
            await asyncio.sleep(0)
            second = await client.send_group_message(SESSION, MESSAGE)
            assert second.outcome == NotSent("no connection to LinkedIn could be had in time")
            assert (await first).outcome == SILENT
    assert len(server.requests) == 1


async def test_after_close_nothing_is_sent() -> None:
    """A closed client sends nothing."""
    async with raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server:
        client = LinkedInClient(server.url)
        await client.send_group_message(SESSION, MESSAGE)
        await client.close()
        attempt = await client.send_group_message(SESSION, MESSAGE)
        assert attempt.outcome == NotSent("the connections to LinkedIn are closed already")
    assert len(server.requests) == 1


async def test_a_session_that_no_header_can_carry_is_not_sent() -> None:
    """A session that no header can carry sends nothing; a person must reconnect the account."""
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server,
        connected_client(server.url) as client,
    ):
        attempt = await client.send_group_message(Session({"li_at": "a\n", "JSESSIONID": "x"}, "UA"), MESSAGE)
        assert attempt.outcome == SessionDead(
            "the header cookie of this session would hold characters that cannot be sent"
        )
    assert server.connections == 0


async def test_bytes_on_an_idle_connection_are_no_answer() -> None:
    """After bytes arrive on an idle connection, the next request opens a connection of its own."""

    async def answer_twice(wire: Wire) -> None:
        await wire.read_request()
        await wire.write(GOOD)
        await answered.wait()
        await wire.write(answer(400))
        unasked.set()
        await wire.read_request()

    answered, unasked = asyncio.Event(), asyncio.Event()
    async with raw_server(answer_twice) as server, connected_client(server.url) as client:
        assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
        answered.set()
        await unasked.wait()
        assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
    assert (len(server.requests), server.connections) == (2, 2)


async def test_bytes_behind_an_answer_are_no_answer_to_the_next_request() -> None:
    """Bytes behind an answer are never parsed as the next answer, and their connection is not reused."""
    for more in (GOOD, GOOD[:20], b"\0"):
        async with (
            raw_server(lambda wire, more=more: read_all(wire, lambda _: GOOD + more)) as server,  # type: ignore[misc]
            connected_client(server.url) as client,
        ):
            for _ in range(2):
                assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
        assert (len(server.requests), server.connections) == (2, 2)


async def test_a_connection_that_has_just_been_ended_takes_no_byte() -> None:
    """A connection that the operating system knows as ended is not used, even before the event loop knows."""
    first: list[Wire] = []

    async def keep(wire: Wire) -> None:
        first.append(wire)
        await read_all(wire, lambda _: GOOD)

    async with raw_server(keep) as server, connected_client(server.url) as client:
        assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
        first[0].end()
        assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
    assert (len(server.requests), server.connections) == (2, 2)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (socket.gaierror(-2, "x"), "LinkedIn's address could not be found"),
        (ssl.SSLCertVerificationError(), "LinkedIn's certificate was not accepted"),
        (ssl.SSLError(), "no secure connection to LinkedIn could be made"),
        (ConnectionRefusedError(), "no connection to LinkedIn could be made"),
        (OSError(101, "x"), "no connection to LinkedIn could be made"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_whatever_keeps_us_from_connecting_is_not_sent(
    error: OSError, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every error while connecting is not sent, with its reason."""

    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(aiohappyeyeballs, "start_connection", fail)
    async with connected_client("http://127.0.0.1:9") as client:
        for _ in range(3):
            assert (await client.send_group_message(SESSION, MESSAGE)).outcome == NotSent(why)


async def test_a_self_signed_certificate_is_not_sent(tmp_path: Path) -> None:
    """A server with a self-signed certificate is sent nothing."""
    async with raw_server(lambda wire: read_all(wire, lambda _: GOOD), tls=own_certificate(tmp_path)) as server:
        attempt = await send(server, scheme="https")
    assert attempt.outcome == NotSent("LinkedIn's certificate was not accepted")
    assert server.requests == []


async def test_a_crowd_shares_few_connections() -> None:
    """A crowd shares the pool in order of arrival, each once, and half of it is kept for other accounts."""
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server,
        connected_client(server.url, connections=6) as client,
    ):
        attempts = await asyncio.gather(*(client.send_group_message(SESSION, MESSAGE) for _ in range(50)))
    assert [attempt.outcome for attempt in attempts] == [ACCEPTED] * 50
    assert len(server.requests) == 50
    assert server.connections == 3


async def test_places_are_given_back_whatever_becomes_of_their_connections() -> None:
    """A pool keeps its size after connections that were refused, cut, cancelled or closed by an answer."""

    async def end_badly(wire: Wire) -> None:
        request = await wire.read_request()
        if server.connections % 3 == 0:
            wire.reset()
        elif server.connections % 3 == 1:
            await wire.write(GOOD[:-1])
        elif request:
            await wire.write(answer(200, CREATED, "Connection: close"))

    async with raw_server(end_badly) as server, connected_client(server.url, connections=2) as client:
        for number in range(30):
            tasks = [asyncio.create_task(client.send_group_message(SESSION, MESSAGE)) for _ in range(4)]
            await asyncio.sleep(0.002 * (number % 3))
            tasks[number % 4].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        pool = client._requests._pool
        async with asyncio.timeout(5):
            while pool._open:
                await asyncio.sleep(0.01)
        assert (pool._slots._free, pool._slots._held, len(pool._slots._waiting), pool._slot_owner) == (2, {}, 0, {})


async def test_a_cancellation_while_a_connection_is_made_leaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancelled connection attempt frees its slot and does not delay closing: uvloop does not report its end."""
    async with raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server:
        client = LinkedInClient(server.url, connections=1)
        pool, made = client._requests._pool, client._requests._pool.on_open

        def cancel(connection: Connection) -> None:
            made(connection)
            task.cancel()

        monkeypatch.setattr(pool, "on_open", cancel)
        task = asyncio.create_task(client.send_group_message(SESSION, MESSAGE))
        with pytest.raises(asyncio.CancelledError):
            await task
        monkeypatch.undo()
        assert (pool._slots._free, pool._slot_owner) == (1, {})
        assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
        async with asyncio.timeout(5):
            await client.close()
    assert len(server.requests) == 1


async def test_an_idle_connection_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """An idle connection is closed before LinkedIn would close it."""
    monkeypatch.setattr("confrere.linkedin.http.pool.IDLE_SECONDS", 0.05)
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server,
        connected_client(server.url) as client,
    ):
        await client.send_group_message(SESSION, MESSAGE)
        async with asyncio.timeout(5):
            while client._requests._pool._open:
                await asyncio.sleep(0.01)
        await client.send_group_message(SESSION, MESSAGE)
    assert server.connections == 2
