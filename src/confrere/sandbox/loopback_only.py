"""Who may call: programs and pages of this machine, addressed by a loopback name.

A web page can have a browser call any address of the machine that it runs on. A page whose own name was rebound to
127.0.0.1 is betrayed by `Host`; every other page by `Origin`, which a browser sends with whatever can change something
or be read. Answers that carry no permission for other origins do the rest.
"""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from confrere.sandbox.answers import Answer, assumed
from confrere.sandbox.request import Request

REFUSED = assumed("not-from-here", "ours: 403 to a Host that is no loopback name, or to a page of another origin")

SAME_ORIGIN: Final = ((b"cross-origin-resource-policy", b"same-origin"), (b"x-content-type-options", b"nosniff"))
"""Headers that keep another origin's page from embedding an answer."""


def refuse_foreign_host(request: Request) -> Answer | None:
    """The 403 to a request that does not address this machine by a loopback name; None lets it pass."""
    if is_loopback(request.headers.get(b"host", b"").decode("latin-1")):
        return None
    return _refuse("Host must be localhost or a loopback address, with the port")


def refuse_foreign_page(request: Request) -> Answer | None:
    """The 403 to a page of any other origin, on another port of this machine too; None lets it pass."""
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
