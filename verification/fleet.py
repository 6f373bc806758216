"""Servers and a worker of one site, each a process that can be killed and restarted."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.forked_python import ForkedPython
from tests.server_process import Site

_READY_SECONDS = 60


@dataclass
class Service:
    """A server or worker, whose process may be restarted. url: where the server listens, None while it does not."""

    command: str
    process: subprocess.Popen[str] | None = None
    url: str | None = None
    lives: int = 0

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Kill it with SIGKILL, and wait for its end."""
        self.url = None
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its process."""
        assert self.process is not None
        self.process.send_signal(number)

    @property
    def is_stopped(self) -> bool:
        """Whether SIGSTOP has suspended it (Linux)."""
        assert self.process is not None
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"


@dataclass
class Fleet:
    """All services of a site."""

    site: Site
    environment: Mapping[str, str]
    services: list[Service] = field(default_factory=list)

    def start(self, service: Service, *, module: Sequence[str] = ("confrere",)) -> bool:
        """Start its process; False where that ended before it was ready. module: the entry point and its arguments."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith("CONFRERE_")}
        variables |= {**self.site.environment, **self.environment}
        options = ["--json", "--port=0"] if service.command == "serve" else []
        arguments = ["-m", *module, service.command, *options]
        with Path(self.site.log).open("a") as log:
            service.process = ForkedPython(arguments, stdout=subprocess.PIPE, stderr=log, env=variables)
        service.lives += 1
        if service.command != "serve":
            return True
        line = first_line(service.process)
        if line:
            service.url = json.loads(line)["url"]
        return bool(line)

    def add(self, command: str, *, module: Sequence[str] = ("confrere",)) -> Service:
        """Add a service and start it. Raises RuntimeError where it does not become ready."""
        service = Service(command)
        self.services.append(service)
        if not self.start(service, module=module):
            raise RuntimeError(f"no {command} could be started; see {self.site.log}")
        return service

    @property
    def urls(self) -> list[str]:
        """The URLs of the servers that run."""
        return [service.url for service in self.services if service.url is not None]

    def kill_all(self) -> None:
        """Kill all services."""
        for service in self.services:
            service.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """Return the first line that it prints; "" where it ends before that, or takes too long and is killed."""
    assert process.stdout is not None
    timer = threading.Timer(_READY_SECONDS, process.kill)
    timer.start()
    try:
        return process.stdout.readline()
    finally:
        timer.cancel()


@contextmanager
def fleet_of(site: Site, *commands: str, environment: Mapping[str, str] | None = None) -> Iterator[Fleet]:
    """Yield a fleet with these services; kill them afterwards."""
    fleet = Fleet(site, dict(environment or {}))
    try:
        for command in commands:
            fleet.add(command)
        yield fleet
    finally:
        fleet.kill_all()
