"""The adapter to httpx2: its limits, its answers, and what each of its errors proves."""

from collections.abc import Mapping

import httpx2

from confrere_client.http import HttpAnswer, NoAnswer

IDLE_SECONDS = 3.0
"""How long an idle connection is kept. Many servers close theirs after 5 s, and a send on a connection that is just
being closed has an unknown outcome."""

LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=IDLE_SECONDS)

MAY_HAVE_LEFT: Mapping[type[httpx2.HTTPError], bool] = {
    httpx2.ConnectError: False,
    httpx2.ConnectTimeout: False,
    httpx2.PoolTimeout: False,
    httpx2.ProxyError: False,  # raised while the tunnel is made
    httpx2.UnsupportedProtocol: False,
    httpx2.CloseError: True,
    httpx2.LocalProtocolError: True,
    httpx2.ReadError: True,
    httpx2.ReadTimeout: True,
    httpx2.RemoteProtocolError: True,
    httpx2.WriteError: True,
    httpx2.WriteTimeout: True,
}
"""Whether the server may have the request, for each error of httpx2's transports."""


def read_answer(response: httpx2.Response) -> HttpAnswer:
    """Convert an answer of httpx2."""
    return HttpAnswer(
        response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.content
    )


def read_error(error: httpx2.HTTPError) -> NoAnswer:
    """Convert an error of httpx2. After one that is not in the table the server may have the request."""
    name = type(error).__name__
    return NoAnswer(f"{name}: {error}" if str(error) else name, MAY_HAVE_LEFT.get(type(error), True))
