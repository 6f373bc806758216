"""CSV tables: what `write_rows` writes, `CsvTable` reads unchanged.

The csv module does the quoting; this module adds what it leaves to its caller: the encoding, the separator, the columns
by name, and the line on which a row begins.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, Final

from confrere.domain.errors import InvalidField

MAX_HEADER_LINES: Final = 50
"""The longest header. With the wrong separator an open quote would otherwise run through the whole file."""

_SEPARATORS: Final = ",;\t|"
_NOT_UTF_8: Final = re.compile("[\udc80-\udcff]")
_EXCEL_HINT: Final = re.compile(r"sep=(.)[\r\n]*", re.IGNORECASE)
_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_EXCEL_FILES: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_AS_UTF_8: Final = 'save it as "CSV UTF-8"'

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_WRITTEN_FORMULA: Final = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row that is not blank.

    line:   the file's line on which it begins, counted from 1.
    cells:  by the column's name in lower case; a cell that the row lacks is "".
    surplus:  there are more cells than columns: perhaps a text is cut that has the separator in it and lacks quotes.
    """

    line: int
    cells: Mapping[str, str]
    surplus: bool = False

    def get(self, column: str) -> str:
        """Return the cell exactly as it was written; "" where there is no such column."""
        return self.cells.get(column.lower(), "")


class CsvTable:
    """The rows of a CSV file whose first row names the columns, read as they are iterated over.

    file:    in UTF-8, or in UTF-16 as Excel's "Unicode text"; separated by commas, semicolons, tabs or bars.
    needs:   columns that must be there, found in any case and order.
    name:    of the file in errors.
    Raises:  InvalidField, here and while iterating, where it cannot be read as such a table from some line on.
    """

    def __init__(self, file: BinaryIO, *, needs: Sequence[str], name: str) -> None:
        self._name = name
        self._needs = needs
        self._lines = self._decoded(file)
        first, separator = self._find_separator()
        self._reader = csv.reader(chain(first, self._lines), delimiter=separator, strict=True)
        _, header = next(self._rows())
        self.columns: Final = tuple(cell.strip().lower() for cell in header)
        if doubled := [name for name in needs if self.columns.count(name.lower()) > 1]:
            raise InvalidField(name, f"has the column {doubled[0]} more than once; rename the others")

    def __iter__(self) -> Iterator[CsvRow]:
        """Yield every row that is not blank, in the file's order."""
        for line, cells in self._rows():
            read = dict.fromkeys(self.columns, "")
            read.update(zip(self.columns, map(_read_cell, cells), strict=False))
            yield CsvRow(line, read, surplus=any(cell.strip() for cell in cells[len(self.columns) :]))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        begins = self._reader.line_num + 1
        try:
            while (cells := next(self._reader, None)) is not None:
                if any(cell.strip(" \t,;|\xa0") for cell in cells):
                    yield begins, cells
                begins = self._reader.line_num + 1
        except csv.Error as fault:  # where the next row begins cannot be known
            why = "a quotation mark is not closed, or more text follows a closed one"
            raise InvalidField(self._name, f"cannot be read as CSV from line {begins} on: {why}") from fault

    def _find_separator(self) -> tuple[list[str], str]:
        """The lines up to the header's end, and the separator by which its cells are the needed columns."""
        head = list(islice(self._lines, MAX_HEADER_LINES))
        if head and (hint := _EXCEL_HINT.fullmatch(head[0])):
            return ["\n", *head[1:]], hint[1]
        best: list[str] = []
        for separator in _SEPARATORS:
            names = _first_row(head, separator)
            if all(column.lower() in names for column in self._needs):
                return head, separator
            best = max(best, names, key=len)
        missing = ", ".join(column for column in self._needs if column.lower() not in best)
        needed = ",".join(self._needs)
        raise InvalidField(self._name, f"has no column {missing}; its first row must name the columns: {needed}")

    def _decoded(self, file: BinaryIO) -> Iterator[str]:
        """The lines, with their ends."""
        first = file.read(4)
        if first.startswith(_EXCEL_FILES):
            raise InvalidField(self._name, f"must be CSV, and this is an Excel workbook: {_AS_UTF_8}")
        encoding = _encoding(first)
        errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
        text = io.TextIOWrapper(io.BufferedReader(_Rejoined(first, file)), encoding, errors, newline="")
        number = 0
        try:
            for number, line in enumerate(text, 1):
                if not line.isascii() and _NOT_UTF_8.search(line):
                    why = f"Line {number} is not text in UTF-8, perhaps in Windows-1252 (Latin-1)"
                    raise InvalidField(self._name, f"cannot be read as CSV. {why}: {_AS_UTF_8}")
                if "\0" in line:
                    raise InvalidField(self._name, f"cannot be read as CSV. Line {number} holds a NUL: {_AS_UTF_8}")
                yield line
        except UnicodeError as fault:
            why = f"After line {number} it is not text in {encoding.upper()}"
            raise InvalidField(self._name, f"cannot be read as CSV. {why}: {_AS_UTF_8}") from fault


class _Rejoined(io.RawIOBase):
    """A file whose first bytes have been read already, as from a pipe that cannot be read twice."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._first = first
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        given = self._first[: len(buffer)] or self._rest.read(len(buffer))
        self._first = self._first[len(given) :]
        buffer[: len(given)] = given
        return len(given)


def write_rows(rows: Iterable[Sequence[str | None]]) -> bytes:
    """Rows of cells in UTF-8. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows([_written_cell(cell or "") for cell in row] for row in rows)
    return written.getvalue().encode()


def _written_cell(cell: str) -> str:
    """One apostrophe more, also where there are some already: so that taking one away gives back any text."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _read_cell(cell: str) -> str:
    return cell[1:] if _WRITTEN_FORMULA.match(cell) else cell


def _encoding(first: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if first.startswith(mark):
            return encoding
    if first[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if first[:1] == b"\0" else "utf-8"


def _first_row(lines: Sequence[str], separator: str) -> list[str]:
    """The lower-case names in the first row that has any, as this separator divides it; none where it has no end."""
    try:
        for cells in csv.reader(lines, delimiter=separator, strict=True):
            if names := [name for cell in cells if (name := cell.strip().lower())]:
                return names
    except csv.Error:
        pass
    return []
