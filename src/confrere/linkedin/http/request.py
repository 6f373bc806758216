"""Requests to LinkedIn: each returns the answer, or what is certain where there is none."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from confrere.domain.outcome import NotSent, Unknown
from confrere.domain.session import Session
from confrere.linkedin.http.connection import BROKEN, CLOSED
from confrere.linkedin.http.pool import Pool
from confrere.linkedin.http.proxy import Proxy
from confrere.linkedin.http.response_parser import RawAnswer
from confrere.linkedin.session.cookies import CookieChange, read_cookie_change

_STALE = (Unknown(BROKEN), Unknown(CLOSED))


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, at least its head.

    headers:  those that are used, by lower-case name.
    cookies:  what the answer changes in the session's cookies.
    cut:      why the body is incomplete, else None.
    """

    status: int
    status_text: str
    headers: Mapping[str, str]
    cookies: CookieChange
    body: bytes
    cut: str | None = None


class Requests:
    """Makes requests to the upstream, following no redirect and no proxy variable, with no cookie but the session's.

    base_url:                 as `parse_upstream` returns it.
    connections:              open at a time; a request that gets none within `pool_timeout_seconds` is not sent.
    connect_timeout_seconds:  for establishing a connection, TLS included.
    proxy:                    that every connection goes through, if any.
    """

    def __init__(
        self,
        base_url: str,
        *,
        proxy: Proxy | None,
        connections: int,
        connect_timeout_seconds: float,
        pool_timeout_seconds: float,
    ) -> None:
        address = urlsplit(base_url)
        is_secure = address.scheme == "https"
        assert address.hostname is not None
        self._host_line = f"host: {address.netloc}\r\naccept-encoding: gzip\r\n".encode("ascii")
        self._pool = Pool(
            address.hostname,
            address.port or (443 if is_secure else 80),
            _tls() if is_secure else None,
            proxy=proxy,
            connections=connections,
            connect_timeout_seconds=connect_timeout_seconds,
            pool_timeout_seconds=pool_timeout_seconds,
        )

    async def post(
        self, session: Session, path: str, headers: bytes, body: bytes, *, seconds: float, max_bytes: int
    ) -> Answer | NotSent | Unknown:
        """Make one attempt. Return the answer; NotSent where nothing of the request can have left; else Unknown.

        session:    its account is counted for the connection, its cookies are compared with those of the answer.
        path:       with its query, percent-encoded.
        headers:    encoded lines of the head.
        seconds:    timeout for the complete answer, connecting included.
        max_bytes:  of the answer's body; a longer one is cut.
        """
        length = b"content-length: %d\r\n\r\n" % len(body)
        request = b"".join((b"POST ", path.encode("ascii"), b" HTTP/1.1\r\n", self._host_line, headers, length, body))
        until = asyncio.get_running_loop().time() + seconds
        raw, _ = await self._ask(session, request, until, max_bytes)
        return read_answer(raw, session.cookies) if isinstance(raw, RawAnswer) else raw

    async def get(
        self, session: Session, path: str, headers: bytes, *, seconds: float, max_bytes: int
    ) -> Answer | Unknown:
        """Return the answer, or why there is none. Retried once where a reused connection turned out to be closed."""
        request = b"".join((b"GET ", path.encode("ascii"), b" HTTP/1.1\r\n", self._host_line, headers, b"\r\n"))
        until = asyncio.get_running_loop().time() + seconds
        raw, was_used = await self._ask(session, request, until, max_bytes)
        if raw in _STALE and was_used:
            raw, _ = await self._ask(session, request, until, max_bytes, fresh=True)
        return read_answer(raw, session.cookies) if isinstance(raw, RawAnswer) else Unknown(raw.why)

    async def _ask(
        self, session: Session, request: bytes, until: float, max_bytes: int, *, fresh: bool = False
    ) -> tuple[RawAnswer | NotSent | Unknown, bool]:
        """Return the result, and whether the connection had been used before."""
        owner = session.account_id or id(session)
        connection = await self._pool.take(owner, until=until, fresh=fresh)
        if isinstance(connection, NotSent):
            return connection, False
        was_used = connection.was_used
        # Nothing is awaited between the pool's check of the connection and this write.
        answer = connection.ask(request, until=until, max_bytes=max_bytes)
        try:
            return await answer, was_used
        except asyncio.CancelledError:
            connection.abort()
            raise

    async def close(self) -> None:
        """Close all connections; later requests are not sent."""
        await self._pool.close()


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def read_answer(raw: RawAnswer, current: Mapping[str, str]) -> Answer:
    """Return the answer with what it changes in the session's current cookies."""
    cookies = read_cookie_change(raw.set_cookies, current)
    return Answer(raw.status, raw.status_text, raw.headers, cookies, raw.body, raw.cut)
