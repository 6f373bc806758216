"""The workspace that a command works in: the first one, or that of the option `--workspace`."""

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from confrere.cli.exit_codes import CommandFailed
from confrere.domain.errors import NotFound
from confrere.domain.workspaces import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from confrere.services import Services

OPTION: Final = "workspace"
"""The key in the context's `meta` of what the option names."""

_current: Final = ContextVar("workspace", default=DEFAULT_WORKSPACE)


def workspace() -> str:
    """Return the id of the workspace."""
    return _current.get()


async def enter_workspace(services: "Services", named: str | None) -> None:
    """Work in the workspace of this id or name from now on. Raises CommandFailed where there is none."""
    if named is None:
        return
    try:
        _current.set((await services.workspaces.find(named)).id)
    except NotFound as fault:
        raise CommandFailed(f"--workspace: {fault}", "`confrere workspaces list` shows them") from fault
