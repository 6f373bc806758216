"""Reading a CSV file of people."""

import sys
from pathlib import Path

from confrere.cli.exits import CommandFailed, ExitCode
from confrere.domain.errors import InvalidField
from confrere.domain.people import People, Row, read_people

__all__ = ["People", "Row", "read_file"]


def read_file(source: str, reason: str | None) -> People:
    """The rows of a file, or of standard input where `source` is a dash. Raises CommandFailed.

    reason:  for rows that give none.
    """
    try:
        given = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as fault:
        raise CommandFailed(f"The file {source} cannot be read: {fault.strerror}", code=ExitCode.USAGE) from fault
    try:
        return read_people(given, reason, what="The file")
    except InvalidField as fault:
        raise CommandFailed(str(fault), "Save it as CSV in UTF-8", code=ExitCode.USAGE) from fault
