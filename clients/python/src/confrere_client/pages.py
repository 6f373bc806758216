"""Pagination: which page is next, and which is the last."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from confrere_client.calls import Call, Facts, Query, field_of
from confrere_client.decoding import Unreadable, decode
from confrere_client.models import Member, MemberPage

Page = TypeVar("Page")
T = TypeVar("T")
Item = TypeVar("Item", covariant=True)


class Pages(Protocol[Page, Item]):
    """A paginated list: execute `next_call()` until it is None, and pass each result to `take`."""

    def next_call(self) -> Call[Page] | None:
        """Return the call for the next page; None after the last."""

    def take(self, page: Page) -> Sequence[Item]:
        """Record the page's position, and return its items."""


class MemberPages:
    """The members of a group: `start` grows by the page's entries until there is no more."""

    def __init__(self, request_page: Callable[[int], Call[MemberPage]], *, start: int, count: int) -> None:
        self._request_page = request_page
        self._start = start
        self._count = count
        self._more = True

    def next_call(self) -> Call[MemberPage] | None:
        """Return the call for the next page; None after the last."""
        return self._request_page(self._start) if self._more else None

    def take(self, page: MemberPage) -> Sequence[Member]:
        """Return the page's members. The next start is counted by the entries that the server stated."""
        places = page.pagination.count if page.pagination else 0
        self._start += places if places > 0 else self._count
        self._more = page.has_more
        return page.members


@dataclass(frozen=True, slots=True)
class CursorPage(Generic[T]):
    """A page of a list, and the cursor of the one after it."""

    items: tuple[T, ...]
    next_cursor: str | None


def read_page(
    kind: type[T], *, items: str = "items", cursor: str = "nextCursor", **shared: str
) -> Callable[[object, Facts], CursorPage[T]]:
    """Return a reader of a page.

    items, cursor:  the names of both in the JSON.
    shared:         fields of every item, each with the name that it has in the page.
    """

    def read(value: object, _facts: Facts) -> CursorPage[T]:
        rows = field_of(value, items)
        if not isinstance(rows, list):
            raise Unreadable(f"{items}: not a list")
        known = {name: field_of(value, of_page) for name, of_page in shared.items()}
        following = value.get(cursor) if isinstance(value, Mapping) else None
        return CursorPage(
            tuple(decode(kind, row, **known) for row in rows), following if isinstance(following, str) else None
        )

    return read


class CursorPages(Generic[T]):
    """A list whose pages name the one after them. request_page: takes the cursor, None for the first."""

    def __init__(self, request_page: Callable[[str | None], Call[CursorPage[T]]]) -> None:
        self._request_page = request_page
        self._cursor: str | None = None
        self._more = True

    def next_call(self) -> Call[CursorPage[T]] | None:
        """Return the call for the next page; None after the last."""
        return self._request_page(self._cursor) if self._more else None

    def take(self, page: CursorPage[T]) -> Sequence[T]:
        """Record the next cursor, and return the page's items."""
        self._cursor = page.next_cursor
        self._more = page.next_cursor is not None
        return page.items


def list_managed(kind: type[T], path: str | Callable[[], str], query: Query | None = None) -> CursorPages[T]:
    """Return the pages of a list of the management API. path: a function where making it may raise InvalidRequest."""

    def request_page(cursor: str | None) -> Call[CursorPage[T]]:
        at = path if isinstance(path, str) else path()
        return Call("GET", at, read_page(kind), {**(query or {}), "cursor": cursor}, at_root=True)

    return CursorPages(request_page)
