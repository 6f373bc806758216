"""A crowd on one account: recipients see exactly the day's limit, on each engine and with several processes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess
from tests.server_process import prepare_site, running_server


@pytest.mark.parametrize(("engine", "processes"), [("sqlite", 1), ("sqlite", 2), ("postgresql", 2)])
@pytest.mark.parametrize("text", ["another", "the same"])
def test_quota_exactly_150_of_400(
    engine: str, processes: int, text: str, tmp_path: Path, sandbox: SandboxProcess, request: pytest.FixtureRequest
) -> None:
    """Of 400 sends on 40 connections, 150 are answered 200 and seen, and 250 are answered 429.

    With one and the same message, too: each caller waits for an answer of its own.
    """
    url = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    site = prepare_site(tmp_path, sandbox, database_url=url)
    with ExitStack() as stack:
        servers = [stack.enter_context(running_server(site)) for _ in range(processes)]

        def send_ten(client: int) -> list[int]:
            server = servers[client % processes]
            texts = [f"{client}.{number}" if text == "another" else text for number in range(10)]
            return [server.send(sandbox, each).status for each in texts]

        with ThreadPoolExecutor(40) as crowd:
            statuses = [status for part in crowd.map(send_ten, range(40)) for status in part]
    assert (statuses.count(200), statuses.count(429), len(statuses)) == (150, 250, 400)
    assert sandbox.count_messages() == site.used() == 150
    assert len({message["text"] for message in sandbox.messages()}) == (150 if text == "another" else 1)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_once_of_a_key_in_a_crowd(
    engine: str, tmp_path: Path, sandbox: SandboxProcess, request: pytest.FixtureRequest
) -> None:
    """One key on 20 connections to two processes sends one message, and every answer is 200 or 409."""
    url = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    site = prepare_site(tmp_path, sandbox, database_url=url)
    with running_server(site) as one, running_server(site) as two, ThreadPoolExecutor(20) as crowd:
        replies = list(crowd.map(lambda n: (one, two)[n % 2].send(sandbox, key="the-key"), range(20)))
    assert {reply.status for reply in replies} <= {200, 409}
    assert sandbox.count_messages() == site.used() == 1
    assert sum(reply.status == 200 and "idempotency-replayed" not in reply.headers for reply in replies) == 1
