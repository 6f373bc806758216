"""`confrere do-not-contact`: the list of people who are never written to again."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.csv_file import Row, read_file
from confrere.cli.exit_codes import CommandFailed, ExitCode
from confrere.cli.option_names import name_commands
from confrere.cli.output import counted, write_json
from confrere.cli.shapes import opt_out_shape
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.errors import NotFound, StoreUnavailable
from confrere.domain.opt_out import OptOut
from confrere.domain.opt_out_csv import batched, parse_reason
from confrere.domain.urns import ProfileUrn

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="People who are never written to again.")

SOURCE = "command line"
_PAGE = 1_000
_BAD_ROWS_SHOWN = 20

Recipients = Annotated[list[str], typer.Argument(metavar="URN...", help="urn:li:fsd_profile:<id>, one or more.")]
Reason = Annotated[str | None, typer.Option(help="Why, for your own records.")]


@app.command("add")
def add_people(
    context: typer.Context, recipients: Recipients, *, reason: Reason = None, as_json: AsJson = False
) -> None:
    """Never write to these people again, from any account of yours."""
    command = Command(context, as_json=as_json)
    urns, why = _parsed(recipients), _reason(reason)
    added = command.ask(lambda services: services.do_not_contact.add(workspace(), urns, reason=why, source=SOURCE))
    command.out.document({"added": added, "alreadyListed": len(urns) - added})
    command.out.print(_describe(added, len(urns) - added))


@app.command("remove")
def remove_people(context: typer.Context, recipients: Recipients, *, as_json: AsJson = False) -> None:
    """Allow these people to be written to again."""
    command = Command(context, as_json=as_json)
    urns = _parsed(recipients)

    async def remove(services: "Services") -> list[str]:
        missing = []
        for urn in urns:
            try:
                await services.do_not_contact.remove(workspace(), urn)
            except NotFound:
                missing.append(str(urn))
        return missing

    missing = command.ask(remove)
    removed = len(urns) - len(missing)
    if missing:
        raise CommandFailed(
            f"Not on the list: {', '.join(missing)}; {removed} removed",
            "`confrere do-not-contact list` shows who is on it",
            more={"removed": removed, "notListed": missing},
        )
    command.out.document({"removed": removed})
    command.out.print(f"Removed {removed}.")


@app.command("list")
def list_people(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show who is on the list. As JSON: one object a line."""
    command = Command(context, as_json=as_json)

    async def show(services: "Services") -> None:
        after, count = None, 0
        while page := await services.do_not_contact.list_page(workspace(), after=after, count=_PAGE):
            _show_page(command, page)
            after, count = page[-1].recipient, count + len(page)
        command.out.hint(f"{count} on the list." if count else "Nobody is on the list.")

    command.ask(show)


@app.command("import")
def import_people(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV file; - for standard input.")],
    *,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the good rows even if there are bad ones.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="For rows that give none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add everybody in a CSV file with a column recipientProfileUrn, and perhaps a column reason.

    The whole file is read before anything is written: if a row is bad, none is taken, unless you say --skip-bad.
    """
    command = Command(context, as_json=as_json)
    people = read_file(file, _reason(reason))
    bad = [{"line": row.line, "error": name_commands(row.error)} for row in people.bad]
    for row in bad[:_BAD_ROWS_SHOWN]:
        command.out.hint(f"Line {row['line']}: {row['error']}.")
    if people.bad_count > _BAD_ROWS_SHOWN:
        command.out.hint(f"... and {people.bad_count - _BAD_ROWS_SHOWN} more.")
    if bad and not skip_bad:
        rows = f"of {people.bad_count + len(people.good)} rows"
        raise CommandFailed(
            f"{counted(people.bad_count, f'{rows} is bad', f'{rows} are bad')}, so nothing was imported",
            "Correct them, or give `--skip-bad` to import the others",
            more={"added": 0, "bad": bad, "badCount": people.bad_count},
        )
    added = _import(command, people.good)
    already = len(people.good) - added
    command.out.document({"added": added, "alreadyListed": already, "bad": bad, "badCount": people.bad_count})
    skipped = f" {counted(people.bad_count, 'bad row was', 'bad rows were')} skipped." if bad else ""
    command.out.print(_describe(added, already) + skipped)


def _import(command: Command, rows: list[Row]) -> int:
    done = 0

    async def add(services: "Services") -> int:
        nonlocal done
        added = 0
        for batch in batched(rows):
            added += await services.do_not_contact.add_rows(workspace(), batch, source=f"{SOURCE}, import")
            done += len(batch)
            report(done, len(rows))
        return added

    with command.out.progress("Importing") as report:
        try:
            return command.ask(add)
        except StoreUnavailable as fault:
            raise CommandFailed(
                f"The store stopped answering after {done} of {counted(len(rows), 'person', 'people')} ({fault})",
                "Import the same file again: who is on the list already stays there",
                code=ExitCode.STORE,
                more={"imported": done},
            ) from fault


def _show_page(command: Command, page: Iterable[OptOut]) -> None:
    if command.out.as_json:
        for one in page:
            write_json(opt_out_shape(one))
        return
    command.out.table(
        ("recipient", "since", "reason", "added by"),
        ((one.recipient, format_time(one.added_at), one.reason or "", one.source) for one in page),
    )


def _parsed(recipients: list[str]) -> list[ProfileUrn]:
    """Parse the recipients, without duplicates. Raises InvalidField before anything is changed."""
    return list(dict.fromkeys(ProfileUrn.parse(one) for one in recipients))


def _reason(text: str | None) -> str | None:
    return None if text is None else parse_reason(text)


def _describe(added: int, already: int) -> str:
    return f"Added {added}." + (f" {counted(already, 'was', 'were')} on the list already." if already else "")
