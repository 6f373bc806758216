"""A backup is made while the server sends, and restored later: nobody gets a message twice."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command_line import confrere
from tests.sandbox_process import SandboxProcess
from tests.server_process import Reply, ServerProcess, Site, prepare_site, running_server

_PEOPLE = 6
_REPEATS = 3


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path, sandbox: SandboxProcess) -> Site:
    """Prepare a store of each kind, with one account."""
    database_url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return prepare_site(tmp_path, sandbox, database_url=database_url)


def _run(site: Site, *arguments: str) -> Any:
    done = confrere(site.environment, *arguments, "--json")
    assert done.code == 0, done
    return done.json


def _sends(sandbox: SandboxProcess) -> list[tuple[str, str, str | None]]:
    """Messages to some people, every second one with a key."""
    ours = {account.profile_urn for account in sandbox.accounts}
    people = sandbox.world(group=sandbox.group_id, count=_PEOPLE + len(ours))["recipients"]
    urns = [one["profileUrn"] for one in people if one["profileUrn"] not in ours][:_PEOPLE]
    return [
        (urn, f"Hello, member {number}", f"order-{number}" if number % 2 else None) for number, urn in enumerate(urns)
    ]


def _send(server: ServerProcess, sandbox: SandboxProcess, one: tuple[str, str, str | None]) -> Reply:
    recipient, text, key = one
    return server.send(sandbox, text, key=key, recipientProfileUrn=recipient)


def test_a_crowd_that_repeats_what_a_restored_backup_has_lost(
    place: Site, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """With keys and without: each message is found in its conversation and answered as sent, and none is sent again."""
    known, *lost = _sends(sandbox)
    backup = tmp_path / "backup"
    with running_server(place) as server:
        assert _send(server, sandbox, known).status == 200
        assert _run(place, "backup", str(backup))["bytes"] == backup.stat().st_size
        first = [_send(server, sandbox, one) for one in lost]
        assert [reply.status for reply in first] == [200] * len(lost)
        assert server.stop() == 0
    sent = sandbox.count_messages()
    assert sent == len(lost) + 1
    assert _run(place, "restore", str(backup), "--replace", "--yes")["accountsHeld"] == 1
    assert len(place.sends()) == 1
    with running_server(place) as server:
        held = _send(server, sandbox, lost[0])
        assert (held.status, sandbox.count_messages()) == (429, sent)
        assert "until a person releases it" in held.body["error"]
        _run(place, "accounts", "release-hold", place.account_ids[0], f"--sent-today={sent}", "--yes")
        with ThreadPoolExecutor(len(lost) * _REPEATS) as crowd:
            again = list(crowd.map(lambda one: _send(server, sandbox, one), lost * _REPEATS))
        assert {reply.status for reply in again} <= {200, 409}, [reply.body for reply in again]
        assert all(any(reply.status == 200 for reply in again[place :: len(lost)]) for place in range(len(lost)))
        assert sandbox.count_messages() == sent
        assert _send(server, sandbox, (lost[0][0], "Something new", "new")).status == 200
        assert sandbox.count_messages() == sent + 1
        assert server.stop() == 0
    assert len({one.message_urn for one in place.sends()}) == sent + 1


def test_a_released_account_sends_no_more_than_its_day(place: Site, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Where nobody states how many messages were sent after the backup, the day counts as used up.

    Who has opted out after the backup, and a key that was revoked, stay so: each command has written the journal.
    """
    backup = tmp_path / "backup"
    leaked, opted_out = _run(place, "keys", "create", "--name", "leaked")["id"], "urn:li:fsd_profile:ACoAAnomore"
    _run(place, "backup", str(backup))
    _run(place, "do-not-contact", "add", opted_out)
    _run(place, "keys", "revoke", leaked)
    again = _run(place, "restore", str(backup), "--replace", "--yes")["doneAgain"]
    assert again == {"listed": 1, "key_revoked": 1}
    assert _run(place, "do-not-contact", "list")["recipientProfileUrn"] == opted_out
    assert [one["id"] for one in _run(place, "keys", "list") if one["revokedAt"]] == [leaked]
    _run(place, "accounts", "release-hold", place.account_ids[0], "--yes")
    with running_server(place) as server:
        assert server.send(sandbox).status == 429
        assert server.stop() == 0
    assert sandbox.count_messages() == 0
