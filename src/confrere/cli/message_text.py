"""The text of a message, from an option, a file or standard input."""

import sys
from pathlib import Path

from confrere.cli.output import write_error_line
from confrere.domain.errors import InvalidField
from confrere.domain.message import MessageText, is_blank


def read_text(message: str | None, file: Path | None) -> MessageText:
    """Read the text from option, file or standard input. Raises InvalidField, which names the source."""
    if message is not None and file is not None:
        raise InvalidField("--message", "cannot be given together with --message-file")
    if message is not None:
        source, text = "--message", message
    else:
        source = "Standard input" if file is None else "--message-file"
        text = _decoded(_read_bytes(file), source)
    if is_blank(text):
        remedy = "" if message is not None or file is not None else "; the message can be given with --message, too"
        raise InvalidField(source, f"must hold the message and is blank{remedy}")
    try:
        return MessageText.parse(text)
    except InvalidField as fault:
        raise InvalidField(source, str(fault).removeprefix(fault.field).strip()) from fault


def _read_bytes(file: Path | None) -> bytes:
    if file is None:
        if sys.stdin.isatty():
            write_error_line("Type the message; Ctrl-D on a line of its own ends it.")
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as fault:
        raise InvalidField("--message-file", f"cannot be read: {file}: {fault.strerror}") from fault


def _decoded(given: bytes, source: str) -> str:
    try:
        return given.decode()
    except UnicodeDecodeError as fault:
        raise InvalidField(source, "must be text in UTF-8") from fault
