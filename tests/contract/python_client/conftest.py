import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from inspect import isawaitable
from typing import Any

import pytest

from confrere_client import AsyncClient, Client
from tests.contract.python_client.lossy import LossyLine
from tests.contract.python_client.scripted import ScriptedServer
from tests.server_process import ServerProcess
from tests.shared_server import one_sandbox, one_server, sandbox, server, site

__all__ = ["connect", "line", "one_sandbox", "one_server", "sandbox", "scripted", "server", "site"]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key and the proxies of whoever runs the tests are not theirs."""
    for name in (
        "CONFRERE_API_KEY",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    """A server that answers what the test tells it to."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def line(server: ServerProcess) -> Iterator[LossyLine]:
    """A line to the server that loses what the test tells it to."""
    with LossyLine(server.url) as line:
        yield line


class Either:
    """A client of one kind, used alike by tests that hold for both: results are awaited, iterations are listed."""

    def __init__(self, client: Client | AsyncClient, runner: asyncio.Runner) -> None:
        self.client: Any = client
        self.waits: list[float] = []
        self._runner = runner

    def __call__(self, use: Callable[[Any], Any]) -> Any:
        """What `use` gets from the client."""
        return self._runner.run(self._get(use))

    async def _get(self, use: Callable[[Any], Any]) -> Any:
        got = use(self.client)
        if isawaitable(got):
            return await got
        if isinstance(got, AsyncIterator):
            return [item async for item in got]
        return list(got) if isinstance(got, Iterator) else got


@pytest.fixture(params=["blocking", "asyncio"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., Either]]:
    """Makes a client of either kind that does not really wait; the waits are on its list `waits`."""
    with asyncio.Runner() as runner:
        made: list[Either] = []

        def make(base_url: str, api_key: str | None = "confrere_test", **options: Any) -> Either:
            waits: list[float] = []

            async def wait(seconds: float) -> None:
                waits.append(seconds)

            blocking = request.param == "blocking"
            options = {"sleep": waits.append if blocking else wait, "jitter": lambda: 0.0, **options}
            either = Either((Client if blocking else AsyncClient)(base_url, api_key, **options), runner)
            either.waits = waits
            made.append(either)
            return either

        yield make
        for either in made:
            either(lambda client: client.close() if isinstance(client, Client) else client.aclose())
