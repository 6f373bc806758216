from typing import Any

import pytest

from tests.contract.sandbox.browser import NORMALIZED, SEND, Browser
from tests.sandbox_process import SandboxProcess

ME = "/voyager/api/me"
OTHER_AGENT = "curl/8.0"


def test_me_plain_and_normalized(browser: Browser) -> None:
    """`/me` returns the session's member in both forms."""
    plain = browser.get(ME).json()
    mini = plain["miniProfile"]
    assert mini["dashEntityUrn"] == browser.urn
    assert mini["firstName"] == browser.account.first_name
    assert mini["entityUrn"].replace("fs_miniProfile", "fsd_profile") == browser.urn
    assert mini["objectUrn"] == f"urn:li:member:{plain['plainId']}"
    seen = browser.get(ME, accept=NORMALIZED).json()
    [included] = seen["included"]
    assert included["$type"] == "com.linkedin.voyager.identity.shared.MiniProfile"
    assert seen["data"]["*miniProfile"] == included["entityUrn"]


def test_a_dead_session_redirects_to_itself_or_is_401(browser: Browser, sandbox: SandboxProcess) -> None:
    """A killed session is answered as the switch is set, until it is revived."""
    sandbox.act({"action": "kill_session", "account": browser.urn})
    seen = browser.get(f"{ME}?a=b")
    assert (seen.status, seen.headers["location"]) == (302, f"{sandbox.url}{ME}?a=b")
    assert seen.headers["set-cookie"].startswith('li_at="delete me"')
    sandbox.act({"action": "set", "dead_session": "401"})
    assert (browser.get(ME).status, browser.get(ME).body) == (401, b'{"status":401}')
    assert browser.get(ME, accept=NORMALIZED).body == b'{"data":{"status":401},"included":[]}'
    sandbox.act({"action": "revive_session", "account": browser.urn})
    assert browser.get(ME).status == 200


def test_no_li_at_is_401_and_a_foreign_one_dead(browser: Browser) -> None:
    """Without an li_at the answer is 401, with an unknown one that of a dead session."""
    jsession = browser.account.cookie.partition("; ")[2]
    assert browser.get(ME, cookie=None).status == 401
    assert browser.get(ME, cookie=jsession).status == 401
    assert browser.get(ME, cookie=f"li_at=AQEDmade-up; {jsession}").status == 302


@pytest.mark.parametrize("token", [None, "", "ajax:1", '"ajax:1"'])
def test_a_wrong_csrf_token_is_refused_in_plain_text(browser: Browser, token: str | None) -> None:
    """A missing, other or quoted csrf-token is 403 with LinkedIn's own words, and the session lives on."""
    seen = browser.get(ME, csrf_token=token)
    assert (seen.status, seen.body, seen.headers["content-type"]) == (403, b"CSRF check failed.", "text/plain")
    quoted = browser.get(ME, csrf_token=f'"{browser.account.csrf_token}"')
    assert quoted.status == 403
    assert browser.get(ME).status == 200


def test_a_self_made_jsessionid_will_do(browser: Browser) -> None:
    """The csrf rule is a double submit: cookie and header have only to agree."""
    li_at = browser.account.cookie.partition(";")[0]
    assert browser.get(ME, cookie=f'{li_at}; JSESSIONID="ajax:42"', csrf_token="ajax:42").status == 200
    assert browser.get(ME, cookie=li_at, csrf_token="ajax:42").status == 403


@pytest.mark.parametrize("version", [None, "1.0.0"])
def test_the_protocol_version_is_wanted(browser: Browser, version: str | None) -> None:
    """Without x-restli-protocol-version 2.0.0 a call is 400."""
    assert browser.get(ME, x_restli_protocol_version=version).status == 400


def test_another_user_agent_kills_the_session(browser: Browser, sandbox: SandboxProcess) -> None:
    """With another user agent a few calls work; then the session is dead for its own browser too."""
    statuses = [browser.get(ME, user_agent=OTHER_AGENT).status for _ in range(5)]
    assert statuses == [200, 200, 200, 302, 302]
    assert browser.get(ME).status == 302
    assert browser.post(SEND, browser.group_message("x")).status == 302
    assert sandbox.messages() == []
    assert Browser(sandbox, sandbox.accounts[1]).get(ME).status == 200


def test_a_refreshed_cookie_is_taken(browser: Browser, sandbox: SandboxProcess) -> None:
    """The fault set_cookie answers normally with a new li_at, which works from then on beside the old one."""
    fault: dict[str, Any] = {
        "match": {"path": "/me"},
        "effect": "set_cookie",
        "name": "li_at",
        "value": "AQEDrefreshed",
    }
    sandbox.faults([fault])
    seen = browser.get(ME)
    assert seen.status == 200
    assert seen.headers["set-cookie"].startswith("li_at=AQEDrefreshed;")
    renewed = browser.account.cookie.replace(browser.account.cookie.partition(";")[0], "li_at=AQEDrefreshed")
    assert browser.get(ME, cookie=renewed).json() == seen.json() == browser.get(ME).json()
    assert "set-cookie" not in browser.get(ME).headers


def test_pages_for_humans_need_no_session(browser: Browser) -> None:
    """The pages that a redirect leads to are HTML and need no session."""
    for path in ("/", "/uas/login", "/checkpoint/challenge/x"):
        seen = browser.get(path, cookie=None)
        assert (seen.status, seen.headers["content-type"]) == (200, "text/html; charset=utf-8")
