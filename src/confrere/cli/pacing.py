"""`confrere pacing`: rules that make accounts send more slowly than their daily limit. Off unless set."""

from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import SEE_ACCOUNTS, AsJson, Command
from confrere.cli.exit_codes import CommandFailed, ExitCode
from confrere.cli.output import Json, counted
from confrere.cli.shapes import full_name
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.account import Account
from confrere.domain.errors import InvalidField
from confrere.domain.ids import parse_account_id
from confrere.domain.limits import iso_z
from confrere.domain.pacing import Breach, Pacing
from confrere.domain.pacing_json import RULES, show_minute, show_pacing
from confrere.domain.sending_hours import WEEKDAYS, SendingHours

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="Rules that make accounts slower than their daily limit.")

OfAccount = Annotated[
    str | None, typer.Option("--account", metavar="ID", help="The account's id.", show_default="the whole workspace")
]


@app.command("show")
def show(context: typer.Context, *, account: OfAccount = None, as_json: AsJson = False) -> None:
    """Show the rules, and when each account could send its next message to somebody new."""
    command = Command(context, as_json=as_json)

    async def read(services: "Services") -> tuple[Pacing, list[tuple[Account, Pacing, Breach | None]]]:
        if account:
            accounts = [await services.accounts.read(workspace(), parse_account_id(account, field="--account"))]
        else:
            accounts = list(await services.accounts.search(workspace()))
        return await services.pacing.read(workspace(), None), [
            (
                each,
                await services.pacing.read(workspace(), each.id),
                await services.pacing.foresee(workspace(), each.id),
            )
            for each in accounts
        ]

    of_all, accounts = command.ask(read, if_missing=SEE_ACCOUNTS)
    command.out.document(
        {"pacing": show_pacing(of_all), "accounts": [_account_shape(*each) for each in accounts]},
    )
    command.out.print(f"For every account: {_words(of_all)}")
    if accounts:
        command.out.print("")
        command.out.table(
            ("id", "name", "rules of its own", "next message"),
            ((each.id, full_name(each), _words(own), _next(breach)) for each, own, breach in accounts),
        )


@app.command("set")
def set_rules(
    context: typer.Context,
    *,
    account: OfAccount = None,
    writes_per_minute: Annotated[int | None, typer.Option(metavar="N", help="Messages of an account in 60 s.")] = None,
    calls_per_minute: Annotated[
        int | None, typer.Option(metavar="N", help="Calls of an API key in 60 s; of the workspace only.")
    ] = None,
    min_gap: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Between two messages of an account.")
    ] = None,
    hours: Annotated[str | None, typer.Option(metavar="HH:MM-HH:MM", help="When to send; may span midnight.")] = None,
    weekdays: Annotated[
        str | None, typer.Option(metavar="mon-fri", help="On which days.", show_default="every day")
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose clock --hours means, such as Europe/Berlin.")
    ] = None,
    first_contacts: Annotated[
        int | None, typer.Option(metavar="N", help="First messages through a group in a month.")
    ] = None,
    warm_up_from: Annotated[str | None, typer.Option(metavar="DAY", help="First day of a warm-up: 2026-01-31.")] = None,
    warm_up_first: Annotated[int | None, typer.Option(metavar="N", help="Messages on that day.")] = None,
    warm_up_growth: Annotated[int | None, typer.Option(metavar="N", help="How many more each day after it.")] = None,
    repeat_window: Annotated[
        int | None,
        typer.Option(
            metavar="SECONDS", help="How long an identical send without a key gets the first one's answer; 0 is off."
        ),
    ] = None,
    group_share: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", help="Of a group's members, first written to in a month; of the workspace."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Set rules of the workspace, or of one account; both apply, the stricter wins. Rules that are not named stay."""
    command = Command(context, as_json=as_json)
    gap = int(min_gap) if min_gap is not None and min_gap.is_integer() else min_gap
    changes: Json = {
        "writesPerMinute": writes_per_minute,
        "callsPerMinute": calls_per_minute,
        "minGapSeconds": gap,
        "sendingHours": _hours(hours, weekdays, time_zone),
        "firstContactsPerMonth": first_contacts,
        "warmUp": _given(startsOn=warm_up_from, firstDay=warm_up_first, growthPerDay=warm_up_growth),
        "repeatWindowSeconds": repeat_window,
        "groupMonthlyShare": int(group_share) if group_share is not None and group_share.is_integer() else group_share,
    }
    changes = {name: value for name, value in changes.items() if value is not None}
    if not changes:
        raise CommandFailed("No rule was named", "`confrere pacing set --help` lists them", code=ExitCode.USAGE)
    _change(command, parse_account_id(account, field="--account"), changes)


