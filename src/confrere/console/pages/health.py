"""`/console/health`: whether everything works, which processes run, and the settings in force."""

from collections.abc import Mapping, Sequence
from typing import Final

from confrere.console.page import Page
from confrere.domain.installation import Finding
from confrere.http.answer import Answer
from confrere.services import Services

CHECKS: Final[Mapping[str, tuple[str, str]]] = {
    "store": ("Store", "It answers, and every migration has run"),
    "clock": ("Clock", "Nothing that the store knows contradicts it"),
    "worker": ("Worker", "One runs: campaigns go on, and sends with an unknown outcome are searched for"),
    "accounts": ("Sessions", "No account waits for a person"),
    "replies": ("Replies", "Every mailbox that is polled can be read"),
    "protocol": ("LinkedIn's protocol", "LinkedIn has understood the last request of each kind"),
}
"""What the checks are called, and what each says where nothing is wrong."""

PROVIDER: Final = "Identity provider"


async def show(page: Page, services: Services) -> Answer:
    """Show the checks that cost little: LinkedIn is not asked, an identity provider once a minute."""
    return await _page(page, services)


async def diagnose(page: Page, services: Services) -> Answer:
    """Run the checks of `doctor`, for which LinkedIn is asked once about every account."""
    findings = await services.installation.diagnose() if services.installation else ()
    return await _page(page, services, findings)


async def _page(page: Page, services: Services, findings: Sequence[Finding] | None = None) -> Answer:
    health = await services.health.check()
    installation = services.installation
    checks = [(*CHECKS.get(name, (name.capitalize(), "Good")), state) for name, state in health.checks.items()]
    if services.sign_in is not None:
        found = await services.sign_in.check_lately()
        checks.append((PROVIDER, found.detail, "ok" if found.ok else f"{found.detail}. {found.remedy}"))
    return page.render(
        "health.html",
        checks=checks,
        is_ready=health.ready,
        processes=await services.health.list_processes(),
        now=services.clock(),
        findings=findings,
        versions=installation.versions() if installation else {},
        settings=installation.settings() if installation else (),
    )
