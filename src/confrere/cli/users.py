"""`confrere users`: who may log in to the console."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command, Yes
from confrere.cli.output import counted
from confrere.cli.shapes import rights_shape, user_session_shape, user_shape
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.audit import COMMAND_LINE
from confrere.domain.errors import InvalidField
from confrere.domain.ids import parse_account_id
from confrere.domain.limits import iso_z
from confrere.domain.users import Invite, Rights, Role, User, UserSession

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="The console's users: invite, list, reset, log out, disable.")

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
        return await services.logins.invite(workspace(), rights, COMMAND_LINE)

    _print_link(command, *command.ask(invite, if_missing="`confrere accounts list` shows the accounts"))


@app.command("reset")
def reset_user(
    context: typer.Context,
    name: UserName,
    *,
    totp: Annotated[bool, typer.Option("--totp", help="Take the second factor off, for who has lost it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a link by which a user chooses a new password; it works once, and enables a user who is disabled.

    The former password, and the browsers that are logged in, stay valid until the link is used. A second factor stays;
    with --totp it is taken off, and no link is printed.
    """
    command = Command(context, as_json=as_json)
    if totp:
        user: User = command.ask(
            lambda services: services.second_factors.reset(workspace(), name, COMMAND_LINE), if_missing=SEE_USERS
        )
        command.out.document({**user_shape(user), "hasSecondFactor": False})
        command.out.print(f"The second factor of {user.name} is off: a login needs their password only.")
        return
    invite, token = command.ask(
        lambda services: services.logins.invite_to_reset(workspace(), name, COMMAND_LINE), if_missing=SEE_USERS
    )
    _print_link(command, invite, token)


@app.command("list")
def list_users(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show all users, disabled ones too, the oldest first."""
    command = Command(context, as_json=as_json)
    users = command.ask(lambda services: services.logins.list_users(workspace()))
    command.out.document([user_shape(user) for user in users])
    if not users:
        command.out.hint("There is no user yet: `confrere users invite --role owner` prints a link for the first.")
        return
    command.out.table(
        ("name", "role", "inbox", "accounts", "login by", "state", "created", "last login"),
        (
            (
                user.name,
                str(user.rights.role),
                "yes" if user.rights.inbox else "no",
                "all" if user.rights.accounts is None else ", ".join(sorted(user.rights.accounts)),
                _login_by(user),
                f"disabled {format_time(user.disabled_at)}" if user.disabled_at else "good",
                format_time(user.created_at),
                format_time(user.logged_in_at),
            )
            for user in users
        ),
    )


@app.command("sessions")
def list_sessions(context: typer.Context, name: UserName, *, as_json: AsJson = False) -> None:
    """Show the browsers in which a user is logged in, the last used one first."""
    command = Command(context, as_json=as_json)

    async def read(services: "Services") -> Sequence[UserSession]:
        return await services.logins.list_sessions(await services.logins.read(workspace(), name))

    sessions = command.ask(read, if_missing=SEE_USERS)
    command.out.document([user_session_shape(session) for session in sessions])
    if not sessions:
        command.out.hint(f"{name} is logged in nowhere.")
        return
    command.out.table(
        ("last used", "logged in", "address", "browser"),
        (
            (format_time(one.seen_at), format_time(one.created_at), one.address or "-", one.browser or "-")
            for one in sessions
        ),
    )


@app.command("logout")
def log_out(context: typer.Context, name: UserName, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """Log a user out in every browser, at once; they may log in again."""
    command = Command(context, as_json=as_json)
    command.confirm(f"Log {name} out everywhere?", yes=yes)

    async def end(services: "Services") -> int:
        return await services.logins.end_sessions(await services.logins.read(workspace(), name), COMMAND_LINE)

    ended = command.ask(end, if_missing=SEE_USERS)
    command.out.document({"ended": ended})
    command.out.print(f"Logged out: {counted(ended, 'browser', 'browsers')}.")


@app.command("disable")
def disable_user(context: typer.Context, name: UserName, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """Disable a user and log them out everywhere, at once. `users reset` enables them again."""
    command = Command(context, as_json=as_json)
    command.confirm(f"Disable {name}?", yes=yes)
    user: User = command.ask(
        lambda services: services.logins.disable(workspace(), name, COMMAND_LINE), if_missing=SEE_USERS
    )
    command.out.document(user_shape(user))
    command.out.print(f"Disabled {user.name}: every browser is logged out.")


def _login_by(user: User) -> str:
    if user.issuer:
        return user.issuer
    if not user.has_password:
        return "link"
    return "password and code" if user.has_second_factor else "password"


async def _account_id(services: "Services", text: str) -> str:
    """Return the id of an account that there is. Raises InvalidField, NotFound."""
    account_id = parse_account_id(text, field="--account")
    return (await services.accounts.read(workspace(), account_id)).id


def _print_link(command: Command, invite: Invite, token: str) -> None:
    url = f"{command.runtime.console_url()}/enter?token={token}"
    command.out.document({"url": url, **rights_shape(invite.rights), "expiresAt": iso_z(invite.expires_at)})
    command.out.print(url)
    command.out.hint(
        f"Give this link to one person, by a way that nobody else reads: it works once, until "
        f"{format_time(invite.expires_at)}, and whoever opens it first is {invite.rights.role}."
    )
