"""One request to LinkedIn: what came back, or what is certain when nothing did."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, cast

import aiohttp
from aiohttp import http_exceptions
from aiohttp.abc import AbstractStreamWriter
from aiohttp.client_exceptions import UnixClientConnectorError
from yarl import URL

from confrere.domain.outcome import NotSent, Unknown
from confrere.linkedin.cookies import CookieChange, read_cookie_change
from confrere.linkedin.headers import Headers

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.http import StreamWriter

_MAX_HEADER_BYTES = 65_536  # LinkedIn's content-security-policy alone can pass aiohttp's 8 KiB
_MAX_HEADERS = 256
_IDLE_SECONDS = 15  # short, since a connection that the other side is just closing makes a send's fate unknown


class Stage(Enum):
    """Where in a request the library raises an exception."""

    CONNECTING = "before there is a connection"
    ANY = "anywhere: whether the request was begun decides"
    ANSWERED = "only after bytes have come back"


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table of exceptions. `why` is one clause for people."""

    stage: Stage
    why: str


class ClientClosed(aiohttp.ClientConnectionError):
    """Our client was closed before this was asked for."""


_NO_CONNECTION = Fault(Stage.CONNECTING, "no connection to LinkedIn could be made")
_NO_TLS = Fault(Stage.CONNECTING, "no secure connection to LinkedIn could be made")
_BAD_URL = Fault(Stage.CONNECTING, "the address of LinkedIn is not a URL that can be asked")
_BROKEN = Fault(Stage.ANY, "the connection to LinkedIn broke")
_CLOSED = Fault(Stage.ANY, "LinkedIn closed the connection without an answer")
_SILENT = Fault(Stage.ANY, "LinkedIn did not answer in time")
_CUT_OFF = Fault(Stage.ANSWERED, "LinkedIn's answer was cut off")
_NOT_HTTP = Fault(Stage.ANSWERED, "LinkedIn's answer was not readable HTTP")

FAULTS: Final[Mapping[type[BaseException], Fault]] = {
    aiohttp.ClientConnectorError: _NO_CONNECTION,
    aiohttp.ClientConnectorDNSError: Fault(Stage.CONNECTING, "LinkedIn's address could not be found"),
    aiohttp.ClientProxyConnectionError: _NO_CONNECTION,
    aiohttp.ClientHttpProxyError: _NO_CONNECTION,
    UnixClientConnectorError: _NO_CONNECTION,
    ClientClosed: Fault(Stage.CONNECTING, "the connections to LinkedIn are closed already"),
    aiohttp.ConnectionTimeoutError: Fault(Stage.CONNECTING, "no connection to LinkedIn could be had in time"),
    aiohttp.ClientSSLError: _NO_TLS,
    aiohttp.ClientConnectorSSLError: _NO_TLS,
    aiohttp.ClientConnectorCertificateError: Fault(Stage.CONNECTING, "LinkedIn's certificate was not accepted"),
    aiohttp.ServerFingerprintMismatch: _NO_TLS,
    aiohttp.InvalidURL: _BAD_URL,
    aiohttp.InvalidUrlClientError: _BAD_URL,
    aiohttp.NonHttpUrlClientError: _BAD_URL,
    aiohttp.ClientError: _BROKEN,
    aiohttp.ClientConnectionError: _BROKEN,
    aiohttp.ClientConnectionResetError: _BROKEN,
    aiohttp.ClientOSError: _BROKEN,
    aiohttp.UploadAbortedError: _BROKEN,
    aiohttp.ServerConnectionError: _BROKEN,
    aiohttp.ServerDisconnectedError: _CLOSED,
    aiohttp.ServerTimeoutError: _SILENT,
    aiohttp.SocketTimeoutError: _SILENT,
    TimeoutError: _SILENT,  # asyncio's too: the total timeout, which also runs while connecting
    OSError: _BROKEN,
    ssl.SSLError: _BROKEN,
    aiohttp.ClientPayloadError: _CUT_OFF,
    aiohttp.EofStream: _CUT_OFF,
    aiohttp.ClientResponseError: _NOT_HTTP,
    aiohttp.ContentTypeError: _NOT_HTTP,
    aiohttp.WSServerHandshakeError: _NOT_HTTP,
    http_exceptions.HttpProcessingError: _NOT_HTTP,
    # Redirects are not followed, so that these cannot come; should they, the request had been answered.
    aiohttp.TooManyRedirects: _NOT_HTTP,
    aiohttp.RedirectClientError: _NOT_HTTP,
    aiohttp.InvalidUrlRedirectClientError: _NOT_HTTP,
    aiohttp.NonHttpUrlRedirectClientError: _NOT_HTTP,
}
"""The one table of what the HTTP library can raise; what is not in it is a bug, and is not caught.

Source: the code of aiohttp 3.14. It never repeats a POST: after a connection that had gone stale it tries again only
with methods that are idempotent.
"""

