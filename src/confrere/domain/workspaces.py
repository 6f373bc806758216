"""Workspaces: the accounts, keys, users, lists and limits of one client, apart from those of another."""

from dataclasses import dataclass
from datetime import datetime

from confrere.domain.errors import InvalidField

DEFAULT_WORKSPACE = "default"
"""The id of the workspace that every store begins with."""

MAX_WORKSPACE_NAME = 100


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace. created_at: None for the one that the store began with."""

    id: str
    name: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkspaceUse:
    """How much a workspace is used.

    users:     who may log in.
    messages:  units of the day that its accounts have used.
    """

    workspace: Workspace
    accounts: int
    users: int
    messages: int


def parse_workspace_name(value: object, *, field: str = "name") -> str:
    """Return the name without blanks around it. Raises InvalidField."""
    if isinstance(value, str) and 1 <= len(name := value.strip()) <= MAX_WORKSPACE_NAME and name.isprintable():
        return name
    raise InvalidField(field, f"must be a string of 1 to {MAX_WORKSPACE_NAME} printable characters")
