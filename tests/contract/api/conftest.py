import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from confrere.api import answer_rejection, build_app
from confrere.domain.account import Account
from confrere.domain.keys import Scope
from confrere.domain.send import History
from confrere.http.server import listen, serve
from confrere.linkedin import read_paste
from confrere.services import Services, build_services
from confrere.store import Vault, open_store
from tests.chromium import _close_chromium  # noqa: F401  # a fixture
from tests.fakes.upstream import BROWSER, FakeUpstream
from tests.sqlite_files import migrated_file

RECIPIENT = "urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"
GROUP = "12345678"
SEND_PATH = "/linkedin/messaging/send-group"


@dataclass
class Api:
    """A server in this process, on a real store and a scripted LinkedIn."""

    url: str
    port: int
    key: str
    account: Account
    services: Services
    upstream: FakeUpstream
    http: aiohttp.ClientSession

    async def send(self, text: str = "Hello fellow group member!", **more: object) -> aiohttp.ClientResponse:
        """Send the request of the reference page, with the test's changes to its fields."""
        body = {"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": text, **more}
        return await self.http.post(SEND_PATH, json=body)

    async def delivery(self, send_id: str) -> History:
        """The send's history, read once the store has recorded whether the answer was delivered."""
        async with asyncio.timeout(10):
            while True:
                _, history = await self.services.history.read_with_events("default", send_id)
                if history.answer_delivered is not None:
                    return history
                await asyncio.sleep(0.01)


ON_PLAIN_UVICORN = frozenset(
    {"test_bad_input", "test_groups", "test_tolerance", "test_v1_conventions", "test_v1_sends"}
)
"""The modules whose tests run on uvicorn's own protocol too: they hold the application to plain ASGI."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of some modules on both servers, without the fuzzing, whose 800 answers take uvicorn 40 ms each."""
    if "fast" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        on_both = module in ON_PLAIN_UVICORN and "fuzz" not in metafunc.function.__name__
        metafunc.parametrize("fast", [True, False] if on_both else [True], ids=["fast", "plain"][: 1 + on_both])


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
async def api(tmp_path: Path, fast: bool) -> AsyncIterator[Api]:
    """Start a server for the test."""
    async with serve_api(tmp_path, fast=fast) as api:
        yield api


@asynccontextmanager
async def serve_api(folder: Path, *, fast: bool = True) -> AsyncIterator[Api]:
    """Serve one connected account and one key with the scope `send`. fast: not by uvicorn's own protocol."""
    store = await open_store(migrated_file(folder), vault=Vault([Vault.new_key()]))
    upstream = FakeUpstream()
    services = build_services(
        store=store,
        upstream=upstream,
        clock=lambda: datetime.now(UTC),
        gap=timedelta(minutes=2),
        read_paste=read_paste,
    )
    account = await services.accounts.connect("default", BROWSER)
    _, key = await services.keys.create("default", name="test", scopes=[Scope.SEND])
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    ready = asyncio.Event()
    app = build_app(services, cors_origins=["https://app.example"])
    server = asyncio.create_task(
        serve(
            app,
            listener,
            drain=services.sender.drain,
            answer_rejection=answer_rejection,
            on_ready=ready.set,
            fast=fast,
        )
    )
    await ready.wait()
    url = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(url, headers=headers, middlewares=[_read_whole]) as http:
        yield Api(url, port, key, account, services, upstream, http)
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)
    await services.close()


async def _read_whole(request: aiohttp.ClientRequest, ask: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Release the connection also where a test reads only the status: uvicorn writes the body after the head."""
    response = await ask(request)
    await response.read()
    return response
