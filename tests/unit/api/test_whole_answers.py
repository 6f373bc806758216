"""An answer's head and body are one write, and a head never stays behind."""

import asyncio
from typing import Any, cast

from confrere.api.server import WholeAnswers
from confrere.sending.hang_ups import HangUps

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        """Keep it, unless closed, as asyncio's and uvloop's do."""
        if not self.closed:
            self.written.append(data)

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def close(self) -> None:
        """Note it."""
        self.closed = True


def joined(hang_ups: HangUps | None = None) -> tuple[Transport, Any]:
    """A transport, and the one that joins writes to it."""
    transport, loop = Transport(), asyncio.get_running_loop()
    return transport, WholeAnswers(cast("asyncio.Transport", transport), loop, hang_ups or HangUps(lambda: False))


async def test_head_and_body_are_one_write_made_at_once() -> None:
    """When the body has been written, the answer is with the operating system."""
    transport, whole = joined()
    whole.write(HEAD)
    whole.write(b"body")
    assert transport.written == [HEAD + b"body"]
    await asyncio.sleep(0)
    assert transport.written == [HEAD + b"body"]


async def test_head_without_a_body_leaves_in_the_next_turn() -> None:
    """An answer to HEAD, or one whose first part takes time."""
    transport, whole = joined()
    whole.write(HEAD)
    assert transport.written == []
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert transport.written == [HEAD]
    whole.write(b"part")
    assert transport.written == [HEAD, b"part"]


async def test_close_comes_after_what_was_written() -> None:
    """Nothing is lost."""
    transport, whole = joined()
    whole.write(HEAD)
    whole.close()
    assert transport.written == [HEAD]
    assert transport.closed


async def test_an_answer_that_is_swallowed_is_told_as_a_hang_up() -> None:
    """Once: the loop has closed the transport, and nobody was told yet."""
    told: list[str] = []
    hang_ups = HangUps(lambda: False)
    hang_ups.add(lambda: told.append("hung up"))
    transport, whole = joined(hang_ups)
    transport.closed = True
    whole.write(HEAD)
    whole.write(b"body")
    assert told == ["hung up"]
