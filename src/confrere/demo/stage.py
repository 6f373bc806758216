"""The processes of the demonstration: a sandbox, and a server that can be killed; with a folder that is deleted."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from confrere.demo.http_calls import call
from confrere.domain.errors import ConfrereError

MEMBERS: Final = 600

_SETTINGS: Final = {
    # An interrupted attempt is looked for at once, where a real server lets LinkedIn settle for two minutes.
    "CONFRERE_RECONCILE_GAP_SECONDS": "0.3",
    "CONFRERE_RECONCILE_EVERY_SECONDS": "0.3",
    "CONFRERE_REPLIES_DAYS": "0",
    "CONFRERE_LOG_LEVEL": "error",
    "CONFRERE_LOG_FORMAT": "json",
}


class DemoFailed(ConfrereError):
    """The demonstration cannot be run here; no promise was broken by that."""


class Stage:
    """The processes. Every method that calls one of them raises SandboxUnavailable where it does not answer."""

    def __init__(self, folder: Path, sandbox: Mapping[str, Any]) -> None:
        self.sandbox_url: str = sandbox["url"]
        self.group_id: str = sandbox["groupId"]
        self.account: Mapping[str, str] = sandbox["accounts"][0]
        self._key = ""
        self._url = ""
        self._server: subprocess.Popen[bytes] | None = None
        self._log = folder / "server.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CONFRERE_")}
        own = {"CONFRERE_DATA_DIR": str(folder / "data"), "CONFRERE_LINKEDIN_URL": self.sandbox_url}
        self._environment = kept | _SETTINGS | own

    def start_server(self) -> None:
        """Start `confrere up` on a free port. Raises DemoFailed."""
        command = [sys.executable, "-m", "confrere.demo.child", str(os.getpid()), "up", "--json", "--port=0"]
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(  # noqa: S603 - our own command
                command, stdout=subprocess.PIPE, stderr=log, env=self._environment
            )
        self._url = _first_line(self._server)["url"]

    def kill_server(self) -> None:
        """Kill it with SIGKILL, as a power cut would: it writes nothing and closes nothing."""
        if self._server is not None:
            self._server.kill()
            self._server.communicate()

    def connect_account(self) -> str:
        """Create a key, connect the sandbox's first account, and return its id."""
        command = [sys.executable, "-m", "confrere", "keys", "create", "--name=demo", "--scope=admin"]
        made = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, check=False, env=self._environment
        )
        self._key = made.stdout.decode().strip()
        if made.returncode:
            raise DemoFailed(f"No key could be created: {made.stderr.decode('utf-8', 'replace').strip()}")
        session = {"pasted": self.account["cookie"], "userAgent": self.account["userAgent"]}
        return str(self.api("POST", "accounts", session)["id"])

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Call the server's `/v1`."""
        return call(method, f"{self._url}/v1/{path}", body, key=self._key)

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Call the sandbox's control: LinkedIn's side."""
        return call(method, f"{self.sandbox_url}/_control/{path}", body)


@contextmanager
def build_stage() -> Iterator[Stage]:
    """Start the sandbox; at the end everything that was started is killed and the folder deleted. Raises DemoFailed."""
    command = [sys.executable, "-m", "confrere.sandbox", "--json", "--exit-with-parent", f"--members={MEMBERS}"]
    with tempfile.TemporaryDirectory(prefix="confrere-demo-") as folder:
        sandbox = subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        stage = None
        try:
            stage = Stage(Path(folder), _first_line(sandbox))
            yield stage
        finally:
            if stage is not None:
                stage.kill_server()
            sandbox.kill()
            sandbox.communicate()


def _first_line(process: "subprocess.Popen[bytes]") -> Mapping[str, Any]:
    """Return what a process says when it is ready. Raises DemoFailed where it has ended instead."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        command: Sequence[str] = process.args if isinstance(process.args, list) else ()
        raise DemoFailed(f"`{' '.join(command[1:4])}` did not start: exit code {process.wait()}")
    ready: Mapping[str, Any] = msgspec.json.decode(line)
    return ready
