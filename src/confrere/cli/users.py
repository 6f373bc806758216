"""`confrere users`: who may log in to the console."""

from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command, Yes
from confrere.cli.runtime import WORKSPACE
from confrere.cli.shapes import rights_shape, user_shape
from confrere.cli.times import format_time
from confrere.domain.audit import COMMAND_LINE
from confrere.domain.errors import InvalidField
from confrere.domain.ids import parse_account_id
from confrere.domain.limits import iso_z
from confrere.domain.users import Invite, Rights, Role, User

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="The console's users: invite, list, reset, disable.")

SEE_USERS = "`confrere users list` shows the users"

UserName = Annotated[str, typer.Argument(metavar="NAME", help="The name, as `users list` shows it.")]


@app.command("invite")
def invite_user(
    context: typer.Context,
    *,
    role: Annotated[
        Role,
        typer.Option(
            help="viewer reads; writer also prepares and sends messages; approver also starts campaigns; owner may all."
        ),
    ] = Role.VIEWER,
    inbox: Annotated[bool, typer.Option("--inbox", help="They may also read conversations.")] = False,
    account: Annotated[
        list[str] | None,
        typer.Option(help="A LinkedIn account that they see, repeatable; all by default.", metavar="ID"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a link by which somebody becomes a user, and chooses name and password. It works once."""
    command = Command(context, as_json=as_json)
    if account and role is Role.OWNER:
        raise InvalidField("--account", "cannot be given together with --role owner, who sees all accounts")

    async def invite(services: "Services") -> tuple[Invite, str]:
        ids = [await _account_id(services, text) for text in account or ()]
        rights = Rights(role, inbox=inbox, accounts=frozenset(ids) if ids else None)
        return await services.logins.invite(WORKSPACE, rights, COMMAND_LINE)

    _print_link(command, *command.ask(invite, if_missing="`confrere accounts list` shows the accounts"))


@app.command("reset")
def reset_password(context: typer.Context, name: UserName, *, as_json: AsJson = False) -> None:
    """Print a link by which a user chooses a new password; it works once, and enables a user who is disabled.

    The former password, and the browsers that are logged in, stay valid until the link is used.
    """
    command = Command(context, as_json=as_json)
    invite, token = command.ask(
        lambda services: services.logins.invite_to_reset(WORKSPACE, name, COMMAND_LINE), if_missing=SEE_USERS
    )
    _print_link(command, invite, token)


@app.command("list")
def list_users(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show all users, disabled ones too, the oldest first."""
    command = Command(context, as_json=as_json)
    users = command.ask(lambda services: services.logins.list_users(WORKSPACE))
    command.out.document([user_shape(user) for user in users])
    if not users:
        command.out.hint("There is no user yet: `confrere users invite --role owner` prints a link for the first.")
        return
    command.out.table(
        ("name", "role", "inbox", "accounts", "state", "created", "last login"),
        (
            (
                user.name,
                str(user.rights.role),
                "yes" if user.rights.inbox else "no",
                "all" if user.rights.accounts is None else ", ".join(sorted(user.rights.accounts)),
                f"disabled {format_time(user.disabled_at)}" if user.disabled_at else "good",
                format_time(user.created_at),
                format_time(user.logged_in_at),
            )
            for user in users
        ),
    )


@app.command("disable")
def disable_user(context: typer.Context, name: UserName, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """Disable a user and log them out everywhere, at once. `users reset` enables them again."""
    command = Command(context, as_json=as_json)
    command.confirm(f"Disable {name}?", yes=yes)
    user: User = command.ask(
        lambda services: services.logins.disable(WORKSPACE, name, COMMAND_LINE), if_missing=SEE_USERS
    )
    command.out.document(user_shape(user))
    command.out.print(f"Disabled {user.name}: every browser is logged out.")


async def _account_id(services: "Services", text: str) -> str:
    """Return the id of an account that there is. Raises InvalidField, NotFound."""
    account_id = parse_account_id(text, field="--account")
    return (await services.accounts.read(WORKSPACE, account_id)).id


def _print_link(command: Command, invite: Invite, token: str) -> None:
    url = f"{command.runtime.console_url()}/enter?token={token}"
    command.out.document({"url": url, **rights_shape(invite.rights), "expiresAt": iso_z(invite.expires_at)})
    command.out.print(url)
    command.out.hint(
        f"Give this link to one person, by a way that nobody else reads: it works once, until "
        f"{format_time(invite.expires_at)}, and whoever opens it first is {invite.rights.role}."
    )
