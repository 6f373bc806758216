"""The pages that the navigation leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from confrere.console.origins import PATH
from confrere.domain.keys import Scope
from confrere.domain.users import User


@dataclass(frozen=True, slots=True)
class Place:
    """A link of the navigation.

    scope:         what a user must have to see it.
    is_of_server:  whether it is for users of the first workspace only.
    """

    path: str
    words: str
    scope: Scope
    is_of_server: bool = False

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
            Place(f"{PATH}/health", "Settings and health", Scope.ADMIN, is_of_server=True),
            Place(f"{PATH}/retention", "Retention", Scope.ADMIN),
            Place(f"{PATH}/workspaces", "Workspaces", Scope.ADMIN, is_of_server=True),
        ),
    ),
)
"""Headings with their places."""


def visible_places(user: User, first_workspace: str) -> list[tuple[str, list[Place]]]:
    """Return what a user sees, without empty headings."""
    runs_server = user.workspace_id == first_workspace
    seen = [
        (heading, [one for one in places if user.rights.may(one.scope) and (runs_server or not one.is_of_server)])
        for heading, places in NAVIGATION
    ]
    return [(heading, places) for heading, places in seen if places]
