from pathlib import Path

import pytest

from tests.unit.cli.conftest import Confrere, Ran

ANNA, BO, CY = (f"urn:li:fsd_profile:ACoAA{name}" for name in ("Anna", "Bo", "Cy"))


def create(confrere: Confrere, *arguments: str, given: str | None = None) -> Ran:
    """Make the audience "Spring" of group 1."""
    return confrere("audiences", "create", "--name", "Spring", "--group", "1", *arguments, given=given)


def people_of(confrere: Confrere, audience_id: str) -> list[str]:
    """Who is in it, in order."""
    shown = confrere("audiences", "show", audience_id, "--json").json
    return [one["recipientProfileUrn"] for one in shown["people"]]


def test_people_come_from_the_command_line_and_a_file(confrere: Confrere, tmp_path: Path) -> None:
    """Each person is in the audience once, in the order given, in any form that holds the id."""
    file = tmp_path / "people.txt"
    file.write_bytes(f"\ufeffACoAABo\r\n\n  https://www.linkedin.com/in/ACoAACy/ \n{ANNA}\n".encode())
    made = create(confrere, ANNA, "--file", str(file), "--json").json
    assert (made["name"], made["groupId"], made["count"], made["bad"]) == ("Spring", "1", 3, [])
    assert people_of(confrere, made["id"]) == [ANNA, BO, CY]


def test_the_printed_id_is_the_result(confrere: Confrere) -> None:
    """Standard output holds the id alone, for a variable of a shell."""
    ran = create(confrere, "--file", "-", given=f"{ANNA}\n{BO}\n")
    assert people_of(confrere, ran.out.strip()) == [ANNA, BO]
    assert "2 people" in ran.err


def test_one_is_not_many(confrere: Confrere) -> None:
    """A single person, and a single bad line, are counted in the singular."""
    ran = create(confrere, "--file", "-", "--skip-bad", given=f"{ANNA}\nx y\n")
    assert "has 1 person; 1 bad line was left out" in ran.err
    assert "1 line is bad, so no audience was made" in create(confrere, "--file", "-", given="x y\n").err


def test_bad_lines_are_reported_and_nothing_is_made(confrere: Confrere) -> None:
    """Every bad line is named by its number; without --skip-bad no audience is made."""
    text = f"{ANNA}\nbo-exemple\n{CY}\nx y\n"
    ran = create(confrere, "--file", "-", "--json", given=text)
    assert (ran.code, [line["line"] for line in ran.json["bad"]]) == (1, [2, 4])
    assert "Line 2: it must be of the form" in ran.err
    assert confrere("audiences", "list", "--json").json == {"audiences": [], "hasMore": False}
    made = create(confrere, "--file", "-", "--skip-bad", "--json", given=text).json
    assert (made["count"], [line["line"] for line in made["bad"]]) == (2, [2, 4])
    assert people_of(confrere, made["id"]) == [ANNA, CY]


def test_many_bad_lines_do_not_flood_the_terminal(confrere: Confrere) -> None:
    """Twenty are printed and the others counted; the JSON holds all."""
    ran = create(confrere, "--file", "-", "--skip-bad", "--json", given="x\n" * 300)
    assert (ran.code, len(ran.json["bad"])) == (1, 300)
    assert "... and 280 more." in ran.err


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        ((), None, "PERSON must name at least one, or --file"),
        (("bo",), None, "PERSON must be of the form"),
        (("--file", "/nowhere"), None, "--file cannot be read: /nowhere"),
        (("--file", "-"), b"\xff", "--file must be text in UTF-8"),
        ((ANNA, "--name", " "), None, "--name must be a printable text"),
        ((ANNA, "--group", "one"), None, "--group must be 1 to 19 digits"),
    ],
)
def test_bad_arguments_are_named(
    confrere: Confrere, arguments: tuple[str, ...], given: bytes | None, words: str
) -> None:
    """What was typed wrongly is in the error, with exit code 2, and nothing is made."""
    ran = confrere("audiences", "create", "--name", "Spring", "--group", "1", *arguments, given=given)
    assert (ran.code, words in ran.err) == (2, True), ran
    assert confrere("audiences", "list").err.startswith("There is no audience yet")


def test_an_empty_file_makes_no_audience(confrere: Confrere) -> None:
    """A file of blank lines names nobody."""
    ran = create(confrere, "--file", "-", given="\n \n")
    assert (ran.code, ran.err) == (1, "Error: Nobody is named, so no audience was made.\n")


def test_audiences_are_listed_newest_first(confrere: Confrere) -> None:
    """The list has names and sizes, and reports that there are more than the limit."""
    first = create(confrere, ANNA).out.strip()
    second = create(confrere, ANNA, BO).out.strip()
    listed = confrere("audiences", "list", "--json").json
    assert [(one["id"], one["count"]) for one in listed["audiences"]] == [(second, 2), (first, 1)]
    ran = confrere("audiences", "list", "--limit", "1")
    assert (second in ran.out, first in ran.out, "There are older ones" in ran.err) == (True, False, True)


def test_an_audience_is_shown_up_to_the_limit(confrere: Confrere) -> None:
    """The people beyond the limit are counted."""
    audience_id = create(confrere, ANNA, BO, CY).out.strip()
    ran = confrere("audiences", "show", audience_id, "--limit", "2")
    assert ("ACoAABo" in ran.out, "ACoAACy" in ran.out, ran.err) == (True, False, "1 more: `--limit` shows them.\n")


def test_an_unknown_audience(confrere: Confrere) -> None:
    """An id that does not exist is not found, and the remedy lists those that do."""
    ran = confrere("audiences", "show", "0" * 32)
    assert (ran.code, "`confrere audiences list`" in ran.err) == (1, True)
