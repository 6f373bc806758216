"""A command's output: its result on standard output, everything else on standard error."""

import errno
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final, TextIO

from confrere.cli.exit_codes import CommandFailed
from confrere.cli.tables import lay_out

if TYPE_CHECKING:
    from rich.console import Console

Json = dict[str, Any]

_UNSAFE_IN_JSON: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Legal in JSON, but a terminal would act on it; and lone surrogates, which cannot be encoded."""

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed: they could drive the terminal
    "\u202a-\u202e\u2066-\u2069"  # changes of direction: they could make a text read as another
    "\ud800-\udfff]"  # lone surrogates
)


class OutputLost(Exception):
    """The result could not be written. reader_left: the program at the other end of the pipe ended, as `head` does."""

    def __init__(self, fault: OSError) -> None:
        super().__init__(fault.strerror)
        self.reader_left = fault.errno == errno.EPIPE


def printable(text: str) -> str:
    """Replace the characters that control a terminal, since names and refusals are written by strangers."""
    return _UNPRINTABLE.sub("\ufffd", text)


def counted(count: int, one: str, many: str) -> str:
    """Return the count with its words: `1 person`, `2,000 people`."""
    return f"{count:,} {one if count == 1 else many}"


def write_failure(failure: CommandFailed, *, as_json: bool) -> None:
    """Write the error in one line on standard error; with `as_json` also as an object on standard output."""
    from confrere.telemetry.logs import redact  # importing it takes time that a success need not spend

    text, remedy = redact(" ".join(failure.text.split())), failure.remedy
    if as_json:
        shown = {"success": False, "error": text, "remedy": remedy, **failure.more, "exitCode": int(failure.code)}
        with suppress(OutputLost):
            write_json(shown)
    sentences = [text, *([remedy] if remedy else [])]
    _write(sys.stderr, "Error: " + " ".join(_ended(printable(sentence)) for sentence in sentences) + "\n")


def write_error_line(text: str) -> None:
    """Write a line on standard error; a failure to write it is ignored."""
    _write(sys.stderr, printable(text) + "\n")


def write_json(value: Json | Sequence[Json]) -> None:
    """Write one line of JSON on standard output. Raises OutputLost."""
    text = json.dumps(value, ensure_ascii=not _is_utf8(sys.stdout), separators=(",", ":"))
    _write(sys.stdout, _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


class Output:
    """The output of one command. as_json: the result is JSON, and texts and tables are left out."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def document(self, value: Json | Sequence[Json]) -> None:
        """Print the whole result as JSON; nothing without `as_json`."""
        if self.as_json:
            write_json(value)

    def print(self, text: str) -> None:
        """Print a line of the result; nothing with `as_json`."""
        if not self.as_json:
            self.print_verbatim(printable(text))

    def print_verbatim(self, text: str) -> None:
        """Print a line exactly as it is, never wrapped, so that it can be copied."""
        _write(sys.stdout, text + "\n")

    def hint(self, text: str) -> None:
        """Print what is not part of the result, such as the next step, on standard error."""
        write_error_line(text)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print a table as wide as the terminal; with one line a row where the output is no terminal."""
        if self.as_json:
            return
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for line in lay_out(columns, [[printable(cell) for cell in row] for row in rows], width):
            self.print_verbatim(line)

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Print names and values, one pair a line."""
        width = max(len(name) for name, _ in facts)
        for name, value in facts:
            self.print(f"{name:{width}}  {value}")

    def busy(self, text: str) -> AbstractContextManager[object]:
        """Show a spinner on a terminal while the context is open."""
        return _console(sys.stderr).status(text) if sys.stderr.isatty() else nullcontext()

    @contextmanager
    def progress(self, text: str) -> Iterator[Callable[[int, int], None]]:
        """Show a progress bar on a terminal; the yielded function updates it with (done, total)."""
        if not sys.stderr.isatty():
            yield lambda _done, _all: None
            return
        from rich.progress import Progress

        with Progress(console=_console(sys.stderr), transient=True) as bar:
            task = bar.add_task(text, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _console(stream: TextIO) -> "Console":
    from rich.console import Console

    return Console(file=stream, highlight=False)


def _write(stream: TextIO, text: str) -> None:
    """Write and flush. Raises OutputLost for standard output; a failure on standard error is ignored."""
    try:
        stream.write(text)
        stream.flush()
    except OSError as fault:
        discard(stream)
        if stream is sys.stdout:
            raise OutputLost(fault) from fault


def is_stuck(stream: TextIO) -> bool:
    """Whether the stream cannot be flushed."""
    try:
        stream.flush()
    except OSError:
        return True
    return False


def discard(stream: TextIO) -> None:
    """Discard what is buffered: Python would write it again at exit, fail, and change the exit code."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else sentence + "."


def _is_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"
