"""Finds what serves a path and a method. Templates and methods are matched by Starlette's rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from starlette.routing import compile_path


class Routed(Protocol):
    """What a router reads of a route. path: whole, with `{name}` for a part that is any text without a slash."""

    @property
    def method(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102


R = TypeVar("R", bound=Routed)


@dataclass(frozen=True, slots=True)
class Match(Generic[R]):
    """All routes of a path by their methods, and the values of the names in its template."""

    routes: Mapping[str, R]
    path_params: Mapping[str, str]

    @property
    def allow(self) -> str:
        """The value of the `Allow` header."""
        return ", ".join(sorted(self.routes))


class Router(Generic[R]):
    """A table of routes. A path without names belongs to its own routes only, also where a template would match it."""

    def __init__(self, routes: Iterable[R]) -> None:
        by_path: dict[str, dict[str, R]] = {}
        for route in routes:
            methods = by_path.setdefault(route.path, {})
            methods[route.method] = route
            if route.method == "GET":
                methods["HEAD"] = route
        self._patterns = [(compile_path(path)[0], by_path[path]) for path in sorted(by_path, key=lambda p: "{" in p)]

    def find(self, path: str) -> Match[R] | None:
        """Return the routes of the path; one slash at its end, as clients leave that join paths, is ignored."""
        found = self._match(path)
        if found is None and len(path) > 1 and path.endswith("/"):
            return self._match(path[:-1])
        return found

    def _match(self, path: str) -> Match[R] | None:
        for pattern, methods in self._patterns:
            if found := pattern.fullmatch(path):  # `$` alone would pass a line feed
                return Match(methods, found.groupdict())
        return None
