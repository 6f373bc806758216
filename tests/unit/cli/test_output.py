import io
import json
import subprocess
import sys

import pytest

from confrere.cli.output import write_json

UNSAFE = "a\x7f\x85\x9b31m\u200e\u202eb\u2028\u2066\ud800"


def test_json_holds_nothing_that_drives_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control characters and changes of direction are escaped, and the value is the same."""
    written = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.setattr(sys, "stdout", written)
    write_json({"name": UNSAFE + "é山"})
    written.seek(0)
    text = written.read()
    assert not set(UNSAFE) - {"a", "b", "3", "1", "m"} & set(text)
    assert json.loads(text) == {"name": UNSAFE + "é山"}
    assert "é山" in text


def run(redirected: str) -> subprocess.CompletedProcess[str]:
    """`confrere --help` and `settings` write to standard output; here in a process of their own."""
    command = f'"{sys.executable}" -m confrere settings {redirected}'
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False, env={"PATH": "/usr/bin:/bin"}
    )


def test_a_full_disk_is_reported_and_is_no_fault_of_confrere() -> None:
    """The exit code says that the result was lost, not that nothing was done."""
    for options in ("", "--json", "--help"):
        ran = run(f"{options} > /dev/full")
        assert ran.returncode == 74
        assert ran.stderr == (
            "Error: The result cannot be written to standard output: No space left on device. "
            "What was asked may have been done all the same.\n"
        )


def test_an_error_on_a_full_disk_keeps_its_exit_code() -> None:
    """Its text is on standard error."""
    ran = run("--bogus --json > /dev/full")
    assert (ran.returncode, "No such option" in ran.stderr, "Traceback" in ran.stderr) == (2, True, False)


def test_a_reader_that_leaves_is_no_error() -> None:
    """As `head` does."""
    ran = run("| true; exit ${PIPESTATUS[0]}")
    assert (ran.stderr, ran.returncode in (0, 74)) == ("", True)


def test_a_standard_error_that_takes_nothing_changes_no_result() -> None:
    """Hints are lost, the exit code stays."""
    assert run("2> /dev/full").returncode == 0
