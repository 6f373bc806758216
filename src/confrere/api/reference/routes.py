"""The route of every documented operation."""

import re
from collections import defaultdict
from collections.abc import Mapping

from confrere.api.compatible import routes as compatible
from confrere.api.route import Route
from confrere.api.v1 import routes as v1

_ROUTES_BY_PATH: dict[str, dict[str, Route]] = defaultdict(dict)
for _route in (*compatible.ROUTES, *v1.ROUTES):
    _ROUTES_BY_PATH[re.sub(r"{[^}]*}", "{}", _route.path)][_route.method] = _route


def routes_of(path: str) -> Mapping[str, Route]:
    """The routes of a documented path by their methods; none where the path is outside both APIs.

    The names of a path's parts differ: `{account_id}` in a route is `{accountId}` in the document.
    """
    return _ROUTES_BY_PATH.get(re.sub(r"{[^}]*}", "{}", path), {})
