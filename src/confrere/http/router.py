"""Finds what serves a path and a method. Templates and methods are matched by Starlette's rules."""

import re
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
    """A table of routes.

    A path without names is found in a dictionary: trying one template takes 2 µs, and there are forty. Such a path
    belongs to its own routes only, also where a template would match it.
    """

    def __init__(self, routes: Iterable[R]) -> None:
        by_path: dict[str, dict[str, R]] = {}
        for route in routes:
            methods = by_path.setdefault(route.path, {})
            methods[route.method] = route
            if route.method == "GET":
                methods["HEAD"] = route
        self._fixed = {path: Match(methods, {}) for path, methods in by_path.items() if "{" not in path}
        self._templates: list[tuple[re.Pattern[str], dict[str, R]]] = [
            (compile_path(path)[0], methods) for path, methods in by_path.items() if "{" in path
        ]

    def find(self, path: str) -> Match[R] | None:
        """Return the routes of the path; one slash at its end, as clients leave that join paths, is ignored."""
        found = self._fixed.get(path)
        if found is not None:
            return found
        if len(path) > 1 and path.endswith("/"):
            path = path[:-1]
            if (found := self._fixed.get(path)) is not None:
                return found
        return self._find_template(path)

    def _find_template(self, path: str) -> Match[R] | None:
        for pattern, methods in self._templates:
            if found := pattern.match(path):
                return Match(methods, found.groupdict())
        return None
