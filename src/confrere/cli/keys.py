"""`confrere keys`: the keys that programs call the API with."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.shapes import key_shape
from confrere.cli.times import format_time, parse_duration, parse_time
from confrere.cli.workspace import workspace
from confrere.domain.errors import InvalidField
from confrere.domain.keys import ApiKey, Scope, parse_key_name

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="API keys: create, list, revoke.")


@app.command("create")
def create_key(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Option(help="What the key is for; only you see it.")],
    scope: Annotated[
        list[Scope] | None,
        typer.Option(
            help="What it may do, repeatable; admin includes all of a workspace, approve includes send, send includes "
            "read; operator manages workspaces."
        ),
    ] = None,
    expires_in: Annotated[str | None, typer.Option(help="When it ends: 12h, 30d, 8w.", show_default="never")] = None,
    expires_at: Annotated[str | None, typer.Option(help="When it ends: a day or an ISO 8601 time.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create a key and print it, this once."""
    command = Command(context, as_json=as_json)
    parse_key_name(name, field="--name")
    if expires_in is not None and expires_at is not None:
        raise InvalidField("--expires-in", "cannot be given together with --expires-at")

    async def create(services: "Services") -> tuple[ApiKey, str]:
        end = _end(expires_in, expires_at, services.clock())
        return await services.keys.create(workspace(), name=name, scopes=scope or [Scope.SEND], expires_at=end)

    kept, key = command.ask(create)
    command.out.document({**key_shape(kept), "key": key})
    command.out.print(key)
    ends = f"until {format_time(kept.expires_at)}" if kept.expires_at else "until it is revoked"
    command.out.hint(
        f"The key '{kept.name}' ({_scopes(kept)}) is good {ends}. It is shown this once: only its hash is kept.\n"
        "Use it as 'Authorization: Bearer <key>'."
    )


@app.command("list")
def list_keys(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show all keys, revoked ones too, newest first. A key itself is shown only when it is created."""
    command = Command(context, as_json=as_json)

    async def read(services: "Services") -> tuple[list[ApiKey], datetime]:
        return list(await services.keys.list_all(workspace())), services.clock()

    keys, now = command.ask(read)
    command.out.document([key_shape(key) for key in keys])
    if not keys:
        command.out.hint("There is no key yet: `confrere keys create --name <what for>` makes one.")
        return
    command.out.table(
        ("id", "name", "begins with", "may", "state", "created", "last used"),
        (
            (
                key.id,
                key.name,
                key.visible_part,
                _scopes(key),
                _state(key, now),
                format_time(key.created_at),
                format_time(key.last_used_at),
            )
            for key in keys
        ),
    )


@app.command("revoke")
def revoke_key(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` shows it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Revoke a key. It takes effect at once, and cannot be undone."""
    command = Command(context, as_json=as_json)
    key = command.ask(
        lambda services: services.keys.revoke(workspace(), key_id),
        if_missing="`confrere keys list` shows the keys' ids",
    )
    command.out.document(key_shape(key))
    command.out.print(f"Revoked '{key.name}' ({key.visible_part}): it opens nothing any more.")


def _end(expires_in: str | None, expires_at: str | None, now: datetime) -> datetime | None:
    if expires_in is not None:
        return now + parse_duration(expires_in, "--expires-in")
    if expires_at is None:
        return None
    end = parse_time(expires_at, "--expires-at")
    if end <= now:
        raise InvalidField("--expires-at", "must lie in the future")
    return end


def _scopes(key: ApiKey) -> str:
    return ", ".join(sorted(key.scopes))


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {format_time(key.revoked_at)}"
    if key.expires_at is not None:
        return f"{'expired' if key.expires_at <= now else 'good until'} {format_time(key.expires_at)}"
    return "good"
