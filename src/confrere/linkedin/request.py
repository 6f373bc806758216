"""One request to LinkedIn: what came back, or what is certain when nothing did."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from confrere.domain.outcome import NotSent, Unknown
from confrere.domain.session import Session
from confrere.linkedin.connection import BROKEN, CLOSED
from confrere.linkedin.cookies import CookieChange, read_cookie_change
from confrere.linkedin.headers import Headers
from confrere.linkedin.pool import Pool
from confrere.linkedin.response_parser import RawAnswer

_STALE = (Unknown(BROKEN), Unknown(CLOSED))


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, at least its head.

    headers:  those that we read, their names in lower case.
    cut:      why the body is not whole, else None.
    """

    status: int
    status_text: str
    headers: Mapping[str, str]
    cookies: CookieChange
    body: bytes
    cut: str | None = None


class Requests:
    """Asks the upstream, each time once, following no redirect and no proxy, with no cookie but the session's.

    base_url:                 as `parse_upstream` gives it.
    connections:              at most this many at a time; who gets none within `pool_timeout_seconds` sends nothing.
    connect_timeout_seconds:  for making a connection, TLS included.
    """

    def __init__(
        self, base_url: str, *, connections: int, connect_timeout_seconds: float, pool_timeout_seconds: float
    ) -> None:
        address = urlsplit(base_url)
        is_secure = address.scheme == "https"
        assert address.hostname is not None
        self._host_line = f"host: {address.netloc}\r\naccept-encoding: gzip\r\n".encode("ascii")
        self._pool = Pool(
            address.hostname,
            address.port or (443 if is_secure else 80),
            _tls() if is_secure else None,
            connections=connections,
            connect_timeout_seconds=connect_timeout_seconds,
            pool_timeout_seconds=pool_timeout_seconds,
        )

    async def post(
        self, session: Session, path: str, headers: Headers, body: bytes, *, seconds: float, max_bytes: int
    ) -> Answer | NotSent | Unknown:
        """The answer; NotSent where nothing of the request can have left, else Unknown.

        session:    whose request it is: its account's share of the connections, and the cookies that may change.
        path:       with its query, in ASCII and encoded.
        seconds:    until the whole answer is there.
        max_bytes:  of the answer's body; more is not read.
        """
        length = b"content-length: %d\r\n\r\n" % len(body)
        request = b"".join((b"POST ", path.encode("ascii"), b" HTTP/1.1\r\n", self._host_line, headers, length, body))
        until = asyncio.get_running_loop().time() + seconds
        said, _ = await self._ask(session, request, until, max_bytes)
        return read_answer(said, session.cookies) if isinstance(said, RawAnswer) else said

    async def get(
        self, session: Session, path: str, headers: Headers, *, seconds: float, max_bytes: int
    ) -> Answer | Unknown:
        """The answer, or why there is none. Asked once more where it met a connection that was just being closed."""
        request = b"".join((b"GET ", path.encode("ascii"), b" HTTP/1.1\r\n", self._host_line, headers, b"\r\n"))
        until = asyncio.get_running_loop().time() + seconds
        said, was_used = await self._ask(session, request, until, max_bytes)
        if said in _STALE and was_used:
            said, _ = await self._ask(session, request, until, max_bytes, fresh=True)
        if isinstance(said, RawAnswer):
            return read_answer(said, session.cookies)
        return Unknown(said.why)

    async def _ask(
        self, session: Session, request: bytes, until: float, max_bytes: int, *, fresh: bool = False
    ) -> tuple[RawAnswer | NotSent | Unknown, bool]:
        """What came of it, and whether its connection had been asked before."""
        owner = session.account_id or id(session)
        connection = await self._pool.take(owner, until=until, fresh=fresh)
        if isinstance(connection, NotSent):
            return connection, False
        was_used = connection.was_asked
        # No turn of the event loop between the pool's look at the connection and this: nothing has left before it.
        asking = connection.ask(request, until=until, max_bytes=max_bytes)
        try:
            return await asking, was_used
        except asyncio.CancelledError:
            connection.abort()
            raise

    async def close(self) -> None:
        """Let go of all connections; what is asked for afterwards is not sent."""
        await self._pool.close()


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def read_answer(said: RawAnswer, current: Mapping[str, str]) -> Answer:
    """The answer, with what its cookies change in the session's."""
    cookies = read_cookie_change(said.set_cookies, current)
    return Answer(said.status, said.status_text, said.headers, cookies, said.body, said.cut)
