"""What a command prints: its result on standard output, everything else on standard error."""

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
"""What JSON may hold as it is, but a terminal would act on, and halves of characters, which cannot be written."""

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed: they could drive the terminal
    "\u202a-\u202e\u2066-\u2069"  # changes of direction: they could make a text read as another
    "\ud800-\udfff]"  # halves of characters
)


class OutputLost(Exception):
    """Standard output does not take the result. reader_left: the program that read it ended, as `head` does."""

    def __init__(self, fault: OSError) -> None:
        super().__init__(fault.strerror)
        self.reader_left = fault.errno == errno.EPIPE


def printable(text: str) -> str:
    """The text without characters that do something to a terminal. Names and refusals come from strangers."""
    return _UNPRINTABLE.sub("\ufffd", text)


def write_failure(failure: CommandFailed, *, as_json: bool) -> None:
    """The error in one line on standard error; as JSON it is an object on standard output too."""
    from confrere.telemetry.logs import redact  # its library is not needed where all goes well

    text, remedy = redact(" ".join(failure.text.split())), failure.remedy
    if as_json:
        shown = {"success": False, "error": text, "remedy": remedy, **failure.more, "exitCode": int(failure.code)}
        with suppress(OutputLost):
            write_json(shown)
    sentences = [text, *([remedy] if remedy else [])]
    _write(sys.stderr, "Error: " + " ".join(_ended(printable(sentence)) for sentence in sentences) + "\n")


def write_error_line(text: str) -> None:
    """A line on standard error, as far as it can be written."""
    _write(sys.stderr, printable(text) + "\n")


def write_json(value: Json | Sequence[Json]) -> None:
    """One line of JSON on standard output."""
    text = json.dumps(value, ensure_ascii=not _is_utf8(sys.stdout), separators=(",", ":"))
    _write(sys.stdout, _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


class Output:
    """Where one command prints. as_json: its result is JSON, and texts and tables for people are left out."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def document(self, value: Json | Sequence[Json]) -> None:
        """The whole result, where it is wanted as JSON."""
        if self.as_json:
            write_json(value)

    def say(self, text: str) -> None:
        """A line of the result, for people."""
        if not self.as_json:
            self.paste(printable(text))

    def paste(self, text: str) -> None:
        """A line of the result exactly as it is, never wrapped, so that it can be copied."""
        _write(sys.stdout, text + "\n")

    def hint(self, text: str) -> None:
        """What is not part of the result: what to do next, what went on."""
        write_error_line(text)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table, for people: as wide as the terminal, and one line a row where it goes to no terminal."""
        if self.as_json:
            return
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for line in lay_out(columns, [[printable(cell) for cell in row] for row in rows], width):
            self.paste(line)

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Names and values below each other, for people."""
        width = max(len(name) for name, _ in facts)
        for name, value in facts:
            self.say(f"{name:{width}}  {value}")

    def busy(self, text: str) -> AbstractContextManager[object]:
        """Show that something takes its time."""
        return _console(sys.stderr).status(text) if sys.stderr.isatty() else nullcontext()

    @contextmanager
    def progress(self, text: str) -> Iterator[Callable[[int, int], None]]:
        """Show a bar, which is told (done, all)."""
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
    """Raises OutputLost for standard output; what standard error does not take changes nothing of what was done."""
    try:
        stream.write(text)
        stream.flush()
    except OSError as fault:
        discard(stream)
        if stream is sys.stdout:
            raise OutputLost(fault) from fault


def is_stuck(stream: TextIO) -> bool:
    """Whether it does not take what is buffered."""
    try:
        stream.flush()
    except OSError:
        return True
    return False


def discard(stream: TextIO) -> None:
    """Let what is still buffered go nowhere: Python would try to write it again at the end and change the exit code."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else sentence + "."


def _is_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"
