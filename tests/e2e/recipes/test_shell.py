"""docs/recipes/send-from-csv.sh, run by sh."""

import csv
import os
import subprocess
from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

SCRIPT = Path(__file__).parents[3] / "docs" / "recipes" / "send-from-csv.sh"
TEXTS = ["Hello, fellow member!", 'A "quoted" text\nof two lines \\ é\ttab', "Third"]
Ran = subprocess.CompletedProcess[str]


class Run:
    """The script, without pauses."""

    def __init__(self, folder: Path, server: ServerProcess, site: Site, sandbox: SandboxProcess) -> None:
        self.file = folder / "messages.csv"
        self._variables = {"API_URL": server.url, "API_KEY": site.key}
        self._sandbox = sandbox

    def write(
        self, texts: list[str], *, recipients: list[str] | None = None, bom: bool = False, separator: str = ","
    ) -> None:
        """Write the CSV as a spreadsheet does."""
        with self.file.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as opened:
            table = csv.writer(opened, delimiter=separator)
            table.writerow(["name", "groupId", "message", "recipientProfileUrn"])
            for text, recipient in zip(texts, recipients or [self._sandbox.recipient] * len(texts), strict=True):
                table.writerow(["Somebody, Jr.", self._sandbox.group_id, text, recipient])

    def __call__(self, **variables: object) -> Ran:
        """Run it with these variables beside those of the test."""
        given = {"PAUSE": 0, "LOOK_AFTER": 0, "MOST_WAIT": 5, **self._variables, **variables}
        environment = {**os.environ, "NO_PROXY": "*", **{name: str(value) for name, value in given.items()}}
        return subprocess.run(
            ["sh", str(SCRIPT), str(self.file)],
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
            check=False,
        )


@pytest.fixture
def run(tmp_path: Path, server: ServerProcess, site: Site, sandbox: SandboxProcess) -> Run:
    """Prepare the script on a server and a sandbox."""
    return Run(tmp_path, server, site, sandbox)


def seen(sandbox: SandboxProcess) -> list[str]:
    """Return what recipients saw."""
    return [message["text"] for message in sandbox.messages()]


def test_every_row_once(run: Run, sandbox: SandboxProcess, site: Site) -> None:
    """Texts arrive as they are in the file, and a second run sends nothing, even without the log of the first."""
    run.write(TEXTS, bom=True)
    ran = run()
    assert ran.returncode == 0, ran.stderr
    assert seen(sandbox) == TEXTS
    assert run().returncode == 0
    run.file.with_name("messages.csv.log").unlink()
    assert run().returncode == 0
    assert seen(sandbox) == TEXTS
    assert site.used() == 3


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(run: Run, sandbox: SandboxProcess, separator: str) -> None:
    """Semicolons and tabs are accepted as separators, and blank rows are skipped."""
    run.write(TEXTS, separator=separator)
    table = run.file.read_text().replace("message", " MESSAGE", 1)
    run.file.write_text(f"{separator}{separator}\n{table}{separator * 3}\n\n", newline="")
    ran = run()
    assert ran.returncode == 0, ran.stderr
    assert seen(sandbox) == TEXTS


def test_separators_inside_of_quotes_in_the_header(run: Run, sandbox: SandboxProcess) -> None:
    """Separators inside of quotes in the header are part of a column's name."""
    run.file.write_text(
        '"note (date, by, whom)\nof two, lines";message;GROUPID;recipientprofileurn\n'
        f'x, y;"Hello; there";{sandbox.group_id};{sandbox.recipient}\n'
    )
    ran = run()
    assert ran.returncode == 0, ran.stderr
    assert seen(sandbox) == ["Hello; there"]


def test_only_so_many_in_a_run(run: Run, sandbox: SandboxProcess) -> None:
    """The rows beyond the limit of a run are sent by the next run."""
    run.write(TEXTS)
    ran = run(MOST=2)
    assert "2 messages were sent in this run" in ran.stderr
    assert seen(sandbox) == TEXTS[:2]
    assert run(MOST=2).returncode == 0
    assert seen(sandbox) == TEXTS


def test_it_obeys_retry_after(run: Run, sandbox: SandboxProcess) -> None:
    """A short Retry-After is waited for; a long one ends the run, and the next run continues."""
    run.write(TEXTS)
    throttled = {"match": {"path": "createMessage"}, "effect": "status", "status": 429}
    sandbox.faults([{**throttled, "headers": {"Retry-After": "1"}}])
    assert run().returncode == 0
    assert seen(sandbox) == TEXTS
    run.write(["Fourth"])
    sandbox.faults([{**throttled, "headers": {"Retry-After": "60"}}])
    ran = run()
    assert ran.returncode == 3, ran.stderr
    assert "run this again in" in ran.stderr
    assert seen(sandbox) == TEXTS


def test_an_unknown_send_is_repeated_with_its_key(run: Run, sandbox: SandboxProcess) -> None:
    """After an unknown outcome the same request with its key finds the message."""
    run.write(TEXTS)
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "reset_after_accept"}])
    ran = run()
    assert ran.returncode == 0, ran.stderr
    assert seen(sandbox) == TEXTS


def test_a_send_that_stays_unknown(run: Run, sandbox: SandboxProcess) -> None:
    """A send that stays unknown ends the run and counts as sent in later runs."""
    run.write(TEXTS[:1])
    sandbox.faults(
        [
            {"match": {"path": "createMessage"}, "effect": "reset_after_accept"},
            {"match": {"path": "graphql"}, "effect": "status", "status": 500, "times": 50},
        ]
    )
    ran = run()
    assert ran.returncode == 4, ran.stderr
    sandbox.clear_faults()
    assert run().returncode == 0
    assert seen(sandbox) == TEXTS[:1]


def test_rows_that_are_wrong_or_refused(run: Run, sandbox: SandboxProcess) -> None:
    """Wrong rows are reported by their first line, the others are sent, and the exit code is not 0."""
    run.write(TEXTS, recipients=["bob", sandbox.recipient, sandbox.recipient])
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "status", "status": 403}])
    ran = run()
    assert ran.returncode == 1
    assert "line 2 is wrong: " in ran.stderr
    assert "recipientProfileUrn must be" in ran.stderr
    assert "line 3: refused" in ran.stderr
    assert "line 5: sent" in ran.stderr
    assert seen(sandbox) == TEXTS[2:]


def test_wrong_use(run: Run, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Without a key, its columns or a server the script sends nothing and reports the reason."""
    run.write(TEXTS)
    assert run(API_KEY="").returncode == 2
    assert "401" in run(API_KEY="confrere_wrong").stderr
    assert "no server at" in run(API_URL="http://127.0.0.1:9").stderr
    run.file.write_text("to,text\nsomebody,hello\n")
    ran = run()
    assert ran.returncode == 2
    assert "first line must name" in ran.stderr
    run.file.write_text('recipientProfileUrn,groupId,message\nx,1,a\nx,1,"open\n')
    ran = run()
    assert ran.returncode == 2
    assert "begins in line 3 is never closed" in ran.stderr
    assert seen(sandbox) == []
