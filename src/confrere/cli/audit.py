"""`confrere audit`: who did what."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import CommandFailed, ExitCode
from confrere.cli.runtime import WORKSPACE
from confrere.cli.shapes import audit_shape
from confrere.cli.times import format_time
from confrere.domain.audit import Actor, AuditEntry

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="The audit log: who did what; whether the log is whole.")


@app.command("list")
def list_entries(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many entries.")] = 50,
    before: Annotated[int | None, typer.Option(min=1, help="Only entries with a number below this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries of the log first: logins, refused ones too, links, and changes of users."""
    command = Command(context, as_json=as_json)

    async def read(services: "Services") -> tuple[list[AuditEntry], Mapping[str, str]]:
        entries = list(await services.audit.list_audit(WORKSPACE, before=before, count=limit))
        return entries, {user.id: user.name for user in await services.logins.list_users(WORKSPACE)}

    entries, names = command.ask(read)
    command.out.document([audit_shape(entry) for entry in entries])
    if not entries:
        command.out.hint("The log has no such entry.")
        return
    command.out.table(
        ("number", "time", "action", "by", "from", "about", "detail"),
        (
            (
                str(entry.number),
                format_time(entry.at),
                entry.action.replace("_", " "),
                _actor(entry.actor, names),
                entry.actor.address or "-",
                names.get(entry.subject or "", entry.subject or "-"),
                entry.detail or "-",
            )
            for entry in entries
        ),
    )


@app.command("verify")
def verify_log(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Check that no entry was changed or taken out; exit with 1 where one was.

    The printed seal is the hash of the last entry. Kept elsewhere with its count, it shows whether somebody has
    replaced the whole log by an older copy.
    """
    command = Command(context, as_json=as_json)
    with command.out.busy("Checking"):
        check = command.ask(lambda services: services.audit.check_audit(WORKSPACE))
    command.out.document(
        {"ok": check.broken_at is None, "count": check.count, "brokenAt": check.broken_at, "seal": check.seal}
    )
    if check.broken_at is not None:
        if as_json:
            raise typer.Exit(ExitCode.NOT_DONE)
        raise CommandFailed(
            f"The audit log is not whole: entry {check.broken_at} of {check.count} is missing or was changed",
            "Compare it with a backup",
        )
    command.out.print(f"The audit log is whole: {check.count} entries, seal {check.seal or '-'}.")


def _actor(actor: Actor, names: Mapping[str, str]) -> str:
    """Return who acted, as people call them."""
    return names.get(actor.id or "", actor.id or actor.kind.replace("_", " "))
