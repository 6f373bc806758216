"""`confrere audit`: who did what, and whether the log is whole."""

import csv
import io
import json
import sqlite3
from pathlib import Path

from confrere.cli.exit_codes import ExitCode
from tests.fakes.runtime import FakeRuntime
from tests.unit.cli.conftest import Confrere
from tests.unit.cli.test_users import enter

PERSON = "urn:li:fsd_profile:ACoAAnobodyelse"


def test_the_log_is_listed(confrere: Confrere, runtime: FakeRuntime) -> None:
    """Entries come newest first, with the names of users; JSON has ids, addresses and request ids."""
    assert "no such entry" in confrere("audit", "list").err
    enter(runtime, confrere("users", "invite", "--role", "owner").out.strip(), "Odile")
    confrere("users", "disable", "Odile", "--yes")
    listed = confrere("audit", "list", "--json").json
    assert [(one["number"], one["action"], one["actor"]["kind"]) for one in listed] == [
        (3, "user_disabled", "command_line"),
        (2, "user_joined", "user"),
        (1, "user_invited", "command_line"),
    ]
    assert list(listed[1]) == ["number", "at", "action", "actor", "subject", "detail", "requestId"]
    assert (listed[1]["actor"]["address"], listed[1]["detail"]) == ("127.0.0.1", "owner")
    assert "user joined" in confrere("audit", "list").out
    assert confrere("audit", "list").out.count("Odile") >= 2
    assert [one["number"] for one in confrere("audit", "list", "--limit", "1", "--before", "3", "--json").json] == [2]


def test_the_log_is_searched_and_exported(confrere: Confrere, runtime: FakeRuntime) -> None:
    """By name of the actor, action, person and time; the export has the same filters, and is an entry."""
    enter(runtime, confrere("users", "invite", "--role", "owner").out.strip(), "Odile")
    confrere("do-not-contact", "add", PERSON)
    for filters, expected in [
        (("--actor", "Odile"), ["user_joined"]),
        (("--actor", "command_line"), ["do_not_contact_added", "user_invited"]),
        (("--action", "user_joined"), ["user_joined"]),
        (("--about", PERSON), ["do_not_contact_added"]),
        (("--since", "2999-01-01"), []),
    ]:
        listed = confrere("audit", "list", "--json", *filters).json
        assert [one["action"] for one in listed] == expected, filters
    listed = confrere("audit", "list", "--about", PERSON).out
    assert "person " in listed
    assert PERSON not in listed
    for option in ("--actor", "--action", "--about", "--since"):
        ran = confrere("audit", "list", option, "Nobody")
        assert (ran.code, option in ran.err) == (ExitCode.USAGE, True), ran
    rows = list(csv.DictReader(io.StringIO(confrere("audit", "export", "--action", "user_joined").out)))
    assert [(row["action"], row["actorKind"], row["detail"]) for row in rows] == [("user_joined", "user", "owner")]
    lines = confrere("audit", "export", "--json").out.splitlines()
    assert [json.loads(line)["action"] for line in lines] == [
        "exported",
        "do_not_contact_added",
        "user_joined",
        "user_invited",
    ]
    assert "no such entry" in confrere("audit", "export", "--actor", "agent").err


def test_a_changed_log_is_not_whole(confrere: Confrere, tmp_path: Path) -> None:
    """The check exits with 0 and the seal, or with 1 and the first entry that was changed."""
    for _ in range(3):
        confrere("users", "invite")
    whole = confrere("audit", "verify", "--json")
    assert (whole.code, whole.json["ok"], whole.json["count"], len(whole.json["seal"])) == (ExitCode.OK, True, 3, 64)
    assert whole.json["seal"] in confrere("audit", "verify").out
    with sqlite3.connect(tmp_path / "confrere.db") as database:
        database.execute("UPDATE audit SET detail = 'owner' WHERE number = 2")
    database.close()
    broken = confrere("audit", "verify", "--json")
    assert (broken.code, broken.json["brokenAt"]) == (ExitCode.NOT_DONE, 2)
    ran = confrere("audit", "verify")
    assert (ran.code, "entry 2 of 3" in ran.err) == (ExitCode.NOT_DONE, True)
