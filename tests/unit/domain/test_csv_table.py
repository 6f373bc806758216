import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.csv_table import CsvTable, write_rows
from confrere.domain.errors import InvalidField
from confrere.domain.opt_out_csv import MAX_BAD_ROWS, read_people

NEEDS = ("Urn", "note")


def rows(given_file: bytes, *needs: str) -> list[tuple[int, dict[str, str]]]:
    """Return every row by the line on which it begins."""
    table = CsvTable(io.BytesIO(given_file), needs=needs or ("urn",), name="The file")
    return [(row.line, dict(row.cells)) for row in table]


def refusal(given_file: bytes, *needs: str) -> str:
    """Return the reason why the file cannot be read."""
    with pytest.raises(InvalidField) as raised:
        rows(given_file, *needs)
    return str(raised.value)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_spreadsheet_s_csv_is_read(separator: str, end: str, encoding: str) -> None:
    """Any separator, line end and encoding of a spreadsheet is read, with column names in any case."""
    text = end.join([f" NOTE{separator}uRN", f'"ä{separator}""b"""{separator}1', f"{separator}2"])
    assert rows(text.encode(encoding), *NEEDS) == [
        (2, {"note": f'ä{separator}"b"', "urn": "1"}),
        (3, {"note": "", "urn": "2"}),
    ]


@pytest.mark.parametrize(
    ("header", "separator"),
    [
        ('"note (date, by, whom)";urn', ";"),
        ('"a;b;c;d",urn', ","),
        ('"a\nb, c, d";urn', ";"),
        ("a,b,c\turn", "\t"),
        ("sep=;\nx;urn", ";"),
        ("\n;;\nx;urn", ";"),
    ],
)
def test_the_separator_is_the_one_that_yields_the_needed_columns(header: str, separator: str) -> None:
    """The separator is the one that yields the required columns, without quoted separators and empty lines."""
    (row,) = rows(f"{header}\n1{separator}2\n".encode())
    assert row[1]["urn"] == "2"


def test_rows_without_anything_in_them_are_no_rows() -> None:
    """Rows of blank cells and separators, which spreadsheets leave behind, are skipped."""
    assert [line for line, _ in rows(b'urn\n1\n\n;\n , \n" , "\n\t\n" "\n2\n')] == [2, 9]


def test_a_row_is_named_by_the_line_on_which_it_begins() -> None:
    """A row is reported by its first line, with the line breaks inside of quotes counted."""
    table = b'urn,note\n1,"a\nb\r\nc"\n\n2,"d\n"\n3,e\n'
    assert [line for line, _ in rows(table)] == [2, 6, 8]


def test_a_row_with_more_cells_than_columns_is_reported() -> None:
    """A row with more cells than columns is reported, as its text lacks quotes; empty extra cells are ignored."""
    first, second = CsvTable(io.BytesIO(b"urn,note\n1,Hello, Anna\n2,x,,\n"), needs=["urn"], name="The file")
    assert (first.surplus, first.get("NOTE")) == (True, "Hello")
    assert (second.surplus, second.get("note"), second.get("other")) == (False, "x", "")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (b"", "has no column urn; its first row must name the columns: urn"),
        (b"\xff\xfe", "has no column urn"),
        (b'{"urn": 1}', "has no column urn"),
        (b"urn,note\n1,a\n2,\xe4\n", "Line 3 is not text in UTF-8, perhaps in Windows-1252"),
        ("urn\n1".encode("utf-16") + b"x", "After line 1 it is not text in UTF-16"),
        (b"urn\n1\n\0\n", "Line 3 holds a NUL"),
        (b'urn\n1\n"open\nto\nthe end', "from line 3 on: a quotation mark is not closed"),
        (b'urn\n1\n"1"2\n3\n', "from line 3 on: a quotation mark is not closed, or more text follows"),
        (b"urn,URN\n1,2\n", "has the column urn more than once"),
        (b"PK\x03\x04rest", "this is an Excel workbook"),
        (b'urn\n"' + b"x" * 200_000 + b'"\n', "from line 2 on"),
    ],
)
def test_what_is_no_table_is_refused_with_the_place_and_the_remedy(table: bytes, words: str) -> None:
    """A file that is not a table is rejected with place and remedy, and without its content."""
    assert words in refusal(table)
    assert refusal(table).startswith("The file ")


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
formulas = st.builds(str.__add__, st.text("'=+-@\t\r", min_size=1, max_size=4), cells)


@given(st.lists(st.lists(cells | formulas, min_size=2, max_size=2), max_size=5))
def test_what_is_written_is_read_unchanged(table: list[list[str]]) -> None:
    """Any text survives writing and reading, apostrophes and formulas too; empty rows are left out."""
    written = write_rows([["urn", "note"], *[["x" + first, second] for first, second in table]])
    assert [list(row.values()) for _, row in rows(written)] == [["x" + first, second] for first, second in table]


@given(cells | formulas)
def test_nothing_that_is_written_is_a_formula(text: str) -> None:
    """No written cell is run as a formula by a spreadsheet."""
    assert not write_rows([[text]]).decode().lstrip('"').startswith(("=", "+", "-", "@", "\t"))


@given(st.binary(max_size=200))
def test_no_file_raises_anything_but_a_refusal(junk: bytes) -> None:
    """Any bytes are read or rejected with InvalidField."""
    for start in (b"", b"urn,note\n", b"\xff\xfe", b"u\0r\0n\0\n\0"):
        try:
            for _ in CsvTable(io.BytesIO(start + junk), needs=["urn"], name="The file"):
                pass
        except InvalidField:
            pass


def test_a_long_file_is_read_as_it_comes() -> None:
    """A file of a hundred thousand rows is streamed, and never in memory as a whole."""
    file = io.BytesIO(b"urn,note\n" + b"1,hello there\n" * 100_000)
    tracemalloc.start()
    try:
        count = sum(1 for _ in CsvTable(file, needs=["urn"], name="The file"))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 100_000
    assert most < 1_000_000


def test_bad_rows_are_kept_up_to_a_number_and_counted_beyond_it() -> None:
    """Bad rows are kept up to a limit and counted beyond it, so that a large file does not fill the memory."""
    people = read_people(io.BytesIO(b"recipientProfileUrn\n" + b"x\n" * 5_000), None, name="The file")
    assert (len(people.bad), people.bad_count, people.good) == (MAX_BAD_ROWS, 5_000, [])
