"""Protection against web pages of other origins: only programs and pages of this machine may call.

A web page can make a browser call any address of its machine. A page whose name was rebound to 127.0.0.1 is detected by
`Host`, every other one by `Origin`, which browsers send with each request that changes something or whose answer is
read. Answers carry no CORS permission.
"""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from confrere.sandbox.answers import Answer, assumed
from confrere.sandbox.request import Request

REFUSED = assumed("not-from-here", "ours: 403 to a Host that is no loopback name, or to a page of another origin")

SAME_ORIGIN: Final = ((b"cross-origin-resource-policy", b"same-origin"), (b"x-content-type-options", b"nosniff"))
"""Headers that prevent another origin's page from embedding an answer."""


def refuse_foreign_host(request: Request) -> Answer | None:
    """Return the 403 for a request whose Host is no loopback name, else None."""
    if is_loopback(request.headers.get(b"host", b"").decode("latin-1")):
        return None
    return _refuse("Host must be localhost or a loopback address, with the port")


def refuse_foreign_page(request: Request) -> Answer | None:
    """Return the 403 for a page of another origin, also on another port of this machine, else None."""
    origin = request.headers.get(b"origin")
    if origin is None or origin == b"http://" + request.headers.get(b"host", b""):
        return None
    return _refuse("Origin must be absent or the sandbox's own: a page of another origin may not call this")


def is_loopback(authority: str) -> bool:
    """Whether `host` or `host:port` names this machine and nothing else."""
    try:
        name = urlsplit(f"//{authority}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refuse(sentence: str) -> Answer:
    return REFUSED.json({"error": sentence}, status=403)
