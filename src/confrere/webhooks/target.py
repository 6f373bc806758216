"""Where webhooks may go: which URLs are taken, and which addresses are connected to."""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from confrere.domain.errors import InvalidField

MAX_URL: Final = 2000

URL_FORM: Final = (
    "must be an https:// address on the public internet, without user name, password and #fragment, of at most "
    f"{MAX_URL} characters"
)
PRIVATE_FORM: Final = (
    "must not be an address of this machine or of a private network; where that is meant, start Confrere with "
    "CONFRERE_WEBHOOK_PRIVATE=1"
)
HTTP_FORM: Final = (
    "must begin with https://; http:// is taken for loopback addresses only, such as http://127.0.0.1:9000/"
)

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones. Source: RFC 6052."""

_LOCALHOST: Final = "localhost"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class TargetRefused(OSError):
    """The address that a name has led to may not be connected to."""

    def __init__(self) -> None:
        super().__init__("its name leads to a private address")


@dataclass(frozen=True, slots=True)
class TargetRule:
    """Which addresses webhooks may go to.

    allow_private:  also those of this machine and of private networks: CONFRERE_WEBHOOK_PRIVATE, or the sandbox.
    """

    allow_private: bool = False

    def check_url(self, url: str) -> str:
        """Return the URL as it is stored. Raises InvalidField."""
        url = url.strip()
        if not url.isascii() or not url.isprintable() or " " in url or len(url) > MAX_URL:
            raise InvalidField("url", URL_FORM)
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise InvalidField("url", URL_FORM) from None
        if not host or "@" in parts.netloc or parts.fragment or "\\" in url:
            raise InvalidField("url", URL_FORM)
        address = _literal(host)
        is_loopback = host == _LOCALHOST or (address is not None and address.is_loopback)
        if parts.scheme == "http":
            if not is_loopback:
                raise InvalidField("url", HTTP_FORM)
        elif parts.scheme != "https":
            raise InvalidField("url", URL_FORM)
        if not self.allow_private and (is_loopback or (address is not None and not is_public(address))):
            raise InvalidField("url", PRIVATE_FORM)
        return url

    def open_socket(self, address: tuple[Any, ...]) -> socket.socket:
        """Make the socket for one resolved address: what is checked here is what is connected to.

        address:  an entry of getaddrinfo.  Raises TargetRefused.
        """
        family, kind, protocol, _, place = address
        if not self.allow_private and not is_public(ipaddress.ip_address(place[0].partition("%")[0])):
            raise TargetRefused
        return socket.socket(family, kind, protocol)


def is_public(address: Address) -> bool:
    """Whether it is an address of the public internet; of one that stands for an IPv4 address, whether that is."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _ipv4_within(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _ipv4_within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address to which packets for this one go: mapped, NAT64, 6to4, Teredo."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
