from typing import NamedTuple

import pytest

from confrere.http.router import Router


class Row(NamedTuple):
    """A route by its method and path."""

    method: str
    path: str


ROUTER = Router(
    [
        Row("GET", "/things"),
        Row("POST", "/things"),
        Row("POST", "/things/check"),
        Row("GET", "/things/{thing_id}"),
        Row("PATCH", "/things/{thing_id}"),
        Row("GET", "/things/{thing_id}/parts"),
    ]
)


@pytest.mark.parametrize(
    ("path", "allow", "path_params"),
    [
        ("/things", "GET, HEAD, POST", {}),
        ("/things/", "GET, HEAD, POST", {}),
        ("/things/check", "POST", {}),
        ("/things/check/", "POST", {}),
        ("/things/7", "GET, HEAD, PATCH", {"thing_id": "7"}),
        ("/things/7/", "GET, HEAD, PATCH", {"thing_id": "7"}),
        ("/things/a b", "GET, HEAD, PATCH", {"thing_id": "a b"}),
        ("/things/7/parts", "GET, HEAD", {"thing_id": "7"}),
    ],
)
def test_a_path_leads_to_all_its_methods(path: str, allow: str, path_params: dict[str, str]) -> None:
    """A path has all of its methods; a fixed path wins over a template, and one trailing slash is ignored."""
    found = ROUTER.find(path)
    assert found is not None
    assert (found.allow, found.path_params) == (allow, path_params)
    assert found.routes["HEAD" if "HEAD" in allow else "POST"].path.count("{") == len(path_params)


@pytest.mark.parametrize("path", ["", "/", "/thing", "/things//", "/things/7//", "/things/7/parts/1", "/THINGS"])
def test_any_other_path_leads_nowhere(path: str) -> None:
    """No route is found for an unknown path."""
    assert ROUTER.find(path) is None
