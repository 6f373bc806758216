from urllib.parse import urlsplit

import pytest

from confrere.sandbox.loopback_only import is_loopback
from tests.contract.sandbox.browser import Browser
from tests.sandbox_process import SandboxProcess

HOST = {"error": "Host must be localhost or a loopback address, with the port"}
ORIGIN = {"error": "Origin must be absent or the sandbox's own: a page of another origin may not call this"}
PATHS = ("/_control/world?accounts=1", "/_control/messages", "/_control/nowhere", "/inbox", "/inbox.js")


@pytest.mark.parametrize("host", ["rebound.example", "rebound.example:8081", "127.0.0.1.rebound.example", "", "[::1"])
@pytest.mark.parametrize("path", [*PATHS, "/voyager/api/me", "/uas/login"])
def test_a_name_that_was_rebound_is_refused(browser: Browser, host: str, path: str) -> None:
    """A page whose name now points at this machine reads neither cookies nor messages."""
    seen = browser.get(path, host=host)
    assert (seen.status, seen.json()) == (403, HOST)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_another_origin_is_refused(browser: Browser, path: str) -> None:
    """A page of another site, port or scheme, or of no origin, is refused."""
    here = urlsplit(browser.sandbox.url).netloc
    for origin in ("https://rebound.example", "http://127.0.0.1:9", "http://localhost", f"https://{here}", "null"):
        seen = browser.get(path, origin=origin)
        assert (seen.status, seen.json()) == (403, ORIGIN), origin
        assert "access-control-allow-origin" not in seen.headers


def test_a_foreign_page_changes_nothing(browser: Browser, sandbox: SandboxProcess) -> None:
    """A foreign page changes nothing, neither by a form nor by a script."""
    fault = b'{"effect": "html"}'
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
        seen = browser.call("POST", "/_control/faults", fault, origin="http://a.example", content_type=content_type)
        assert seen.status == 403
    assert sandbox.waiting_faults() == []


def test_programs_and_the_own_page_are_served(browser: Browser) -> None:
    """Requests without an Origin or with the sandbox's own are served, and no page may embed them."""
    for path in ("/_control/messages", "/inbox", "/inbox.css"):
        for origin in (None, browser.sandbox.url):
            seen = browser.get(path, origin=origin)
            assert seen.status == 200
            assert seen.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("authority", "ours"),
    [
        ("localhost", True), ("LOCALHOST:80", True), ("127.0.0.1:8081", True), ("127.9.9.9", True),
        ("[::1]:8081", True),
        ("::1", False), ("0.0.0.0", False), ("localhost.example", False), ("x@localhost", True), ("192.0.2.1", False),
        ("127.0.0.1/x", True), ("127.1", False), ("2130706433", False), ("\u00b9", False),
    ],
)  # fmt: skip
def test_loopback_names_are_known(authority: str, *, ours: bool) -> None:
    """A loopback name or address is accepted in Host only in the form that browsers write."""
    assert is_loopback(authority) is ours
