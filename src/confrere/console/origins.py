"""The addresses at which browsers may reach the console."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

PATH = "/console"
"""Where the console is on the server."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
EXAMPLE = "https://confrere.example"

_HOST = re.compile(r"(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
_NAME = re.compile(r"(?=.*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.?")
_CONFIGURED = re.compile(rf"https://({_HOST.pattern})/?")


class Origins:
    """Loopback names on plain HTTP, and the configured addresses, which are on HTTPS.

    A request under any other name is refused: a page elsewhere may have had its own name resolve to this server (DNS
    rebinding), or a password would travel in clear text.
    """

    def __init__(self, configured: Iterable[str] = ()) -> None:
        """Raises ValueError, with the setting's name and an example."""
        self._by_host = dict(_parse(text) for text in configured)

    @property
    def first(self) -> str | None:
        """The first of the configured addresses, for links."""
        return next(iter(self._by_host.values()), None)

    def suggest(self, host: str) -> str | None:
        """Return what the setting has to be for this `Host` on HTTPS, besides what it is; None for no name at all.

        An address by number is not suggested: nobody has a certificate for it.
        """
        name = urlsplit(f"//{host.lower()}").hostname or "" if _HOST.fullmatch(host.lower()) else ""
        if not _NAME.fullmatch(name) or f"https://{name}" in self._by_host.values():
            return None
        return ",".join([*self._by_host.values(), f"https://{name}"])

    def find(self, host: str) -> str | None:
        """Return the origin of a page that was asked for under this `Host`; None where that is refused."""
        host = host.lower()
        if (configured := self._by_host.get(host)) is not None:
            return configured
        if not _HOST.fullmatch(host):
            return None
        return f"http://{host}" if urlsplit(f"//{host}").hostname in LOOPBACK else None


def _parse(text: str) -> tuple[str, str]:
    """Return Host and origin of a configured address."""
    match = _CONFIGURED.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"CONFRERE_CONSOLE_ORIGINS must list addresses such as {EXAMPLE}, separated by commas")
    host = match[1].removesuffix(":443")
    return host, f"https://{host}"
