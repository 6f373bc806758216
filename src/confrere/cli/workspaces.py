"""`confrere workspaces`: one for each client, apart from the others."""

from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.shapes import workspace_shape
from confrere.cli.times import format_time
from confrere.domain.workspaces import Workspace

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="Workspaces, which keep clients apart: create, list, rename.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The workspace's name.")]


@app.command("create")
def create_workspace(context: typer.Context, name: Name, *, as_json: AsJson = False) -> None:
    """Create a workspace, with accounts, keys, users, lists and limits of its own."""
    command = Command(context, as_json=as_json)
    workspace = command.ask(lambda services: services.workspaces.create(name), create=True)
    command.out.document(workspace_shape(workspace))
    command.out.print(workspace.id)
    command.out.hint(
        f"Next: `confrere --workspace {workspace.id} accounts connect`; `keys create` and `users invite` the same way."
    )


@app.command("list")
def list_workspaces(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show all workspaces, the oldest first."""
    command = Command(context, as_json=as_json)
    workspaces = command.ask(lambda services: services.workspaces.list_all())
    command.out.document([workspace_shape(workspace) for workspace in workspaces])
    command.out.table(
        ("id", "name", "created"),
        ((workspace.id, workspace.name, format_time(workspace.created_at)) for workspace in workspaces),
    )


@app.command("rename")
def rename_workspace(
    context: typer.Context,
    workspace: Annotated[str, typer.Argument(metavar="ID_OR_NAME", help="The workspace, by its id or present name.")],
    name: Name,
    *,
    as_json: AsJson = False,
) -> None:
    """Give a workspace another name. Its id, and everything in it, stays."""
    command = Command(context, as_json=as_json)

    async def rename(services: "Services") -> Workspace:
        return await services.workspaces.rename((await services.workspaces.find(workspace)).id, name)

    renamed = command.ask(rename, if_missing="`confrere workspaces list` shows them")
    command.out.document(workspace_shape(renamed))
    command.out.print(f"{renamed.id} is now called '{renamed.name}'.")
