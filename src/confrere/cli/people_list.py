"""People named on the command line, in a file or on standard input, one a line."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from confrere.domain.errors import InvalidField
from confrere.domain.urns import ProfileUrn


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that names nobody. number: from 1."""

    number: int
    error: str


@dataclass(frozen=True, slots=True)
class PeopleList:
    """The people of a list, each once and in its order, and the lines that name nobody."""

    people: Sequence[ProfileUrn]
    bad: Sequence[BadLine]


def read_people_list(named: Iterable[str], file: str | None, *, field: str) -> PeopleList:
    """Read the people named on the command line, then those of the file; "-" is standard input.

    field:   what the error calls somebody of the command line.
    Raises:  InvalidField for a bad one of the command line, and for a file that cannot be read.
    """
    people = dict.fromkeys(ProfileUrn.parse(one, field=field) for one in named)
    bad: list[BadLine] = []
    for number, line in enumerate(_read_lines(file) if file is not None else (), start=1):
        if not line.strip():
            continue
        try:
            people[ProfileUrn.parse(line, field="it")] = None
        except InvalidField as fault:
            bad.append(BadLine(number, str(fault)))
    return PeopleList(list(people), bad)


def _read_lines(file: str) -> list[str]:
    try:
        return (sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()).decode("utf-8-sig").splitlines()
    except OSError as fault:
        raise InvalidField("--file", f"cannot be read: {file}: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise InvalidField("--file", "must be text in UTF-8") from fault
