"""Input of a copied session, so that no shell history, terminal or process list keeps it."""

import os
import re
import select
import sys
import termios
from pathlib import Path
from typing import Final, TextIO

from confrere.cli.exit_codes import CommandFailed, ExitCode

MAX_PASTED_BYTES: Final = 1_000_000
MAX_FILE_BYTES: Final = 100_000_000
"""So large because a HAR holds every answer of a page."""

HOW_TO_COPY: Final = """\
How to copy the session of your LinkedIn account:

  1. In the browser where you are logged in, open https://www.linkedin.com/feed/
  2. Open the developer tools (F12, or Ctrl-Shift-I; on a Mac Option-Command-I), tab Network
  3. Reload the page; type 'voyager' into the tab's filter
  4. Right-click any line of the list, choose Copy, then "Copy as cURL" (on Windows: "as cURL (bash)")
  5. Paste it here. It is not shown. An empty line or Ctrl-D ends it: press Enter twice.
"""

_END_OF_INPUT: Final = b"\x04"
_PAUSE_SECONDS: Final = 0.3


def take_paste(source: str | None) -> str:
    """Read a file, standard input, or a paste into the terminal. Raises CommandFailed."""
    if source is not None and source != "-":
        return _decoded(_read_file(source), MAX_FILE_BYTES)
    if sys.stdin.isatty():
        return _decoded(read_unseen(sys.stdin, sys.stderr, HOW_TO_COPY), MAX_PASTED_BYTES)
    return _decoded(sys.stdin.buffer.read(MAX_FILE_BYTES + 1), MAX_FILE_BYTES)


def read_unseen(terminal: TextIO, screen: TextIO, prompt: str) -> bytes:
    """Read until an empty line or Ctrl-D, without echo. The prompt is shown when echo is off.

    A terminal in line mode drops what exceeds 4,095 bytes of a line, and a Cookie header can be longer; so line mode is
    off. The rest of a paste is discarded, so that the shell does not run it.
    """
    handle = terminal.fileno()
    before = termios.tcgetattr(handle)
    unseen = termios.tcgetattr(handle)
    unseen[3] &= ~(termios.ICANON | termios.ECHO)
    unseen[6][termios.VMIN], unseen[6][termios.VTIME] = 1, 0
    termios.tcsetattr(handle, termios.TCSADRAIN, unseen)
    pasted = b""
    try:
        screen.write(prompt)
        screen.flush()
        while len(pasted) <= MAX_PASTED_BYTES and not _is_whole(pasted, handle) and (more := os.read(handle, 65_536)):
            pasted += more.replace(b"\r", b"\n")
    finally:
        termios.tcsetattr(handle, termios.TCSAFLUSH, before)
    return re.sub(b"\n+", b"\n", pasted.partition(_END_OF_INPUT)[0]).strip()


def _is_whole(pasted: bytes, handle: int) -> bool:
    """Whether the input ended with Ctrl-D or an empty line. More follows at once after an empty line within a paste."""
    if _END_OF_INPUT in pasted:
        return True
    ends = pasted.endswith(b"\n\n") and bool(pasted.strip())
    return ends and not select.select([handle], [], [], _PAUSE_SECONDS)[0]


def _read_file(name: str) -> bytes:
    if any(mark in name for mark in ("=", ";", "curl ")):
        raise CommandFailed(
            "This looks like the session itself and not like a file's name; it was not used",
            "It may now be in your shell's history: remove it there, log out of LinkedIn in that browser and in again, "
            "and run `confrere accounts connect` without an argument",
            code=ExitCode.USAGE,
        )
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as fault:
        raise CommandFailed(f"The file {name} cannot be read: {fault.strerror}", code=ExitCode.USAGE) from fault


def _decoded(pasted: bytes, most: int) -> str:
    """Decode the paste. Raises CommandFailed where it is too long, since a part could end in the middle of a cookie."""
    if len(pasted) > most:
        remedy = "Copy one request only" if most == MAX_FILE_BYTES else "Copy one request only, or give it as a file"
        raise CommandFailed(f"What was given is longer than {most // 1_000_000} MB", remedy, code=ExitCode.USAGE)
    try:
        text = pasted.decode("utf-16" if pasted.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as fault:
        raise CommandFailed("What was given is not text in UTF-8 or UTF-16", code=ExitCode.USAGE) from fault
    if not text.strip():
        raise CommandFailed("Nothing was given", "Paste what you copied as cURL", code=ExitCode.USAGE)
    return text
