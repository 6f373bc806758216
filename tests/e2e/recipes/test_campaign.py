"""The campaign of docs/recipes/curl-and-shell.md, run by sh beside a worker."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.e2e.command_line import confrere, environment_of
from tests.e2e.recipes.pages import ROOT, blocks
from tests.sandbox_process import SandboxProcess
from tests.server_process import Site, running_server

START, RESUME = (text for text in blocks(ROOT / "docs" / "recipes" / "curl-and-shell.md", "sh") if "CAMPAIGN" in text)


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


def test_once_the_campaign_of_the_recipe_reaches_everybody(site: Site, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """One message goes out first, the others after the resume; everybody sees the text of the file once."""
    listed = confrere(site.environment, "groups", "members", sandbox.group_id, "--limit", "10", "--json").json
    own = {known.profile_urn for known in sandbox.accounts}
    people = [one["profileUrn"] for one in listed["members"] if one["profileUrn"] not in own][:3]
    (tmp_path / "people.txt").write_text("\n".join(people))
    (tmp_path / "hello.txt").write_text("Hello, fellow member!")
    start = START.replace("--message-file", "--no-spread --message-file").replace("--first 1", "--first 1 --yes")
    with running_server(site, command=("-m", "confrere", "up")):
        campaign_id = run(site, tmp_path, start + 'echo "CAMPAIGN $CAMPAIGN"').rpartition("CAMPAIGN ")[2].strip()
        until = time.monotonic() + 30
        while confrere(site.environment, "campaigns", "show", campaign_id, "--json").json["cause"] != "first_sent":
            assert time.monotonic() < until
        assert sandbox.count_messages() == 1
        assert "finished  3 of 3: sent 3" in run(site, tmp_path, f"CAMPAIGN={campaign_id}\n{RESUME}")
    assert sorted(message["recipient"] for message in sandbox.messages()) == sorted(people)
    assert {message["text"] for message in sandbox.messages()} == {"Hello, fellow member!"}
