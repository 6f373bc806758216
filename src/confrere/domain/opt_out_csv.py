"""The CSV table from which people are added to the do-not-contact list."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from confrere.domain.csv_table import CsvRow, CsvTable
from confrere.domain.errors import InvalidField
from confrere.domain.urns import ProfileUrn

COLUMN = "recipientProfileUrn"
REASON = "reason"
MAX_REASON = 500
REASON_FORM = f"must be at most {MAX_REASON} characters without NUL"
MAX_BAD_ROWS = 1_000
"""Bad rows that are kept; further ones are only counted, so that a file of nothing else does not fill the memory."""
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")

BATCH_SIZE = 500
"""People per transaction, which makes senders wait."""


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody named in the table."""

    recipient: ProfileUrn
    reason: str | None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that names nobody. `error`: a clause that says why and quotes nothing of the row."""

    line: int
    error: str


@dataclass(slots=True)
class People:
    """The people in a table, each once, in its order. bad: the first MAX_BAD_ROWS of bad_count.

    again:  rows that name somebody who came before.
    """

    good: list[Row] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    bad_count: int = 0
    again: list[Row] = field(default_factory=list)


def read_people(file: BinaryIO, reason: str | None, *, name: str) -> People:
    """Read a table whose first row names the columns: recipientProfileUrn, and perhaps reason.

    reason:  for rows that give none.
    name:    the table's name in errors.
    Raises:  InvalidField where it cannot be read as such a table; then there is nothing to skip either.
    """
    people = People()
    seen = set[str]()
    for found in CsvTable(file, needs=[COLUMN], name=name):
        row = _parsed(found, reason)
        if isinstance(row, BadRow):
            people.bad_count += 1
            if len(people.bad) < MAX_BAD_ROWS:
                people.bad.append(row)
        elif row.recipient not in seen:
            seen.add(row.recipient)
            people.good.append(row)
        else:
            people.again.append(row)
    return people


def parse_reason(text: str, *, field: str = REASON) -> str | None:
    """Return the reason, stripped; None for a blank one. Raises InvalidField."""
    if len(text) > MAX_REASON or "\0" in text or _HALF_CHARACTER.search(text):
        raise InvalidField(field, REASON_FORM)
    return text.strip() or None


def batched(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Split the people into batches, one per transaction."""
    for start in range(0, len(rows), BATCH_SIZE):
        yield rows[start : start + BATCH_SIZE]


def _parsed(found: CsvRow, reason: str | None) -> Row | BadRow:
    """Parse a row. A surplus cell is ignored: the opt-out matters more than its complete reason."""
    try:
        recipient = ProfileUrn.parse(found.get(COLUMN).strip())
        return Row(recipient, parse_reason(found.get(REASON).strip()) or reason, found.line)
    except InvalidField as fault:
        return BadRow(found.line, str(fault))
