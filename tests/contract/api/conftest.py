import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
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
from tests.fakes.upstream import BROWSER, FakeUpstream

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
        """The reference page's request, with what the test changes in its fields."""
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


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """A server in this process takes the signals, and gives them back to the event loop of its own test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    """A server with one connected account and one key that may send."""
    store = await open_store(f"sqlite://{tmp_path / 'confrere.db'}", vault=Vault([Vault.new_key()]), migrate=True)
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
        serve(app, listener, drain=services.sender.drain, answer_rejection=answer_rejection, on_ready=ready.set)
    )
    await ready.wait()
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {key}"}) as http:
        yield Api(url, port, key, account, services, upstream, http)
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)
    await services.close()
