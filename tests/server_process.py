"""Confrere as a process of its own, on a store that the test prepares and the sandbox as its LinkedIn."""

import asyncio
import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from confrere.domain.keys import Scope
from confrere.domain.send import Send, SendFilter
from confrere.linkedin import LinkedInClient, read_paste
from confrere.services import Services, build_services
from confrere.settings import Settings
from confrere.store import open_store
from confrere.wiring.secrets import open_vault
from tests.forked_python import ForkedPython
from tests.sandbox_process import SandboxProcess

SEND_PATH = "/linkedin/messaging/send-group"
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """Its JSON, keys in the order in which they came."""
        return json.loads(self.content)


@dataclass
class Site:
    """A store with connected accounts and a key, on which servers can be started."""

    settings: Settings
    key: str
    account_ids: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)

    def services(self) -> "OpenServices":
        """The product on the same store, in this process: to read the ledger, to reconcile."""
        return OpenServices(self.settings)

    def sends(self) -> list[Send]:
        """The whole ledger of the first account, oldest first."""

        async def read() -> list[Send]:
            async with self.services() as services:
                _, sends = await services.history.list_of_account(
                    "default", self.account_ids[0], SendFilter(), before_id=None, count=10_000
                )
                return list(reversed(sends))

        return asyncio.run(read())

    def used(self) -> int:
        """Units of the first account's day that are taken."""

        async def read() -> int:
            async with self.services() as services:
                _, quotas = await services.accounts.read_quotas("default", self.account_ids[0])
                return quotas[0].used

        return asyncio.run(read())

    def reconcile(self, *, hours: float = 1) -> None:
        """Do at once what a worker reconciles in some hours: its clock runs ahead, store and sandbox are real."""

        async def work() -> None:
            ahead = timedelta()
            async with OpenServices(self.settings, clock=lambda: datetime.now(UTC) + ahead) as services:
                for _ in range(int(hours * 20)):
                    await services.reconciler.reconcile_due()
                    ahead += timedelta(minutes=3)

        asyncio.run(work())


class OpenServices:
    """The product of a site as an async context."""

    def __init__(self, settings: Settings, clock: Any = lambda: datetime.now(UTC)) -> None:
        self._settings = settings
        self._clock = clock

    async def __aenter__(self) -> Services:
        """Open."""
        self._services = build_services(
            store=await open_store(self._settings.store_url, vault=open_vault(self._settings), migrate=True),
            upstream=LinkedInClient(self._settings.linkedin_url),
            clock=self._clock,
            gap=timedelta(seconds=self._settings.reconcile_gap_seconds),
        )
        return self._services

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self._services.close()


def prepare_site(folder: Path, sandbox: SandboxProcess, *, database_url: str | None = None, accounts: int = 1) -> Site:
    """A fresh store with the sandbox's first accounts connected."""
    settings = Settings(data_dir=folder / "data", database_url=database_url, linkedin_url=sandbox.url)

    async def prepare() -> tuple[str, list[str]]:
        async with OpenServices(settings) as services:
            connected = [
                await services.accounts.connect("default", read_paste(known.cookie, user_agent=known.user_agent))
                for known in sandbox.accounts[:accounts]
            ]
            _, key = await services.keys.create("default", name="test", scopes=[Scope.SEND])
            return key, [account.id for account in connected]

    key, account_ids = asyncio.run(prepare())
    environment = {
        "CONFRERE_DATA_DIR": str(settings.data_dir),
        "CONFRERE_LINKEDIN_URL": settings.linkedin_url,
        "CONFRERE_LOG_FORMAT": "json",
        **({"CONFRERE_DATABASE_URL": database_url} if database_url else {}),
    }
    return Site(settings, key, account_ids, folder / "server.log", environment)


class ServerProcess:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], ready: Mapping[str, Any], site: Site | None) -> None:
        self.process = process
        self.ready = ready
        self.url: str = ready["url"]
        self._key = site.key if site else ready["apiKey"]

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = 40,
    ) -> Reply:
        """One request with the site's key."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        for name, value in {"Authorization": f"Bearer {self._key}", **(headers or {})}.items():
            request.add_header(name, value)
        try:
            with _NO_PROXY.open(request, timeout=seconds) as answer:
                return _reply(answer.status, answer)
        except urllib.error.HTTPError as error:
            with error:
                return _reply(error.code, error)

    def send(
        self,
        sandbox: SandboxProcess,
        text: str = "Hello fellow group member!",
        *,
        key: str | None = None,
        **more: object,
    ) -> Reply:
        """The reference page's request to the sandbox's recipient."""
        body = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id, "message": text, **more}
        return self.call("POST", SEND_PATH, body, headers={"Idempotency-Key": key} if key else {})

    def kill(self) -> None:
        """SIGKILL: nothing is written, nothing is closed."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def _reply(status: int, answer: Any) -> Reply:
    return Reply(status, {name.lower(): value for name, value in answer.headers.items()}, answer.read())


@contextmanager
def running_server(
    site: Site | None,
    *options: str,
    command: Sequence[str] = ("-m", "confrere", "serve"),
    environment: Mapping[str, str] | None = None,
) -> Iterator[ServerProcess]:
    """`confrere serve` on the site, on a free port; killed afterwards if it still runs."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("CONFRERE_")}
    variables |= (site.environment if site else {}) | dict(environment or {})
    arguments = [*command, "--json", "--port=0", *options]
    log_file = (site.log if site else Path(variables["CONFRERE_DATA_DIR"]).parent / "server.log").open("a")
    with (
        log_file,
        ForkedPython(arguments, stdout=subprocess.PIPE, stderr=log_file, env=variables) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise RuntimeError(f"the server did not start: exit code {process.wait()}; see {log_file.name}")
            yield ServerProcess(process, json.loads(line), site)
        finally:
            process.kill()
