"""Layout of tables for a terminal of any width, without breaking a word or an id."""

from collections.abc import Iterator, Sequence
from typing import Final

Row = Sequence[str]

NARROWEST: Final = 24
"""Minimum width of a text whose lines are broken between words."""

_GAP: Final = "  "
_INDENT: Final = "    "


def lay_out(columns: Row, rows: Sequence[Row], width: int | None) -> Iterator[str]:
    """Yield the lines of a table, header included.

    Where a row does not fit, texts continue on a further line of their column. Where that is not enough, the last
    columns are printed below the row, each with its name; blank ones are left out.

    width:  of the terminal in columns; None without a terminal, and then no line is broken.
    """
    widths = _fit(columns, rows, width)
    below = columns[len(widths) :]
    yield _join([[name] for name in columns[: len(widths)]], widths)[0]
    yield _GAP.join("─" * column_width for column_width in widths)
    for row in rows:
        yield from _join([_wrap(cell, size) for cell, size in zip(row, widths, strict=False)], widths)
        facts = [f"{name}: {cell}" for name, cell in zip(below, row[len(widths) :], strict=True) if cell.strip()]
        yield from _below(facts, width)


def _fit(columns: Row, rows: Sequence[Row], width: int | None) -> list[int]:
    """Return the widths of the leading columns that fit beside each other; at least one."""
    natural = [max(map(_widest_line, cells)) for cells in zip(columns, *rows, strict=True)]
    if width is None:
        return natural
    least = [
        max(max(map(_widest_word, cells)), min(wide, NARROWEST))
        for wide, cells in zip(natural, zip(columns, *rows, strict=True), strict=True)
    ]
    count = len(columns)
    while count > 1 and _total(least[:count]) > width:
        count -= 1
    widths = least[:count]
    spare = max(0, width - _total(widths))
    for index in sorted(
        range(count), key=lambda index: natural[index] - least[index]
    ):  # short texts are kept whole first
        grown = min(spare, natural[index] - widths[index])
        widths[index] += grown
        spare -= grown
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _join(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """Yield the lines of one row."""
    height = max(map(len, cells))
    return [
        _GAP.join(
            _padded(lines[number] if number < len(lines) else "", size)
            for lines, size in zip(cells, widths, strict=True)
        ).rstrip()
        for number in range(height)
    ]


def _below(facts: Sequence[str], width: int | None) -> Iterator[str]:
    """Put facts beside each other, each on a new line where it does not fit."""
    room = (width or 0) - len(_INDENT)
    line = ""
    for fact in facts:
        if line and cells_of(f"{line}{_GAP}{fact}") > room:
            yield from (_INDENT + part for part in _wrap(line, room))
            line = fact
        else:
            line = f"{line}{_GAP}{fact}" if line else fact
    if line:
        yield from (_INDENT + part for part in _wrap(line, room))


def _wrap(text: str, width: int) -> list[str]:
    """Break a text between words; a word that is too wide stays whole."""
    broken = []
    for line in text.split("\n"):
        if cells_of(line) <= width:
            broken.append(line)
            continue
        part = ""
        for word in line.split():
            if part and cells_of(f"{part} {word}") > width:
                broken.append(part)
                part = word
            else:
                part = f"{part} {word}" if part else word
        broken.append(part)
    return broken


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells_of(text))


def _widest_line(text: str) -> int:
    return max(map(cells_of, text.split("\n")))


def _widest_word(text: str) -> int:
    return max(map(cells_of, text.split()), default=0)


def cells_of(text: str) -> int:
    """Return the width of a text in terminal columns: two for each character of many Asian scripts."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # takes longer to import than most tables to print

    return cell_len(text)
