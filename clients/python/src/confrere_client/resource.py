"""Resources of the API: each method is written once, as the call that it makes, and holds for both clients.

`method` and `listing` decorate functions that return a Call, or Pages. Called on the resource of a client, they execute
it: the blocking client returns the result, the one for asyncio something to await. There is no I/O here.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import partial, update_wrapper
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from confrere_client.calls import Call
from confrere_client.pages import Pages

P = ParamSpec("P")
T = TypeVar("T")
Page = TypeVar("Page")


class Blocking(Protocol):
    """Executes calls while the caller waits. Both methods raise ConfrereClientError."""

    def execute(self, build: Callable[[], Call[T]], /) -> T:
        """Build a call, execute it, and return its result."""

    def iterate(self, pages: Pages[Page, T], /) -> Iterator[T]:
        """Iterate over all items; a page is requested when the one before it is used up."""


class Asynchronous(Protocol):
    """Executes calls for asyncio. Both methods raise ConfrereClientError."""

    async def execute(self, build: Callable[[], Call[T]], /) -> T:
        """Build a call, execute it, and return its result."""

    def iterate(self, pages: Pages[Page, T], /) -> AsyncIterator[T]:
        """Iterate over all items; a page is requested when the one before it is used up."""


E = TypeVar("E", Blocking, Asynchronous)


class Resource(Generic[E]):
    """A group of methods. executor: of the client that it belongs to."""

    def __init__(self, executor: E) -> None:
        self.executor: E = executor


class method(Generic[P, T]):  # noqa: N801  # a decorator, as `property` is
    """A method that executes a call. build: the decorated function, which returns the call."""

    def __init__(self, build: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self.build = build

        def execute(resource: Resource[Any], /, *args: P.args, **kwargs: P.kwargs) -> Any:
            return resource.executor.execute(partial(build, resource, *args, **kwargs))

        self._function = update_wrapper(execute, build)

    @overload
    def __get__(self, resource: None, owner: object) -> Self: ...
    @overload
    def __get__(self, resource: Resource[Blocking], owner: object) -> Callable[P, T]: ...
    @overload
    def __get__(self, resource: Resource[Asynchronous], owner: object) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: object) -> Any:
        """Return the method of one resource."""
        return self if resource is None else MethodType(self._function, resource)


class listing(Generic[P, T]):  # noqa: N801  # a decorator, as `property` is
    """A method that iterates over items. build: the decorated function, which returns their pages."""

    def __init__(self, build: Callable[Concatenate[Any, P], Pages[Any, T]]) -> None:
        self.build = build

        def iterate(resource: Resource[Any], /, *args: P.args, **kwargs: P.kwargs) -> Any:
            return resource.executor.iterate(build(resource, *args, **kwargs))

        self._function = update_wrapper(iterate, build)

    @overload
    def __get__(self, resource: None, owner: object) -> Self: ...
    @overload
    def __get__(self, resource: Resource[Blocking], owner: object) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, resource: Resource[Asynchronous], owner: object) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: object) -> Any:
        """Return the method of one resource."""
        return self if resource is None else MethodType(self._function, resource)
