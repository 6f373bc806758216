"""`confrere accounts connect` and `check`: the commands that ask LinkedIn about a session. The others: `accounts`."""

from typing import Annotated, assert_never

import typer

from confrere.cli.command import SEE_ACCOUNTS, AsJson, Command
from confrere.cli.exit_codes import CommandFailed, ExitCode
from confrere.cli.paste import take_paste
from confrere.cli.shapes import account_shape, full_name
from confrere.cli.workspace import workspace
from confrere.domain.account import Account
from confrere.domain.attempt import Unreadable
from confrere.domain.errors import InvalidField
from confrere.domain.ids import parse_account_id
from confrere.domain.outcome import SessionDead, Throttled
from confrere.domain.remedies import CONNECT_AGAIN

app = typer.Typer(no_args_is_help=True, help="LinkedIn accounts: connect, look at, limit, switch off.")


@app.command("connect")
def connect_account(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="File with what you copied; - for standard input. Without it you paste."),
    ] = None,
    *,
    user_agent: Annotated[
        str | None, typer.Option(help="Of the browser that the cookies come from, where you give nothing but cookies.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Connect an account with what you copy from your own logged-in browser.

    "Copy as cURL" of any request to LinkedIn is best. Copied as PowerShell, request headers and a HAR with sensitive
    data will do; cookies alone (a Cookie header, cookies.txt, the JSON of a cookie extension) need --user-agent.
    LinkedIn is asked once whose session it is; cookies are stored encrypted and are never shown. An account that is
    known already gets the new session and keeps its id and settings. Cookies are not taken as arguments: shells keep a
    history.
    """
    command = Command(context, as_json=as_json)
    runtime = command.runtime  # an error in the settings is reported before anybody pastes
    try:
        session = runtime.read_session(take_paste(source), user_agent)
    except InvalidField as fault:
        hint = "Give it with `--user-agent '<user agent>'`" if fault.field == "userAgent" and not user_agent else None
        raise CommandFailed(f"No session can be read: {fault}", hint, code=ExitCode.USAGE) from fault
    try:
        with command.out.busy("Asking LinkedIn whose session this is"):
            account = command.ask(lambda services: services.accounts.connect(workspace(), session), create=True)
    except InvalidField as fault:
        raise CommandFailed(str(fault), CONNECT_AGAIN) from fault
    command.out.document(account_shape(account))
    default = ", the default account" if account.is_default else ""
    command.out.print(f"Connected {full_name(account)} ({account.public_id}) as account {account.id}{default}.")
    if source not in (None, "-"):
        command.out.hint(f"Delete {source} now: who has it can use your LinkedIn account.")


@app.command("check")
def check_account(
    context: typer.Context,
    account_id: Annotated[str | None, typer.Argument(metavar="ID", help="By default the default account.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Ask LinkedIn, once, whether an account's session is alive."""
    command = Command(context, as_json=as_json)
    with command.out.busy("Asking LinkedIn"):
        found = command.ask(
            lambda services: services.accounts.check_session(workspace(), parse_account_id(account_id, field="ID")),
            if_missing=SEE_ACCOUNTS,
        )
    match found:
        case Account():
            command.out.document({"alive": True, **account_shape(found)})
            command.out.print(f"LinkedIn takes the session of {full_name(found)} ({found.id}).")
        case SessionDead(why):
            raise CommandFailed(f"The session is dead: {why}", CONNECT_AGAIN, more={"alive": False})
        case Throttled():
            raise CommandFailed(
                "LinkedIn throttles this account",
                "`confrere accounts show` shows when the hold ends; do not use the account until then, and send less",
                code=ExitCode.LIMIT,
                more={"alive": None},
            )
        case Unreadable(why):
            raise CommandFailed(
                f"LinkedIn could not be asked: {why}",
                "Try again later; if it stays, LinkedIn's protocol may have moved: `confrere doctor`",
                more={"alive": None},
            )
        case _:
            assert_never(found)
