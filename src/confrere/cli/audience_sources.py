"""The sources of `confrere audiences create`: named people, a CSV table, a group."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from confrere.cli.command import Command
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.option_names import name_commands
from confrere.cli.output import Json
from confrere.cli.people_list import read_people_list
from confrere.cli.runtime import WORKSPACE
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.collection import GroupFilters
from confrere.domain.errors import InvalidField
from confrere.domain.urns import GroupId

if TYPE_CHECKING:
    from confrere.campaigns import AudienceContent

_BAD_SHOWN = 20


def create_from_people(
    command: Command, people: Sequence[str], file: str | None, *, name: str, group_id: GroupId, skip_bad: bool
) -> tuple[Audience, list[Json]]:
    """Create one of the people on the command line and in a file. Returns it with the bad lines."""
    found, bad = read_good_people(command, people, file, skip_bad=skip_bad, result="no audience was made")
    audience = command.ask(
        lambda services: services.audiences.create(WORKSPACE, name=name, group_id=group_id, people=found)
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
        raise _has_bad("file's lines", len(found.bad), bad, result)
    if not found.people:
        raise CommandFailed(f"Nobody is named, so {result}", more={"bad": bad})
    return [AudiencePerson.of(urn) for urn in found.people], bad


def read_csv(command: Command, file: str, mapping: Sequence[str], *, group_id: GroupId) -> "AudienceContent":
    """Read who is in a CSV file. Raises InvalidField."""
    table, fields = io.BytesIO(_read_file(file)), _parse_mapping(mapping)
    with command.out.busy("Reading the table"):
        return command.ask(
            lambda services: services.audiences.read_table(WORKSPACE, group_id, table, mapping=fields, name="--csv")
        )


def show_dry_run(command: Command, content: "AudienceContent") -> None:
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


def create_from_csv(
    command: Command, content: "AudienceContent", *, name: str, group_id: GroupId, skip_bad: bool
) -> tuple[Audience, list[Json]]:
    """Create one of the people of a table. Returns it with the bad rows. Raises CommandFailed."""
    bad = _report_bad(command, [(row.line, row.error) for row in content.bad_rows], content.bad_row_count)
    if bad and not skip_bad:
        raise _has_bad("table's rows", content.bad_row_count, bad, "no audience was made")
    if not content.people:
        raise CommandFailed("Nobody is named, so no audience was made", more={"bad": bad})
    with command.out.busy(f"Writing {len(content.people):,} people"):
        audience = command.ask(
            lambda services: services.audiences.create_from_table(
                WORKSPACE, name=name, group_id=group_id, content=content
            )
        )
    return audience, bad


def create_from_group(
    command: Command, *, name: str, group_id: GroupId, account_id: str | None, filters: GroupFilters
) -> Audience:
    """Create one that the worker collects."""
    return command.ask(
        lambda services: services.audiences.create_from_group(
            WORKSPACE, name=name, group_id=group_id, account_id=account_id, filters=filters
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
        f"{count} of the {what} are bad, so {result}",
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
