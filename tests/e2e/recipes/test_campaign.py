"""The campaign of docs/recipes/curl-and-shell.md, run by sh beside a worker."""

from pathlib import Path

from tests.e2e.recipes.pages import ROOT, blocks
from tests.e2e.recipes.shell import list_people, run, wait_for_cause
from tests.sandbox_process import SandboxProcess
from tests.server_process import Site, running_server

START, RESUME = (text for text in blocks(ROOT / "docs" / "recipes" / "curl-and-shell.md", "sh") if "CAMPAIGN" in text)


def test_once_the_campaign_of_the_recipe_reaches_everybody(site: Site, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """One message goes out first, the others after the resume; everybody sees the text of the file once."""
    people = list_people(site, sandbox.group_id, {known.profile_urn for known in sandbox.accounts}, 3)
    (tmp_path / "people.txt").write_text("\n".join(people))
    (tmp_path / "hello.txt").write_text("Hello, fellow member!")
    start = START.replace("--message-file", "--no-spread --message-file").replace("--first 1", "--first 1 --yes")
    with running_server(site, command=("-m", "confrere", "up")):
        campaign_id = run(site, tmp_path, start + 'echo "CAMPAIGN $CAMPAIGN"').rpartition("CAMPAIGN ")[2].strip()
        wait_for_cause(site, campaign_id, "first_sent")
        assert sandbox.count_messages() == 1
        assert "finished  3 of 3: sent 3" in run(site, tmp_path, f"CAMPAIGN={campaign_id}\n{RESUME}")
    assert sorted(message["recipient"] for message in sandbox.messages()) == sorted(people)
    assert {message["text"] for message in sandbox.messages()} == {"Hello, fellow member!"}
