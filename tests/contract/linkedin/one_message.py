"""One message, one session, and clients that send it to a raw server."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from confrere.domain.attempt import Attempt, OutgoingMessage
from confrere.domain.outcome import Accepted, Unknown
from confrere.domain.session import Session
from confrere.linkedin import LinkedInClient
from tests.contract.linkedin.raw_server import RawServer, Wire, answer, raw_server, read_all

OWN = "urn:li:fsd_profile:ACoAAOwn"
OTHER = "urn:li:fsd_profile:ACoAAOther"
TOKEN = "7b0c0f5e-52a1-4d6c-9a3e-000000000001"
MESSAGE = OutgoingMessage(OWN, OTHER, "urn:li:fsd_group:1", "Grüße", TOKEN)
SESSION = Session(
    {"bcookie": '"v=2"', "li_at": "AQED1", "JSESSIONID": '"ajax:7"'},
    "Mozilla/5.0 (Test)",
    {"accept-language": "de", "x-li-lang": "de_DE", "x-li-page-instance": "urn:li:page:p;1", "x-li-track": "{}"},
)
CREATED = json.dumps({"value": {"entityUrn": "urn:m", "conversationUrn": "urn:c", "originToken": TOKEN}}).encode()
GOOD = answer(200, CREATED)
ACCEPTED = Accepted("urn:m", "urn:c")
SILENT = Unknown("LinkedIn did not answer in time")


@asynccontextmanager
async def connected_client(url: str, **options: Any) -> AsyncIterator[LinkedInClient]:
    """Open a client of this upstream, closed afterwards."""
    client = LinkedInClient(url, **({"send_timeout_seconds": 5, "retry_pause_seconds": 0} | options))
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def upstream(*answers: bytes) -> AsyncIterator[tuple[LinkedInClient, RawServer]]:
    """Start a server that gives these answers in order, with a client of it."""
    rest = iter(answers)
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: next(rest))) as server,
        connected_client(server.url, read_timeout_seconds=1) as client,
    ):
        yield client, server


def lines(server: RawServer) -> list[str]:
    """Return the request lines."""
    return [request.split(b"\r\n")[0].decode() for request in server.requests]


async def send(server: RawServer, *, scheme: str = "http", **options: Any) -> Attempt:
    """Send the message with a client of its own."""
    async with connected_client(server.url.replace("http", scheme, 1), **options) as client:
        return await client.send_group_message(SESSION, MESSAGE)


async def swallow(wire: Wire) -> None:
    """Read a request and do not answer."""
    await wire.read_request()
    await wire.wait_for_end()
