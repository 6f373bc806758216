"""Pagination: which page is next, and which is the last."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from confrere_client.calls import Call, Query, SendPage, list_sends
from confrere_client.models import Member, MemberPage, SendRecord

Page = TypeVar("Page")
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


class SendPages:
    """The sends of an account, newest first."""

    def __init__(self, account_id: str, query: Query) -> None:
        self._account_id = account_id
        self._query = query
        self._cursor: str | None = None
        self._more = True

    def next_call(self) -> Call[SendPage] | None:
        """Return the call for the next page; None after the last."""
        return list_sends(self._account_id, {**self._query, "cursor": self._cursor}) if self._more else None

    def take(self, page: SendPage) -> Sequence[SendRecord]:
        """Record the next cursor, and return the page's sends."""
        self._cursor = page.next_cursor
        self._more = page.next_cursor is not None
        return page.sends
