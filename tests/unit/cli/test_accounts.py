import os
import pty
import re
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from confrere.cli.paste import read_unseen
from confrere.domain.account import UNTIL_RELEASED, Account
from confrere.domain.attempt import Unreadable
from confrere.domain.outcome import SessionDead, Throttled
from confrere.services import Services
from confrere.store.script import run_query
from tests.fakes.runtime import NOON, FakeRuntime
from tests.fakes.upstream import ODILE
from tests.unit.cli.conftest import Confrere

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
COOKIE = 'li_at=AQEDsecretcookie; JSESSIONID="ajax:8471"'
CURL = f"curl 'https://www.linkedin.com/voyager/api/me' \\\n  -H 'user-agent: {AGENT}' \\\n  -b '{COOKIE}'\n"


def held(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Let LinkedIn throttle Odile's account for an hour."""
    runtime.upstream.will(Throttled(429, 3600))
    assert confrere("send", "--to", "ACoAABastien", "--group", "1", "--message", "x").code == 3


def test_connecting_by_a_pasted_curl(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A pasted cURL on standard input is probed once, its member is printed, and no cookie is."""
    ran = confrere("accounts", "connect", given=CURL)
    assert ran.code == 0
    assert ran.out.startswith("Connected Odile Sample (odile-sample-0001) as account ")
    assert ran.out.endswith(", the default account.\n")
    assert runtime.upstream.probes == 1
    assert "AQEDsecretcookie" not in ran.out + ran.err


def test_connecting_by_a_file_with_a_cookie_header(tmp_path: Path, confrere: Confrere) -> None:
    """A file with a Cookie header needs the user agent beside it, and the user is advised to delete the file."""
    file = tmp_path / "session.txt"
    file.write_text(COOKIE)
    ran = confrere("accounts", "connect", str(file))
    assert ran.code == 2
    assert "--user-agent" in ran.err
    ran = confrere("accounts", "connect", str(file), "--user-agent", AGENT, "--json")
    assert ran.json["firstName"] == "Odile"
    assert ran.json["hasTokens"] is True
    assert f"Delete {file} now" in ran.err
    assert "AQEDsecretcookie" not in ran.out + ran.err


def test_a_cookie_is_not_taken_as_an_argument(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A cookie as an argument is rejected unused and not repeated, with a warning that the shell keeps it."""
    ran = confrere("accounts", "connect", COOKIE, "--user-agent", AGENT, "--json")
    assert ran.code == 2
    assert "history" in ran.err
    assert "AQEDsecretcookie" not in ran.out + ran.err
    assert runtime.upstream.probes == 0


def test_a_paste_that_is_too_long_is_refused_and_not_cut(
    confrere: Confrere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paste that is too long is rejected, since a truncated one could end within a cookie."""
    monkeypatch.setattr("confrere.cli.paste.MAX_FILE_BYTES", len(CURL) - 1)
    file = tmp_path / "session.txt"
    file.write_text(CURL)
    for ran in (confrere("accounts", "connect", str(file)), confrere("accounts", "connect", "-", given=CURL)):
        assert (ran.code, "What was given is longer than" in ran.err) == (2, True)


def test_a_file_as_windows_powershell_writes_it_is_read(confrere: Confrere, tmp_path: Path) -> None:
    """A file in UTF-16, as Windows PowerShell's `>` writes it, is accepted."""
    file = tmp_path / "session.txt"
    file.write_bytes(CURL.encode("utf-16"))
    assert confrere("accounts", "connect", str(file)).code == 0


@pytest.mark.parametrize("given", ["", "hello", "curl 'https://example.com/' -b 'li_at=x'", b"\xff\xfe"])
def test_what_holds_no_session_is_refused(runtime: FakeRuntime, confrere: Confrere, given: str | bytes) -> None:
    """Text without a session is rejected without asking LinkedIn, by an error that explains how to copy one."""
    ran = confrere("accounts", "connect", "-", given=given)
    assert (ran.code, ran.out) == (2, "")
    assert runtime.upstream.probes == 0


def test_a_file_that_is_not_there(confrere: Confrere) -> None:
    """The error for a missing file names it."""
    ran = confrere("accounts", "connect", "/nowhere/session.txt")
    assert ran.code == 2
    assert "/nowhere/session.txt" in ran.err


def test_a_session_that_linkedin_does_not_take(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A session that turns out dead when probed is not stored, and the exit code is that of a failure."""
    runtime.upstream.member = SessionDead("LinkedIn asks to log in")
    ran = confrere("accounts", "connect", given=CURL)
    assert ran.code == 1
    assert "LinkedIn asks to log in" in ran.err
    assert "confrere accounts connect" in ran.err
    assert confrere("accounts", "list", "--json").json == []


def paste_into_terminal(typed: bytes) -> tuple[bytes, bytes]:
    """Type a text into a real terminal; return what `read_unseen` reads and what the terminal shows."""
    ours, its = pty.openpty()
    taken: list[bytes] = []
    with os.fdopen(its, "r") as terminal, os.fdopen(os.dup(its), "w") as screen:
        reader = threading.Thread(target=lambda: taken.append(read_unseen(terminal, screen, "Paste here")))
        reader.start()
        assert os.read(ours, 100) == b"Paste here"
        while typed:
            typed = typed[os.write(ours, typed[:512]) :]
        reader.join(10)
        assert not reader.is_alive()
        os.write(ours, b"shown\n")
        shown = os.read(ours, 100_000)
    os.close(ours)
    return taken[0], shown


@pytest.mark.parametrize("end", [b"\r\r", b"\x04", b"\n\n"])
def test_a_paste_is_taken_whole_and_unseen(end: bytes) -> None:
    """A paste longer than a terminal's line arrives whole, is not shown, and ends at an empty line or ^D."""
    line = b"curl -b 'li_at=" + b"A" * 9_000 + b"'"
    taken, shown = paste_into_terminal(line + end)
    assert taken == line
    assert b"AAAA" not in shown


def test_an_empty_line_in_the_midst_of_a_paste_does_not_end_it() -> None:
    """Empty lines within a paste, from double line ends or a body, do not end it."""
    taken, _ = paste_into_terminal(b"\r\rcurl \\\r\n  -H 'a: b' \\\r\n  -b 'c=d'\r\r\n\r")
    assert taken == b"curl \\\n  -H 'a: b' \\\n  -b 'c=d'"


def test_accounts_are_listed(account: Account, confrere: Confrere) -> None:
    """Accounts are listed with name, state and limit."""
    ran = confrere("accounts", "list")
    assert account.id in ran.out
    assert "Odile Sample" in ran.out
    assert "AVAILABLE" in ran.out
    listed = confrere("accounts", "list", "--json").json
    assert [one["id"] for one in listed] == [account.id]
    assert (listed[0]["dailyLimit"], listed[0]["isDefault"]) == (150, True)


def test_without_an_account_the_next_step_is_printed(confrere: Confrere) -> None:
    """An empty list of accounts is no error, and explains how to connect one."""
    ran = confrere("accounts", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "confrere accounts connect" in ran.err


def test_one_account_is_shown(account: Account, confrere: Confrere) -> None:
    """An account is shown with all of its attributes, and without its session."""
    ran = confrere("accounts", "show", account.id)
    assert ODILE.profile_urn in ran.out
    assert "secret-li-at" not in ran.out + confrere("accounts", "show", account.id, "--json").out


@pytest.mark.parametrize(
    "command",
    [["show"], ["check"], ["set-default"], ["enable"], ["disable"], ["release-hold", "--yes"], ["disconnect", "--yes"]],
)
def test_an_unknown_account_is_not_found(confrere: Confrere, command: list[str]) -> None:
    """Every command reports an unknown account and names the command that lists accounts."""
    ran = confrere("accounts", *command, "0" * 24)
    assert ran.code == 1
    assert "confrere accounts list" in ran.err


@pytest.mark.parametrize("command", [["accounts", "show"], ["quota", "--account"], ["sends", "list", "--account"]])
def test_an_account_s_id_is_read_as_people_paste_it(account: Account, confrere: Confrere, command: list[str]) -> None:
    """An account's id is accepted with surrounding blanks and in either case; a malformed one is rejected by name."""
    assert confrere(*command, f" {account.id.upper()} ").code == 0
    ran = confrere(*command, "abc")
    assert ran.code == 2
    assert f"{command[-1] if command[-1].startswith('--') else 'ID'} must be 24 hexadecimal digits" in ran.err


def test_a_disconnected_account_is_not_shown_as_available(account: Account, confrere: Confrere) -> None:
    """A disconnected account is shown as such, with the advice to connect it again."""
    assert confrere("accounts", "disconnect", account.id, "--yes").code == 0
    for command in (["accounts", "list"], ["accounts", "show", account.id]):
        shown = confrere(*command).out
        assert "disconnected: connect it again" in shown
        assert "AVAILABLE" not in shown


def test_limit_default_and_switch(account: Account, confrere: Confrere) -> None:
    """Changes of limit, default and enabled are confirmed and stored."""
    assert confrere("accounts", "set-limit", account.id, "20").out == "Odile Sample may send 20 messages a day.\n"
    assert confrere("accounts", "disable", account.id).code == 0
    assert "disabled by you" in confrere("accounts", "list").out
    assert confrere("accounts", "enable", account.id, "--json").json["enabled"] is True
    changed = confrere("accounts", "set-default", account.id, "--json").json
    assert (changed["dailyLimit"], changed["isDefault"]) == (20, True)


@pytest.mark.parametrize("limit", ["151", "-1", "many"])
def test_a_limit_above_the_ceiling_is_refused(account: Account, confrere: Confrere, limit: str) -> None:
    """A limit above the maximum is rejected."""
    assert confrere("accounts", "set-limit", account.id, "--", limit).code == 2
    assert confrere("accounts", "show", account.id, "--json").json["dailyLimit"] == 150


def test_checking_asks_linkedin_once(account: Account, runtime: FakeRuntime, confrere: Confrere) -> None:
    """A check asks LinkedIn once, for the default account by default, and confirms a living session."""
    probes = runtime.upstream.probes
    ran = confrere("accounts", "check")
    assert (ran.code, ran.out) == (0, f"LinkedIn takes the session of Odile Sample ({account.id}).\n")
    assert runtime.upstream.probes == probes + 1


@pytest.mark.parametrize(
    ("found", "code", "alive"),
    [(SessionDead("it ended"), 1, False), (Unreadable("no answer"), 1, None), (Throttled(429, 60), 3, None)],
)
def test_a_failed_check_has_its_reason(
    account: Account,
    runtime: FakeRuntime,
    confrere: Confrere,
    found: SessionDead | Unreadable | Throttled,
    code: int,
    alive: bool | None,
) -> None:
    """A failed check distinguishes dead, unreadable and throttled."""
    runtime.upstream.member = found
    ran = confrere("accounts", "check", account.id, "--json")
    assert ran.code == code
    assert ran.json["alive"] is alive


def test_a_hold_is_released_only_on_confirmation(account: Account, runtime: FakeRuntime, confrere: Confrere) -> None:
    """Releasing a hold needs --yes in a script, and prints its warning in any case."""
    held(runtime, confrere)
    assert "held until 2026-03-14 13:00 UTC (for 60 min)" in confrere("accounts", "list").out
    ran = confrere("accounts", "release-hold", account.id, given="y\n")
    assert ran.code == 2
    assert "--yes" in ran.err
    ran = confrere("accounts", "release-hold", account.id, "--yes", "--json")
    assert ran.json["holdUntil"] is None
    assert "restricted or closed" in ran.err


def test_the_age_of_a_session_is_listed(account: Account, runtime: FakeRuntime, confrere: Confrere) -> None:
    """List and details have the age of the session, and when LinkedIn last took it; a disconnected one has neither."""
    runtime.now = NOON + timedelta(days=12)
    assert re.search(r"AVAILABLE +12 days +12 days ago +150", confrere("accounts", "list").out)
    shown = confrere("accounts", "show", account.id)
    assert re.search(r"session +12 days\n", shown.out)
    assert confrere("accounts", "show", account.id, "--json").json["sessionConnectedAt"] == "2026-03-14T12:00:00Z"
    confrere("accounts", "disconnect", account.id, "--yes")
    assert re.search(r"none +- +150", confrere("accounts", "list").out)


def test_releasing_what_is_not_held_changes_nothing(account: Account, runtime: FakeRuntime, confrere: Confrere) -> None:
    """Releasing an account without a hold, or with an expired one, changes nothing and asks nothing."""
    assert confrere("accounts", "release-hold", account.id).out == "Odile Sample is not held; nothing to release.\n"
    held(runtime, confrere)
    runtime.now = NOON + timedelta(hours=2)
    assert "not held" in confrere("accounts", "release-hold", account.id).out


def test_looking_for_lost_messages_is_shown_and_ended(
    account: Account, runtime: FakeRuntime, confrere: Confrere
) -> None:
    """After a restore, until when and what ends it; a person ends it once the account is released."""

    async def restore(services: Services) -> None:
        since, until = NOON - timedelta(days=2), NOON - timedelta(days=1)
        values = [int(one.timestamp()) * 1_000_000 for one in (UNTIL_RELEASED, since, until)]
        store: Any = services.store
        await store.engine.transact(partial(run_query, "hold_restored", tuple(values)))

    assert "nothing to end" in confrere("accounts", "end-restore", account.id).out
    runtime.do(restore)
    assert "held until `confrere accounts release-hold`" in confrere("accounts", "show", account.id).out
    assert confrere("accounts", "end-restore", account.id, "--yes").code == 2
    released = confrere("accounts", "release-hold", account.id, "--yes", "--json").json
    assert released["restored"] == {
        "backupAt": "2026-03-12T12:00:00Z",
        "restoredAt": "2026-03-13T12:00:00Z",
        "looksUntil": "2026-04-13T12:00:00Z",
    }
    assert "looks for lost messages until 2026-04-13 12:00 UTC" in confrere("accounts", "list").out
    assert "or the end of the last campaign" in confrere("accounts", "show", account.id).out
    ran = confrere("accounts", "end-restore", account.id, "--yes", "--json")
    assert ran.json["restored"] is None
    assert "is sent again if nobody looks" in ran.err


def test_a_restore_says_what_it_has_done_and_what_to_look_at(confrere: Confrere, tmp_path: Path) -> None:
    """What was done again, by number; and what a person has to look at."""
    ran = confrere("restore", str(tmp_path / "backup"), "--yes")
    assert "People erased again: 2\nKeys revoked again: 1\n" in ran.out
    assert "`confrere campaigns list`" in ran.err
    assert "There is no journal /data/journal.jsonl: who opted out" in " ".join(ran.err.split())
    answer = confrere("restore", str(tmp_path / "backup"), "--json").json
    assert answer["doneAgain"] == {"erased": 2, "key_revoked": 1}
    assert answer["journalGap"] == "There is no journal /data/journal.jsonl"


def test_disconnecting_erases_the_session(account: Account, confrere: Confrere) -> None:
    """Disconnecting erases the session after a confirmation and keeps the account."""
    assert confrere("accounts", "disconnect", account.id).code == 2
    assert confrere("accounts", "disconnect", account.id, "--yes", "--json").json["hasTokens"] is False
    ran = confrere("send", "--to", "ACoAABastien", "--group", "1", "--message", "x")
    assert ran.code == 1
    assert "confrere accounts connect" in ran.err


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_a_person_is_asked(
    account: Account, confrere: Confrere, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    """On a terminal the command asks, and any answer but yes changes nothing."""
    monkeypatch.setattr("typer.testing._NamedTextIOWrapper.isatty", lambda stream: stream.name == "<stdin>")
    ran = confrere("accounts", "disconnect", account.id, given=answer)
    assert ran.code == code
    assert "Erase the LinkedIn session of Odile Sample?" in ran.err + ran.out
    assert confrere("accounts", "show", account.id, "--json").json["hasTokens"] is (code != 0)


def test_quota_is_shown_like_the_api(account: Account, runtime: FakeRuntime, confrere: Confrere) -> None:
    """The quota has the used and remaining units and the reset, with the names of the API."""
    assert confrere("send", "--to", "ACoAABastien", "--group", "1", "--message", "x").code == 0
    shown = confrere("quota", "--json").json
    assert shown["accountId"] == account.id
    assert shown["quotas"][0] == {
        "feature": "MESSAGE",
        "window": "daily",
        "used": 1,
        "limit": 150,
        "linkedinLimit": None,
        "remaining": 149,
        "limitReached": False,
        "limitReachedAt": None,
        "resetAt": "2026-03-15T00:00:00Z",
    }
    assert "2026-03-15 00:00 UTC" in confrere("quota", "--account", account.id).out


def test_quota_without_an_account_prints_the_next_step(confrere: Confrere) -> None:
    """Without an account the quota explains how to connect one."""
    ran = confrere("quota")
    assert ran.code == 1
    assert "confrere accounts connect" in ran.err
