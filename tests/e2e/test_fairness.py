"""An account whose LinkedIn hangs does not delay callers of another account."""

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from tests.sandbox_process import SandboxProcess
from tests.server_process import SEND_PATH, ServerProcess, Site, prepare_site, running_server

CROWD = 300
"""The sends of the hanging account: twice its day, so that as many as possible are in flight."""


@pytest.mark.parametrize("hanging", [1, 2])
def test_a_healthy_account_sends_beside_those_that_hang(tmp_path: Path, sandbox: SandboxProcess, hanging: int) -> None:
    """All sends of a healthy account are answered 200 while the sends of other accounts hang."""
    site = prepare_site(tmp_path, sandbox, accounts=hanging + 1)
    for account in sandbox.accounts[:hanging]:
        match = {"account": account.profile_urn, "path": "createMessage"}
        sandbox.faults([{"effect": "delay_seconds", "seconds": 600, "times": None, "match": match}])

    async def send_beside_crowds(server: ServerProcess) -> list[int]:
        crowds = [
            [asyncio.create_task(_send(server, site, sandbox, account_id, str(number))) for number in range(CROWD)]
            for account_id in site.account_ids[:hanging]
        ]
        for crowd in crowds:
            await _until_answered(crowd, CROWD - MESSAGES_PER_DAY_CEILING)
        statuses = [await _send(server, site, sandbox, site.account_ids[-1], f"healthy {n}") for n in range(30)]
        for crowd in crowds:
            assert {task.result() for task in crowd if task.done()} <= {429, 500}  # 500: waited in vain, not sent
            for task in crowd:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
        return statuses

    with running_server(site) as server:
        assert asyncio.run(send_beside_crowds(server)) == [200] * 30
    assert sandbox.count_messages() == sandbox.count_messages(account=sandbox.accounts[hanging].profile_urn) == 30


async def _until_answered(crowd: list[asyncio.Task[int]], count: int) -> None:
    """Return when this many have been answered: the others have taken the day's units and are waiting for LinkedIn."""
    pending = set(crowd)
    while len(crowd) - len(pending) < count:
        _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)


async def _send(server: ServerProcess, site: Site, sandbox: SandboxProcess, account_id: str, text: str) -> int:
    """Send on a connection of its own and return the status."""
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        body = json.dumps(
            {
                "recipientProfileUrn": sandbox.recipient,
                "groupId": sandbox.group_id,
                "message": text,
                "accountId": account_id,
            }
        )
        writer.write(
            f"POST {SEND_PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.key}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        status = (await reader.readline()).split(b" ")[1]
        return int(status)
    finally:
        writer.close()
