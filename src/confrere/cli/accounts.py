"""`confrere accounts`: the LinkedIn accounts that messages are sent from. See also connect.py."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, assert_never

import typer

from confrere.cli.command import SEE_ACCOUNTS, AsJson, Command, Yes
from confrere.cli.connect import app
from confrere.cli.output import counted
from confrere.cli.shapes import account_shape, full_name, quota_shape
from confrere.cli.times import format_time, show_span
from confrere.cli.workspace import workspace
from confrere.domain.account import Account, Condition
from confrere.domain.ids import parse_account_id
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, WINDOW_OF, Action, Quota

if TYPE_CHECKING:
    from confrere.services import Services

__all__ = ["app", "read_quotas"]


def _account_id(value: str) -> str:
    return parse_account_id(value, field="ID") or value


AccountId = Annotated[
    str, typer.Argument(metavar="ID", help="The account's id, as `accounts list` shows it.", callback=_account_id)
]


@app.command("list")
def list_accounts(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show all accounts, the default one first."""
    command = Command(context, as_json=as_json)

    async def read(services: "Services") -> tuple[list[Account], datetime]:
        return list(await services.accounts.search(workspace())), services.clock()

    accounts, now = command.ask(read)
    command.out.document([account_shape(account) for account in accounts])
    if not accounts:
        command.out.hint("No account is connected yet: `confrere accounts connect` connects one.")
        return
    command.out.table(
        ("id", "name", "public name", "state", "session", "answered", "a day", "default", "last used"),
        (
            (
                account.id,
                full_name(account),
                account.public_id,
                _state(account, now),
                _session_age(account, now),
                _ago(account.answered_at, now),
                str(account.daily_limit),
                "yes" if account.is_default else "",
                format_time(account.last_used_at),
            )
            for account in accounts
        ),
    )


@app.command("show")
def show_account(context: typer.Context, account_id: AccountId, *, as_json: AsJson = False) -> None:
    """Show an account's details, without asking LinkedIn."""
    command = Command(context, as_json=as_json)
    account, now = _read(command, account_id)
    command.out.document(account_shape(account))
    command.out.facts(
        [
            ("id", account.id),
            ("name", full_name(account)),
            ("profile", f"https://www.linkedin.com/in/{account.public_id}"),
            ("profile URN", account.profile_urn),
            ("state", _state(account, now)),
            ("session", _session_age(account, now)),
            ("answered", _ago(account.answered_at, now)),
            *_restored(account),
            ("default", "yes" if account.is_default else "no"),
            ("daily limit", counted(account.daily_limit, "message", "messages")),
            ("first connected", format_time(account.created_at)),
            ("last used", format_time(account.last_used_at)),
        ]
    )


@app.command("set-default")
def set_default(context: typer.Context, account_id: AccountId, *, as_json: AsJson = False) -> None:
    """Make this the account that is used where none is named."""
    _change(
        Command(context, as_json=as_json),
        lambda services: services.accounts.update(workspace(), account_id, make_default=True),
        "{name} is now the default account.",
    )


