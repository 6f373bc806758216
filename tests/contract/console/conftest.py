import asyncio
import gc
import re
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from confrere.access.provider_settings import ProviderSettings
from confrere.api import answer_rejection, build_app
from confrere.console.app import ConsoleApp
from confrere.console.origins import Origins
from confrere.domain.account import Account
from confrere.domain.audit import COMMAND_LINE
from confrere.domain.users import LINK_LIFETIME, Rights, Role
from confrere.http.server import listen, serve
from confrere.linkedin import describe_paste, read_paste
from confrere.services import Services, build_services
from confrere.store import Vault, open_store
from tests.chromium import _close_chromium  # noqa: F401  # a fixture
from tests.contract.console.chromium import Visitor
from tests.contract.store.conftest import quick_passwords, sqlite_url, url  # noqa: F401  # fixtures
from tests.fakes.upstream import BROWSER, FakeUpstream
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import ServerProcess, Site, prepare_site, running_server

UP = ("-m", "confrere", "up")
PASSWORD = "correct horse battery"
HTTPS = "https://confrere.example"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@dataclass
class Reply:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def form_token(self) -> str:
        """Return the token of the page's forms."""
        found = TOKEN.search(self.text)
        assert found is not None, self.text
        return found[1]


class Browser:
    """A browser without a screen: it keeps cookies, and says of each form that a page of the console sent it."""

    def __init__(self, origin: str, http: aiohttp.ClientSession, host: str | None = None) -> None:
        self._origin = origin
        self._http = http
        self._host = {} if host is None else {"Host": host}
        self.cookies: dict[str, str] = {}
        self.token = ""

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Read a page, without following where it leads."""
        return await self._ask("GET", path, None, headers)

    async def post(
        self,
        path: str,
        fields: Mapping[str, str] | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a form. token: of the form; by default that of the page that was read last."""
        token = self.token if token is None else token
        from_page = {"Sec-Fetch-Site": "same-origin", "Origin": self._origin}
        return await self._ask(
            "POST", path, {"form_token": token, **(fields or {})}, from_page if headers is None else headers
        )

    async def _ask(
        self, method: str, path: str, fields: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> Reply:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**self._host, **({"Cookie": cookie} if cookie else {}), **(headers or {})}
        async with self._http.request(method, path, data=fields, headers=sent, allow_redirects=False) as answer:
            for header in answer.headers.getall("Set-Cookie", []):
                name, _, value = header.partition(";")[0].partition("=")
                self.cookies.pop(name, None)
                if value:
                    self.cookies[name] = value
            reply = Reply(answer.status, answer.headers, await answer.text())
        if (found := TOKEN.search(reply.text)) is not None:
            self.token = found[1]
        return reply

    async def log_in(self, name: str, password: str = PASSWORD) -> Reply:
        """Fill in the form of the login page."""
        await self.get("/console/login")
        return await self.post("/console/login", {"name": name, "password": password})


@dataclass
class Console:
    """A server in this process, on a real store and a scripted LinkedIn. Its clock runs `ahead` of the time."""

    url: str
    services: Services
    upstream: FakeUpstream
    account: Account
    http: aiohttp.ClientSession
    ahead: list[timedelta] = field(default_factory=lambda: [timedelta()])

    def browser(self, host: str | None = None, origin: str | None = None) -> Browser:
        """Open a browser without cookies."""
        return Browser(origin or self.url, self.http, host)

    async def link(self, rights: Rights = Rights(Role.OWNER)) -> str:  # noqa: B008 - is not changed
        """Return the path of a one-time link."""
        _, token = await self.services.logins.invite("default", rights, COMMAND_LINE)
        return f"/console/enter?token={token}"

    async def user(self, name: str = "Odile", rights: Rights = Rights(Role.OWNER)) -> Browser:  # noqa: B008 - as above
        """Return the browser of a new user, who is logged in."""
        browser = self.browser()
        path = await self.link(rights)
        await browser.get(path)
        fields = {"token": path.partition("=")[2], "name": name, "password": PASSWORD}
        reply = await browser.post("/console/enter", fields)
        assert reply.status == 303, reply.text
        return browser

    def pass_time(self, span: timedelta) -> None:
        """Move the clock."""
        self.ahead[0] += span


