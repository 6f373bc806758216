"""`confrere people`: find a member by the URL of their profile."""

from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.groups import unwrap_reading
from confrere.cli.runtime import WORKSPACE
from confrere.domain.person import Person, parse_person

if TYPE_CHECKING:
    from confrere.sending import Reading

app = typer.Typer(no_args_is_help=True, help="People on LinkedIn, and what is stored of them.")


@app.command("resolve")
def resolve_person(
    context: typer.Context,
    profile: Annotated[str, typer.Argument(metavar="URL", help="The address of their profile, or the name in it.")],
    *,
    account: Annotated[str | None, typer.Option(help="The account's id.", show_default="the default account")] = None,
    as_json: AsJson = False,
) -> None:
    """Show who a profile's address belongs to, with the URN. LinkedIn is asked once in 30 days."""
    command = Command(context, as_json=as_json)
    who = parse_person(profile, field="URL")
    with command.out.busy("Asking LinkedIn"):
        reading = command.ask(lambda services: services.directory.resolve_person(WORKSPACE, account or None, who))
    person = found_person(reading)
    command.out.document(
        {
            "accountId": reading.account_id,
            "profileUrn": str(person.profile_urn),
            "profileId": person.profile_urn.profile_id,
            "name": person.full_name,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "headline": person.headline,
            "publicIdentifier": person.public_id,
            "profileUrl": person.profile_url,
        }
    )
    command.out.table(
        ("profile URN", "name", "headline"),
        [(str(person.profile_urn), person.full_name or "", person.headline or "")],
    )


def found_person(reading: "Reading[Person | None]") -> Person:
    """Return who was found. Raises CommandFailed where nobody was."""
    person = unwrap_reading(reading, "Look at the profile in your browser: LinkedIn may not show it to this account")
    if person is None:
        raise CommandFailed("LinkedIn knows no person of this name or id", "Copy the address from your browser")
    return person
