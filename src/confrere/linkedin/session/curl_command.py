"""Splitting of copied curl commands into arguments, as the shell they were copied for does it."""

import re
import shlex

_BASH_PART = re.compile(r"\$'((?:[^'\\]|\\.)*)'|\\\r?\n|'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.", re.DOTALL)
_ANSI_C = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|.)", re.DOTALL)
_ANSI_C_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_CARET = re.compile(r"\^(?:\r?\n|(.))", re.DOTALL)
_CARET_AT_END = re.compile(r"\^\r?\n()")
_SINGLE_QUOTED = re.compile(r"(?:^|\s)(?:curl|-H|-b|-A|--header|--cookie|--url|--user-agent)\s+\$?'")


def split_command(text: str) -> list[str]:
    """Split a command copied for bash or for Windows' cmd. Raises ValueError where a quote is left open."""
    windows = not _SINGLE_QUOTED.search(text) and ('^"' in text or '""' in text or "^\n" in text or "^\r\n" in text)
    return split_cmd(text) if windows else split_bash(text)


def split_bash(text: str) -> list[str]:
    r"""Split a bash command with quotes, escapes in `$'…'` and continued lines. Raises ValueError."""
    return shlex.split(_BASH_PART.sub(_rewrite_part, text), posix=True)


def _rewrite_part(found: re.Match[str]) -> str:
    """Rewrite what shlex does not support (`$'…'`, continued lines); leave the rest."""
    if found[1] is not None:
        return shlex.quote(_ANSI_C.sub(_decode_escape, found[1]))
    return "" if found[0] in ("\\\n", "\\\r\n") else found[0]


def _decode_escape(found: re.Match[str]) -> str:
    escape = found[1]
    if escape[0] in "xuU" and len(escape) > 1:
        return chr(min(int(escape[1:], 16), 0x10FFFF))
    if escape[0] in "01234567":
        return chr(int(escape, 8) & 0xFF)
    return _ANSI_C_LETTERS.get(escape, escape)


def split_cmd(text: str) -> list[str]:
    r"""Split a command for cmd, as Chrome (`^"a^\^"b^"`) and Firefox (that, or `"a""b"`) write it.

    cmd removes the carets, then curl splits by the rules of Microsoft's C library. Raises ValueError.
    """
    escaped = '^"' in text  # then every caret is an escape; else only those at ends of lines
    return _split_arguments((_CARET if escaped else _CARET_AT_END).sub(lambda found: found[1] or "", text))


def _split_arguments(text: str) -> list[str]:
    words: list[str] = []
    word: str | None = None
    quoted = False
    for backslashes, quotes, space, plain in re.findall(r'(\\*)(?:("+)|(\s+)|([^\\"\s]+))?', text):
        if quotes:
            word = (word or "") + "\\" * (len(backslashes) // 2)
            escaped = len(backslashes) % 2
            added, quoted = _read_quotes(len(quotes) - escaped, quoted=quoted)
            word += '"' * (escaped + added)
            continue
        if backslashes or plain:
            word = (word or "") + backslashes + plain
        if space and quoted:
            word = (word or "") + space
        elif space and word is not None:
            words.append(word)
            word = None
    if quoted:
        raise ValueError("a quote is left open")
    return words if word is None else [*words, word]


def _read_quotes(count: int, *, quoted: bool) -> tuple[int, bool]:
    """Return how many literal quotes a run of them stands for, and whether quoting is on afterwards."""
    added = 0
    while count:
        if quoted and count >= 2:
            added, count = added + 1, count - 2
        else:
            quoted, count = not quoted, count - 1
    return added, quoted