@app.command("set-limit")
def set_limit(
    context: typer.Context,
    account_id: AccountId,
    messages: Annotated[int, typer.Argument(metavar="N", help=f"Messages a day, 0 to {MESSAGES_PER_DAY_CEILING}.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Set how many messages a day (UTC) an account may send. It takes effect at once."""
    _change(
        Command(context, as_json=as_json),
        lambda services: services.accounts.update(workspace(), account_id, daily_limit=messages),
        "{name} may send {limit} a day.",
    )


@app.command("enable")
def enable_account(context: typer.Context, account_id: AccountId, *, as_json: AsJson = False) -> None:
    """Let an account send again."""
    _change(
        Command(context, as_json=as_json),
        lambda services: services.accounts.update(workspace(), account_id, enabled=True),
        "{name} is enabled.",
    )


@app.command("disable")
def disable_account(context: typer.Context, account_id: AccountId, *, as_json: AsJson = False) -> None:
    """Stop an account from sending; its session stays."""
    _change(
        Command(context, as_json=as_json),
        lambda services: services.accounts.update(workspace(), account_id, enabled=False),
        "{name} is disabled and sends nothing.",
    )


@app.command("release-hold")
def release_hold(
    context: typer.Context,
    account_id: AccountId,
    *,
    sent_today: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MESSAGES_PER_DAY_CEILING,
            help="After a restore: how many messages the account has sent today (UTC).",
            show_default="the day counts as used up",
        ),
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Release an account that is held because LinkedIn throttled it, or because a backup was restored."""
    command = Command(context, as_json=as_json)
    account, now = _read(command, account_id)
    if account.hold_until is None or not account.is_held(now):
        command.out.document(account_shape(account))
        command.out.print(f"{full_name(account)} is not held; nothing to release.")
        return
    if account.awaits_release:
        command.out.hint(
            f"{full_name(account)} is held since a backup was restored: what it sent after that backup is not known.\n"
            "Each message is looked for in its conversation before it is sent."
        )
        command.confirm("Send with it again?", yes=yes)
    else:
        command.out.hint(
            f"LinkedIn throttled {full_name(account)}, which rests until {format_time(account.hold_until)}.\n"
            "An account that goes on while it is throttled may be restricted or closed by LinkedIn."
        )
        command.confirm("Send with it before then?", yes=yes)
    _change(
        command,
        lambda services: services.accounts.update(workspace(), account_id, release_hold=True, sent_today=sent_today),
        "{name} is no longer held. Send slowly.",
    )


@app.command("end-restore")
def end_restore(context: typer.Context, account_id: AccountId, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """After a restore: send without looking for each message in its conversation before."""
    command = Command(context, as_json=as_json)
    account, _ = _read(command, account_id)
    if account.lost is None:
        command.out.document(account_shape(account))
        command.out.print(f"{full_name(account)} does not look for lost messages; nothing to end.")
        return
    command.out.hint(
        f"{full_name(account)} may have written to people between {format_time(account.lost.since)} and "
        f"{format_time(account.lost.until)}, of which nothing is known here.\n"
        "A message that is repeated, or that a campaign sends to them, is sent again if nobody looks."
    )
    command.confirm("Send without looking?", yes=yes)
    _change(
        command,
        lambda services: services.accounts.end_restore(workspace(), account_id),
        "{name} no longer looks for messages before it sends them.",
    )


@app.command("disconnect")
def disconnect_account(
    context: typer.Context, account_id: AccountId, *, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Erase an account's session; its sends stay in the ledger."""
    command = Command(context, as_json=as_json)
    account, _ = _read(command, account_id)
    command.confirm(f"Erase the LinkedIn session of {full_name(account)}?", yes=yes)

    async def disconnect(services: "Services") -> Account:
        await services.accounts.disconnect(workspace(), account_id)
        return await services.accounts.read(workspace(), account_id)

    _change(command, disconnect, "{name} is disconnected: its session is erased.")
    command.out.hint("LinkedIn still counts the browser as logged in; log out there to end the session for good.")


def read_quotas(
    context: typer.Context,
    *,
    account: Annotated[str | None, typer.Option(help="The account's id.", show_default="the default account")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what an account has used of its limits, without asking LinkedIn."""
    command = Command(context, as_json=as_json)
    account_id = parse_account_id(account, field="--account")
    found, quotas = command.ask(
        lambda services: services.accounts.read_quotas(workspace(), account_id), if_missing=SEE_ACCOUNTS
    )
    command.out.document({"accountId": found.id, "quotas": [quota_shape(quota) for quota in quotas]})
    command.out.print(f"{full_name(found)} ({found.id})\n")
    command.out.table(("what", "used", "limit", "left", "begins anew"), (_quota_row(quota) for quota in quotas))


def _read(command: Command, account_id: str) -> tuple[Account, datetime]:
    async def read(services: "Services") -> tuple[Account, datetime]:
        return await services.accounts.read(workspace(), account_id), services.clock()

    return command.ask(read, if_missing=SEE_ACCOUNTS)


def _change(command: Command, work: "Callable[[Services], Awaitable[Account]]", message: str) -> None:
    account = command.ask(work, if_missing=SEE_ACCOUNTS)
    command.out.document(account_shape(account))
    limit = counted(account.daily_limit, "message", "messages")
    command.out.print(message.replace("{limit}", limit).replace("{name}", full_name(account)))


def _state(account: Account, now: datetime) -> str:
    match account.condition(now):
        case Condition.DISABLED:
            return "disabled by you"
        case Condition.DISCONNECTED:
            return "disconnected: connect it again"
        case Condition.ERROR:
            return f"ERROR: {account.status_reason or 'its session ended'}"
        case Condition.HELD:
            assert account.hold_until is not None
            if account.awaits_release:
                return "held since a backup was restored: `confrere accounts release-hold`"
            return f"held until {format_time(account.hold_until)} (for {show_span(account.hold_until - now)})"
        case Condition.AVAILABLE:
            return f"{account.status}{_search_after_restore(account)}"
        case condition:
            assert_never(condition)


def _session_age(account: Account, now: datetime) -> str:
    if not account.has_session:
        return "none"
    return "stored" if account.connected_at is None else show_span(now - account.connected_at)


def _ago(instant: datetime | None, now: datetime) -> str:
    return "-" if instant is None else f"{show_span(now - instant)} ago"


def _restored(account: Account) -> list[tuple[str, str]]:
    """Return what a restored backup means for the account."""
    if account.lost is None:
        return []
    since = f"of {format_time(account.lost.since)}, restored {format_time(account.lost.until)}"
    if account.looks_until is None:
        return [("backup", f"{since}; held until `confrere accounts release-hold`")]
    until = f"{format_time(account.looks_until)}, or the end of the last campaign that the backup held"
    return [("backup", since), ("looks into conversations", f"until {until}; `confrere accounts end-restore` ends it")]


def _search_after_restore(account: Account) -> str:
    """Return until when a released account searches for lost messages, as a clause; "" where it does not."""
    if account.looks_until is None:
        return ""
    return f"; looks for lost messages until {format_time(account.looks_until)}"


_WORDS = {
    Action.MESSAGE: "messages",
    Action.GROUP_MEMBERS: "members read",
    Action.GROUP_FIRST_CONTACT: "first messages through a group",
}


def _quota_row(quota: Quota) -> tuple[str, ...]:
    limit = "none" if quota.limit is None else str(quota.limit)
    left = "-" if quota.remaining is None else str(quota.remaining)
    what = f"{_WORDS[quota.action]} ({WINDOW_OF[quota.action]})"
    return (what, str(quota.used), limit, left, format_time(quota.resets_at))
