"""The demonstration leaves nothing behind, even where who started it is killed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "confrere.demo.child", str(os.getpid()), "demo", "--json"],
                         stdout=open(sys.argv[1], "wb"))
time.sleep(600)
"""


def processes_with(variable: str) -> list[int]:
    """Return the processes whose environment has this text."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if variable.encode() in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:  # it has ended, or is not ours
                continue
    return found


def wait_until(what: str, holds: Callable[[], bool]) -> None:
    """Wait for at most a minute."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_a_killed_starter_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    """Server, sandbox and folder of the demonstration are gone soon after the process that started it was killed."""
    temporary, output = tmp_path / "temporary", tmp_path / "states"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    command = [sys.executable, "-c", PARENT, str(output)]
    with subprocess.Popen(command, env=environment) as starter:
        try:
            wait_until(
                "the demonstration runs", lambda: output.exists() and b"The campaign runs" in output.read_bytes()
            )
            assert list(temporary.glob("confrere-demo-*"))
        finally:
            starter.kill()
    wait_until("its folder is gone", lambda: not list(temporary.glob("confrere-demo-*")))
    wait_until("its processes are gone", lambda: not processes_with(str(temporary)))
