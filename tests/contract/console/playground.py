"""The console in this process beside a real sandbox, whose control it has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp

from confrere.api import answer_rejection, build_app
from confrere.console.app import ConsoleApp
from confrere.console.origins import Origins
from confrere.domain.account import Account
from confrere.domain.users import LINK_LIFETIME, Rights, Role
from confrere.http.server import listen, serve
from confrere.linkedin import LinkedInClient, read_paste
from confrere.services import Services, build_services
from confrere.store import Vault, open_store
from tests.contract.console.conftest import Browser
from tests.sandbox_process import SandboxProcess


@dataclass
class Playground:
    """A server with the sandbox's first account, and the sandbox."""

    url: str
    services: Services
    sandbox: SandboxProcess
    account: Account
    http: aiohttp.ClientSession

    async def enter(
        self,
        rights: Rights = Rights(Role.OWNER, inbox=True),  # noqa: B008 - is not changed
        workspace_id: str = "default",
    ) -> Browser:
        """Return the browser of somebody who has opened the printed link."""
        name = f"Sandbox {rights.role} of {workspace_id}"
        token = await self.services.logins.invite_to_enter(workspace_id, name, rights, LINK_LIFETIME)
        browser = Browser(self.url, self.http)
        reply = await browser.get(f"/console/enter?token={token}")
        assert reply.status == 303, reply.text
        return browser


@asynccontextmanager
async def running_playground(store_url: str, sandbox: SandboxProcess) -> AsyncIterator[Playground]:
    """Serve until the block ends."""
    sandbox.reset()
    store = await open_store(store_url, vault=Vault([Vault.new_key()]))
    services = build_services(
        store=store,
        upstream=LinkedInClient(sandbox.url),
        clock=lambda: datetime.now(UTC),
        gap=timedelta(minutes=2),
        read_paste=read_paste,
    )
    known = sandbox.accounts[0]
    account = await services.accounts.connect("default", read_paste(known.cookie, user_agent=known.user_agent))
    console = ConsoleApp(services, workspace_id="default", origins=Origins(), sandbox_url=sandbox.url)
    app = build_app(services, beside=console.by_path)
    listener, ready = listen("127.0.0.1", 0), asyncio.Event()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    serving = serve(app, listener, drain=services.sender.drain, answer_rejection=answer_rejection, on_ready=ready.set)
    server = asyncio.create_task(serving)
    await ready.wait()
    async with aiohttp.ClientSession(address, cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Playground(address, services, sandbox, account, http)
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)
    await services.close()
