"""The reference page, which a browser renders from the OpenAPI document."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request as StarletteRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from confrere.http.answer import content_of
from confrere.http.assets import SHARED, Assets, security_headers

_FOLDER = Path(__file__).parent / "assets"
_ASSETS = Assets("/docs/assets", SHARED, _FOLDER)
SECURITY_HEADERS = security_headers(form_action="none")


def routes() -> Sequence[BaseRoute]:
    """The pages."""
    return [
        Route("/", _to_page),
        Route("/docs/", _to_page),
        Route("/docs", _read_page),
        Route("/docs/assets/{version}/{name:path}", _read_asset),
    ]


async def _to_page(_request: StarletteRequest) -> Response:
    return RedirectResponse("/docs", 307)


async def _read_page(request: StarletteRequest) -> Response:
    """Read the page, which browsers revalidate each time; the files it loads have versioned paths and are cached."""
    page, etag = _page()
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-cache", "ETag": f'"{etag}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(page, media_type="text/html", headers=headers)


async def _read_asset(request: StarletteRequest) -> Response:
    answer = _ASSETS.read(request.path_params["version"], request.path_params["name"])
    if answer is None:
        raise HTTPException(404)
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    return Response(content_of(answer), headers=headers, media_type=answer.media_type)


@cache
def _page() -> tuple[str, str]:
    """Return the page and a hash of it; it names the version of its assets."""
    page = (_FOLDER / "docs.html").read_text("utf-8").replace("{assets}", _ASSETS.base)
    return page, hashlib.sha256(page.encode()).hexdigest()[:16]
