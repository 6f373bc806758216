"""A table of people, as spreadsheets write it: CSV with a header line."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from confrere.domain.errors import InvalidField
from confrere.domain.urns import ProfileUrn

COLUMN = "recipientProfileUrn"
REASON = "reason"
MAX_REASON = 500
REASON_FORM = f"must be at most {MAX_REASON} characters without NUL"
LOT = 500
"""People a transaction: senders wait while one runs."""


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody named in the table."""

    recipient: ProfileUrn
    reason: str | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that names nobody. `error`: a clause that says what is wrong, without quoting the row."""

    line: int
    error: str


@dataclass(frozen=True, slots=True)
class People:
    """What a table holds: each person once, in its order."""

    good: list[Row] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def read_people(given: bytes, reason: str | None, *, what: str) -> People:
    """The rows of a table in UTF-8 whose first line names the columns: recipientProfileUrn, and perhaps reason.

    reason:  for rows that give none.
    what:    the table's name in errors.
    Raises:  InvalidField where it cannot be read as such a table; then there is nothing to skip either.
    """
    text = _decoded(given, what)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    people, seen = People(), set[str]()
    try:
        names = {(name or "").strip().lower(): name for name in table.fieldnames or ()}
        if COLUMN.lower() not in names:
            raise InvalidField(what, f"has no column {COLUMN}; its first line must name the columns: {COLUMN},{REASON}")
        for cells in table:
            try:
                recipient = ProfileUrn.parse((cells[names[COLUMN.lower()]] or "").strip())
            except InvalidField as fault:
                people.bad.append(BadRow(table.line_num, str(fault)))
                continue
            own = (cells.get(names.get(REASON, REASON)) or "").strip()
            if "\0" in own or len(own) > MAX_REASON:
                people.bad.append(BadRow(table.line_num, f"{REASON} {REASON_FORM}"))
            elif recipient not in seen:
                seen.add(recipient)
                people.good.append(Row(recipient, own or reason))
    except csv.Error as fault:  # what follows cannot be read either
        raise InvalidField(what, f"cannot be read as CSV from line {table.line_num} on: {fault}") from fault
    return people


def in_lots(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The people in lots that a transaction takes."""
    for start in range(0, len(rows), LOT):
        yield rows[start : start + LOT]


def _delimiter(text: str) -> str:
    """What stands between the columns' names: spreadsheets write semicolons in many countries."""
    first_line = text.partition("\n")[0]
    return max(",;\t", key=first_line.count)


def _decoded(given: bytes, what: str) -> str:
    try:
        return given.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = given.count(b"\n", 0, fault.start) + 1
        raise InvalidField(what, f"cannot be read as CSV. Line {line} is not text in UTF-8") from fault