@app.command("clear")
def clear_rules(
    context: typer.Context,
    rules: Annotated[
        list[str] | None, typer.Argument(metavar="[RULE]...", help="Their names, as `show --json` has them.")
    ] = None,
    *,
    account: OfAccount = None,
    as_json: AsJson = False,
) -> None:
    """Clear rules: those that are named, or all of the workspace or the account."""
    command = Command(context, as_json=as_json)
    if unknown := [rule for rule in rules or () if rule not in RULES]:
        raise InvalidField("RULE", f"must be one of {', '.join(RULES)}; {len(unknown)} are not")
    changes = dict.fromkeys(rules or RULES)
    _change(command, parse_account_id(account, field="--account"), changes)


def _change(command: Command, account: str | None, changes: Json) -> None:
    pacing = command.ask(
        lambda services: services.pacing.change(workspace(), account, changes), if_missing=SEE_ACCOUNTS
    )
    command.out.document({"accountId": account, "pacing": show_pacing(pacing)})
    command.out.print(f"{f'For account {account}' if account else 'For every account'}: {_words(pacing)}")


def _hours(hours: str | None, weekdays: str | None, time_zone: str | None) -> Json | None:
    begins, _, ends = (hours or "").partition("-")
    days = None if weekdays is None else _weekdays(weekdays)
    given = {"from": begins or None, "to": ends or None, "weekdays": days, "timeZone": time_zone}
    return _given(**given)


def _given(**parts: object) -> Json | None:
    """Return the values that were given; None where there are none."""
    return {name: value for name, value in parts.items() if value is not None} or None


def _weekdays(text: str) -> list[str]:
    """Parse `mon-fri`, `sat,sun`, `fri-mon,wed`. Raises InvalidField."""
    names: list[str] = []
    for part in text.lower().split(","):
        first, _, last = part.strip().partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise InvalidField("--weekdays", "must be weekdays such as mon-fri or sat,sun")
        number, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        names += [WEEKDAYS[(number + step) % 7] for step in range((end - number) % 7 + 1)]
    return names


def _account_shape(account: Account, own: Pacing, breach: Breach | None) -> Json:
    return {
        "accountId": account.id,
        "pacing": show_pacing(own),
        "waitsFor": None if breach is None else str(breach.name),
        "nextAllowedAt": None if breach is None else iso_z(breach.opens_at),
    }


def _next(breach: Breach | None) -> str:
    return "now" if breach is None else f"{format_time(breach.opens_at)} ({breach.name}: {breach.used}/{breach.limit})"


def _words(pacing: Pacing) -> str:
    words = []
    if pacing.writes_per_minute is not None:
        words.append(counted(pacing.writes_per_minute, "message a minute", "messages a minute"))
    if pacing.calls_per_minute is not None:
        words.append(counted(pacing.calls_per_minute, "call of a key a minute", "calls of a key a minute"))
    if pacing.min_gap is not None:
        words.append(f"{pacing.min_gap.total_seconds():g} s between messages")
    if pacing.sending_hours is not None:
        words.append(_hours_in_words(pacing.sending_hours))
    if pacing.first_contacts_per_month is not None:
        words.append(counted(pacing.first_contacts_per_month, "first message a month", "first messages a month"))
    if (warm_up := pacing.warm_up) is not None:
        first_day = counted(warm_up.first_day, "message", "messages")
        words.append(f"{first_day} on {warm_up.starts_on}, {warm_up.growth} more each day after it")
    if pacing.repeat_window is not None:
        words.append(f"an identical send within {pacing.repeat_window.total_seconds():g} s is a repeat")
    if pacing.group_monthly_share is not None:
        words.append(f"{pacing.group_monthly_share:g} % of a group's members a month")
    return "; ".join(words) or "no rules"


def _hours_in_words(hours: SendingHours) -> str:
    days = ", ".join(name for number, name in enumerate(WEEKDAYS) if number in hours.weekdays)
    when = "every day" if len(hours.weekdays) == len(WEEKDAYS) else days
    return f"{when} from {show_minute(hours.begins)} to {show_minute(hours.ends)} in {hours.zone}"
