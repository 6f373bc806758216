"""Walks over the pages of a list: which page is next, and when it was the last."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from confrere_client.calls import Call, Query, SendPage, list_sends
from confrere_client.models import Member, MemberPage, SendRecord

Page = TypeVar("Page")
Item = TypeVar("Item", covariant=True)


class Walk(Protocol[Page, Item]):
    """A walk: ask for `next_call()` until it is None, and give its result to `take`."""

    def next_call(self) -> Call[Page] | None:
        """The call for the next page; None after the last."""

    def take(self, page: Page) -> Sequence[Item]:
        """What the page holds."""


class MemberWalk:
    """Every member of a group: `start` goes up by the page's places until there is no more."""

    def __init__(self, ask: Callable[[int], Call[MemberPage]], *, start: int, count: int) -> None:
        self._ask = ask
        self._start = start
        self._count = count
        self._more = True

    def next_call(self) -> Call[MemberPage] | None:
        """The next page."""
        return self._ask(self._start) if self._more else None

    def take(self, page: MemberPage) -> Sequence[Member]:
        """The page's members. A server that gives fewer places than were asked for is followed."""
        places = page.pagination.count if page.pagination else 0
        self._start += places if places > 0 else self._count
        self._more = page.has_more
        return page.members


class SendWalk:
    """Every send of an account, newest first."""

    def __init__(self, account_id: str, query: Query) -> None:
        self._account_id = account_id
        self._query = query
        self._cursor: str | None = None
        self._more = True

    def next_call(self) -> Call[SendPage] | None:
        """The next page."""
        return list_sends(self._account_id, {**self._query, "cursor": self._cursor}) if self._more else None

    def take(self, page: SendPage) -> Sequence[SendRecord]:
        """The page's sends."""
        self._cursor = page.next_cursor
        self._more = page.next_cursor is not None
        return page.sends
