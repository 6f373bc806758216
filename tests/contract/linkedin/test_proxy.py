"""Through a proxy: TLS from end to end, one proxy for everything, and nothing sent where it makes no connection."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from confrere.domain.attempt import Attempt
from confrere.domain.outcome import NotSent, Unknown
from confrere.linkedin import LinkedInClient
from confrere.linkedin.http.proxy import parse_proxy
from tests.contract.linkedin.one_message import ACCEPTED, GOOD, TOKEN, send
from tests.contract.linkedin.raw_server import raw_server, read_all
from tests.contract.linkedin.tls import own_certificate

NO_PROXY = NotSent("no connection to the proxy of CONFRERE_LINKEDIN_PROXY could be made")
PROXY_REFUSED = NotSent("the proxy of CONFRERE_LINKEDIN_PROXY made no connection to LinkedIn")


@dataclass
class FakeProxy:
    """A proxy of both kinds: where it was asked to connect to, and every byte that went through it."""

    scheme: str
    refuses: bool = False
    hangs: bool = False
    cuts: bool = False
    port: int = 0
    targets: list[str] = field(default_factory=list)
    seen: bytearray = field(default_factory=bytearray)

    def url(self, user: str = "") -> str:
        """Return the setting's value."""
        return f"{self.scheme}://{user}127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            await (self._connect if self.scheme == "http" else self._socks)(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.targets.append(head.split("\r\n")[0].removeprefix("CONNECT ").removesuffix(" HTTP/1.1"))
        self.targets += [line for line in head.split("\r\n") if line.lower().startswith("proxy-authorization")]
        refusal, success = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"
        await self._answer(reader, writer, refusal, success)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version, methods = await reader.readexactly(2)
        assert version == 5
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        if kind == 1:
            host = socket.inet_ntoa(await reader.readexactly(4))
        else:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        self.targets.append(f"{host}:{int.from_bytes(await reader.readexactly(2))}")
        tail = b"\x00\x01\0\0\0\0\0\0"
        await self._answer(reader, writer, b"\x05\x05" + tail, b"\x05\x00" + tail)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, refusal: bytes, success: bytes
    ) -> None:
        if self.hangs:
            await reader.read()
            return
        writer.write(refusal if self.refuses else success)
        if self.refuses:
            await writer.drain()
            return
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self.targets[0].rpartition(":")[2])
        try:
            await asyncio.gather(self._pass_on(reader, other_writer), self._pass_on(other_reader, writer))
        finally:
            other_writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            self.seen += data
            if self.cuts:
                writer.close()
                raise ConnectionError
            writer.write(data)
        writer.close()


@asynccontextmanager
async def running(proxy: FakeProxy) -> AsyncIterator[FakeProxy]:
    """Start the proxy."""
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_tls_runs_through_the_proxy(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message goes through the proxy by TLS from end to end, so that the proxy sees neither cookie nor text."""
    tls = own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD), tls=tls) as server,
        running(FakeProxy(scheme)) as proxy,
    ):
        assert await send(server, scheme="https", proxy_url=proxy.url()) == Attempt(ACCEPTED, {})
    assert proxy.targets == [f"127.0.0.1:{server.port}"]
    assert len(server.requests) == 1
    assert TOKEN.encode() in server.requests[0]
    assert proxy.seen
    assert TOKEN.encode() not in proxy.seen


async def test_the_proxy_gets_user_and_password() -> None:
    """User and password of the setting go to the proxy, and to nobody else."""
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server,
        running(FakeProxy("http")) as proxy,
    ):
        assert (await send(server, proxy_url=proxy.url("me:se%20cret@"))).outcome == ACCEPTED
    assert [line.lower() for line in proxy.targets[1:]] == ["proxy-authorization: basic bwu6c2ugy3jlda=="]
    assert b"uthorization" not in server.requests[0]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_refuses_is_not_sent(scheme: str) -> None:
    """Where the proxy makes no connection nothing is sent, and nothing goes past the proxy."""
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server,
        running(FakeProxy(scheme, refuses=True)) as proxy,
    ):
        assert (await send(server, proxy_url=proxy.url())).outcome == PROXY_REFUSED
    assert server.connections == 0


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_not_there_is_not_sent(scheme: str) -> None:
    """Where nobody listens at the proxy's address, or its name is unknown, nothing is sent."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server:
            assert (await send(server, proxy_url=f"{scheme}://127.0.0.1:{port}")).outcome == NO_PROXY
            assert (await send(server, proxy_url=f"{scheme}://no-such-proxy.invalid:{port}")).outcome == NO_PROXY
    assert server.connections == 0


async def test_a_proxy_that_hangs_is_not_sent() -> None:
    """Where the proxy does not answer in time nothing is sent, whichever of the two timeouts expires first."""
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server,
        running(FakeProxy("http", hangs=True)) as proxy,
    ):
        connect = await send(server, proxy_url=proxy.url(), connect_timeout_seconds=0.05)
        whole = await send(server, proxy_url=proxy.url(), send_timeout_seconds=0.05)
    assert connect.outcome == NotSent("no connection to LinkedIn could be had in time")
    assert whole.outcome == NotSent("LinkedIn did not answer in time before anything was sent")
    assert server.connections == 0


async def test_what_is_cut_off_behind_the_proxy_is_unknown() -> None:
    """Once a request has gone into the proxy nobody knows whether LinkedIn has it."""
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server,
        running(FakeProxy("http", cuts=True)) as proxy,
    ):
        assert isinstance((await send(server, proxy_url=proxy.url())).outcome, Unknown)


async def test_a_word_that_is_no_proxy_is_refused() -> None:
    """The setting takes one proxy by HTTP or SOCKS5 with its port; the error names the setting, and no password."""
    for url in ("http://proxy:8080", "socks5://user:p%40ss@proxy.example:1080/", "http://[::1]:3128"):
        assert parse_proxy(url) == url.rstrip("/")
    for url in (
        "proxy:8080",
        "https://proxy:8080",
        "socks4://proxy:1080",
        "http://proxy",
        "http://proxy:0",
        "http://proxy:70000",
        "http://user:secret@proxy:1,http://other:2",
        "http://proxy:1/path",
        "http://user:secret@proxy:1?x=y",
        "http://user:sec ret@proxy:1",
        "http://:1",
    ):
        with pytest.raises(
            ValueError, match=r"CONFRERE_LINKEDIN_PROXY must be one proxy, as http://host:port"
        ) as caught:
            LinkedInClient(proxy_url=url)
        assert "secret" not in str(caught.value)


async def test_the_certificate_is_checked_behind_the_proxy(tmp_path: Path) -> None:
    """A proxy that answers in LinkedIn's place is recognized by its certificate."""
    tls: ssl.SSLContext = own_certificate(tmp_path)
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD), tls=tls) as server,
        running(FakeProxy("socks5")) as proxy,
    ):
        attempt = await send(server, scheme="https", proxy_url=proxy.url())
    assert attempt.outcome == NotSent("LinkedIn's certificate was not accepted")
    assert server.requests == []
