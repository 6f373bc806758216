"""The text of a message, from an option, a file or standard input."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confrere.cli.output import write_error_line
from confrere.domain.errors import InvalidField
from confrere.domain.message import MessageText, is_blank


def read_text(message: str | None, file: Path | None) -> MessageText:
    """Read the text from option, file or standard input. Raises InvalidField, which names the source."""
    text, source = read_source(message, file)
    try:
        return MessageText.parse(text)
    except InvalidField as fault:
        raise InvalidField(source, str(fault).removeprefix(fault.field).strip()) from fault


def read_source(
    text: str | None, file: Path | None, *, option: str = "--message", file_option: str = "--message-file"
) -> tuple[str, str]:
    """Read a text that is not blank from option, file or standard input; return it with the name of its source.

    Raises InvalidField.
    """
    if text is not None and file is not None:
        raise InvalidField(option, f"cannot be given together with {file_option}")
    if text is not None:
        source = option
    else:
        source = "Standard input" if file is None else file_option
        text = _decoded(_read_bytes(file, file_option), source)
    if is_blank(text):
        remedy = f"; the message can be given with {option}, too" if source == "Standard input" else ""
        raise InvalidField(source, f"must hold the message and is blank{remedy}")
    return text, source


@contextmanager
def naming_source(source: str) -> Iterator[None]:
    """Name the source in place of the field `text` in an error. Raises InvalidField."""
    try:
        yield
    except InvalidField as fault:
        if fault.field != "text":
            raise
        raise InvalidField(source, str(fault).removeprefix(fault.field).strip()) from fault


def _read_bytes(file: Path | None, file_option: str) -> bytes:
    if file is None:
        if sys.stdin.isatty():
            write_error_line("Type the message; Ctrl-D on a line of its own ends it.")
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as fault:
        raise InvalidField(file_option, f"cannot be read: {file}: {fault.strerror}") from fault


def _decoded(given: bytes, source: str) -> str:
    try:
        return given.decode()
    except UnicodeDecodeError as fault:
        raise InvalidField(source, "must be text in UTF-8") from fault
