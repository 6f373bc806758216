"""Audiences from CSV files and groups on the command line, and what is done with them afterwards."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from confrere.cli import audience_progress
from confrere.domain.account import Account
from confrere.services import Services
from tests.fakes.runtime import FakeRuntime
from tests.fakes.upstream import group_member
from tests.unit.cli.conftest import Confrere, Ran

ANNA, BO, CY = (f"urn:li:fsd_profile:ACoAA{name}" for name in ("Anna", "Bo", "Cy"))
GROUP = "12345678"
TABLE = f"Member;First Name;Company\n{ANNA};Anna;Example Co\nnobody;;\n{BO};;\n"


def create(confrere: Confrere, *arguments: str, given: str | None = None) -> Ran:
    """Make the audience "Spring" of the group."""
    return confrere("audiences", "create", "--name", "Spring", "--group", GROUP, *arguments, given=given)


def work(runtime: FakeRuntime, *, turns: int = 1) -> None:
    """Be the worker, a minute a turn."""

    async def run(services: Services) -> None:
        for _ in range(turns):
            await services.collector.run_due()
            await services.background.wait_until_idle()
            runtime.now += timedelta(minutes=1)

    runtime.do(run)


def shown(confrere: Confrere, audience_id: str) -> Any:
    """The audience as JSON."""
    return confrere("audiences", "show", audience_id, "--json").json


def test_a_dry_run_shows_what_is_in_a_table(confrere: Confrere, tmp_path: Path) -> None:
    """Columns, people and each bad row by its line; nothing is made."""
    file = tmp_path / "people.csv"
    file.write_text(TABLE)
    ran = create(confrere, "--csv", str(file), "--map", "person=Member", "--dry-run")
    assert ran.code == 0
    assert "Line 3: person must be in the group's member list" in ran.err
    for words in ("people          2", "bad rows        1", "from the column member", "custom.company"):
        assert words in ran.out
    found = create(confrere, "--csv", str(file), "--map", "person=Member", "--dry-run", "--json").json
    assert (found["count"], found["columns"], [bad["line"] for bad in found["bad"]]) == (2, ["company"], [3])
    assert confrere("audiences", "list", "--json").json == {"audiences": [], "hasMore": False}


def test_a_table_becomes_an_audience_without_its_bad_rows(confrere: Confrere) -> None:
    """Bad rows refuse all unless --skip-bad is given; what is known of people is shown."""
    ran = create(confrere, "--csv", "-", "--map", "person=Member", given=TABLE)
    assert (ran.code, "1 row is bad" in ran.err) == (1, True)
    assert confrere("audiences", "list").err.startswith("There is no audience yet")
    ran = create(confrere, "--csv", "-", "--map", "person=Member", "--skip-bad", given=TABLE)
    assert ran.code == 0, ran
    found = shown(confrere, ran.out.strip())
    assert [(one["firstName"], one["custom"]) for one in found["people"]] == [
        ("Anna", {"company": "Example Co"}),
        (None, {}),
    ]
    assert (found["columns"], found["skipped"], found["errors"][0]["line"]) == (["company"], 1, 3)
    facts = confrere("audiences", "show", ran.out.strip()).out
    assert ("custom.company" in facts, "1 were left out" in facts) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--csv", "/nowhere"), "--csv cannot be read: /nowhere"),
        (("--csv", "-", "--map", "person"), "--map must be of the form field=column"),
        (("--csv", "-", "--file", "x"), "--csv and --from-group must stand alone"),
        (("--csv", "-", "--from-group"), "--csv and --from-group must stand alone"),
        ((ANNA, "--from-group"), "--csv and --from-group must stand alone"),
        ((ANNA, "--dry-run"), "--dry-run must stand beside --csv"),
        ((ANNA, "--max", "5"), "--max must stand beside --from-group"),
        ((ANNA, "--no-premium"), "--premium must stand beside --from-group"),
        (("--from-group", "--headline", "x" * 201), "--headline must be a printable text"),
        (("--csv", "-"), "--csv has no column that names people"),
    ],
)
def test_bad_sources_are_named(confrere: Confrere, arguments: tuple[str, ...], words: str) -> None:
    """What was typed wrongly is in the error, with exit code 2, and nothing is made."""
    ran = create(confrere, *arguments, given="x\ny\n")
    assert (ran.code, words in ran.err) == (2, True), ran
    assert confrere("audiences", "list").err.startswith("There is no audience yet")


def test_a_group_is_collected_by_the_worker(runtime: FakeRuntime, confrere: Confrere, account: Account) -> None:
    """The audience says how far it is, and is ready in the end; a campaign cannot be checked before."""
    runtime.upstream.places = [group_member(number) for number in range(250)]
    ran = create(confrere, "--from-group", "--name", "Members", "--headline", "procurement", "--account", account.id)
    assert (ran.code, "confrere audiences watch" in ran.err) == (0, True)
    audience_id = ran.out.strip()
    made = confrere("campaigns", "create", "--name", "x", "--audience", audience_id, "--message", "Hello")
    work(runtime)
    found = shown(confrere, audience_id)
    assert (found["status"], found["count"], found["read"], found["total"]) == ("collecting", 100, 100, 250)
    assert (found["groupName"], found["whyNot"], found["accountId"]) == ("Logistics", None, account.id)
    assert found["completesAt"] is not None
    assert "100 of 250 members read, 100 people, complete by 2026" in confrere("audiences", "show", audience_id).out
    ran = confrere("campaigns", "check", made.out.strip())
    assert (ran.code, "still being collected from its group" in ran.err) == (1, True)
    work(runtime, turns=2)
    found = shown(confrere, audience_id)
    assert (found["status"], found["count"], found["completesAt"]) == ("ready", 250, None)
    listed = confrere("audiences", "list").out
    assert ("ready" in listed, f"{GROUP} Logistics" in listed) == (True, True)


def test_an_audience_that_waits_says_why(runtime: FakeRuntime, confrere: Confrere, account: Account) -> None:
    """Reason and remedy stand where the progress is."""
    audience_id = create(confrere, "--from-group").out.strip()
    confrere("accounts", "disable", account.id)
    work(runtime)
    assert "waits: account_error. Enable the account" in confrere("audiences", "show", audience_id).out


def test_a_watch_prints_each_change_until_the_audience_is_ready(
    runtime: FakeRuntime, confrere: Confrere, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readings without a change print nothing; as the last line the id is printed."""
    runtime.upstream.places = [group_member(number) for number in range(150)]
    original, readings = audience_progress.watch, 0

    async def watch(command: Any, services: Services, *rest: Any) -> Any:
        async def rest_between(_seconds: float) -> None:
            nonlocal readings
            readings += 1
            if readings % 2 == 0:
                await services.collector.run_due()
                await services.background.wait_until_idle()
                runtime.now += timedelta(minutes=1)

        monkeypatch.setattr("confrere.cli.audience_progress.asyncio.sleep", rest_between)
        return await original(command, services, *rest)

    monkeypatch.setattr(audience_progress, "watch", watch)
    ran = create(confrere, "--from-group", "--watch")
    assert ran.code == 0, ran
    lines = [line for line in ran.out.splitlines() if not line.startswith("    ")]
    assert ["collecting" in line or "ready" in line for line in lines] == [True, True, True, False]
    assert "150 of 150 members read, 150 people" in lines[2]
    assert ran.out.count("No worker runs") == 2
    assert lines[-1] == shown(confrere, lines[-1])["id"]
    again = confrere("audiences", "watch", lines[-1], "--json").json
    assert (again["status"], again["lacksWorker"]) == ("ready", False)


