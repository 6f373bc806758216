import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.cli.tables import cells_of, lay_out

ID = "01a20d3668cb7915be633ba29958ffdd"
PERSON = "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"
SENDS = ("when", "outcome", "recipient", "group", "id", "reason")
ACCEPTED = ("2026-03-14 12:00 UTC", "accepted", PERSON, "12345678", ID, "")
REFUSED = (
    "2026-03-14 12:01 UTC",
    "refused",
    PERSON,
    "12345678",
    ID,
    "CAN_NOT_MESSAGE: the recipient does not take messages from members of this group",
)


def test_a_row_that_does_not_fit_takes_further_lines_with_the_names_of_what_is_there() -> None:
    """At 80 columns a send is two lines with names, and one more for a reason."""
    assert list(lay_out(SENDS, [ACCEPTED, REFUSED], 80)) == [
        "when                  outcome   recipient",
        "────────────────────  ────────  ───────────────────────────────────────",
        f"2026-03-14 12:00 UTC  accepted  {PERSON}",
        f"    group: 12345678  id: {ID}",
        f"2026-03-14 12:01 UTC  refused   {PERSON}",
        f"    group: 12345678  id: {ID}",
        "    reason: CAN_NOT_MESSAGE: the recipient does not take messages from members",
        "    of this group",
    ]


def test_a_wide_terminal_shows_a_row_beside_each_other() -> None:
    """A wide terminal shows a row in columns, and long texts wrap within theirs."""
    lines = list(lay_out(SENDS, [REFUSED], 145))
    assert lines[2].startswith(f"2026-03-14 12:01 UTC  refused  {PERSON}  12345678  {ID}  CAN_NOT_MESSAGE: the")
    assert lines[3].startswith(" " * 100)


def test_where_there_is_no_terminal_a_row_is_a_line() -> None:
    """Without a terminal each row is one line of any length, since programs read it."""
    lines = list(lay_out(SENDS, [ACCEPTED, REFUSED], None))
    assert len(lines) == 4
    assert lines[3].endswith(REFUSED[-1])


LISTINGS = {
    "accounts list": (
        ("id", "name", "public name", "state", "session", "answered", "a day", "default", "last used"),
        (
            "6f1c0123456789abcdef0123",
            "Anna-Maria " * 5,
            "x" * 60,
            "ERROR: the session ended",
            "12 days",
            "4 min ago",
            "150",
            "yes",
            "-",
        ),
    ),
    "groups members": (
        ("profile id", "name", "status", "headline"),
        (PERSON, "山田" * 30, "MEMBER", "We help teams to ship " * 10),
    ),
    "keys list": (
        ("id", "name", "begins with", "may", "state", "created", "last used"),
        ("381028edf12d81886d3064fb", "crm " * 20, "confrere_abcd", "admin, read, send", "good", "-", "-"),
    ),
    "settings": (
        ("name", "value", "default", "meaning"),
        ("CONFRERE_DATABASE_URL", "postgresql://db.example.org/" + "x" * 70, "-", "Store: or else what " * 6),
    ),
    "doctor": (("", "what", "state"), ("WRONG", "store", "It does not answer\n→ Is the database running? " * 3)),
    "sends list": (SENDS, REFUSED),
}


@pytest.mark.parametrize("width", [20, 40, 80, 100, 130, 200])
@pytest.mark.parametrize("listing", LISTINGS)
def test_no_listing_breaks_a_word_or_an_id(listing: str, width: int) -> None:
    """At any width every word is whole, and a line is too wide only if a single word is."""
    columns, row = LISTINGS[listing]
    lines = list(lay_out(columns, [row], width))
    words = " ".join(lines).split()
    assert set(" ".join(row).split()) <= set(words)
    for line in lines:
        longest = max((cells_of(word) for word in line.split()), default=0)
        assert cells_of(line) <= max(width, longest + len("begins with: ") + 4), line


texts = st.text(st.sampled_from("ab 山é\n"), max_size=40)


@given(st.lists(st.tuples(texts, texts, texts, texts), max_size=4), st.integers(1, 120))
def test_every_word_of_every_row_is_there(rows: list[tuple[str, str, str, str]], width: int) -> None:
    """Every word of every cell is printed, at any width."""
    shown = "\n".join(lay_out(("a", "b", "c", "d"), rows, width)).split()
    for word in (word for row in rows for cell in row for word in cell.split()):
        assert word in shown
