"""The commands and files of the recipes and of docs/mcp.md are parsed and run."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.mcp.agents import calling, starting
from tests.e2e.recipes.pages import ROOT, blocks
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

DOCS = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_links_lead_somewhere(file: Path) -> None:
    """Every linked file exists and has the linked heading."""
    for target in re.findall(r"\]\(([^)\s]+)\)", file.read_text("utf-8")):
        if target.startswith("http"):
            continue
        path, _, heading = target.partition("#")
        found = (file.parent / path).resolve() if path else file
        assert found.exists(), target
        headings = re.findall(r"^#+ (.+)$", found.read_text("utf-8"), re.MULTILINE) if heading else []
        slugs = {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}
        assert not heading or heading in slugs, target


def test_every_recipe_is_linked_from_the_readme() -> None:
    """The README links every recipe."""
    readme = (ROOT / "README.md").read_text("utf-8")
    for recipe in (ROOT / "docs" / "recipes").glob("*.md"):
        assert f"docs/recipes/{recipe.name}" in readme


def test_every_page_is_in_the_index() -> None:
    """The index of the documentation links every page, or the folder that it is in; the README links the index."""
    assert "](docs/README.md)" in (ROOT / "README.md").read_text("utf-8")
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for target in re.findall(r"\]\(([^)#\s]+)", index.read_text("utf-8"))}
    for page in index.parent.rglob("*.md"):
        assert page == index or linked & {page, page.parent}, page


def test_every_path_of_the_architecture_page_exists() -> None:
    """Every file and folder that docs/architecture.md names is in the package or in the repository."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    package = ROOT / "src" / "confrere"
    roots = [ROOT, package, *(path for path in package.rglob("*") if path.is_dir())]
    paths = re.findall(r"`([\w.-]+(?:/[\w.-]+)*(?:\.py|/))`", page)
    assert paths
    assert [path for path in paths if not any((root / path).exists() for root in roots)] == []


def test_agents_can_be_configured_as_documented(site: Site, server: ServerProcess, tmp_path: Path) -> None:
    """Both configurations start a server that lists its tools, and the example of an answer is JSON."""
    over_http, over_stdio, answer = map(json.loads, blocks(ROOT / "docs" / "mcp.md", "json"))
    assert answer["outcome"] == "unknown"
    called = over_http["mcpServers"]["confrere"]
    started = over_stdio["mcpServers"]["confrere"]
    assert called["headers"] == {"Authorization": "Bearer ${API_KEY}"}
    assert started["command"].endswith("/bin/confrere")
    assert set(started["env"]) <= set(site.environment)

    async def use() -> list[set[str]]:
        url = called["url"].replace("http://127.0.0.1:8080", server.url).removesuffix("/mcp")
        async with calling(url, site.key) as agent:
            first = {tool.name for tool in (await agent.list_tools()).tools}
        command, *options = started["args"]
        assert command == "mcp"
        async with starting(site.environment, tmp_path / "log", *options) as agent:
            return [first, {tool.name for tool in (await agent.list_tools()).tools}]

    first, second = asyncio.run(use())
    assert first == second
    documented = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", (ROOT / "docs" / "mcp.md").read_text("utf-8")))
    assert first <= documented


def environment(server: ServerProcess, site: Site) -> dict[str, str]:
    """Return the variables that the recipes use."""
    return {**os.environ, "API_URL": server.url, "API_KEY": site.key, "NO_PROXY": "*", "no_proxy": "*"}


def test_the_commands_of_the_shell_recipe(server: ServerProcess, site: Site, sandbox: SandboxProcess) -> None:
    """Pasted in order, the commands succeed, and send the message once however often they are run."""
    *commands, _script, _start, _resume = blocks(ROOT / "docs" / "recipes" / "curl-and-shell.md", "sh")
    pasted = "set -e\n" + "\n".join(commands).replace("read -r API_KEY && export API_KEY\n", "")
    pasted = pasted.replace("export API_URL=http://127.0.0.1:8080\n", "")
    for _ in range(2):
        ran = subprocess.run(
            ["sh", "-c", pasted], capture_output=True, text=True, env=environment(server, site), timeout=30, check=False
        )
        assert ran.returncode == 0, ran.stderr
        assert "Group context message sent successfully" in ran.stdout
        assert "x-ratelimit-remaining" in ran.stdout
    assert sandbox.count_messages() == 1


def test_the_agent_in_python(server: ServerProcess, site: Site) -> None:
    """The program of the agents' recipe runs unchanged."""
    _prepare, program = blocks(ROOT / "docs" / "recipes" / "mcp-agent.md", "python")
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment(server, site),
        timeout=30,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "150 messages are left today" in ran.stdout


def test_moving_needs_only_host_and_key(server: ServerProcess, site: Site, sandbox: SandboxProcess) -> None:
    """The recipe changes two lines, and the request of the hosted API's reference gets its documented answer."""
    (difference,) = blocks(ROOT / "docs" / "recipes" / "moving-from-the-hosted-api.md", "diff")
    assert [line[0] for line in difference.splitlines()] == ["-", "-", "+", "+"]
    body: dict[str, Any] = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id}
    reply = server.send(sandbox)
    assert reply.body == {"success": True, "message": "Group context message sent successfully", **body}