@dataclass(frozen=True)
class Scene:
    """A server on a store, with one account of the sandbox and no user yet."""

    site: Site
    server: ServerProcess
    sandbox: SandboxProcess

    @property
    def url(self) -> str:
        """Where the console is."""
        return f"{self.server.url}/console"

    async def link(self, rights: Rights = Rights(Role.OWNER)) -> str:  # noqa: B008 - is not changed
        """Make a link that opens the overview without name and password."""
        async with self.site.services() as services:
            token = await services.logins.invite_to_enter("default", "Sandbox", rights, LINK_LIFETIME)
        return f"{self.url}/enter?token={token}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    """Start one sandbox for all tests."""
    with running_sandbox(members=20) as sandbox:
        yield sandbox


ON_BOTH_STORES = frozenset({"test_journey", "test_overview", "test_sends"})
"""The modules whose pages are opened on both stores; the HTTP tests of all pages run on both anyway."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the stores of a test in a browser."""
    if "scene" in metafunc.fixturenames:
        is_on_both = metafunc.module.__name__.rpartition(".")[2] in ON_BOTH_STORES
        metafunc.parametrize("scene", ["sqlite", "postgresql"][: 1 + is_on_both], indirect=True)


@pytest.fixture
def server_environment() -> Mapping[str, str]:
    """Return further settings of the scene's server; a module may override this."""
    return {}


@pytest.fixture
def scene(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    sandbox: SandboxProcess,
    server_environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    """Start a server on each store in turn; pages are audited on the first."""
    sandbox.reset()
    monkeypatch.setattr(Visitor, "audits", request.param == "sqlite")
    database_url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    site = prepare_site(tmp_path, sandbox, database_url=database_url)
    with running_server(site, command=UP, environment=server_environment) as server:
        yield Scene(site, server, sandbox)


@pytest.fixture(autouse=True)
def process_as_before() -> Iterator[None]:
    """Undo a server's garbage collector tuning and give its signals back to the event loop of the test."""
    thresholds = gc.get_threshold()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.fixture
async def console(url: str, quick_passwords: None) -> AsyncIterator[Console]:  # noqa: F811 - the fixtures
    """Start a server on each store in turn, with one connected account and no user."""
    async with serve_console(url) as console:
        yield console


@asynccontextmanager
async def serve_console(
    url: str,  # noqa: F811
    provider: ProviderSettings | None = None,
    *,
    password_login: bool = True,
) -> AsyncIterator[Console]:
    """Serve a console on this store, with one connected account and no user."""
    store = await open_store(url, vault=Vault([Vault.new_key()]))
    upstream, ahead = FakeUpstream(), [timedelta()]
    services = build_services(
        store=store,
        upstream=upstream,
        clock=lambda: datetime.now(UTC) + ahead[0],
        gap=timedelta(minutes=2),
        read_paste=read_paste,
        describe_paste=describe_paste,
        provider=provider,
        password_login=password_login,
    )
    account = await services.accounts.connect("default", BROWSER)
    app = build_app(services, beside=ConsoleApp(services, workspace_id="default", origins=Origins([HTTPS])).by_path)
    listener, ready = listen("127.0.0.1", 0), asyncio.Event()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    serving = serve(app, listener, drain=services.sender.drain, answer_rejection=answer_rejection, on_ready=ready.set)
    server = asyncio.create_task(serving)
    await ready.wait()
    async with aiohttp.ClientSession(address, cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Console(address, services, upstream, account, http, ahead)
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)
    await services.close()
