"""The processes that are measured, each started on a free port and ended afterwards."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.stores import BenchStore

_CHECKOUT = Path(__file__).resolve().parent.parent
_SCHEDULED = 2
"""Linux's clock of a process's CPU time, in nanoseconds; /proc counts in hundredths of a second."""

_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))

SEND_PATH = "/linkedin/messaging/send-group"
CREATE_MESSAGE = "/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"
TEXT = "Hello fellow group member! This is message %(number)s, about as long as a first message is in practice."
BODY = (
    '{"accountId":"%(account)s","recipientProfileUrn":"urn:li:fsd_profile:ACoAA0000000000000000000000%(number)s",'
    '"groupId":"12345678","message":"' + TEXT + '"}'
)
DIRECT_BODY = (
    '{"message":{"body":{"attributes":[],"text":"' + TEXT + '"},"renderContentUnions":[],'
    '"originToken":"%(account)s%(number)s"},"mailboxUrn":"urn:li:fsd_profile:ACoAA","trackingId":"0123456789abcdef",'
    '"dedupeByClientGeneratedToken":false,"hostRecipientUrns":["urn:li:fsd_profile:ACoAA0000%(number)s"]}'
)


def head(path: str, *lines: str) -> str:
    """A request's head with `%d` for its body's length."""
    names = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *lines]
    return "\r\n".join([*(name.replace("%", "%%") for name in names), "Content-Length: %d", "", ""])


@dataclass
class Contestant:
    """Something that can be asked to send. `pids`: the processes whose CPU time is its own."""

    name: str
    urls: list[str]
    head: str
    body: str
    accounts: Path
    pids: list[int] = field(default_factory=list)

    def cpu_seconds(self) -> float:
        """User and system time of its processes so far."""
        return sum(map(cpu_seconds, self.pids))

    def rss_bytes(self) -> int:
        """Resident memory of its processes."""
        return sum(map(rss_bytes, self.pids))


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, its threads included."""
    return time.clock_gettime(~pid << 3 | _SCHEDULED)


def rss_bytes(pid: int) -> int:
    """Resident memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def children(pid: int) -> list[int]:
    """The process and those below it."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in below for one in children(int(child)))]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours without settings of the gateway, and with compiled modules kept, as an installation has them."""
    dropped = ("CONFRERE_", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {"PYTHONPATH": f"{_CHECKOUT}{os.pathsep}{_CHECKOUT / 'src'}"} | dict(more or {})


@contextmanager
def process(command: Sequence[str], log: Path, more: Mapping[str, str] | None = None) -> Iterator[tuple[str, int]]:
    """The first line that it prints, and its id; killed afterwards."""
    with log.open("ab") as log_file:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log_file, text=True, env=environment(more))
    try:
        line = running.stdout.readline().strip() if running.stdout else ""
        if not line:
            raise RuntimeError(f"{command} did not start: exit code {running.wait()}; see {log}")
        yield line, running.pid
    finally:
        running.kill()
        running.communicate()


@contextmanager
def upstream(folder: Path) -> Iterator[Contestant]:
    """The LinkedIn of the bench; asked directly it is the floor of every latency."""
    with process([sys.executable, "-m", "bench.upstream"], folder / "upstream.log") as (url, pid):
        lines = ["Cookie: li_at=AQED; JSESSIONID=ajax:1", "csrf-token: ajax:1", "x-restli-protocol-version: 2.0.0"]
        yield Contestant(
            "direct", [url.removeprefix("http://")], head(CREATE_MESSAGE, *lines), DIRECT_BODY, folder, [pid]
        )


def taken(direct: Contestant) -> int:
    """How many messages the upstream has."""
    with _NO_PROXY.open(f"http://{direct.urls[0]}/count", timeout=10) as answer:
        return int(answer.read())


@contextmanager
def gateway(
    name: str, store: BenchStore, linkedin: str, *, processes: int = 1, command: Sequence[str] = ("-m", "confrere")
) -> Iterator[Contestant]:
    """`confrere serve`, once or twice on the same store."""
    more = {
        "CONFRERE_DATA_DIR": str(store.folder),
        "CONFRERE_DATABASE_URL": store.url,
        "CONFRERE_LINKEDIN_URL": linkedin,
        "CONFRERE_LOG_FORMAT": "json",
    }
    contestant = Contestant(name, [], head(SEND_PATH, f"Authorization: Bearer {store.key}"), BODY, store.accounts)
    arguments = [sys.executable, *command, "serve", "--json", "--port=0"]
    started = []
    try:
        for _ in range(processes):
            one = process(arguments, store.folder / "server.log", more)
            line, pid = one.__enter__()
            started.append(one)
            contestant.urls.append(json.loads(line)["url"].removeprefix("http://"))
            contestant.pids.append(pid)
        yield contestant
    finally:
        for one in started:
            one.__exit__(None, None, None)


def seconds_to_first_answer(store: BenchStore, linkedin: str) -> float:
    """From the start of `confrere serve` to the first 200 of its health check."""
    began = time.perf_counter()
    with gateway("cold", store, linkedin) as cold:
        with _NO_PROXY.open(f"http://{cold.urls[0]}/health", timeout=10) as answer:
            assert answer.status == 200
        return time.perf_counter() - began
