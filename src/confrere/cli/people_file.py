"""Reading a CSV file of people."""

import csv
import io
import sys
from dataclasses import dataclass, field
from pathlib import Path

from confrere.cli.exits import CommandFailed, ExitCode
from confrere.domain.errors import InvalidField
from confrere.domain.urns import ProfileUrn

COLUMN = "recipientProfileUrn"
REASON = "reason"


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody named in the file."""

    recipient: ProfileUrn
    reason: str | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that names nobody. `error`: a clause that says what is wrong, without quoting the row."""

    line: int
    error: str


@dataclass(frozen=True, slots=True)
class People:
    """What a file holds: each person once, in the file's order."""

    good: list[Row] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def read_people(source: str, reason: str | None) -> People:
    """The rows of a file, or of standard input where `source` is a dash. Raises CommandFailed.

    reason:  for rows that give none.
    """
    text = _read_text(source)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    people, seen = People(), set[str]()
    try:
        names = {(name or "").strip().lower(): name for name in table.fieldnames or ()}
        if COLUMN.lower() not in names:
            raise CommandFailed(
                f"The file has no column {COLUMN}", f"Its first line must name the columns: {COLUMN},{REASON}",
                code=ExitCode.USAGE,
            )  # fmt: skip
        for cells in table:
            try:
                recipient = ProfileUrn.parse((cells[names[COLUMN.lower()]] or "").strip())
            except InvalidField as fault:
                people.bad.append(BadRow(table.line_num, str(fault)))
                continue
            if recipient not in seen:
                seen.add(recipient)
                given = (cells.get(names.get(REASON, REASON)) or "").strip()
                people.good.append(Row(recipient, given or reason))
    except csv.Error as fault:  # what follows cannot be read either, so there is nothing to skip
        raise CommandFailed(
            f"From line {table.line_num} on the file cannot be read as CSV: {fault}", code=ExitCode.USAGE
        ) from fault
    return people


def _delimiter(text: str) -> str:
    """What stands between the columns' names: spreadsheets write semicolons in many countries."""
    first_line = text.partition("\n")[0]
    return max(",;\t", key=first_line.count)


def _read_text(source: str) -> str:
    try:
        given = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as fault:
        raise CommandFailed(f"The file {source} cannot be read: {fault.strerror}", code=ExitCode.USAGE) from fault
    try:
        return given.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = given.count(b"\n", 0, fault.start) + 1
        raise CommandFailed(
            f"Line {line} is not text in UTF-8", "Save the file as CSV in UTF-8", code=ExitCode.USAGE
        ) from fault
