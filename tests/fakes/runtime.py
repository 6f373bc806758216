"""A runtime for tests of the command line: the product on a real SQLite store, a scripted LinkedIn, a clock by hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from confrere.cli.runtime import Demo, ReadyServer, RestoredBackup, SetupError
from confrere.domain.installation import Finding, SettingRow
from confrere.domain.keys import Scope
from confrere.domain.session import Session
from confrere.linkedin import read_paste
from confrere.services import Services, build_services
from confrere.store import Vault, open_store
from tests.fakes.upstream import FakeUpstream
from tests.sqlite_files import migrated_file

T = TypeVar("T")

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
URL = "http://127.0.0.1:8080"
CONSOLE_URL = f"{URL}/console/enter?token=once"
DEMO = Demo(
    api_key="confrere_demo",
    account_id="0123456789abcdef01234567",
    group_id="12345678",
    recipient_profile_urn="urn:li:fsd_profile:ACoAADemo",
    sandbox_url="http://127.0.0.1:4711",
    data_dir=".data/sandbox",
)


class FakeRuntime:
    """Implements `cli.runtime.Runtime`. What its methods do is set by the test; what they were asked is kept."""

    def __init__(self, folder: Path) -> None:
        self.upstream = FakeUpstream()
        self.now = NOON
        self.pending = ["0001_initial"]
        self.findings: Sequence[Finding] = [Finding("store", ok=True, detail="answers")]
        self.fault: Exception | None = None
        self.served: dict[str, object] | None = None
        self.worked = False
        self.agent_scopes: Collection[Scope] | None = None
        self._store_url = migrated_file(folder)
        self._vault = Vault([Vault.new_key()])

    def settings(self) -> Sequence[SettingRow]:
        """Two of them."""
        return [
            SettingRow("CONFRERE_PORT", "8080", "8123", "Port that it listens on; 0 picks a free one."),
            SettingRow("CONFRERE_SECRET_KEYS", "", "set", "Keys that encrypt sessions and texts."),
        ]

    def console_url(self) -> str:
        """On the port of the settings."""
        return f"{URL}/console"

    @asynccontextmanager
    async def open_services(self, *, create: bool = False) -> AsyncIterator[Services]:
        """The product, unless a fault is set."""
        if self.fault is not None:
            raise self.fault
        store = await open_store(self._store_url, vault=self._vault)
        services = build_services(store=store, upstream=self.upstream, clock=lambda: self.now, gap=timedelta(minutes=2))
        try:
            yield services
        finally:
            await services.close()

    def do(self, work: Callable[[Services], Awaitable[T]]) -> T:
        """Something of the product, from a test."""

        async def run() -> T:
            async with self.open_services() as services:
                return await work(services)

        return asyncio.run(run())

    async def back_up(self, file: Path, progress: Callable[[int, int], None]) -> int:
        """Write 1 MB, as it says."""
        progress(1, 1)
        file.touch()
        return 1_000_000

    async def restore(self, file: Path, progress: Callable[[int, int], None], *, replace: bool) -> RestoredBackup:
        """Restore, as it says, without a journal; one account is held."""
        progress(1, 1)
        gap = "There is no journal /data/journal.jsonl"
        return RestoredBackup(self.now, 1, {"erased": 2, "key_revoked": 1}, 1, file if replace else None, gap)

    async def migrate(self) -> Sequence[str]:
        """What was pending."""
        if self.fault is not None:
            raise self.fault
        ran, self.pending = self.pending, []
        return ran

    async def rotate_secrets(self, progress: Callable[[int, int], None]) -> int:
        """Seven values."""
        for done in range(8):
            progress(done, 7)
        return 7

    def read_session(self, pasted: str, user_agent: str | None) -> Session:
        """By the real reader."""
        return read_paste(pasted, user_agent=user_agent)

    async def diagnose(self) -> Sequence[Finding]:
        """As set."""
        return self.findings

    async def serve(
        self,
        *,
        host: str | None,
        port: int | None,
        with_worker: bool,
        with_sandbox: bool,
        migrate: bool,
        on_ready: Callable[[ReadyServer], None],
    ) -> None:
        """Report ready at once, then run the command's other tasks to their end."""
        if self.fault is not None:
            raise self.fault
        self.served = {
            "host": host,
            "port": port,
            "with_worker": with_worker,
            "with_sandbox": with_sandbox,
            "migrate": migrate,
        }
        on_ready(ReadyServer(URL, CONSOLE_URL, DEMO if with_sandbox else None))
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            await task  # what the command does beside the server

    async def serve_agent(self, scopes: Collection[Scope], workspace: str | None) -> None:
        """The agent leaves at once."""
        if self.fault is not None:
            raise self.fault
        self.agent_scopes = scopes

    async def work(self, *, on_ready: Callable[[], None]) -> None:
        """Done at once."""
        on_ready()
        self.worked = True


def setup_error(text: str, cause: Exception | None = None) -> SetupError:
    """As the composition root raises it."""
    fault = SetupError(text)
    fault.__cause__ = cause
    return fault
