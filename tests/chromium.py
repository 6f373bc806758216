"""A real Chromium for the tests of pages: one for all tests of a worker, which each open contexts of their own.

It lives on the event loop of the session, and so do the tests that are marked `browser` (tests/conftest.py).
"""

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright, expect

expect.set_options(timeout=30_000)  # milliseconds; the default of 5,000 is too short for a loaded machine

_OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

_started: list[tuple[Playwright, Browser]] = []


async def open_chromium() -> Browser:
    """Return this worker's Chromium, started at the first call."""
    if not _started:
        program = shutil.which("chromium")
        if program is None:
            pytest.fail("Chromium is missing: run script/install-chromium, or on Debian 'apt install chromium'")
        playwright = await async_playwright().start()
        _started.append((playwright, await playwright.chromium.launch(executable_path=program, args=_OPTIONS)))
    return _started[0][1]


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def _close_chromium() -> AsyncIterator[None]:
    """Close it at the end; each conftest of a folder with browser tests imports this."""
    yield
    while _started:
        playwright, browser = _started.pop()
        await browser.close()
        await playwright.stop()
