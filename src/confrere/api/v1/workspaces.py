"""The endpoints by which an operator manages workspaces."""

from typing import Annotated

from msgspec import Meta

from confrere.api.request import ApiRequest
from confrere.api.shared_bodies import Body, Cursor, Moment, optional_time
from confrere.api.v1.bodies import new_key_shape
from confrere.api.v1.keys import read_wanted_key
from confrere.domain.errors import InvalidField
from confrere.domain.keys import Caller, Scope
from confrere.domain.workspaces import Workspace
from confrere.http.answer import Answer
from confrere.services import Services

OPERATOR_IS_APART = "must not have operator, whose keys are made with `confrere keys create` only"


class ManagedWorkspace(Body, frozen=True, kw_only=True):
    """A workspace."""

    id: Annotated[str, Meta(description="`default` for the one that every installation begins with.")]
    name: str
    created_at: Annotated[Moment | None, Meta(description="null for the one that the installation began with.")]


class WorkspacePage(Body, frozen=True, kw_only=True):
    """All workspaces on one page, the oldest first."""

    items: list[ManagedWorkspace]
    next_cursor: Cursor


async def list_workspaces(_caller: Caller, _request: ApiRequest, services: Services) -> Answer:
    """`GET /workspaces`: list all of them."""
    found = await services.workspaces.list_all()
    return Answer(200, WorkspacePage(items=[workspace_body(one) for one in found], next_cursor=None))


async def create_workspace(_caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /workspaces`: create one."""
    fields = await request.json_object()
    return Answer(201, workspace_body(await services.workspaces.create(fields.get("name"))))


async def rename_workspace(_caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`PATCH /workspaces/{id}`: give it another name."""
    fields = await request.json_object()
    renamed = await services.workspaces.rename(request.path_params["workspace_id"], fields.get("name"))
    return Answer(200, workspace_body(renamed))


async def create_workspace_key(_caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /workspaces/{id}/keys`: create a key of the workspace, shown this once."""
    workspace = await services.workspaces.find(request.path_params["workspace_id"])
    wanted = read_wanted_key(await request.json_object(), services.clock())
    if Scope.OPERATOR in wanted.scopes:
        raise InvalidField("scopes", OPERATOR_IS_APART)
    kept, key = await services.keys.create(
        workspace.id, name=wanted.name, scopes=wanted.scopes, expires_at=wanted.expires_at
    )
    return Answer(201, new_key_shape(kept, key))


def workspace_body(workspace: Workspace) -> ManagedWorkspace:
    """Convert a workspace."""
    return ManagedWorkspace(id=workspace.id, name=workspace.name, created_at=optional_time(workspace.created_at))
