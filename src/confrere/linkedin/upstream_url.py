"""Validation of the upstream's URL: LinkedIn, or a loopback address."""

import re
from ipaddress import AddressValueError, IPv4Address

LINKEDIN = "https://www.linkedin.com"

_LINKEDIN = re.compile(r"https://www\.linkedin\.com(?::443)?/?", re.ASCII | re.IGNORECASE)
_LOOPBACK = re.compile(
    r"(https?)://(localhost|\[::1\]|127(?:\.[0-9]{1,3}){3})(?::([0-9]{1,5}))?/?", re.ASCII | re.IGNORECASE
)


def parse_upstream(url: str) -> str:
    """Return `url` normalized, without a trailing slash, if it is LinkedIn or a loopback address.

    The whole text is matched against an allow-list, because URL parsers disagree about user names, trailing dots,
    backslashes and numeric addresses.
    Raises:  ValueError.
    """
    if _LINKEDIN.fullmatch(url):
        return LINKEDIN
    if (found := _LOOPBACK.fullmatch(url)) and _is_host(found[2]) and _is_port(found[3]):
        return url.rstrip("/").lower()
    raise ValueError(f"the upstream must be {LINKEDIN} or an address of this machine such as http://127.0.0.1:8099")


def _is_host(host: str) -> bool:
    if not host.startswith("127"):
        return True
    try:
        return IPv4Address(host).is_loopback  # refuses 127.0.0.256, and 127.0.0.01, which some read as octal
    except AddressValueError:
        return False


def _is_port(port: str | None) -> bool:
    return port is None or 0 < int(port) < 65536
