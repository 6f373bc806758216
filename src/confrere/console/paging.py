"""Pages of lists of which a user may see only some rows."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from confrere.console.page import Page

T = TypeVar("T")

PAGE_ROWS: Final = 50

_MOST_READS: Final = 20


async def read_visible(
    page: Page,
    read: Callable[[str | None, int], Awaitable[Sequence[T]]],
    *,
    id_of: Callable[[T], str],
    is_visible: Callable[[T], bool],
) -> tuple[list[T], str | None]:
    """Return a page of the rows that the user may see, and the query of the next one; None where it is the last.

    read:    so many rows before an id, the newest first.
    Raises:  InvalidField where the cursor of the query is none.
    """
    before = page.record_cursor()
    seen: list[T] = []
    for _ in range(_MOST_READS):
        rows = await read(before, PAGE_ROWS + 1)
        seen += filter(is_visible, rows)
        if len(rows) <= PAGE_ROWS or len(seen) > PAGE_ROWS:
            break
        before = id_of(rows[-1])
    else:
        return seen, before
    return seen[:PAGE_ROWS], id_of(seen[PAGE_ROWS - 1]) if len(seen) > PAGE_ROWS else None
