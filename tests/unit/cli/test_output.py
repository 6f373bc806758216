import io
import json
import subprocess
import sys

import pytest

from confrere.cli.output import write_json

UNSAFE = "a\x7f\x85\x9b31m\u200e\u202eb\u2028\u2066\ud800"


def test_json_holds_nothing_that_drives_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON escapes control characters and changes of direction, and its value is unchanged."""
    written = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.setattr(sys, "stdout", written)
    write_json({"name": UNSAFE + "é山"})
    written.seek(0)
    text = written.read()
    assert not set(UNSAFE) - {"a", "b", "3", "1", "m"} & set(text)
    assert json.loads(text) == {"name": UNSAFE + "é山"}
    assert "é山" in text


def run(redirected: str) -> subprocess.CompletedProcess[str]:
    """Run `confrere` in a process of its own: `--help` and `settings` write to standard output directly."""
    command = f'"{sys.executable}" -m confrere settings {redirected}'
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False, env={"PATH": "/usr/bin:/bin"}
    )


def test_a_full_disk_is_reported_and_is_no_fault_of_confrere() -> None:
    """A full disk has an exit code that means that the result was lost, and not that nothing was done."""
    for options in ("", "--json", "--help"):
        ran = run(f"{options} > /dev/full")
        assert ran.returncode == 74
        assert ran.stderr == (
            "Error: The result cannot be written to standard output: No space left on device. "
            "What was asked may have been done all the same.\n"
        )


def test_an_error_on_a_full_disk_keeps_its_exit_code() -> None:
    """The text of an error is on standard error, so that a full disk does not change its exit code."""
    ran = run("--bogus --json > /dev/full")
    assert (ran.returncode, "No such option" in ran.stderr, "Traceback" in ran.stderr) == (2, True, False)


def test_a_closed_pipe_is_no_error() -> None:
    """A reader like `head` that closes the pipe causes no error."""
    ran = run("| true; exit ${PIPESTATUS[0]}")
    assert (ran.stderr, ran.returncode in (0, 74)) == ("", True)


def test_a_standard_error_that_takes_nothing_changes_no_result() -> None:
    """A standard error that cannot be written loses hints and does not change the exit code."""
    assert run("2> /dev/full").returncode == 0
