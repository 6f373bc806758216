"""`confrere audiences`: named lists of people of one group, for campaigns."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.audience_sources import (
    create_from_csv,
    create_from_group,
    create_from_people,
    read_csv,
    read_good_people,
    show_dry_run,
)
from confrere.cli.command import AsJson, Command, Yes
from confrere.cli.output import Json, counted
from confrere.cli.runtime import WORKSPACE
from confrere.cli.shapes import audience_shape
from confrere.cli.times import format_time
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.collection import GroupFilters, parse_filter_text
from confrere.domain.errors import InvalidField
from confrere.domain.group import IN_THE_GROUP, MembershipStatus, Relationship
from confrere.domain.ids import parse_account_id
from confrere.domain.urns import GroupId

if TYPE_CHECKING:
    from confrere.campaigns import AudienceState
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="Audiences: named lists of people of one group, for campaigns.")

SEE_AUDIENCES = "`confrere audiences list` shows the audiences' ids"

_MOST = 1_000

AudienceId = Annotated[str, typer.Argument(metavar="ID", help="The audience's id, as `audiences list` shows it.")]
People = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PERSON]...", help="urn:li:fsd_profile:<id>, the id, or a profile address with it."),
]
File = Annotated[str | None, typer.Option(help="File with one person a line; - for standard input.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Take the good lines even if there are bad ones.")]

_FILTERS = "With --from-group"


@app.command("create")
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
        audience = create_from_group(
            command,
            name=name,
            group_id=group_id,
            account_id=parse_account_id(account, field="--account"),
            filters=filters,
        )
        _finish_collecting(command, audience, watch=watch)
        return
    if csv is None:
        made, bad = create_from_people(command, people or (), file, name=name, group_id=group_id, skip_bad=skip_bad)
    else:
        content = read_csv(command, csv, mapping or (), group_id=group_id)
        if dry_run:
            show_dry_run(command, content)
            return
        made, bad = create_from_csv(command, content, name=name, group_id=group_id, skip_bad=skip_bad)
    _finish(command, made, bad)


@app.command("list")
def list_audiences(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the audiences, newest first."""
    command = Command(context, as_json=as_json)

    async def read(services: "Services") -> "list[AudienceState]":
        found = await services.audiences.list_page(WORKSPACE, count=limit + 1)
        return [await services.audiences.state_of(one) for one in found]

    found = command.ask(read)
    shown = found[:limit]
    command.out.document(
        {"audiences": [audience_shape(one) for one in shown], "hasMore": len(found) > limit},
    )
    if not shown:
        command.out.hint("There is no audience yet: `confrere audiences create` makes one.")
        return
    command.out.table(
        ("id", "name", "status", "people", "group", "created"),
        (
            (one.id, one.name, str(one.status), f"{one.count:,}", _group(one), format_time(one.created_at))
            for one in (state.audience for state in shown)
        ),
    )
    if len(found) > limit:
        command.out.hint(f"There are older ones: `--limit` shows more than {limit}.")


@app.command("show")
def show_audience(
    context: typer.Context,
    audience_id: AudienceId,
    *,
    limit: Annotated[int, typer.Option(min=0, max=1_000_000, help="How many of its people to show at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show one audience, how far it is collected, and its first people in the order in which they were added."""
    command = Command(context, as_json=as_json)

    async def read(services: "Services") -> "tuple[AudienceState, list[AudiencePerson]]":
        state = await services.audiences.read_state(WORKSPACE, audience_id)
        people: list[AudiencePerson] = []
        place = 0
        while len(people) < limit:
            count = min(_MOST, limit - len(people))
            page = await services.audiences.list_people(WORKSPACE, audience_id, after_place=place, count=count)
            if not page:
                break
            people += [person for _, person in page]
            place = page[-1][0]
        return state, people

    state, people = command.ask(read, if_missing=SEE_AUDIENCES)
    audience = state.audience
    has_more = len(people) < audience.count
    command.out.document(
        {**audience_shape(state), "people": [_person_shape(one) for one in people], "hasMore": has_more}
    )
    command.out.facts(
        [
            ("id", audience.id),
            ("name", audience.name),
            ("group", _group(audience)),
            ("status", str(audience.status)),
            ("people", f"{audience.count:,}"),
            *([] if audience.collection is None else [("read", show_progress(state))]),
            *([] if not audience.columns else [("columns", ", ".join(f"custom.{one}" for one in audience.columns))]),
            *([] if not audience.bad_row_count else [("bad rows", f"{audience.bad_row_count:,} were left out")]),
            ("created", format_time(audience.created_at)),
        ]
    )
    if people:
        command.out.print("")
        command.out.table(
            ("profile id", "name", "headline"),
            ((one.recipient.profile_id, one.name, " ".join((one.person.headline or "").split())) for one in people),
        )
    if has_more:
        command.out.hint(f"{audience.count - len(people):,} more: `--limit` shows them.")


@app.command("add")
def add_people(
    context: typer.Context,
    audience_id: AudienceId,
    people: People = None,
    *,
    file: File = None,
    skip_bad: SkipBad = False,
    as_json: AsJson = False,
) -> None:
    """Add people to an audience; who is in it already stays as they are. Campaigns that were started do not change."""
    command = Command(context, as_json=as_json)
    found, bad = read_good_people(command, people or (), file, skip_bad=skip_bad, result="nobody was added")
    added = command.ask(
        lambda services: services.audiences.add_people(WORKSPACE, audience_id, found), if_missing=SEE_AUDIENCES
    )
    already_in = len(found) - added
    command.out.document({"added": added, "alreadyIn": already_in, "bad": bad})
    command.out.print(f"Added {added:,}." + (f" {already_in:,} were in it already." if already_in else ""))


@app.command("delete")
def delete_audience(
    context: typer.Context, audience_id: AudienceId, *, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Delete an audience. Campaigns that were started keep their people; a draft has to be archived first."""
    command = Command(context, as_json=as_json)
    audience = command.ask(lambda services: services.audiences.read(WORKSPACE, audience_id), if_missing=SEE_AUDIENCES)
    command.confirm(f"Delete the audience '{audience.name}' with its {audience.count:,} people?", yes=yes)
    command.ask(lambda services: services.audiences.delete(WORKSPACE, audience_id), if_missing=SEE_AUDIENCES)
    command.out.document({"id": audience_id, "deleted": True})
    command.out.print(f"Deleted '{audience.name}'.")


def show_progress(state: "AudienceState") -> str:
    """Return how far it is collected: members read, people found, when it is complete, why it waits."""
    audience, why = state.audience, state.why_not
    text = counted(audience.count, "person", "people")
    if audience.collection is not None:
        total = "" if audience.collection.total is None else f" of {audience.collection.total:,}"
        text = f"{audience.collection.places_read:,}{total} members read, {text}"
    if state.completes_at is not None:
        text += f", complete by {format_time(state.completes_at)}"
    if why is not None:
        until = "" if why.until is None else f" until {format_time(why.until)}"
        text += f"; waits: {why.reason}{until}. {why.remedy}"
    return text


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


def _group(audience: Audience) -> str:
    return f"{audience.group_id} {audience.group_name}" if audience.group_name else str(audience.group_id)


def _person_shape(one: AudiencePerson) -> Json:
    person = one.person
    return {
        "recipientProfileUrn": str(one.recipient),
        "name": one.name,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "headline": person.headline,
        "publicIdentifier": person.public_id,
        "custom": dict(one.custom),
    }