_RAISED: Final = tuple(FAULTS)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, at least its head.

    cut:  why the body is not whole, else None.
    """

    status: int
    status_text: str
    headers: Mapping[str, str]
    cookies: CookieChange
    body: bytes
    cut: str | None = None


class WatchedBody(aiohttp.BytesPayload):
    """A request's body that knows whether any of the request may have left.

    aiohttp writes head and body at once, by asking the body to write itself; `begun` is set in the moment before. The
    library's exceptions alone cannot tell: its total timeout is the same TimeoutError while connecting and after.
    """

    def __init__(self, value: bytes) -> None:
        super().__init__(value)
        self.begun = False
        self._withdrawn = False

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Write it, unless the connection is closed, or holds an answer that came before it was asked for.

        Such an answer, which some servers give to an idle connection, would be taken for the one to this request.
        """
        connection = cast("ResponseHandler", cast("StreamWriter", writer).protocol)
        if self._withdrawn or not connection.is_connected() or connection.should_close:
            raise aiohttp.ClientConnectionResetError("not a connection to begin on")
        self.begun = True
        await super().write_with_length(writer, content_length)

    def withdraw(self) -> bool:
        """From now on it is not written any more. Whether it was begun before."""
        self._withdrawn = True
        return self.begun


class Requests:
    """Asks the upstream, each time once, following no redirect, with no cookie but the session's.

    connections:              at most this many at a time; the next request waits for one.
    connect_timeout_seconds:  for the connection itself. The wait for a free one is bounded by the request's timeout.
    """

    def __init__(self, *, connections: int, connect_timeout_seconds: float, pool_timeout_seconds: float) -> None:
        self._connections = connections
        self._connect_timeout_seconds = connect_timeout_seconds
        self._pool_timeout_seconds = pool_timeout_seconds
        self._http: aiohttp.ClientSession | None = None
        self._closed = False

    async def post(
        self, url: URL, headers: Headers, body: bytes, current: Mapping[str, str], *, seconds: float, max_bytes: int
    ) -> Answer | NotSent | Unknown:
        """The answer; NotSent where nothing of the request can have left, else Unknown.

        current:    the session's cookies, to tell which ones the answer changes.
        seconds:    until the whole answer is there.
        max_bytes:  of the answer's body; more is not read.
        """
        watched = WatchedBody(body)
        try:
            answer = await self._ask("POST", url, headers, watched, current, seconds, max_bytes)
        except _RAISED as error:
            return judge_fault(find_fault(error), begun=watched.withdraw())
        return answer if watched.withdraw() else NotSent("LinkedIn answered before anything was sent")

    async def get(
        self, url: URL, headers: Headers, current: Mapping[str, str], *, seconds: float, max_bytes: int
    ) -> Answer | Unknown:
        """The answer, or why there is none."""
        try:
            return await self._ask("GET", url, headers, None, current, seconds, max_bytes)
        except _RAISED as error:
            return Unknown(find_fault(error).why)

    async def _ask(
        self,
        method: str,
        url: URL,
        headers: Headers,
        body: WatchedBody | None,
        current: Mapping[str, str],
        seconds: float,
        max_bytes: int,
    ) -> Answer:
        if self._closed:
            raise ClientClosed
        http = self._http or self._open()
        async with http.request(
            method, url, headers=headers, data=body, allow_redirects=False, timeout=self._timeout(seconds)
        ) as response:
            content, cut = await _read_body(response, max_bytes)
            lines = response.headers.getall("Set-Cookie", ())
            return Answer(
                status=response.status,
                status_text=response.reason or "",
                headers=response.headers,
                cookies=read_cookie_change(lines, current),
                body=content,
                cut=cut,
            )

    def _timeout(self, seconds: float) -> aiohttp.ClientTimeout:
        """No rounding up: aiohttp else makes 21 s of 20.3 s."""
        return aiohttp.ClientTimeout(
            total=seconds,
            connect=self._pool_timeout_seconds + self._connect_timeout_seconds,
            sock_connect=self._connect_timeout_seconds,
            ceil_threshold=float("inf"),
        )

    def _open(self) -> aiohttp.ClientSession:
        """Made at the first request, since aiohttp's session belongs to the running loop."""
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=_IDLE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
            max_headers=_MAX_HEADERS,
        )
        return self._http

    async def close(self) -> None:
        """Let go of all connections; what is asked for afterwards is not sent."""
        self._closed = True
        if self._http is not None:
            await self._http.close()


async def _read_body(response: aiohttp.ClientResponse, max_bytes: int) -> tuple[bytes, str | None]:
    """The body, or as much as came, and why that is not all of it. The head, once there, is never lost."""
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in response.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > max_bytes:
                response.close()
                return b"".join(chunks)[:max_bytes], "LinkedIn's answer was too large"
    except _RAISED as error:
        response.close()
        return b"".join(chunks), find_fault(error).why
    return b"".join(chunks), None


def find_fault(error: BaseException) -> Fault:
    """The row of the nearest of the exception's classes."""
    return next(FAULTS[kind] for kind in type(error).__mro__ if kind in FAULTS)


def judge_fault(fault: Fault, *, begun: bool) -> NotSent | Unknown:
    """NotSent only where the exception and the request's own body both say that nothing left."""
    if begun or fault.stage is Stage.ANSWERED:
        return Unknown(fault.why)
    if fault.stage is Stage.CONNECTING:
        return NotSent(fault.why)
    return NotSent(f"{fault.why} before anything was sent")
