"""Which addresses webhooks are sent to."""

import ipaddress
import socket
from typing import Any

import pytest

from confrere.domain.errors import InvalidField
from confrere.webhooks.target import TargetRefused, TargetRule, is_public

PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"]
PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:101::1",
    "2001:0:c000:201::5601:fefe",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_connected_to(address: str) -> None:
    """Addresses of the public internet are allowed, also those that stand for a public IPv4 address."""
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_may_not(address: str) -> None:
    """Loopback, private, link-local, shared and multicast addresses are refused, in each of their spellings in IPv6."""
    assert not is_public(ipaddress.ip_address(address))


def test_the_scope_of_an_address_is_not_part_of_it() -> None:
    """A link-local address with its interface's name is refused, too."""
    with pytest.raises(TargetRefused):
        TargetRule().open_socket((socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1%lo", 443, 0, 1)))


def test_the_switch_allows_private_addresses() -> None:
    """With CONFRERE_WEBHOOK_PRIVATE a socket is made for any address, and without it for none but public ones."""
    address: tuple[Any, ...] = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))
    TargetRule(allow_private=True).open_socket(address).close()
    with pytest.raises(TargetRefused):
        TargetRule().open_socket(address)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x", "http://localhost/", "http://[::1]:80/", "https://10.0.0.1/", "https://box.lan/"]
)
def test_plain_http_is_for_loopback_with_the_switch(url: str) -> None:
    """With the switch http is taken for loopback addresses, and https for private ones."""
    assert TargetRule(allow_private=True).check_url(f" {url} ") == url


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://example.com/", "http://127.0.0.1.example.com/"])
def test_plain_http_is_for_nothing_else(url: str) -> None:
    """The switch does not allow http to other addresses."""
    with pytest.raises(InvalidField, match="https://"):
        TargetRule(allow_private=True).check_url(url)
