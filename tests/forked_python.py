"""Python processes forked from one that has imported Confrere: imports take most of a short process's CPU time.

`ForkedPython(["-m", "confrere", "serve"], …)` stands for `subprocess.Popen([sys.executable, "-m", …], …)`: the process
has an environment, standard streams, signals and an exit code of its own. It is no child of the test's process, so the
fork server reports its end. The commands of the documentation (tests/e2e/recipes) are still started by `exec`.
"""

import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent.parent
_MODULES = (
    "confrere.api",
    "confrere.campaigns",
    "confrere.cli.app",
    "confrere.console.app",
    "confrere.console.gate",
    "confrere.http.server",
    "confrere.mcp",
    "confrere.sandbox.server",
    "confrere.store",
    "confrere.wiring.runtime",
    "uvloop",
)
_LARGEST_REQUEST = 1 << 20  # bytes
_STREAMS = 3


class ForkedPython(subprocess.Popen[str]):
    """A process of `python -m MODULE …`. Takes the arguments after `python`, and the keywords of `Popen`."""

    def __init__(self, arguments: Sequence[str], **options: Any) -> None:
        assert arguments[0] == "-m"
        super().__init__(list(arguments), text=True, **options)

    def _execute_child(self, args: Sequence[str], *options: Any) -> None:
        """Start it by the fork server. options: as Popen passes them; those that the tests do not use are ignored."""
        _, _, _, _, cwd, env, _, _, _, stdin, to_stdin, from_stdout, stdout, from_stderr, stderr, *_ = options
        streams = [given if given != -1 else number for number, given in enumerate((stdin, stdout, stderr))]
        self._status, ended = os.pipe()
        try:
            _SERVER.fork(args, os.environ if env is None else env, cwd, [*streams, ended])
        finally:
            os.close(ended)
            self._close_pipe_fds(stdin, to_stdin, from_stdout, stdout, from_stderr, stderr)  # type: ignore[attr-defined]
        self.pid = self._read_status() or 0
        self._child_created = True
        if not self.pid:
            raise RuntimeError("the fork server has ended")

    def _read_status(self) -> int | None:
        """Return the next number of the fork server: the process's id, then its wait status; None once that is gone."""
        digits = b""
        while (byte := os.read(self._status, 1)) not in (b"\n", b""):
            digits += byte
        return int(digits) if digits else None

    def _try_wait(self, flags: int) -> tuple[int, int]:
        """Return id and wait status as `os.waitpid` does."""
        if flags & os.WNOHANG and not select.select([self._status], [], [], 0)[0]:
            return 0, 0
        status = self._read_status()
        os.close(self._status)
        return self.pid, signal.SIGKILL if status is None else status

    def _internal_poll(self, *_: object, **__: object) -> int | None:
        """Return the exit code, or None while it runs."""
        lock: threading.Lock = self._waitpid_lock  # type: ignore[attr-defined]
        if self.returncode is None and lock.acquire(blocking=False):
            try:
                if self.returncode is None:
                    pid, status = self._try_wait(os.WNOHANG)
                    if pid == self.pid:
                        self._handle_exitstatus(status)  # type: ignore[attr-defined]
            finally:
                lock.release()
        return self.returncode


class _ForkServer:
    """The process from which others are forked; started at first use, ended with this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None

    def fork(self, arguments: Sequence[str], env: Mapping[str, str], cwd: Any, descriptors: Sequence[int]) -> None:
        """Fork a process. descriptors: its three streams, and where its id and its end are reported."""
        request = {"arguments": arguments, "env": dict(env), "cwd": os.fspath(cwd or Path.cwd())}
        with self._lock:
            if self._control is None:
                self._control = self._start()
            socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)

    def _start(self) -> socket.socket:
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            command = [sys.executable, "-m", "tests.forked_python", str(there.fileno())]
            streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
            process = subprocess.Popen(command, pass_fds=[there.fileno()], cwd=_ROOT, **streams)  # type: ignore[call-overload]
        atexit.register(process.wait)
        atexit.register(here.close)
        return here


_SERVER = _ForkServer()


def _serve(control: socket.socket) -> Any:
    """Fork a process for each request. Returns in each: its request; None where no more will come."""
    woken, waker = os.pipe()
    for end in (woken, waker):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reports: dict[int, int] = {}
    sources: list[Any] = [control, woken]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if woken in ready:
            os.read(woken, 4096)
            _report_ends(reports)
        if control not in ready:
            continue
        message, descriptors, _, _ = socket.recv_fds(control, _LARGEST_REQUEST, _STREAMS + 1)
        if not message:
            return None
        pid = os.fork()
        if pid == 0:
            request = json.loads(message)
            _become(request, descriptors[:_STREAMS])
            return request
        for stream in descriptors[:_STREAMS]:
            os.close(stream)
        reports[pid] = descriptors[_STREAMS]
        os.write(reports[pid], f"{pid}\n".encode())


def _report_ends(reports: dict[int, int]) -> None:
    """Report the wait status of every process that has ended."""
    while reports:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        report = reports.pop(pid)
        with contextlib.suppress(BrokenPipeError):
            os.write(report, f"{status}\n".encode())
        os.close(report)


def _become(request: Any, streams: Sequence[int]) -> None:
    """Give this fork the streams, environment and signals of a new process."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(_STREAMS, 1 << 16)
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])


if __name__ == "__main__":
    for name in _MODULES:
        importlib.import_module(name)
    if (wanted := _serve(socket.socket(fileno=int(sys.argv[1])))) is not None:
        _, module, *sys.argv[1:] = wanted["arguments"]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
