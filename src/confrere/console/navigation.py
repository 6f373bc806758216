"""The pages that the navigation leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from confrere.console.origins import PATH
from confrere.domain.keys import Scope
from confrere.domain.users import Rights


@dataclass(frozen=True, slots=True)
class Place:
    """A link of the navigation. scope: what a user must have to see it."""

    path: str
    words: str
    scope: Scope

    def holds(self, path: str) -> bool:
        """Whether the page at this path is this place, or below it."""
        return path == self.path or (self.path != PATH and path.startswith(f"{self.path}/"))


NAVIGATION: Final[Sequence[tuple[str, Sequence[Place]]]] = (
    ("", (Place(PATH, "Overview", Scope.READ),)),
    (
        "Messages",
        (
            Place(f"{PATH}/campaigns", "Campaigns", Scope.READ),
            Place(f"{PATH}/audiences", "Audiences", Scope.READ),
            Place(f"{PATH}/templates", "Templates", Scope.READ),
            Place(f"{PATH}/sends", "Sends", Scope.READ),
            Place(f"{PATH}/replies", "Replies", Scope.INBOX),
        ),
    ),
    (
        "People",
        (
            Place(f"{PATH}/groups", "Groups", Scope.READ),
            Place(f"{PATH}/do-not-contact", "Do not contact", Scope.READ),
        ),
    ),
    (
        "Settings",
        (
            Place(f"{PATH}/accounts", "Accounts", Scope.READ),
            Place(f"{PATH}/users", "Users", Scope.ADMIN),
            Place(f"{PATH}/webhooks", "Webhooks", Scope.ADMIN),
            Place(f"{PATH}/audit", "Audit", Scope.ADMIN),
            Place(f"{PATH}/keys", "Keys", Scope.ADMIN),
            Place(f"{PATH}/limits", "Limits and hours", Scope.ADMIN),
            Place(f"{PATH}/health", "Settings and health", Scope.ADMIN),
            Place(f"{PATH}/retention", "Retention", Scope.ADMIN),
        ),
    ),
)
"""Headings with their places."""


def visible_places(rights: Rights) -> list[tuple[str, list[Place]]]:
    """Return what a user with these rights sees, without empty headings."""
    seen = [(heading, [place for place in places if rights.may(place.scope)]) for heading, places in NAVIGATION]
    return [(heading, places) for heading, places in seen if places]
