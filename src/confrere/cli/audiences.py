"""`confrere audiences`: named lists of people of one group, for campaigns."""

from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.audience_sources import File, People, SkipBad, create_audience, read_good_people
from confrere.cli.command import AsJson, Command, Yes
from confrere.cli.output import Json, counted
from confrere.cli.shapes import audience_shape
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.campaigns.audience import Audience, AudiencePerson

if TYPE_CHECKING:
    from confrere.campaigns import AudienceState
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="Audiences: named lists of people of one group, for campaigns.")

SEE_AUDIENCES = "`confrere audiences list` shows the audiences' ids"

_MOST = 1_000

AudienceId = Annotated[str, typer.Argument(metavar="ID", help="The audience's id, as `audiences list` shows it.")]

app.command("create")(create_audience)


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
        found = await services.audiences.list_page(workspace(), count=limit + 1)
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
        state = await services.audiences.read_state(workspace(), audience_id)
        people: list[AudiencePerson] = []
        place = 0
        while len(people) < limit:
            count = min(_MOST, limit - len(people))
            page = await services.audiences.list_people(workspace(), audience_id, after_place=place, count=count)
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
        lambda services: services.audiences.add_people(workspace(), audience_id, found), if_missing=SEE_AUDIENCES
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
    audience = command.ask(lambda services: services.audiences.read(workspace(), audience_id), if_missing=SEE_AUDIENCES)
    command.confirm(f"Delete the audience '{audience.name}' with its {audience.count:,} people?", yes=yes)
    command.ask(lambda services: services.audiences.delete(workspace(), audience_id), if_missing=SEE_AUDIENCES)
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
