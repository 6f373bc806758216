"""Runs the demonstration beside a server, as a process of its own that ends with it."""

import asyncio
import os
import sys
from typing import Final

import msgspec

from confrere.demo.plug import PlugState

_STOPPED: Final = "It ended before it had a result; the server's log may say why"


class _Failure(msgspec.Struct):
    error: str


class PlugRunner:
    """One run at a time. state: the last report of the latest run, None before the first; failure: why it has none."""

    def __init__(self) -> None:
        self.state: PlugState | None = None
        self.failure: str | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self._running is not None and not self._running.done()

    def start(self) -> None:
        """Begin a run, unless one is under way."""
        if not self.is_running:
            self.state, self.failure = PlugState("Starting", 0.0), None
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "confrere.demo.child",
            str(os.getpid()),
            "demo",
            "--json",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            while line := await process.stdout.readline():
                self._read(line)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
        if self.state is not None and not self.state.is_over and self.failure is None:
            self.failure = _STOPPED

    def _read(self, line: bytes) -> None:
        try:
            self.state = msgspec.json.decode(line, type=PlugState)
        except msgspec.ValidationError:  # an error; a broken promise is one, after the state that holds it
            self.failure = msgspec.json.decode(line, type=_Failure).error
