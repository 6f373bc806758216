"""Resolves names for webhooks, each on a thread of its own: a name server that hangs delays no other name."""

import asyncio
import socket
from threading import Thread
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

Addresses = list[tuple[Any, ...]]


class Resolver(AbstractResolver):
    """Asks the system's resolver anew for every connection; those that ask for one name at the same time share it."""

    def __init__(self) -> None:
        self._pending: dict[str, asyncio.Future[Addresses]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the host's addresses. Raises OSError."""
        addresses = await asyncio.shield(self._pending.get(host) or self._ask(host))
        return [
            ResolveResult(
                hostname=host,
                host=place[0],
                port=port,
                family=found,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found, _, protocol, _, place in addresses
            if family in (socket.AF_UNSPEC, found)
        ]

    async def close(self) -> None:
        """Nothing is open."""

    def _ask(self, host: str) -> asyncio.Future[Addresses]:
        loop = asyncio.get_running_loop()
        future = self._pending[host] = loop.create_future()

        def end(addresses: Addresses, fault: OSError | None) -> None:
            del self._pending[host]
            if future.cancelled():
                return
            if fault is None:
                future.set_result(addresses)
            else:
                future.set_exception(fault)
                future.exception()  # its caller may have given up

        def resolve_blocking() -> None:
            addresses: Addresses = []
            fault = None
            try:
                addresses = list(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                fault = OSError(str(error))
            if not loop.is_closed():
                loop.call_soon_threadsafe(end, addresses, fault)

        Thread(target=resolve_blocking, name="confrere-webhook-dns", daemon=True).start()
        return future