def test_people_are_added_and_the_audience_is_deleted(confrere: Confrere, account: Account) -> None:
    """Who is in it stays; a draft keeps the audience; a deletion needs a confirmation."""
    audience_id = create(confrere, ANNA).out.strip()
    ran = confrere("audiences", "add", audience_id, ANNA, BO, "--file", "-", given=CY)
    assert (ran.code, ran.out) == (0, "Added 2. 1 were in it already.\n")
    assert [one["recipientProfileUrn"] for one in shown(confrere, audience_id)["people"]] == [ANNA, BO, CY]
    ran = confrere("audiences", "add", audience_id, "--file", "-", given="bo bo")
    assert (ran.code, "1 line is bad, so nobody was added" in ran.err) == (1, True)
    made = confrere("campaigns", "create", "--name", "Spring", "--audience", audience_id, "--message", "Hello")
    ran = confrere("audiences", "delete", audience_id, "--yes")
    assert (ran.code, "The campaign 'Spring', which is draft, is for this audience" in ran.err) == (1, True)
    confrere("campaigns", "archive", made.out.strip())
    assert confrere("audiences", "delete", audience_id).code == 2
    assert confrere("audiences", "delete", audience_id, "--yes").out == "Deleted 'Spring'.\n"
    for command in ("show", "watch", "delete"):
        assert confrere("audiences", command, audience_id).code == 1
    assert confrere("audiences", "add", audience_id, ANNA).code == 1
