"""Workspaces, which keep the clients of an agency apart. Each call takes a key with the scope `operator`."""

from collections.abc import Sequence
from datetime import datetime

from confrere_client.arguments import check_text
from confrere_client.calls import Call, as_text, path_part, read_as
from confrere_client.models import NewKey, Workspace
from confrere_client.pages import CursorPage, Pages, list_managed
from confrere_client.resource import E, Resource, listing, method

PATH = "/v1/workspaces"


class Workspaces(Resource[E]):
    """The workspaces of the installation."""

    @listing
    def list(self) -> Pages[CursorPage[Workspace], Workspace]:
        """Iterate over all workspaces, the oldest first."""
        return list_managed(Workspace, PATH)

    @method
    def create(self, *, name: str) -> Call[Workspace]:
        """Create a workspace. Raises InvalidRequest, also where the name is taken."""
        check_text("name", name)
        return Call("POST", PATH, read_as(Workspace), body={"name": name}, changes=True, at_root=True)

    @method
    def rename(self, workspace_id: str, *, name: str) -> Call[Workspace]:
        """Give a workspace another name; its id stays. Raises NotFound."""
        check_text("name", name)
        return Call("PATCH", _path(workspace_id), read_as(Workspace), body={"name": name}, at_root=True)

    @method
    def create_key(
        self, workspace_id: str, *, name: str, scopes: Sequence[str], expires_at: datetime | None = None
    ) -> Call[NewKey]:
        """Create a key of the workspace, such as its first one. The key itself is shown this once."""
        check_text("name", name)
        body = {
            "name": name,
            "scopes": tuple(scopes),
            "expiresAt": None if expires_at is None else as_text("expires_at", expires_at),
        }
        path = f"{_path(workspace_id)}/keys"
        return Call("POST", path, read_as(NewKey), body=body, changes=True, at_root=True)


def _path(workspace_id: str) -> str:
    return f"{PATH}/{path_part('workspace_id', workspace_id)}"
