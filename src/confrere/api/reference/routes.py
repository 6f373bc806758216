"""The scope of every documented operation, and the methods of its path, as the tables of routes have them."""

import re
from collections import defaultdict
from collections.abc import Mapping

from confrere.api import compatible, compatible_routes
from confrere.api.v1 import dialect
from confrere.api.v1 import routes as v1_routes
from confrere.domain.keys import Scope

_PUBLIC = ("/linkedin/openapi.json", "/health", "/ready", "/metrics")


def scopes_by_method() -> Mapping[str, Mapping[str, Scope | None]]:
    """By path, then by method, the scope that a key must have; None where no key is needed.

    The named parts of a path are left empty: `/v1/accounts/{}`.
    """
    scopes: dict[str, dict[str, Scope | None]] = defaultdict(dict)
    for path in _PUBLIC:
        scopes[path]["GET"] = None
    for base_path, table in ((compatible.BASE_PATH, compatible_routes.TABLE), (dialect.BASE_PATH, v1_routes.TABLE)):
        for method, path, _, scope in table:
            scopes[unnamed(base_path + path)][method] = scope
    for methods in scopes.values():
        if "GET" in methods:
            methods["HEAD"] = methods["GET"]
    return scopes


def unnamed(path: str) -> str:
    """The path without the names of its parts."""
    return re.sub(r"{[^}]*}", "{}", path)
