"""A real Chromium that visits the console, and an auditor of accessibility."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, async_playwright, expect

AXE = Path(__file__).with_name("axe.min.js")
RUN_AXE = """async () => {
    const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    const { violations } = await axe.run(document, { runOnly: rules })
    return violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html} ${node.failureSummary}`))
}"""

expect.set_options(timeout=30_000)  # milliseconds; the default of 5,000 is too short for a loaded machine


@dataclass
class Visitor:
    """A browser with every request that it made to another origin, and every error that it reported."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)

    async def assert_sound(self) -> None:
        """Check that the page is accessible in both themes and fits a phone, and that nothing was reported."""
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            await self.page.emulate_media(color_scheme=scheme)
            await self.page.evaluate(AXE.read_text())
            found = await self.page.evaluate(RUN_AXE)
            assert found == [], (self.page.url, scheme, found)
        await self.page.set_viewport_size({"width": 360, "height": 740})
        width = await self.page.evaluate("document.documentElement.scrollWidth")
        await self.page.set_viewport_size({"width": 1280, "height": 900})
        assert width == 360, self.page.url
        assert self.complaints == []


@asynccontextmanager
async def visit(origin: str, *, javascript: bool = True) -> AsyncIterator[Visitor]:
    """Open a browser without cookies."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("Chromium is missing: run script/install-chromium, or on Debian 'apt install chromium'")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(
            viewport={"width": 1280, "height": 900}, reduced_motion="reduce", java_script_enabled=javascript
        )
        visitor = Visitor(page, origin)
        complain = visitor.complaints.append
        page.on("pageerror", lambda error: complain(str(error)))
        page.on("console", lambda message: complain(message.text) if message.type in ("error", "warning") else None)
        page.on("request", lambda sent: None if sent.url.startswith(f"{origin}/") else complain(sent.url))
        yield visitor
        await browser.close()
