"""The sandbox, tested with a client that others wrote against LinkedIn itself."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from open_linkedin_api import Linkedin  # type: ignore[import-untyped]  # it has no types
from open_linkedin_api.client import ChallengeException, Client  # type: ignore[import-untyped]  # it has no types
from requests.cookies import RequestsCookieJar

from tests.sandbox_process import SandboxProcess


def at_once() -> None:
    """Skip the client's pause of seconds before each call."""


@pytest.fixture
def pointed(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxProcess]:
    """Point the client's base URLs to the sandbox."""
    monkeypatch.setattr(Client, "LINKEDIN_BASE_URL", sandbox.url)
    monkeypatch.setattr(Client, "API_BASE_URL", f"{sandbox.url}/voyager/api")
    before = logging.getLogger().handlers[:]
    yield sandbox
    logging.getLogger().handlers[:] = before


def with_cookies(sandbox: SandboxProcess) -> Any:
    """The client, logged in with the cookies of the first account's browser."""
    jar = RequestsCookieJar()
    for part in sandbox.accounts[0].cookie.split("; "):
        name, _, value = part.partition("=")
        jar.set(name, value)
    return Linkedin("", "", cookies=jar)


def test_it_reads_me_with_the_browsers_cookies(pointed: SandboxProcess) -> None:
    """The client's read of the own profile is answered in the form it knows."""
    client = with_cookies(pointed)
    client.client.session.headers["user-agent"] = pointed.accounts[0].user_agent
    me = client._fetch("/me", evade=at_once).json()
    assert me["miniProfile"]["dashEntityUrn"] == pointed.accounts[0].profile_urn
    assert me["miniProfile"]["publicIdentifier"] == pointed.accounts[0].public_identifier


def test_its_own_user_agent_costs_it_the_session(pointed: SandboxProcess) -> None:
    """With the user agent that is built into the client the session dies after a few calls, as in the reports."""
    client = with_cookies(pointed)
    statuses = [client._fetch("/me", evade=at_once, allow_redirects=False).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 302, 302]


def test_its_retired_endpoints_are_retired(pointed: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles are 410, which the client reads as an empty one; legacy conversations and sends are refused."""
    monkeypatch.setattr("open_linkedin_api.linkedin.sleep", lambda _: None)
    client = with_cookies(pointed)
    client.client.session.headers["user-agent"] = pointed.accounts[0].user_agent
    assert client.get_profile("somebody") == {}
    assert client.get_conversations() == {"status": 403}
    recipient = pointed.recipient.rpartition(":")[2]
    assert client.send_message("hello", recipients=[recipient]) is True
    assert pointed.messages() == []


def test_it_logs_in(pointed: SandboxProcess, tmp_path: Any) -> None:
    """The client's own login with name and password gets it a session; a wrong password does not."""
    name = pointed.accounts[1].public_identifier
    options = {"refresh_cookies": True, "cookies_dir": f"{tmp_path}/"}
    client = Linkedin(name, "sandbox", **options)
    client.client.session.headers["user-agent"] = pointed.accounts[1].user_agent
    me = client._fetch("/me", evade=at_once).json()
    assert me["miniProfile"]["publicIdentifier"] == name
    assert client.client.metadata["clientApplicationInstance"]["version"]
    with pytest.raises(ChallengeException):
        Linkedin(name, "guess", **options)
