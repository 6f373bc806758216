"""The runtime: rooms put together as the settings want them."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import msgspec

from confrere.cli.runtime import ReadyServer, RestoredBackup, Runtime
from confrere.console.origins import PATH as CONSOLE_PATH
from confrere.console.origins import Origins
from confrere.doctor import diagnose
from confrere.domain.audit import COMMAND_LINE, acting_as
from confrere.domain.errors import StoreUnavailable
from confrere.domain.installation import Finding, SettingRow
from confrere.domain.keys import Caller, Scope
from confrere.domain.session import Session
from confrere.domain.workspaces import DEFAULT_WORKSPACE
from confrere.linkedin import read_paste
from confrere.services import Services
from confrere.settings import Settings
from confrere.store import migrate_store
from confrere.telemetry.logs import configure_logs
from confrere.wiring.backups import back_up_store, restore_store
from confrere.wiring.demo import SANDBOX_REPLIES_SECONDS, first_link, prepare_demo, run_sandbox
from confrere.wiring.installation import setting_rows
from confrere.wiring.secrets import rotate_secrets
from confrere.wiring.services import open_services, setup_errors
from confrere.worker.jobs import server_jobs, worker_jobs
from confrere.worker.loop import run_jobs


class ConfrereRuntime(Runtime):
    """The port of the command line on the real rooms."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # A command that ends by itself prints its result; its log shows problems only.
        self._configure_logs("warning" if settings.log_level == "info" else settings.log_level)

    def _configure_logs(self, level: str) -> None:
        configure_logs(level=level, form=self._settings.log_format)

    def settings(self) -> Sequence[SettingRow]:
        return setting_rows(self._settings)

    def console_url(self) -> str:
        with setup_errors():
            origins = Origins(_listed(self._settings.console_origins))
        return _console_url(origins, self._settings.host, self._settings.port)

    @asynccontextmanager
    async def open_services(self, *, create: bool = False) -> AsyncIterator[Services]:
        services = await open_services(self._settings, migrate=create and self._settings.has_no_store_yet())
        try:
            yield services
        finally:
            with suppress(StoreUnavailable):  # a server copies them later
                if services.journal is not None:
                    await services.journal.copy_own()
            await services.close()

    async def migrate(self) -> Sequence[str]:
        with setup_errors():
            return await migrate_store(self._settings.store_url)

    async def rotate_secrets(self, progress: Callable[[int, int], None]) -> int:
        return await rotate_secrets(self._settings, progress)

    async def back_up(self, file: Path, progress: Callable[[int, int], None]) -> int:
        return await back_up_store(self._settings, Path.cwd() / file, progress)

    async def restore(self, file: Path, progress: Callable[[int, int], None], *, replace: bool) -> RestoredBackup:
        done, gap = await restore_store(self._settings, Path.cwd() / file, progress, replace=replace)
        again = {str(kind): count for kind, count in done.again.items() if count}
        return RestoredBackup(done.backup_at, done.accounts, again, done.campaigns, done.replaced, gap)

    def read_session(self, pasted: str, user_agent: str | None) -> Session:
        return read_paste(pasted, user_agent=user_agent)

    async def diagnose(self) -> Sequence[Finding]:
        return await diagnose(self._settings, open_services)

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
        self._configure_logs(self._settings.log_level)
        from confrere.api import answer_rejection, build_app  # only servers need the web framework
        from confrere.console.app import ConsoleApp
        from confrere.http.server import listen, serve
        from confrere.mcp import PATH, McpApp

        settings, sandbox, demo = self._settings, None, None
        async with AsyncExitStack() as stack:
            if with_sandbox:
                # A place of its own: the sandbox must never meet a real account's session, nor a real ledger.
                settings = msgspec.structs.replace(
                    settings,
                    data_dir=settings.data_dir / "sandbox",
                    database_url=None,
                    secret_keys=None,
                    oidc_issuer=None,
                )
                sandbox = await stack.enter_async_context(run_sandbox(settings.data_dir / "world.jsonl"))
                settings = msgspec.structs.replace(
                    settings,
                    linkedin_url=sandbox.url,
                    linkedin_proxy=None,
                    replies_every_seconds=min(settings.replies_every_seconds, SANDBOX_REPLIES_SECONDS),
                )
            with setup_errors():
                console_origins = Origins(_listed(settings.console_origins))
                listener = listen(host or settings.host, settings.port if port is None else port)
            services = await open_services(settings, migrate=migrate, in_sandbox=sandbox is not None)
            stack.push_async_callback(services.close)
            if sandbox is not None:
                with acting_as(COMMAND_LINE):
                    demo = await prepare_demo(services, sandbox, settings.data_dir / "demo.key")
            if with_worker:
                worker = asyncio.create_task(_worker(services, settings), name="worker")
                stack.callback(worker.cancel)
            else:
                beating = asyncio.create_task(run_jobs(server_jobs(services, is_worker=False)), name="beating")
                stack.callback(beating.cancel)
            origins = _listed(settings.cors_origins)
            console = ConsoleApp(
                services,
                workspace_id=DEFAULT_WORKSPACE,
                origins=console_origins,
                sandbox_url=sandbox.url if sandbox else None,
                sandbox_sessions=[(one.cookie, one.user_agent) for one in sandbox.notice.accounts] if sandbox else (),
            )
            mcp = McpApp(services, origins=origins)
            app = build_app(services, cors_origins=origins, beside={PATH: mcp, **console.by_path})
            url = _url(listener.getsockname())
            link = await first_link(services, is_sandbox=sandbox is not None)
            ready = ReadyServer(url, _console_url(console_origins, *listener.getsockname()[:2]) + link, demo)
            await serve(
                app,
                listener,
                drain=services.sender.drain,
                answer_rejection=answer_rejection,
                on_ready=lambda: on_ready(ready),
            )

    async def serve_agent(self, scopes: Collection[Scope], workspace: str | None) -> None:
        self._configure_logs(self._settings.log_level)
        from confrere.mcp import AgentSession, serve_stdio

        async with self.open_services(create=True) as services, AsyncExitStack() as stack:
            with setup_errors():
                works_in = DEFAULT_WORKSPACE if workspace is None else (await services.workspaces.find(workspace)).id
            if Scope.SEND in scopes:
                worker = asyncio.create_task(_worker(services, self._settings), name="worker")
                stack.callback(worker.cancel)
            else:
                beating = asyncio.create_task(run_jobs(server_jobs(services, is_worker=False)), name="beating")
                stack.callback(beating.cancel)
            await serve_stdio(AgentSession(services, Caller("stdio", works_in, frozenset(scopes)), over_stdio=True))

    async def work(self, *, on_ready: Callable[[], None]) -> None:
        self._configure_logs(self._settings.log_level)
        services = await open_services(self._settings)
        try:
            worker = asyncio.create_task(_worker(services, self._settings))
            loop = asyncio.get_running_loop()
            for signal_number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(signal_number, worker.cancel)
            on_ready()
            with suppress(asyncio.CancelledError):
                await worker
        finally:
            await services.close()


async def _worker(services: Services, settings: Settings) -> None:
    await run_jobs(
        worker_jobs(
            services,
            reconcile_seconds=settings.reconcile_every_seconds,
            probe_hours=settings.session_probe_hours,
            replies_seconds=settings.replies_every_seconds,
            replies_days=settings.replies_days,
        )
    )


def _listed(text: str | None) -> Sequence[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _url(address: tuple[str, int]) -> str:
    host, port = address[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _console_url(origins: Origins, host: str, port: int) -> str:
    """Return where browsers reach the console of a server that listens on this address."""
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing is bound to it
    return f"{origins.first or _url((loopback, port))}{CONSOLE_PATH}"
