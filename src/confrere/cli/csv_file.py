"""The file argument of `do-not-contact import`: reading and parsing it."""

import sys
from contextlib import nullcontext
from pathlib import Path

from confrere.cli.exit_codes import CommandFailed, ExitCode
from confrere.domain.errors import InvalidField
from confrere.domain.opt_out_csv import People, Row, read_people

__all__ = ["People", "Row", "read_file"]


def read_file(source: str, reason: str | None) -> People:
    """Read the rows of a file, or of standard input where `source` is a dash. Raises CommandFailed.

    reason:  the reason of rows without one.
    """
    try:
        with nullcontext(sys.stdin.buffer) if source == "-" else Path(source).open("rb") as file:
            return read_people(file, reason, name="The file")
    except OSError as fault:
        raise CommandFailed(f"The file {source} cannot be read: {fault.strerror}", code=ExitCode.USAGE) from fault
    except InvalidField as fault:
        raise CommandFailed(str(fault), code=ExitCode.USAGE) from fault
