"""Generates clients from the running server's OpenAPI document, compiles them, and has each send one message.

`script/check-generated-clients` sets up the generators and starts this. The generators stand for their kind: one for
Python, one that types every request by the document, one that writes a function for every operation.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from confrere.domain.keys import Scope
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import ServerProcess, Site, prepare_site, running_server

HERE = Path(__file__).parent
LANGUAGES = ("openapi-python-client", "openapi-typescript", "orval")


def main(generators: Path) -> int:
    """Run all of it. Returns the exit code.

    generators:  the folder with the environment `venv` and with `node_modules`; work is done in it, too.
    """
    work = generators / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    with running_sandbox(members=300) as sandbox:
        site = prepare_site(work, sandbox)
        with running_server(site) as server:
            (work / "openapi.json").write_bytes(server.call("GET", "/linkedin/openapi.json").content)
            check = Check(work, generators, sandbox, server, admin_key(site))
            with ThreadPoolExecutor() as threads:
                for running in [threads.submit(check.run_python), threads.submit(check.run_typescript)]:
                    running.result()
        return check.report()


def admin_key(site: Site) -> str:
    """Create a key with the scope `admin`."""

    async def create() -> str:
        async with site.services() as services:
            return (await services.keys.create("default", name="generated", scopes=[Scope.ADMIN]))[1]

    return asyncio.run(create())


class Check:
    """The generators' commands, and the messages that arrived."""

    def __init__(self, work: Path, generators: Path, sandbox: SandboxProcess, server: ServerProcess, key: str) -> None:
        self._work = work
        self._bin = generators / "venv" / "bin"
        self._node = generators / "node_modules" / ".bin"
        self._sandbox = sandbox
        self._environment = {
            "HOME": str(work),
            "PATH": f"{self._bin}:{os.environ['PATH']}",
            "NO_PROXY": "127.0.0.1",
            "CONFRERE_URL": server.url,
            "CONFRERE_KEY": key,
            "RECIPIENT": sandbox.recipient,
            "GROUP": sandbox.group_id,
        }

    def run_python(self) -> None:
        """Run `openapi-python-client`: it generates without a warning, mypy accepts the result, and it sends."""
        folder = self._work / "python"
        shutil.copytree(HERE / "python", folder)
        self._run(
            folder,
            self._bin / "openapi-python-client",
            *("generate", "--path", "../openapi.json", "--output-path", "generated", "--meta", "none"),
            *("--config", "generator.yaml", "--fail-on-warning"),
        )
        mypy = (sys.executable, "-m", "mypy", "--strict", "--cache-dir", "mypy-cache")
        self._run(folder, *mypy, "--python-executable", self._bin / "python", "call.py")
        self._run(folder, self._bin / "python", "call.py", text="openapi-python-client")

    def run_typescript(self) -> None:
        """Run `openapi-typescript` and `orval`: strict TypeScript compiles the result, and it sends."""
        folder = self._work / "node"
        shutil.copytree(HERE / "node", folder)
        self._run(folder, self._node / "openapi-typescript", "../openapi.json", "--output", "schema.ts")
        self._run(folder, self._node / "orval", "--config", "orval.config.mjs")
        self._run(folder, self._node / "tsc", "--project", "tsconfig.json")
        self._run(folder, "node", "built/call_openapi_typescript.js", text="openapi-typescript")
        self._run(folder, "node", "built/call_orval.js", text="orval")

    def report(self) -> int:
        """Return whether the recipient has one message of each."""
        received = sorted(message["text"] for message in self._sandbox.messages())
        if received != sorted(LANGUAGES):
            print(f"The recipient has {received}", file=sys.stderr)  # noqa: T201 - the program's output
            return 1
        print(f"Generated, compiled and called: {', '.join(LANGUAGES)}")  # noqa: T201 - the program's output
        return 0

    def _run(self, folder: Path, *command: str | Path, text: str = "") -> None:
        words: Sequence[str] = [str(word) for word in command]
        ended = subprocess.run(
            words, cwd=folder, env={**self._environment, "TEXT": text}, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            sys.stderr.write(f"{ended.stdout}{ended.stderr}")
            raise SystemExit(f"{Path(words[0]).name} ended with {ended.returncode}: {' '.join(words)}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
