"""`confrere people`: find a member by the URL of their profile."""

from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command, Yes
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.groups import unwrap_reading
from confrere.cli.output import counted
from confrere.cli.workspace import workspace
from confrere.domain.audit import COMMAND_LINE
from confrere.domain.limits import iso_z
from confrere.domain.person import Person, parse_person
from confrere.domain.urns import ProfileUrn

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
        reading = command.ask(lambda services: services.directory.resolve_person(workspace(), account or None, who))
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


Urn = Annotated[str, typer.Argument(metavar="URN", help="urn:li:fsd_profile:<id>.")]


@app.command("export")
def export_person(context: typer.Context, recipient: Urn, *, as_json: AsJson = False) -> None:
    """Show how much is stored about a person; with --json everything, texts included."""
    command = Command(context, as_json=as_json)
    urn = ProfileUrn.parse(recipient, field="URN")
    found = command.ask(lambda services: services.personal_data.read_everything(workspace(), urn, COMMAND_LINE))
    command.out.document({"recipientProfileUrn": str(urn), **found})
    command.out.table(("where", "rows"), ((name, str(len(rows))) for name, rows in found.items()))


@app.command("erase")
def erase_person(context: typer.Context, recipient: Urn, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """Erase everything about a person: names, texts, replies, lists. It can be repeated.

    The ledger keeps outcomes, times and units under a keyed hash. Nobody writes to the person again, and no import,
    group or address brings them back. In LinkedIn nothing changes.
    """
    command = Command(context, as_json=as_json)
    urn = ProfileUrn.parse(recipient, field="URN")
    command.confirm("Erase everything about this person? It cannot be undone.", yes=yes)
    done = command.ask(lambda services: services.personal_data.erase(workspace(), urn, COMMAND_LINE))
    command.out.document(
        {
            "erased": dict(done.erased),
            "erasedAt": iso_z(done.erasure.erased_at),
            "pending": done.pending,
            "doNotContact": True,
        }
    )
    command.out.table(("gone", "how many"), ((name, str(count)) for name, count in done.erased.items()))
    if done.pending:
        command.out.hint(
            f"On their way, or unknown: {counted(done.pending, 'message', 'messages')}. "
            "The worker erases them once they are settled."
        )


def found_person(reading: "Reading[Person | None]") -> Person:
    """Return who was found. Raises CommandFailed where nobody was."""
    person = unwrap_reading(reading, "Look at the profile in your browser: LinkedIn may not show it to this account")
    if person is None:
        raise CommandFailed("LinkedIn knows no person of this name or id", "Copy the address from your browser")
    return person
