"""The examples of the documentation run in order and print the documented output."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

ROOT = Path(__file__).parents[3]
PAGES = ("docs/python-client.md", "clients/python/README.md")
EXAMPLE = re.compile(
    r"^```python\n(?P<code>.*?)^```$(?:\n\n^```text\n(?P<printed>.*?)^```$)?", re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize("page", PAGES)
def test_examples(
    page: str, server: ServerProcess, site: Site, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every example of the page runs against a server and prints the documented output."""
    monkeypatch.setenv("CONFRERE_API_KEY", site.key)
    found = list(EXAMPLE.finditer((ROOT / page).read_text()))
    assert found
    for example in found:
        code = example["code"].replace("http://127.0.0.1:8080", server.url)
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(code, page, "exec"), {"__name__": "__main__"})
        assert printed.getvalue() == (example["printed"] or "")


def test_every_error_and_method_is_in_the_guide() -> None:
    """Every error and every method is on the page."""
    import confrere_client
    from confrere_client import client

    guide = (ROOT / "docs/python-client.md").read_text()
    for name in confrere_client.__all__:
        kind = getattr(confrere_client, name)
        if isinstance(kind, type) and issubclass(kind, Exception):
            assert f"`{name}`" in guide
    for part in ("Groups", "Accounts", "Sends", "Conversations"):
        methods = [name for name in vars(getattr(client, part)) if not name.startswith("_")]
        assert [name for name in methods if f"{part.lower()}.{name}(" not in guide] in ([], ["members_by_url"])
