"""A hostile client without a key, in a process of its own: `python -m verification.hostile ATTACK HOST PORT SECONDS`.

Prints, as JSON, how many connections and bytes the attack has spent and what answers it has seen.
"""

import asyncio
import json
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field

_POST = b"POST /linkedin/messaging/send-group HTTP/1.1\r\nHost: a\r\n"
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n"
_GET = b"GET /linkedin/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
_MOST_ANSWERS = 50
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Attack:
    """What each of the connections sends.

    opening:        once.
    more:           then again and again, until the connection ends.
    pause_seconds:  between two of these.
    reads:          whether the client reads its answers; it sends no more after the first one.
    """

    connections: int
    opening: bytes = b""
    more: bytes = b""
    pause_seconds: float = 0.0
    reads: bool = True


ATTACKS = {
    "endless trailers": Attack(8, _CHUNKED + b"2\r\n{}\r\n0\r\n", b"a:\r\n" * 1_000),
    "one endless trailer": Attack(8, _CHUNKED + b"2\r\n{}\r\n0\r\na:", b"a" * 4_000),
    "endless chunk extensions": Attack(8, _CHUNKED + b"2;", b"a" * 4_000),
    "tiny chunks": Attack(8, _CHUNKED, b"1\r\n{\r\n" * 1_000),
    "endless headers": Attack(8, _POST, b"a:\r\n" * 1_000),
    "pipelined GETs": Attack(50, b"", _GET * 100, reads=False),
    "pipelined POSTs": Attack(50, b"", (_POST + b"Content-Length: 40000\r\n\r\n" + b"x" * 40_000) * 4, reads=False),
    "unread answers": Attack(300, _GET * 16, _GET * 8, 0.05, reads=False),
    "slow heads": Attack(1_000, _POST + b"X-Long: " + b"x" * 40_000, b"x", 0.2),
    "slow bodies": Attack(500, _POST + b"Content-Length: 100000\r\n\r\n" + b"x" * 60_000, b"x", 0.2),
    "idle connections": Attack(4_000),
}


@dataclass
class Spent:
    """The cost of an attack. answers: the first of them, unparsed."""

    connections: int = 0
    sent_bytes: int = 0
    answers: list[str] = field(default_factory=list)


async def attack(plan: Attack, address: tuple[str, int], seconds: float) -> Spent:
    """Open all connections, and keep them for so many seconds; one that ends is opened again."""
    spent = Spent()
    tasks = [asyncio.create_task(_keep_connecting(plan, address, spent)) for _ in range(plan.connections)]
    with suppress(TimeoutError):
        async with asyncio.timeout(_CONNECT_SECONDS):
            while spent.connections < plan.connections:
                await asyncio.sleep(0.05)
    await asyncio.wait(tasks, timeout=seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return spent


async def _keep_connecting(plan: Attack, address: tuple[str, int], spent: Spent) -> None:
    loop = asyncio.get_running_loop()
    while True:
        with socket.socket() as connection:
            connection.setblocking(False)
            reading = None
            try:
                await loop.sock_connect(connection, address)
                spent.connections += 1
                if plan.reads:
                    reading = asyncio.create_task(_read(connection, spent))
                await _send(plan, connection, spent, reading)
            except OSError:
                await asyncio.sleep(0.05)
            finally:
                if reading is not None:
                    reading.cancel()
                    await asyncio.gather(reading, return_exceptions=True)


async def _send(plan: Attack, connection: socket.socket, spent: Spent, reading: asyncio.Task[None] | None) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, plan.opening)
    spent.sent_bytes += len(plan.opening)
    while plan.more and not (reading and reading.done()):
        await loop.sock_sendall(connection, plan.more)
        spent.sent_bytes += len(plan.more)
        await asyncio.sleep(plan.pause_seconds)
    if reading is not None:
        await reading
    else:
        await asyncio.Event().wait()


async def _read(connection: socket.socket, spent: Spent) -> None:
    """Read one answer, then everything up to the end of the connection."""
    loop, answer = asyncio.get_running_loop(), b""
    with suppress(OSError):
        while part := await loop.sock_recv(connection, 65_536):
            answer += part
            if b"}" in part:
                break
    if answer and len(spent.answers) < _MOST_ANSWERS:
        spent.answers.append(answer.decode("latin-1"))


if __name__ == "__main__":
    name, host, port, length = sys.argv[1:]
    done = asyncio.run(attack(ATTACKS[name], (host, int(port)), float(length)))
    sys.stdout.write(json.dumps(vars(done)))
