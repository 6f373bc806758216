"""What a command prints: its result on standard output, everything else on standard error."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final, TextIO

from confrere.cli.exits import CommandFailed

if TYPE_CHECKING:
    from rich.console import Console

Json = dict[str, Any]

WIDTH_OF_FILES: Final = 200
"""Columns of a table that does not go to a terminal."""

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed: they could drive the terminal
    "\u202a-\u202e\u2066-\u2069"  # changes of direction: they could make a text read as another
    "\ud800-\udfff]"  # halves of characters
)


def printable(text: str) -> str:
    """The text without characters that do something to a terminal. Names and refusals come from strangers."""
    return _UNPRINTABLE.sub("\ufffd", text)


def write_failure(failure: CommandFailed, *, as_json: bool) -> None:
    """The error in one line on standard error; as JSON it is an object on standard output too."""
    from confrere.telemetry.logs import redact  # its library is not needed where all goes well

    text, remedy = redact(" ".join(failure.text.split())), failure.remedy
    if as_json:
        shown = {"success": False, "error": text, "remedy": remedy, **failure.more, "exitCode": int(failure.code)}
        write_json(shown)
    sentences = [text, *([remedy] if remedy else [])]
    _write(sys.stderr, "Error: " + " ".join(_ended(printable(sentence)) for sentence in sentences) + "\n")


def write_json(value: Json | Sequence[Json]) -> None:
    """One line of JSON on standard output."""
    _write(sys.stdout, json.dumps(value, ensure_ascii=not _is_utf8(sys.stdout), separators=(",", ":")) + "\n")


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
        _write(sys.stderr, printable(text) + "\n")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table, for people. A column whose name ends in `id` is never broken."""
        if self.as_json:
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for name in columns:
            table.add_column(name, no_wrap=name.lower().endswith("id"), overflow="fold")
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        _console(sys.stdout).print(table)

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

    return Console(file=stream, width=None if stream.isatty() else WIDTH_OF_FILES, highlight=False)


def _write(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else sentence + "."


def _is_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"
