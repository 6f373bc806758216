"""`/console/retention`: how long personal data is kept."""

from typing import Final

from confrere.console.page import Page
from confrere.domain.retention import Kept
from confrere.http.answer import Answer
from confrere.services import Services

WORDS: Final = {
    Kept.TEXTS: ("Texts of messages", "The send stays: to whom, when, with what outcome.", "CONFRERE_KEEP_TEXTS_DAYS"),
    Kept.REPLIES: ("Texts and names of replies", "That somebody replied stays.", "CONFRERE_KEEP_REPLIES_DAYS"),
    Kept.UNWRITTEN: (
        "People nobody has written to",
        "In audiences, known members of groups, and addresses.",
        "CONFRERE_KEEP_UNWRITTEN_DAYS",
    ),
}
"""What each kind is, what of it stays, and the setting."""


async def show(page: Page, services: Services) -> Answer:
    """Show the rules of the settings."""
    rules = services.retention.rules
    return page.render("retention.html", rules=[(*WORDS[kind], rules.days(kind)) for kind in Kept])
