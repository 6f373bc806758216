"""Pages, their cursors, and exports that are streamed page by page."""

import base64
import binascii
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TypeVar

from confrere.domain.errors import InvalidField
from confrere.http.answer import Answer, Chunks
from confrere.http.query_params import QueryParams

T = TypeVar("T")

MAX_PAGE = 200
DEFAULT_PAGE = 50
EXPORT_PAGE = 500
"""Rows that are read at a time for an export; no more are ever in memory."""

CSV = "text/csv; charset=utf-8"
JSON_LINES = "application/x-ndjson"

ReadPage = Callable[[T | None, int], Awaitable[Sequence[T]]]
"""Reads up to so many rows after the given one; None: from the first."""


def page_size(query: QueryParams) -> int:
    """Return how many rows the caller asks for. Raises InvalidField."""
    return query.integer("limit", default=DEFAULT_PAGE, least=1, most=MAX_PAGE)


def to_cursor(last: bytes) -> str:
    """Encode the key of the last row of a page."""
    return base64.urlsafe_b64encode(last).decode().rstrip("=")


def from_cursor(query: QueryParams) -> bytes | None:
    """Decode the key of the row after which the page begins; None for the first page. Raises InvalidField."""
    text = query.text("cursor")
    if text is None:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as fault:
        raise bad_cursor() from fault


def bad_cursor() -> InvalidField:
    """Return the error of a cursor that `to_cursor` has not made."""
    return InvalidField("cursor", "must be the nextCursor of the page before")


async def exported(
    read: ReadPage[T],
    write: Callable[[Sequence[T]], bytes],
    *,
    record: Callable[[], Awaitable[object]],
    head: bytes,
    name: str,
    media_type: str,
) -> Answer:
    """Answer with a file that is read while it is written; the first page before, so that an error has a status.

    record:  writes the export's entry of the audit log, before anything leaves.
    """
    first = await read(None, EXPORT_PAGE)
    await record()

    async def parts() -> AsyncGenerator[bytes, None]:
        page = first
        yield head + write(page)
        while len(page) == EXPORT_PAGE:
            page = await read(page[-1], EXPORT_PAGE)
            yield write(page)

    disposition = f'attachment; filename="{name}"'.encode()
    return Answer(200, Chunks(parts()), headers=((b"content-disposition", disposition),), media_type=media_type)
