import asyncio
from collections.abc import Callable, Mapping

import uvloop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The server runs on uvloop, the command line on asyncio: their transports are not the same."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
