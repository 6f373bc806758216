import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from confrere.domain.attempt import Attempt, Unreadable
from confrere.domain.outcome import Refused, SessionDead, Throttled, Unknown
from tests.contract.linkedin.one_message import (
    ACCEPTED,
    CREATED,
    GOOD,
    MESSAGE,
    SESSION,
    SILENT,
    connected_client,
    send,
    swallow,
)
from tests.contract.linkedin.raw_server import Wire, answer, raw_server, read_all
from tests.contract.linkedin.tls import own_certificate

# ---- after it may have left -------------------------------------------------------------------------------------


async def test_silence_is_unknown() -> None:
    """A request that was read and not answered is unknown."""
    async with raw_server(swallow) as server:
        assert (await send(server, send_timeout_seconds=0.1)).outcome == SILENT
    assert len(server.requests) == 1


def _answer_with(text: bytes, end: Callable[[Wire], Any] = Wire.close) -> Callable[[Wire], Any]:
    async def handle(wire: Wire) -> None:
        await wire.read_request()
        await wire.write(text)
        end(wire)

    return handle


CUT_OFF = Unknown("LinkedIn's answer was cut off")
NOT_HTTP = Unknown("LinkedIn's answer was not readable HTTP")
HALF = answer(200, CREATED)[:-10]


@pytest.mark.parametrize(
    ("handle", "outcome"),
    [
        (_answer_with(b""), Unknown("LinkedIn closed the connection without an answer")),
        (_answer_with(b"", Wire.reset), Unknown("the connection to LinkedIn broke")),
        (_answer_with(b"HTTP/1.1 200"), Unknown("LinkedIn closed the connection without an answer")),
        (_answer_with(HALF), CUT_OFF),
        (_answer_with(HALF, Wire.reset), CUT_OFF),
        (_answer_with(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), CUT_OFF),
        (_answer_with(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), NOT_HTTP),
        (_answer_with(answer(200, b"not gzip", "Content-Encoding: gzip")), CUT_OFF),
        (_answer_with(b"SSH-2.0-OpenSSH\r\n\r\n"), NOT_HTTP),
        (_answer_with(answer(200, b" " * ((1 << 20) + 1))), Unknown("LinkedIn's answer was too large")),
        (
            _answer_with(answer(200, gzip.compress(b" " * (50 << 20)), "Content-Encoding: gzip")),
            Unknown("LinkedIn's answer was too large"),
        ),
        (_answer_with(answer(200, b"<html>", "Content-Type: text/html")), Unknown("LinkedIn answered with a web page")),
        (_answer_with(answer(503)), Unknown("Request failed with status code 503")),
    ],
)
async def test_what_breaks_after_the_request_is_unknown(handle: Callable[[Wire], Any], outcome: Unknown) -> None:
    """A break after the request is unknown, and LinkedIn sees one request only."""
    async with raw_server(handle) as server:
        assert (await send(server)).outcome == outcome
    assert len(server.requests) == 1


async def test_an_answer_that_stops_is_unknown_in_time() -> None:
    """An answer that stops after its head is unknown when the timeout expires."""

    async def stop(wire: Wire) -> None:
        await wire.read_request()
        await wire.write(HALF)
        await wire.wait_for_end()

    async with raw_server(stop) as server:
        assert (await send(server, send_timeout_seconds=0.1)).outcome == SILENT


async def _go_stale(wire: Wire) -> None:
    """Answer one request, take another and close."""
    await wire.read_request()
    await wire.write(GOOD)
    await wire.read_request()


async def test_a_post_on_a_connection_that_went_stale_is_not_repeated() -> None:
    """A send on a stale connection is not retried, since it could be a second message."""
    async with raw_server(_go_stale) as server, connected_client(server.url) as client:
        assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
        second = await client.send_group_message(SESSION, MESSAGE)
        assert second.outcome == Unknown("LinkedIn closed the connection without an answer")
    assert (len(server.requests), server.connections) == (2, 1)


async def test_a_connection_that_was_closed_meanwhile_is_not_used() -> None:
    """The next send after a close opens its own connection."""
    async with raw_server(_answer_with(GOOD)) as server, connected_client(server.url) as client:
        for _ in range(3):
            assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
            await asyncio.sleep(0.01)
    assert (len(server.requests), server.connections) == (3, 3)


async def test_a_cancellation_is_let_through() -> None:
    """A cancellation is raised, not made an outcome, and the connection is not reused."""
    arrived = asyncio.Event()

    async def swallow(wire: Wire) -> None:
        await wire.read_request()
        arrived.set()
        await wire.wait_for_end()

    async with raw_server(swallow) as server, connected_client(server.url) as client:
        task = asyncio.create_task(client.send_group_message(SESSION, MESSAGE))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


# ---- answers ----------------------------------------------------------------------------------------------------


async def test_the_head_of_an_answer_is_enough_for_a_refusal() -> None:
    """A refusal whose body breaks off stands, and needs a probe."""
    text = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\n{"
    async with raw_server(_answer_with(text)) as server:
        assert await send(server) == Attempt(Refused(403, "Forbidden", None, None), {}, needs_probe=True)


async def test_999_is_understood() -> None:
    """A response with status 999 and no reason is parsed."""
    async with raw_server(_answer_with(answer(999, b"<html>", reason=""))) as server:
        assert (await send(server)).outcome == Throttled(999, 86_400)


async def test_a_redirect_is_not_followed_and_cookies_are_not_kept() -> None:
    """A redirect is not followed, new cookies are reported, and the next request has the session's own cookies."""
    redirect = answer(302, b"", "Location: /uas/login", "Set-Cookie: lidc=new; Path=/", "Set-Cookie: bcookie=x; Path=/")
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: redirect)) as server,
        connected_client(server.url) as client,
    ):
        for _ in range(2):
            attempt = await client.send_group_message(SESSION, MESSAGE)
            assert attempt.outcome == SessionDead("LinkedIn asks to log in; connect the account again")
            assert attempt.changed_cookies == {"lidc": "new", "bcookie": "x"}
    assert len(server.requests) == 2
    assert all(b'cookie: bcookie="v=2"; li_at=AQED1; JSESSIONID="ajax:7"\r\n' in request for request in server.requests)


async def test_large_heads_are_read() -> None:
    """Heads over 30 KiB are read: LinkedIn's content-security-policy alone is longer."""
    many = [f"Set-Cookie: c{number}=1" for number in range(150)]
    text = answer(200, CREATED, f"Content-Security-Policy: {'x' * 30_000}", *many)
    async with raw_server(_answer_with(text)) as server:
        attempt = await send(server)
    assert attempt.outcome == ACCEPTED
    assert len(attempt.changed_cookies) == 150


async def test_an_environment_s_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is not used, so that a session's cookies reach the upstream only."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with raw_server(_answer_with(GOOD)) as server:
        assert (await send(server)).outcome == ACCEPTED


async def test_tls_with_a_certificate_that_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One TLS connection with a trusted certificate serves several requests."""
    tls = own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD), tls=tls) as server,
        connected_client(server.url.replace("http", "https", 1)) as client,
    ):
        for _ in range(3):
            assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
    assert (len(server.requests), server.connections) == (3, 1)


async def test_a_read_is_repeated_once_after_a_connection_that_went_stale() -> None:
    """A read on a stale connection is retried once, which a send never is."""
    async with raw_server(_go_stale) as server, connected_client(server.url) as client:
        assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
        assert isinstance(await client.read_member(SESSION), Unreadable)
    assert (len(server.requests), server.connections) == (3, 2)
