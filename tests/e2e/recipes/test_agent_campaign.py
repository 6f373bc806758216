"""The campaign of docs/recipes/mcp-agent.md: an agent prepares it, a person starts it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.command_line import confrere
from tests.e2e.recipes.pages import ROOT, blocks
from tests.e2e.recipes.shell import list_people, run, wait_for_cause
from tests.sandbox_process import SandboxProcess
from tests.server_process import Site, running_server

PAGE = ROOT / "docs" / "recipes" / "mcp-agent.md"
PREPARE, _ = blocks(PAGE, "python")
START, RESUME = (text for text in blocks(PAGE, "sh") if "CAMPAIGN" in text)


def test_a_person_starts_what_an_agent_has_prepared(site: Site, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """The command line shows the agent's hash, sends one message first, and after the resume everybody has one."""
    people = list_people(site, sandbox.group_id, {known.profile_urn for known in sandbox.accounts}, 3)
    with running_server(site, command=("-m", "confrere", "up")) as server:
        variables = {"API_URL": server.url, "API_KEY": site.key, "GROUP": sandbox.group_id, "PEOPLE": "\n".join(people)}
        prepared = subprocess.run(
            [sys.executable, "-c", PREPARE.replace('"dailyCap": 15', '"dailyCap": 15, "spread": False')],
            capture_output=True,
            text=True,
            env={**os.environ, **variables, "NO_PROXY": "*", "no_proxy": "*"},
            timeout=60,
            check=True,
        )
        count, content_hash, campaign_id = prepared.stdout.splitlines()
        assert count == "3 people would get it"
        assert sandbox.count_messages() == 0
        shown = run(site, tmp_path, f"CAMPAIGN={campaign_id}\n{START.replace('--first 1', '--first 1 --yes')}")
        assert content_hash in shown
        wait_for_cause(site, campaign_id, "first_sent")
        assert sandbox.count_messages() == 1
        assert "finished  3 of 3: sent 3" in run(site, tmp_path, f"CAMPAIGN={campaign_id}\n{RESUME}")
    assert sorted(message["recipient"] for message in sandbox.messages()) == sorted(people)
    shown = confrere(site.environment, "campaigns", "show", campaign_id, "--json").json
    assert (shown["status"], shown["counts"]["sent"]) == ("finished", 3)
