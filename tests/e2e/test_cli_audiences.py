"""Audiences from the shell: read by a worker in a process of its own, and completed from a table."""

from pathlib import Path

from tests.e2e.command_line import confrere
from tests.e2e.test_cli_campaigns import WORKER, sending
from tests.sandbox_process import SandboxProcess
from tests.server_process import Site


def test_group_is_collected_and_its_members_are_found_in_a_table(
    site: Site, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """A worker reads the group; then a table may name its members by the addresses of their profiles."""
    create = ["audiences", "create", "--group", sandbox.group_id, "--name"]
    with sending(site, WORKER):
        ran = confrere(site.environment, *create, "All", "--from-group", "--max", "30", "--watch")
    assert ran.code == 0, ran
    audience_id = ran.out.splitlines()[-1]
    found = confrere(site.environment, "audiences", "show", audience_id, "--limit", "100", "--json").json
    assert (found["status"], found["count"]) == ("ready", 30)
    people = {one["recipientProfileUrn"]: one for one in found["people"]}
    assert len(people) == 30
    assert found["groupName"]
    known = [one for one in found["people"] if one["publicIdentifier"]]
    file = tmp_path / "people.csv"
    rows = [f"https://www.linkedin.com/in/{one['publicIdentifier']}/;{place}" for place, one in enumerate(known)]
    file.write_text("\n".join(["Profile URL;Row", *rows, "https://www.linkedin.com/in/not-a-member/;x"]), "utf-8-sig")
    ran = confrere(site.environment, *create, "Some", "--csv", str(file), "--dry-run", "--json")
    assert ran.json == {
        "count": len(known),
        "fields": {"person": "profile url"},
        "columns": ["row"],
        "badCount": 1,
        "bad": [{"line": len(known) + 2, "error": ran.json["bad"][0]["error"]}],
    }
    made = confrere(site.environment, *create, "Some", "--csv", str(file), "--skip-bad")
    some = confrere(site.environment, "audiences", "show", made.out.strip(), "--limit", "100", "--json").json
    assert [one["recipientProfileUrn"] for one in some["people"]] == [one["recipientProfileUrn"] for one in known]
    assert [one["custom"]["row"] for one in some["people"]] == [str(place) for place in range(len(known))]
    assert all(one["headline"] == people[one["recipientProfileUrn"]]["headline"] for one in some["people"])
