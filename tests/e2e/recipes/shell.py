"""Commands of the recipes, run by sh beside a worker."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.e2e.command_line import confrere, environment_of
from tests.server_process import Site


def run(site: Site, folder: Path, script: str) -> str:
    """Run the commands in the folder, up to the first that fails; return what they print."""
    script = script.replace("./confrere", "confrere")
    environment = environment_of(site.environment)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["sh", "-euc", script], capture_output=True, text=True, cwd=folder, env=environment, timeout=90, check=False
    )
    assert done.returncode == 0, done
    return done.stdout


def wait_for_cause(site: Site, campaign_id: str, cause: str) -> None:
    """Wait until the campaign is paused for this cause."""
    until = time.monotonic() + 30
    while confrere(site.environment, "campaigns", "show", campaign_id, "--json").json["cause"] != cause:
        assert time.monotonic() < until


def list_people(site: Site, group_id: str, own: set[str], count: int) -> list[str]:
    """Return the profile URNs of so many members of the group who are not among `own`."""
    listed = confrere(site.environment, "groups", "members", group_id, "--limit", "10", "--json").json
    return [one["profileUrn"] for one in listed["members"] if one["profileUrn"] not in own][:count]
