"""The files of the reference page and the content security policy under which they are served."""

import json
import re
from pathlib import Path

import aiohttp
import pytest

from confrere.api.reference import pages
from confrere.http.assets import SHARED
from tests.contract.api.conftest import Api

REFERENCE = Path(pages.__file__).parent / "assets"


async def test_root_leads_to_the_page(api: Api) -> None:
    """The server's root redirects to the reference page."""
    for path in ("/", "/docs/"):
        async with api.http.get(path, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (307, "/docs")


async def test_page_runs_nothing_but_our_own_files(api: Api) -> None:
    """The policy allows files of this server only: no inline code, no inline style, no frame, no other origin."""
    async with api.http.get("/docs") as response:
        page = await response.text()
        assert response.status == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert set(re.findall(r"-src ([^;]+)", policy)) == {"'none'", "'self'"}
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]* src=)", page)
    assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_assets_are_kept_under_the_name_of_their_content(api: Api) -> None:
    """The page is revalidated at each load; its assets are immutable and cached for good."""
    async with api.http.get("/docs") as response:
        paths = re.findall(r'(?:src|href)="(/docs/assets/[^"]+)"', await response.text())
    async with api.http.get("/docs", headers={"If-None-Match": response.headers["ETag"]}) as again:
        assert (again.status, await again.read()) == (304, b"")
    assert paths
    for path in paths:
        async with api.http.get(path) as asset:
            assert (asset.status, len(await asset.read()) > 0) == (200, True)
        assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    elsewhere = re.sub(r"/assets/[0-9a-f]+/", "/assets/0000000000000000/", paths[0])
    async with api.http.get(elsewhere) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "name", ["../pages.py", "%2e%2e/pages.py", "fonts/inter.LICENSE", "vendor.json", "docs.html", ""]
)
async def test_only_assets_are_served(api: Api, name: str) -> None:
    """No other file is served under the path of the assets."""
    async with api.http.get("/docs") as response:
        version = re.search(r"/docs/assets/([0-9a-f]+)/", await response.text())
    assert version is not None
    url = f"{api.url}/docs/assets/{version[1]}/{name}"
    async with aiohttp.ClientSession() as client, client.get(url) as refusal:
        assert refusal.status == 404


@pytest.mark.parametrize("folder", [SHARED, REFERENCE])
def test_assets_name_no_other_host(folder: Path) -> None:
    """The assets name no other host, except in the namespace of SVG."""
    for path in folder.rglob("*"):
        if path.suffix in (".js", ".css", ".html", ".svg"):
            found = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"')]*", path.read_text("utf-8")))
            assert found <= {"http://www.w3.org/2000/svg"}, path.name


def test_vendored_assets_have_their_licence_beside_them() -> None:
    """Vendored assets are listed with exact version, integrity and licence."""
    listed = json.loads((SHARED / "vendor.json").read_text())
    vendored = {target for entry in listed for target in entry["files"].values()}
    assert vendored == {path.relative_to(SHARED).as_posix() for path in (SHARED / "fonts").iterdir()}
    for entry in listed:
        assert entry["integrity"].startswith("sha512-")
        assert any(target.endswith(".LICENSE") for target in entry["files"].values())
