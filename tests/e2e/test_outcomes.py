"""For each row of the table of outcomes: the answer, the recorded send, the unit, and what the recipient saw."""

from typing import Any

import pytest

from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site, running_server

MESSAGE = {"path": "createMessage"}


@pytest.mark.parametrize(
    ("fault", "status", "outcome", "used", "seen"),
    [
        (None, 200, "accepted", 1, 1),
        ({"effect": "status", "status": 404}, 403, "refused", 0, 0),
        ({"effect": "status", "status": 429}, 429, "throttled", 0, 0),
        ({"effect": "status", "status": 999}, 429, "throttled", 0, 0),
        ({"effect": "redirect_login"}, 500, "session_dead", 0, 0),
        ({"effect": "status", "status": 400}, 403, "refused", 0, 0),
        ({"effect": "status", "status": 410}, 500, "not_sent", 0, 0),
        ({"effect": "status", "status": 502}, 500, "unknown", 1, 0),
        ({"effect": "accept_then_status", "status": 502}, 500, "unknown", 1, 1),
        ({"effect": "reset_before_read"}, 500, "unknown", 1, 0),
        ({"effect": "reset_after_accept"}, 500, "unknown", 1, 1),
        ({"effect": "truncate"}, 500, "unknown", 1, 1),
        ({"effect": "html"}, 500, "unknown", 1, 0),
    ],
)
def test_outcome(
    server: ServerProcess,
    sandbox: SandboxProcess,
    site: Site,
    fault: dict[str, Any] | None,
    status: int,
    outcome: str,
    used: int,
    seen: int,
) -> None:
    """Answer, record, quota and recipient agree for each outcome, and reconciling settles unknown sends."""
    if fault is not None:
        sandbox.faults([{"match": MESSAGE, **fault}])
    reply = server.send(sandbox)
    [send] = site.sends()
    assert (reply.status, send.outcome) == (status, outcome)
    if outcome in ("unknown", "not_sent"):
        assert reply.body["outcome"] == outcome
    assert site.used() == int(reply.headers["x-ratelimit-used"]) == used
    assert len(sandbox.messages()) == seen
    site.reconcile()
    [send] = site.sends()
    assert site.used() == len(sandbox.messages()) == seen
    assert send.outcome == ({0: "not_sent", 1: "accepted"}[seen] if outcome == "unknown" else outcome)


def test_not_sent_when_linkedin_cannot_be_reached(site: Site, sandbox: SandboxProcess) -> None:
    """Without a connection the send is certainly not sent, and its unit is given back."""
    with running_server(site, environment={"CONFRERE_LINKEDIN_URL": "http://127.0.0.1:9"}) as server:
        reply = server.send(sandbox)
    assert (reply.status, reply.body["outcome"]) == (500, "not_sent")
    assert (site.sends()[0].outcome, site.used()) == ("not_sent", 0)


@pytest.mark.parametrize("effect", ["hang_after_accept", "delay_seconds"])
def test_every_answer_comes_within_25_seconds(
    server: ServerProcess, sandbox: SandboxProcess, site: Site, effect: str
) -> None:
    """A send to a silent LinkedIn is answered `unknown` within 25 seconds, and a repeat finds the message."""
    sandbox.faults([{"match": MESSAGE, "effect": effect, "seconds": 60}])
    reply = server.send(sandbox)
    assert (reply.status, reply.body["outcome"]) == (500, "unknown")
    if effect == "hang_after_accept":
        assert server.send(sandbox).status == 200
        assert len(sandbox.messages()) == site.used() == 1


@pytest.mark.parametrize("fault", ["reset_after_accept", "truncate"])
@pytest.mark.parametrize("key", [None, "key-1"])
def test_once_for_clients_that_repeat_after_a_5xx(
    server: ServerProcess, sandbox: SandboxProcess, site: Site, fault: str, key: str | None
) -> None:
    """After an answer lost between LinkedIn and server, the repeat is answered 200 and sends nothing."""
    sandbox.faults([{"match": MESSAGE, "effect": fault}])
    assert server.send(sandbox, key=key).status == 500
    repeat = server.send(sandbox, key=key)
    assert repeat.status == 200
    assert repeat.headers.get("idempotency-replayed") == ("true" if key else None)
    assert len(sandbox.messages()) == site.used() == 1


def test_once_while_the_message_does_not_show_yet(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """A first search that does not find the message, as LinkedIn's reads lag, does not lead to a second send."""
    sandbox.faults(
        [
            {"match": MESSAGE, "effect": "reset_after_accept"},
            {"match": MESSAGE, "effect": "read_lag_seconds", "seconds": 2},
        ]
    )
    assert server.send(sandbox).status == 500
    repeat = server.send(sandbox)
    assert (repeat.status, len(sandbox.messages())) == (500, 1)
    assert repeat.body["outcome"] == "unknown"


def test_refreshed_cookies_are_kept(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """A cookie that LinkedIn sets is stored, and the next request sends it."""
    import asyncio

    sandbox.faults([{"match": MESSAGE, "effect": "set_cookie", "name": "lidc", "value": "b=NEW"}])
    assert server.send(sandbox).status == 200

    async def cookies() -> str | None:
        async with site.services() as services:
            account = await services.accounts.read("default", None)
            session = await services.store.read_session(account.id, account.session_version)
            return session.cookies.get("lidc") if session else None

    for _ in range(50):
        if asyncio.run(cookies()) == "b=NEW":
            break
    assert asyncio.run(cookies()) == "b=NEW"
    assert server.send(sandbox, "another").status == 200
