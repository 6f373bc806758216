import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from confrere.domain import opt_out_csv
from confrere.domain.errors import StoreUnavailable
from confrere.sending.do_not_contact import DoNotContactList
from tests.unit.cli.conftest import Confrere, Ran

ANNA, BO, CY = (f"urn:li:fsd_profile:ACoAA{name}" for name in ("Anna", "Bo", "Cy"))


def listed(confrere: Confrere) -> dict[str, str | None]:
    """Return who is on the list, and why."""
    lines = confrere("do-not-contact", "list", "--json").out.splitlines()
    return {one["recipientProfileUrn"]: one["reason"] for one in map(json.loads, lines)}


def import_file(confrere: Confrere, folder: Path, text: str | bytes, *options: str) -> Ran:
    """Import a file with this content."""
    file = folder / "people.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return confrere("do-not-contact", "import", str(file), *options)


def test_people_are_added_and_removed(confrere: Confrere) -> None:
    """People are added once, by URN or bare id, and existing entries stay unchanged."""
    assert confrere("do-not-contact", "add", ANNA, "ACoAABo", ANNA, "--reason", "asked").out == "Added 2.\n"
    assert confrere("do-not-contact", "add", ANNA, CY).out == "Added 1. 1 was on the list already.\n"
    assert listed(confrere) == {ANNA: "asked", BO: "asked", CY: None}
    assert confrere("do-not-contact", "remove", BO, CY).out == "Removed 2.\n"
    shown = confrere("do-not-contact", "list")
    assert ANNA in shown.out
    assert shown.err == "1 on the list.\n"


def test_one_wrong_urn_adds_nobody(confrere: Confrere) -> None:
    """One wrong URN among several adds nobody."""
    assert confrere("do-not-contact", "add", ANNA, "https://www.linkedin.com/in/bo").code == 2
    assert listed(confrere) == {}
    assert confrere("do-not-contact", "list").err == "Nobody is on the list.\n"


def test_a_reason_that_is_too_long_is_refused(confrere: Confrere, tmp_path: Path) -> None:
    """A reason that is too long is rejected by its option, so that every list can be exported and imported."""
    for ran in (
        confrere("do-not-contact", "add", ANNA, "--reason", "x" * 501),
        import_file(confrere, tmp_path, f"recipientProfileUrn\n{ANNA}\n", "--reason", "x" * 501),
    ):
        assert (ran.code, "--reason must be at most 500 characters" in ran.err) == (2, True)
    assert listed(confrere) == {}


def test_removing_somebody_who_is_not_listed_is_reported(confrere: Confrere) -> None:
    """Removing several people reports those who were not listed, and removes the others."""
    confrere("do-not-contact", "add", ANNA)
    ran = confrere("do-not-contact", "remove", BO, ANNA, "--json")
    assert ran.code == 1
    assert (ran.json["removed"], ran.json["notListed"]) == (1, [BO])
    assert listed(confrere) == {}


@pytest.mark.parametrize(
    "text",
    [
        f"recipientProfileUrn,reason\n{ANNA},asked\n{BO},\n\n{ANNA},again\n",
        f"\ufeffreason;RecipientProfileUrn \r\nasked;{ANNA}\r\n;ACoAABo\r\n",
        f'name\trecipientProfileUrn\treason\n"A\nB"\t{ANNA}\tasked\nBo\t{BO}\n',
    ],
)
def test_a_file_of_people_is_imported(confrere: Confrere, tmp_path: Path, text: str) -> None:
    """Files with any separator and with a byte order mark are imported; a row's own reason wins."""
    ran = import_file(confrere, tmp_path, text, "--reason", "bounced", "--json")
    assert ran.json == {"added": 2, "alreadyListed": 0, "bad": [], "badCount": 0}
    assert listed(confrere) == {ANNA: "asked", BO: "bounced"}
    assert import_file(confrere, tmp_path, text).out == "Added 0. 2 were on the list already.\n"


