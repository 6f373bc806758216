"""The examples of the documentation run in order and print the documented output."""

import asyncio
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import confrere_client
from confrere.domain.keys import Scope
from confrere_client.resource import Resource
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

ROOT = Path(__file__).parents[3]
PAGES = ("docs/python-client.md", "clients/python/README.md")
LEFT_OUT = {"messaging.send_group_with_typing", "messaging.send_group_with_ack", "groups.members_by_url"}
"""Methods that are as another one of the guide."""

EXAMPLE = re.compile(
    r"^```python\n(?P<code>.*?)^```$(?:\n\n^```text\n(?P<printed>.*?)^```$)?", re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize("page", PAGES)
def test_examples(
    page: str, server: ServerProcess, site: Site, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every example of the page runs against a server and prints the documented output."""
    monkeypatch.setenv("CONFRERE_API_KEY", asyncio.run(_create_key(site)))
    found = list(EXAMPLE.finditer((ROOT / page).read_text()))
    assert found
    for example in found:
        code = example["code"].replace("http://127.0.0.1:8080", server.url)
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(code, page, "exec"), {"__name__": "__main__"})
        assert printed.getvalue() == (example["printed"] or "")


async def _create_key(site: Site) -> str:
    """Create a key that may start campaigns."""
    async with site.services() as services:
        _, key = await services.keys.create("default", name="guide", scopes=[Scope.ADMIN])
        return key


def test_every_error_and_method_is_in_the_guide() -> None:
    """Every error and every method is on the page."""
    guide = (ROOT / "docs/python-client.md").read_text()
    for name in confrere_client.__all__:
        kind = getattr(confrere_client, name)
        if isinstance(kind, type) and issubclass(kind, Exception):
            assert f"`{name}`" in guide
    with confrere_client.Client(api_key="k") as client:
        parts = {name: type(part) for name, part in vars(client).items() if isinstance(part, Resource)}
    methods = {
        f"{name}.{method}" for name, part in parts.items() for method in vars(part) if not method.startswith("_")
    }
    assert len(methods) > 40
    assert {method for method in methods if f"{method}(" not in guide} == LEFT_OUT
