"""The proxy that all connections to LinkedIn may go through. TLS runs through it: it sees no cookie and no text."""

import re
import socket
from typing import Final

from confrere.domain.outcome import NotSent

NO_PROXY: Final = NotSent("no connection to the proxy of CONFRERE_LINKEDIN_PROXY could be made")
PROXY_REFUSED: Final = NotSent("the proxy of CONFRERE_LINKEDIN_PROXY made no connection to LinkedIn")

_FORM: Final = re.compile(
    r"(?:http|socks5)://(?:[^\s/@]*@)?(?:\[[0-9a-fA-F:.]+\]|[^\s/@:\[\]?#]+):([0-9]{1,5})/?", re.ASCII
)
_MAX_PORT: Final = 65_535


class ProxyFailed(Exception):
    """No connection came about, and nothing of a request has left; `why` is the reason."""

    def __init__(self, why: NotSent) -> None:
        super().__init__(why.why)
        self.why = why


class Proxy:
    """A proxy that opens connections, by HTTP CONNECT or SOCKS5; it resolves LinkedIn's name.

    url:  as `parse_proxy` accepts it.
    """

    def __init__(self, url: str) -> None:
        """Raises ValueError."""
        self._url = parse_proxy(url)

    async def connect(self, host: str, port: int) -> socket.socket:
        """Return a socket that is connected to the host through the proxy. Raises ProxyFailed."""
        from python_socks import ProxyConnectionError, ProxyError  # costs memory, and few use a proxy
        from python_socks.async_.asyncio import Proxy as Client

        try:
            return await Client.from_url(self._url, rdns=True).connect(host, port)
        except ProxyConnectionError:
            raise ProxyFailed(NO_PROXY) from None
        except ProxyError:
            raise ProxyFailed(PROXY_REFUSED) from None


def parse_proxy(url: str) -> str:
    """Return the URL of a proxy without a slash at its end. Raises ValueError, whose text holds no part of it."""
    if (found := _FORM.fullmatch(url)) and 0 < int(found[1]) <= _MAX_PORT:
        return url.rstrip("/")
    raise ValueError(
        "CONFRERE_LINKEDIN_PROXY must be one proxy, as http://host:port or socks5://host:port, "
        "with user:password@ before the host where it asks for them"
    )
