"""Calls of the sandbox's control, and of the server that the demonstration kills."""

import urllib.error
import urllib.request
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from confrere.domain.errors import ConfrereError

_SECONDS: Final = 10
_NO_PROXY: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SandboxUnavailable(ConfrereError):
    """It does not answer."""


class SandboxRefused(SandboxUnavailable):
    """It refuses what it was asked; the text has its words."""


def call(method: str, url: str, body: object = None, *, key: str | None = None, wanted: Any = Any) -> Any:
    """Make one call of a JSON API on this machine. Raises SandboxUnavailable, SandboxRefused."""
    data = None if body is None else msgspec.json.encode(body)
    request = urllib.request.Request(url, data=data, method=method)  # noqa: S310 - an address of this machine
    request.add_header("Content-Type", "application/json")
    if key is not None:
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with _NO_PROXY.open(request, timeout=_SECONDS) as answer:
            return msgspec.json.decode(answer.read(), type=wanted)
    except urllib.error.HTTPError as error:
        with error:
            text = error.read(500).decode("utf-8", "replace")
        raise SandboxRefused(f"{method} {urlsplit(url).path} is answered {error.code}: {text}") from error
    except (OSError, msgspec.DecodeError) as fault:
        raise SandboxUnavailable("The sandbox does not answer; start the server again") from fault
