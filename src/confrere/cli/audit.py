"""`confrere audit`: who did what."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import CommandFailed, ExitCode
from confrere.cli.output import write_json
from confrere.cli.shapes import audit_shape
from confrere.cli.times import format_time, parse_bound
from confrere.cli.workspace import workspace
from confrere.domain.audit import AuditAction, AuditEntry, AuditFilter, Named, parse_action, parse_subject
from confrere.domain.audit_table import COLUMNS, write_entries
from confrere.domain.csv_table import write_rows

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="The audit log: who did what; whether the log is whole.")

_EXPORTED_AT_ONCE = 500
_HASH_LENGTH = 64

_Actor = Annotated[
    str | None,
    typer.Option(help="Only what this user or key did, by name or id; or agent, command_line, server and so on."),
]
_Action = Annotated[str | None, typer.Option(help="Only this action, such as key_created.")]
_About = Annotated[str | None, typer.Option(help="Only what was done to this: an id, or the URN of a person.")]
_Since = Annotated[str | None, typer.Option(help="Not older: how long ago (12h, 2d), a day or a time.")]


@app.command("list")
def list_entries(
    context: typer.Context,
    *,
    actor: _Actor = None,
    action: _Action = None,
    about: _About = None,
    since: _Since = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many entries.")] = 50,
    before: Annotated[int | None, typer.Option(min=1, help="Only entries with a number below this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries of the log first: every change, export and login, refused logins too."""
    command = Command(context, as_json=as_json)

    async def read(services: "Services") -> tuple[list[AuditEntry], Mapping[str, Named]]:
        which = await _filter(services, actor, action, about, since)
        entries = list(await services.audit.list_audit(workspace(), which, before=before, count=limit))
        return entries, await services.audit_names.find(workspace(), entries)

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
                _name(entry.actor.id, names) or entry.actor.kind.replace("_", " "),
                entry.actor.address or "-",
                _name(entry.subject, names) or "-",
                entry.detail or "-",
            )
            for entry in entries
        ),
    )


@app.command("export")
def export_entries(
    context: typer.Context,
    *,
    actor: _Actor = None,
    action: _Action = None,
    about: _About = None,
    since: _Since = None,
    as_json: AsJson = False,
) -> None:
    """Write all entries that match as a CSV table, newest first. As JSON: one object a line."""
    command = Command(context, as_json=as_json)

    async def write(services: "Services") -> int:
        which = await _filter(services, actor, action, about, since)
        before, count = None, 0
        while page := await services.audit.list_audit(workspace(), which, before=before, count=_EXPORTED_AT_ONCE):
            if count == 0:
                await services.audit.record(workspace(), AuditAction.EXPORTED, detail="audit log")
            if not as_json:
                names = write_rows([COLUMNS]) if count == 0 else b""
                command.out.print_verbatim((names + write_entries(page)).decode().removesuffix("\n"))
            for entry in page if as_json else ():
                write_json(audit_shape(entry))
            before, count = page[-1].number, count + len(page)
        return count

    count = command.ask(write)
    command.out.hint(f"{count:,} entries." if count else "The log has no such entry.")


@app.command("verify")
def verify_log(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Check that no entry was changed or taken out; exit with 1 where one was.

    The printed seal is the hash of the last entry. Kept elsewhere with its count, it shows whether somebody has
    replaced the whole log by an older copy.
    """
    command = Command(context, as_json=as_json)
    with command.out.busy("Checking"):
        check = command.ask(lambda services: services.audit.check_audit(workspace()))
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


async def _filter(
    services: "Services", actor: str | None, action: str | None, about: str | None, since: str | None
) -> AuditFilter:
    """Return which entries are asked for. Raises InvalidField."""
    return AuditFilter(
        None if actor is None else await services.audit_names.find_actor(workspace(), actor, field="--actor"),
        parse_action(action, "--action"),
        parse_subject(about, "--about"),
        parse_bound(since, "--since", services.clock()),
    )


def _name(subject: str | None, names: Mapping[str, Named]) -> str | None:
    """Return what people call it; a person is named by the first digits of the hash."""
    if subject is None or subject in names:
        return None if subject is None else names[subject].name
    return f"person {subject[:12]}" if len(subject) == _HASH_LENGTH else subject
