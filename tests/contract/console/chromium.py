"""A real Chromium that visits the console, and an auditor of accessibility."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from playwright.async_api import Page

from tests.chromium import open_chromium

AXE = Path(__file__).with_name("axe.min.js")
ALL_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
RULES_OF_COLOURS = ("color-contrast",)
"""The rules that the dark theme can break where the light one does not."""

RUN_AXE = """async rules => {
    const { violations } = await axe.run(document, { runOnly: rules })
    return violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html} ${node.failureSummary}`))
}"""


@dataclass
class Visitor:
    """A browser with every request that it made to another origin, and every error that it reported."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    audits: ClassVar[bool] = True
    """Whether pages are audited: once is enough of two runs that differ in the store only."""

    async def assert_sound(self) -> None:
        """Check that the page is accessible in both themes and fits a phone, and that nothing was reported."""
        if self.audits:
            await self.page.evaluate(AXE.read_text())
            await self._audit("light", ALL_RULES)
            await self._audit("dark", RULES_OF_COLOURS)
        await self.page.set_viewport_size({"width": 360, "height": 740})
        width = await self.page.evaluate("document.documentElement.scrollWidth")
        await self.page.set_viewport_size({"width": 1280, "height": 900})
        assert width == 360, self.page.url
        assert self.complaints == []

    async def _audit(self, scheme: Literal["light", "dark"], rules: Sequence[str]) -> None:
        await self.page.emulate_media(color_scheme=scheme)
        violations = await self.page.evaluate(RUN_AXE, rules)
        assert violations == [], (self.page.url, scheme, violations)


@asynccontextmanager
async def visit(origin: str, *, javascript: bool = True) -> AsyncIterator[Visitor]:
    """Open a browser without cookies."""
    chromium = await open_chromium()
    context = await chromium.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", java_script_enabled=javascript
    )
    async with context:
        page = await context.new_page()
        visitor = Visitor(page, origin)
        complain = visitor.complaints.append
        page.on("pageerror", lambda error: complain(str(error)))
        page.on("console", lambda message: complain(message.text) if message.type in ("error", "warning") else None)
        page.on("request", lambda sent: None if sent.url.startswith(f"{origin}/") else complain(sent.url))
        yield visitor
