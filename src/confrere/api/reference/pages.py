"""The reference page, which a browser renders from the OpenAPI document."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request as StarletteRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

ASSETS = Path(__file__).parent / "assets"
_PAGE = "docs.html"

MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""What is served; other files beside, such as licences, are not."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing inline and nothing from other hosts: an API key is typed into this page, so only our code may run in it."""

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


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
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-cache", "ETag": f'"{_version()}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(_page(), media_type="text/html", headers=headers)


async def _read_asset(request: StarletteRequest) -> Response:
    name = request.path_params["name"]
    content = _assets().get(name)
    if content is None or request.path_params["version"] != _version():
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=MEDIA_TYPES[Path(name).suffix], headers=headers)


@cache
def _assets() -> Mapping[str, bytes]:
    """Read the served files once, by their names."""
    paths = sorted(path for path in ASSETS.rglob("*") if path.suffix in MEDIA_TYPES)
    return {path.relative_to(ASSETS).as_posix(): path.read_bytes() for path in paths}


@cache
def _version() -> str:
    """Return a hash of the contents of page and assets."""
    digest = hashlib.sha256((ASSETS / _PAGE).read_bytes())
    for name, content in _assets().items():
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:16]


@cache
def _page() -> str:
    return (ASSETS / _PAGE).read_text("utf-8").replace("{assets}", f"/docs/assets/{_version()}")
