"""`confrere audiences`: named lists of people of one group, for campaigns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.option_names import name_commands
from confrere.cli.output import counted
from confrere.cli.people_list import BadLine, read_people_list
from confrere.cli.runtime import WORKSPACE
from confrere.cli.shapes import audience_shape
from confrere.cli.times import format_time
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.errors import InvalidField
from confrere.domain.urns import GroupId

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="Audiences: named lists of people of one group, for campaigns.")

SEE_AUDIENCES = "`confrere audiences list` shows the audiences' ids"

_BAD_LINES_SHOWN = 20
_MOST = 1_000


@app.command("create")
def create_audience(
    context: typer.Context,
    people: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PERSON]...", help="urn:li:fsd_profile:<id>, the id, or a profile address with it."),
    ] = None,
    *,
    name: Annotated[str, typer.Option(help="Its name; only you see it.")],
    group: Annotated[str, typer.Option(help="The group that you share with them: its number, URN or URL.")],
    file: Annotated[str | None, typer.Option(help="File with one person a line; - for standard input.")] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the good lines even if there are bad ones.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write down whom a campaign is for: people on the command line, in a file, or both.

    The whole file is read first: if a line is bad, no audience is made, unless you say --skip-bad. Somebody who is
    named twice is in it once.
    """
    command = Command(context, as_json=as_json)
    if not people and file is None:
        raise InvalidField("PERSON", "must name at least one, or --file a file of them")
    group_id = GroupId.parse(group, field="--group")
    found = read_people_list(people or (), file, field="PERSON")
    bad = _report_bad(command, found.bad)
    if bad and not skip_bad:
        raise CommandFailed(
            f"{counted(len(bad), 'line is bad', 'lines are bad')}, so no audience was made",
            "Correct them, or give `--skip-bad` to leave them out",
            more={"bad": bad},
        )
    if not found.people:
        raise CommandFailed("Nobody is named, so no audience was made", more={"bad": bad})
    audience = command.ask(
        lambda services: services.audiences.create(
            WORKSPACE, name=name, group_id=group_id, people=[AudiencePerson.of(urn) for urn in found.people]
        )
    )
    command.out.document({**audience_shape(audience), "bad": bad})
    command.out.print(audience.id)
    command.out.hint(
        f"The audience '{audience.name}' has {counted(audience.count, 'person', 'people')}"
        + (f"; {counted(len(bad), 'bad line was', 'bad lines were')} left out" if bad else "")
        + f". Next: `confrere campaigns create --audience {audience.id} …`"
    )


@app.command("list")
def list_audiences(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the audiences, newest first."""
    command = Command(context, as_json=as_json)
    found = command.ask(lambda services: services.audiences.list_page(WORKSPACE, count=limit + 1))
    shown = found[:limit]
    command.out.document(
        {"audiences": [audience_shape(one) for one in shown], "hasMore": len(found) > limit},
    )
    if not shown:
        command.out.hint("There is no audience yet: `confrere audiences create` makes one.")
        return
    command.out.table(
        ("id", "name", "people", "group", "created"),
        ((one.id, one.name, f"{one.count:,}", str(one.group_id), format_time(one.created_at)) for one in shown),
    )
    if len(found) > limit:
        command.out.hint(f"There are older ones: `--limit` shows more than {limit}.")


@app.command("show")
def show_audience(
    context: typer.Context,
    audience_id: Annotated[str, typer.Argument(metavar="ID", help="The audience's id, as `audiences list` shows it.")],
    *,
    limit: Annotated[int, typer.Option(min=0, max=1_000_000, help="How many of its people to show at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show one audience and its first people, in the order in which they were added."""
    command = Command(context, as_json=as_json)

    async def read(services: "Services") -> tuple[Audience, list[AudiencePerson]]:
        audience = await services.audiences.read(WORKSPACE, audience_id)
        people: list[AudiencePerson] = []
        place = 0
        while len(people) < limit:
            count = min(_MOST, limit - len(people))
            page = await services.audiences.list_people(WORKSPACE, audience_id, after_place=place, count=count)
            if not page:
                break
            people += [person for _, person in page]
            place = page[-1][0]
        return audience, people

    audience, people = command.ask(read, if_missing=SEE_AUDIENCES)
    command.out.document(
        {
            **audience_shape(audience),
            "people": [{"recipientProfileUrn": str(one.recipient), "name": one.name} for one in people],
            "hasMore": len(people) < audience.count,
        }
    )
    command.out.facts(
        [
            ("id", audience.id),
            ("name", audience.name),
            ("group", str(audience.group_id)),
            ("people", f"{audience.count:,}"),
            ("created", format_time(audience.created_at)),
        ]
    )
    if people:
        command.out.print("")
        command.out.table(("profile id", "name"), ((one.recipient.profile_id, one.name) for one in people))
    if len(people) < audience.count:
        command.out.hint(f"{audience.count - len(people):,} more: `--limit` shows them.")


def _report_bad(command: Command, bad: Sequence[BadLine]) -> list[dict[str, int | str]]:
    """Print the first bad lines as hints; return all as JSON."""
    errors = [name_commands(line.error) for line in bad]
    for line, error in zip(bad[:_BAD_LINES_SHOWN], errors, strict=False):
        command.out.hint(f"Line {line.number}: {error}.")
    if len(bad) > _BAD_LINES_SHOWN:
        command.out.hint(f"... and {len(bad) - _BAD_LINES_SHOWN} more.")
    return [{"line": line.number, "error": error} for line, error in zip(bad, errors, strict=True)]
