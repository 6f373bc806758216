"""Between this client and httpx2: its requests, its answers, and what each of its errors says."""

from collections.abc import Mapping

import httpx2

from confrere_client.http import HttpAnswer, NoAnswer

IDLE_SECONDS = 3.0
"""How long an idle connection is kept. A send on one that the server closes at that moment has an unknown outcome; many
servers close theirs after 5 s."""

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
    """The answer."""
    return HttpAnswer(
        response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.content
    )


def read_error(error: httpx2.HTTPError) -> NoAnswer:
    """Why there is none. An error that is not in the table says nothing: the server may have the request."""
    name = type(error).__name__
    return NoAnswer(f"{name}: {error}" if str(error) else name, MAY_HAVE_LEFT.get(type(error), True))
