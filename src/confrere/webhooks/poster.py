"""Sends one request to a webhook's URL, and classifies what comes of it."""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from standardwebhooks import Webhook as Signer

from confrere.domain.webhooks import ANSWER_BYTES, Try
from confrere.webhooks.target import TargetRefused, TargetRule

if TYPE_CHECKING:
    import aiohttp  # at run time only a worker imports it, with its first try: that takes a fifth of a second

TIMEOUT_SECONDS: Final = 15.0
"""From the resolution of the name to the end of the answer. Source: the specification of webhooks."""

USER_AGENT: Final = "Confrere-Webhooks/1"

_NOT_REACHED: Final = "no connection could be made"
_CUT_OFF: Final = "the connection ended before an answer"


class Poster:
    """The HTTP client of webhooks: without redirects, proxies, cookies and connections that are used again.

    A connection is made for every try, so that its address is checked at every try.
    """

    def __init__(self, rule: TargetRule, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._rule = rule
        self._timeout_seconds = timeout_seconds
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Try:
        """Post the body. Never raises for what the receiver or the network does."""
        import aiohttp

        status: int | None = None
        answer = b""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                async with self._open().post(url, data=body, headers=headers, allow_redirects=False) as response:
                    status = response.status
                    answer = await _beginning(response)
        except TimeoutError:
            if status is None:
                return Try(None, f"no answer within {self._timeout_seconds:g} seconds")
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            if status is None:
                return Try(None, _describe(fault))
        assert status is not None
        return Try(status, _complaint(status), answer)

    async def close(self) -> None:
        """Close the client."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> "aiohttp.ClientSession":
        """Return the session, which needs a running event loop."""
        import aiohttp

        from confrere.webhooks.resolver import Resolver

        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=0,
                force_close=True,
                use_dns_cache=False,
                resolver=Resolver(),
                socket_factory=self._rule.open_socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trust_env=False,
                headers={"User-Agent": USER_AGENT},
            )
        return self._session


def signed_headers(secrets: Sequence[str], event_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of one try.

    Source: Standard Webhooks; `X-Webhook-Signature` is the hosted API's, which has room for the newest secret only.
    """
    text = body.decode("ascii")
    return {
        "Content-Type": "application/json",
        "Webhook-Id": event_id,
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": " ".join(Signer(secret).sign(event_id, now, text) for secret in secrets),
        "X-Webhook-Signature": f"sha256={hmac.new(secrets[0].encode(), body, hashlib.sha256).hexdigest()}",
    }


async def _beginning(response: "aiohttp.ClientResponse") -> bytes:
    """Read no more than is kept."""
    parts = bytearray()
    while len(parts) < ANSWER_BYTES and (part := await response.content.read(ANSWER_BYTES - len(parts))):
        parts += part
    response.close()
    return bytes(parts)


def _complaint(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"it answered with a redirect ({status}), which is not followed"
    return f"it answered {status}"


def _describe(fault: Exception) -> str:
    """Return one clause for people: fixed words, since texts of the library hold addresses."""
    import aiohttp

    match fault:
        case TargetRefused():
            return str(fault)
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not valid"
        case aiohttp.ClientConnectorDNSError():
            return "its name could not be resolved"
        case aiohttp.ClientConnectorError():
            return str(TargetRefused()) if str(TargetRefused()) in str(fault.os_error) else _NOT_REACHED
        case aiohttp.InvalidURL():
            return "its address cannot be used"
        case _:
            return _CUT_OFF
