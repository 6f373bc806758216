"""`confrere audiences create`: from named people, a CSV table, or a group."""

import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.option_names import name_commands
from confrere.cli.output import Json, counted
from confrere.cli.people_list import read_people_list
from confrere.cli.shapes import audience_shape
from confrere.cli.workspace import workspace
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.collection import GroupFilters, parse_filter_text
from confrere.domain.errors import InvalidField
from confrere.domain.group import IN_THE_GROUP, MembershipStatus, Relationship
from confrere.domain.ids import parse_account_id
from confrere.domain.urns import GroupId

if TYPE_CHECKING:
    from confrere.campaigns import AudienceContent

_BAD_SHOWN = 20


People = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PERSON]...", help="urn:li:fsd_profile:<id>, the id, or a profile address with it."),
]
File = Annotated[str | None, typer.Option(help="File with one person a line; - for standard input.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Take the good lines even if there are bad ones.")]

_FILTERS = "With --from-group"


def create_audience(
    context: typer.Context,
    people: People = None,
    *,
    name: Annotated[str, typer.Option(help="Its name; only you see it.")],
    group: Annotated[str, typer.Option(help="The group that you share with them: its number, URN or URL.")],
    file: File = None,
    csv: Annotated[str | None, typer.Option(help="CSV file with a column that names people; - for stdin.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="A column of --csv that is not found by its name."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what is in the --csv.")] = False,
    skip_bad: SkipBad = False,
    from_group: Annotated[bool, typer.Option("--from-group", help="The group's members, read by the worker.")] = False,
    status: Annotated[
        list[MembershipStatus] | None,
        typer.Option(
            help="Only these; can be given several times.",
            show_default="OWNER, MANAGER, MEMBER",
            rich_help_panel=_FILTERS,
        ),
    ] = None,
    headline: Annotated[
        str, typer.Option(help="Only headlines that contain this, in any case.", rich_help_panel=_FILTERS)
    ] = "",
    member_name: Annotated[
        str, typer.Option(help="Only names that contain this, in any case.", rich_help_panel=_FILTERS)
    ] = "",
    relationship: Annotated[
        Relationship | None, typer.Option(help="Only this one to the account.", rich_help_panel=_FILTERS)
    ] = None,
    premium: Annotated[
        bool | None,
        typer.Option("--premium/--no-premium", help="Only with Premium, or only without.", rich_help_panel=_FILTERS),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option("--max", min=1, max=1_000_000, help="How many people at most.", rich_help_panel=_FILTERS),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(help="The account that reads.", show_default="the default account", rich_help_panel=_FILTERS),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show progress until it is ready.", rich_help_panel=_FILTERS)
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write down whom a campaign is for: people by name, in a file, in a CSV table, or a group's members.

    The whole file is read first: if a line is bad, no audience is made, unless you say --skip-bad. Somebody who is
    named twice is in it once. A group's members are read by the worker, at most 1,000 a day.
    """
    command = Command(context, as_json=as_json)
    if sum((bool(people or file), csv is not None, from_group)) > 1:
        raise InvalidField(
            "--csv", "and --from-group must stand alone: give one of people or --file, --csv, --from-group"
        )
    _check_beside("--csv", csv is not None, {"--dry-run": dry_run, "--map": mapping})
    filters_given: dict[str, object] = {
        "--status": status,
        "--headline": headline,
        "--member-name": member_name,
        "--relationship": relationship,
        "--premium": premium is not None,
        "--max": most,
        "--account": account,
        "--watch": watch,
    }
    _check_beside("--from-group", from_group, filters_given)
    group_id = GroupId.parse(group, field="--group")
    if from_group:
        filters = GroupFilters(
            tuple(status or IN_THE_GROUP),
            parse_filter_text(headline, field="--headline"),
            parse_filter_text(member_name, field="--member-name"),
            relationship,
            premium,
            most,
        )
        audience = _create_from_group(
            command,
            name=name,
            group_id=group_id,
            account_id=parse_account_id(account, field="--account"),
            filters=filters,
        )
        _finish_collecting(command, audience, watch=watch)
        return
    if csv is None:
        made, bad = _create_from_people(command, people or (), file, name=name, group_id=group_id, skip_bad=skip_bad)
    else:
        content = _read_csv(command, csv, mapping or (), group_id=group_id)
        if dry_run:
            _show_dry_run(command, content)
            return
        made, bad = _create_from_csv(command, content, name=name, group_id=group_id, skip_bad=skip_bad)
    _finish(command, made, bad)


def _create_from_people(
    command: Command, people: Sequence[str], file: str | None, *, name: str, group_id: GroupId, skip_bad: bool
) -> tuple[Audience, list[Json]]:
    """Create one of the people on the command line and in a file. Returns it with the bad lines."""
    found, bad = read_good_people(command, people, file, skip_bad=skip_bad, result="no audience was made")
    audience = command.ask(
        lambda services: services.audiences.create(workspace(), name=name, group_id=group_id, people=found)
    )
    return audience, bad


def read_good_people(
    command: Command, people: Sequence[str], file: str | None, *, skip_bad: bool, result: str
) -> tuple[list[AudiencePerson], list[Json]]:
    """Read who is named. Returns them with the bad lines. Raises InvalidField, CommandFailed.

    result:  of a failure, for its text.
    """
    if not people and file is None:
        raise InvalidField("PERSON", "must name at least one, or --file a file of them")
    found = read_people_list(people, file, field="PERSON")
    bad = _report_bad(command, [(line.number, line.error) for line in found.bad], len(found.bad))
    if bad and not skip_bad:
        raise _has_bad("line", len(found.bad), bad, result)
    if not found.people:
        raise CommandFailed(f"Nobody is named, so {result}", more={"bad": bad})
    return [AudiencePerson.of(urn) for urn in found.people], bad


def _read_csv(command: Command, file: str, mapping: Sequence[str], *, group_id: GroupId) -> "AudienceContent":
    """Read who is in a CSV file. Raises InvalidField."""
    table, fields = io.BytesIO(_read_file(file)), _parse_mapping(mapping)
    with command.out.busy("Reading the table"):
        return command.ask(
            lambda services: services.audiences.read_table(workspace(), group_id, table, mapping=fields, name="--csv")
        )


def _show_dry_run(command: Command, content: "AudienceContent") -> None:
    """Print what an audience of the table would have."""
    bad = _report_bad(command, [(row.line, row.error) for row in content.bad_rows], content.bad_row_count)
    command.out.document(
        {
            "count": len(content.people),
            "fields": dict(content.fields),
            "columns": list(content.columns),
            "badCount": content.bad_row_count,
            "bad": bad,
        }
    )
    command.out.facts(
        [
            ("people", f"{len(content.people):,}"),
            ("bad rows", f"{content.bad_row_count:,}"),
            *((field, f"from the column {column}") for field, column in content.fields.items()),
            *((f"custom.{name}", "") for name in content.columns),
        ]
    )
    command.out.hint("Nothing was written: without --dry-run the audience is made.")


def _create_from_csv(
    command: Command, content: "AudienceContent", *, name: str, group_id: GroupId, skip_bad: bool
) -> tuple[Audience, list[Json]]:
    """Create one of the people of a table. Returns it with the bad rows. Raises CommandFailed."""
    bad = _report_bad(command, [(row.line, row.error) for row in content.bad_rows], content.bad_row_count)
    if bad and not skip_bad:
        raise _has_bad("row", content.bad_row_count, bad, "no audience was made")
    if not content.people:
        raise CommandFailed("Nobody is named, so no audience was made", more={"bad": bad})
    with command.out.busy(f"Writing {len(content.people):,} people"):
        audience = command.ask(
            lambda services: services.audiences.create_from_table(
                workspace(), name=name, group_id=group_id, content=content
            )
        )
    return audience, bad


def _create_from_group(
    command: Command, *, name: str, group_id: GroupId, account_id: str | None, filters: GroupFilters
) -> Audience:
    """Create one that the worker collects."""
    return command.ask(
        lambda services: services.audiences.create_from_group(
            workspace(), name=name, group_id=group_id, account_id=account_id, filters=filters
        )
    )


def _read_file(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as fault:
        raise InvalidField("--csv", f"cannot be read: {file}: {fault.strerror}") from fault


def _parse_mapping(mapping: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in mapping]
    if not all(field and equals and column for field, equals, column in pairs):
        raise InvalidField("--map", "must be of the form field=column, such as person=Profile")
    return {field: column for field, _, column in pairs}


def _has_bad(what: str, count: int, bad: list[Json], result: str) -> CommandFailed:
    return CommandFailed(
        f"{counted(count, f'{what} is bad', f'{what}s are bad')}, so {result}",
        "Correct them, or give `--skip-bad` to leave them out",
        more={"bad": bad},
    )


def _report_bad(command: Command, bad: Sequence[tuple[int, str]], count: int) -> list[Json]:
    """Print the first bad lines as hints; return them as JSON."""
    errors = [(line, name_commands(error)) for line, error in bad]
    for line, error in errors[:_BAD_SHOWN]:
        command.out.hint(f"Line {line}: {error}.")
    if count > _BAD_SHOWN:
        command.out.hint(f"... and {count - _BAD_SHOWN} more.")
    return [{"line": line, "error": error} for line, error in errors]


def _check_beside(source: str, is_given: bool, options: Mapping[str, object]) -> None:  # noqa: FBT001  # both are short
    """Raises InvalidField where an option is given without the source that it belongs to."""
    if not is_given and (option := next((name for name, value in options.items() if value), None)):
        raise InvalidField(option, f"must stand beside {source}")


def _finish(command: Command, audience: Audience, bad: list[Json]) -> None:
    """Print the new audience."""
    from confrere.campaigns import AudienceState  # only commands that use it load the use cases

    command.out.document({**audience_shape(AudienceState(audience)), "bad": bad})
    command.out.print(audience.id)
    left_out = audience.bad_row_count or len(bad)
    command.out.hint(
        f"The audience '{audience.name}' has {counted(audience.count, 'person', 'people')}"
        + (f"; {counted(left_out, 'bad line was', 'bad lines were')} left out" if bad else "")
        + f". Next: `confrere campaigns create --audience {audience.id} …`"
    )


def _finish_collecting(command: Command, audience: Audience, *, watch: bool) -> None:
    """Print the new audience; with `watch` also how far it is until it is ready."""
    from confrere.cli.audience_progress import watch as watch_until_ready

    if watch:
        command.out.hint(f"The audience {audience.id}. Ctrl-C ends only the watching.")
        command.ask(lambda services: watch_until_ready(command, services, audience.id, 2))
        command.out.print(audience.id)
        return
    state = command.ask(lambda services: services.audiences.state_of(audience))
    command.out.document(audience_shape(state))
    command.out.print(audience.id)
    command.out.hint(f"The worker reads the group's members: `confrere audiences watch {audience.id}`")