def test_bad_rows_are_reported_and_nothing_is_imported(confrere: Confrere, tmp_path: Path) -> None:
    """All bad rows are reported by their line and nothing is imported, unless they are to be skipped."""
    text = f"recipientProfileUrn\n{ANNA}\nbo\n{CY}\nurn:li:member:5\n"
    ran = import_file(confrere, tmp_path, text, "--json")
    assert ran.code == 1
    assert [row["line"] for row in ran.json["bad"]] == [3, 5]
    assert "Line 3: recipientProfileUrn must be" in ran.err
    assert listed(confrere) == {}
    ran = import_file(confrere, tmp_path, text, "--skip-bad")
    assert (ran.code, ran.out) == (0, "Added 2. 2 bad rows were skipped.\n")
    assert set(listed(confrere)) == {ANNA, CY}


def test_one_is_not_many(confrere: Confrere, tmp_path: Path) -> None:
    """A single bad row, and a single person who is listed already, are counted in the singular."""
    text = f"recipientProfileUrn\n{ANNA}\nbo\n"
    assert "1 of 2 rows is bad, so nothing was imported" in import_file(confrere, tmp_path, text).err
    import_file(confrere, tmp_path, text, "--skip-bad")
    ran = import_file(confrere, tmp_path, text, "--skip-bad")
    assert ran.out == "Added 0. 1 was on the list already. 1 bad row was skipped.\n"


def test_many_bad_rows_are_counted(confrere: Confrere, tmp_path: Path) -> None:
    """Many bad rows are counted on the terminal, and all of them are in the JSON."""
    ran = import_file(confrere, tmp_path, "recipientProfileUrn\n" + "x\n" * 500, "--json")
    assert (len(ran.json["bad"]), ran.json["badCount"]) == (500, 500)
    assert ran.err.count("\n") == 22
    assert "... and 480 more." in ran.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column recipientProfileUrn"),
        ("urn\nx\n", "no column recipientProfileUrn"),
        (b"recipientProfileUrn,reason\n\xe4,x\n", "Line 2 is not text in UTF-8"),
        (f'recipientProfileUrn\n{ANNA}\n"open\n', "cannot be read as CSV"),
        (f'recipientProfileUrn\n"{ANNA}"x\n{BO}\n', "cannot be read as CSV"),
    ],
)
def test_a_file_that_cannot_be_read(confrere: Confrere, tmp_path: Path, text: str | bytes, words: str) -> None:
    """An unreadable file imports nothing even with --skip-bad, since the rest would be lost."""
    ran = import_file(confrere, tmp_path, text, "--skip-bad")
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert listed(confrere) == {}


def test_a_file_that_is_not_there_and_standard_input(confrere: Confrere) -> None:
    """A missing file is reported, and a dash stands for standard input."""
    assert confrere("do-not-contact", "import", "/nowhere.csv").code == 2
    ran = confrere("do-not-contact", "import", "-", given=f"recipientProfileUrn\n{ANNA}\n")
    assert ran.out == "Added 1.\n"


def test_a_large_file_is_imported_in_batches(confrere: Confrere, tmp_path: Path) -> None:
    """A large file is imported completely, over many transactions."""
    rows = "".join(f"urn:li:fsd_profile:ACoAA{number},{number % 3 or ''}\n" for number in range(3_210))
    assert import_file(confrere, tmp_path, "recipientProfileUrn,reason\n" + rows).out == "Added 3210.\n"
    assert len(listed(confrere)) == 3_210


def test_an_import_that_breaks_off_can_be_run_again(
    confrere: Confrere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that fails midway reports its progress with exit code 5, and a second run completes it."""
    monkeypatch.setattr(opt_out_csv, "BATCH_SIZE", 1)
    text = f"recipientProfileUrn,reason\n{ANNA},a\n{BO},b\n"
    add, calls = DoNotContactList.add_rows, itertools.count()

    async def fail_after_the_first(self: DoNotContactList, *args: Any, **more: Any) -> int:
        if next(calls):
            raise StoreUnavailable("sqlite: disk is full")
        return await add(self, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(DoNotContactList, "add_rows", fail_after_the_first)
        ran = import_file(confrere, tmp_path, text, "--json")
    assert (ran.code, ran.json["imported"]) == (5, 1)
    assert "Import the same file again" in ran.err
    assert import_file(confrere, tmp_path, text).out == "Added 1. 1 was on the list already.\n"
