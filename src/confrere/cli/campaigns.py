"""`confrere campaigns`: one message each to the people of an audience."""

from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from confrere.cli.audiences import SEE_AUDIENCES
from confrere.cli.campaign_check import (
    SEE_CAMPAIGNS,
    CampaignId,
    check_campaign,
    list_texts,
    print_check,
    read_check,
    show_begin,
)
from confrere.cli.command import SEE_ACCOUNTS, AsJson, Command, Yes
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.message_text import naming_source, read_source
from confrere.cli.output import counted
from confrere.cli.shapes import campaign_shape
from confrere.cli.times import format_time, parse_time
from confrere.cli.workspace import workspace
from confrere.domain.campaigns.campaign import CampaignCounts, CampaignStatus
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import parse_account_id
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.remedies import START_WORKER
from confrere.domain.why_not import WhyNot

if TYPE_CHECKING:
    from confrere.campaigns import CampaignState
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="Campaigns: one message each to the people of an audience.")

STARTED_BY = "command line"

T = TypeVar("T")

_Template = Annotated[str | None, typer.Option(help="The id of a template.", show_default="the text that is given")]
_Message = Annotated[str | None, typer.Option(help="The text, in Liquid: variables are filled in.")]
_MessageFile = Annotated[Path | None, typer.Option(help="File with the text, in UTF-8.")]
_Account = Annotated[str | None, typer.Option(help="The account's id.", show_default="the default account")]


@app.command("create")
def create_campaign(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Option(help="Its name; only you see it.")],
    audience: Annotated[str, typer.Option(help="The id of the audience that it is for.")],
    template: _Template = None,
    message: _Message = None,
    message_file: _MessageFile = None,
    account: _Account = None,
    starts_at: Annotated[
        str | None, typer.Option(help="Begin then, once started: a day or an ISO 8601 time.", show_default="at once")
    ] = None,
    daily_cap: Annotated[
        int | None, typer.Option(min=1, max=MESSAGES_PER_DAY_CEILING, help="Messages a day at most.")
    ] = None,
    spread: Annotated[
        bool, typer.Option("--spread/--no-spread", help="Spread the messages evenly over the day, or send at once.")
    ] = True,
    skip_existing: Annotated[
        bool,
        typer.Option("--skip-existing/--no-skip-existing", help="Skip whom the account has a conversation with."),
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Write down a campaign as a draft; nothing is sent until `campaigns start`.

    The text is that of --template, or is taken from --message, from --message-file, or from standard input.
    """
    command = Command(context, as_json=as_json)
    account_id = parse_account_id(account, field="--account")
    text, source = _read_text(template, message, message_file)
    if template is None and text is None:
        text, source = read_source(None, None)
    begins_at = None if starts_at is None else parse_time(starts_at, "--starts-at")

    async def create(services: "Services") -> "CampaignState":
        from confrere.campaigns.audiences import parse_name  # loaded with the services

        if begins_at is not None and begins_at <= services.clock():
            raise InvalidField("--starts-at", "must lie in the future")
        sender = await services.accounts.read(workspace(), account_id)
        try:
            return await services.campaigns.create(
                workspace(),
                name=parse_name(name),
                audience_id=audience,
                text=text,
                template_id=template,
                account_id=sender.id,
                starts_at=begins_at,
                daily_cap=daily_cap,
                spread=spread,
                skip_existing_conversations=skip_existing,
                created_by=STARTED_BY,
            )
        except NotFound as fault:
            raise CommandFailed(f"--audience: {fault}", SEE_AUDIENCES) from fault

    with naming_source(source):
        state = command.ask(create, if_missing=SEE_ACCOUNTS)
    command.out.document(campaign_shape(state))
    command.out.print(state.campaign.id)
    command.out.hint(f"A draft; nothing is sent yet. Next: `confrere campaigns start {state.campaign.id}`")


@app.command("list")
def list_campaigns(
    context: typer.Context,
    *,
    status: Annotated[
        CampaignStatus | None, typer.Option(help="Only those in this status.", show_default="all but archived")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Only of this account.", show_default="all")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the campaigns, newest first, and why each sends nothing now."""
    command = Command(context, as_json=as_json)
    account_id = parse_account_id(account, field="--account")

    async def read(services: "Services") -> "Sequence[CampaignState]":
        if account_id is not None:
            await services.accounts.read(workspace(), account_id)
        return await services.campaigns.list_page(workspace(), status=status, account_id=account_id, count=limit + 1)

    found = command.ask(read, if_missing=SEE_ACCOUNTS)
    shown = found[:limit]
    command.out.document(
        {"campaigns": [campaign_shape(state) for state in shown], "hasMore": len(found) > limit},
    )
    if not shown:
        command.out.hint("There are no such campaigns.")
        return
    command.out.table(
        ("id", "name", "status", "done", "sends nothing because"),
        (
            (
                state.campaign.id,
                state.campaign.name,
                str(state.campaign.status),
                show_done(state.counts),
                "" if state.why_not is None else show_reason(state.why_not),
            )
            for state in shown
        ),
    )
    if len(found) > limit:
        command.out.hint(f"There are older ones: `--limit` shows more than {limit}.")


@app.command("show")
def show_campaign(context: typer.Context, campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Show one campaign: how far it is, and why it sends nothing now."""
    command = Command(context, as_json=as_json)
    _print_state(
        command,
        command.ask(lambda services: services.campaigns.read(workspace(), campaign_id), if_missing=SEE_CAMPAIGNS),
    )


app.command("check")(check_campaign)
app.command("texts")(list_texts)


@app.command("update")
def update_campaign(
    context: typer.Context,
    campaign_id: CampaignId,
    *,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    audience: Annotated[str | None, typer.Option(help="The id of another audience.")] = None,
    template: _Template = None,
    message: _Message = None,
    message_file: _MessageFile = None,
    account: Annotated[str | None, typer.Option(help="The id of another account.")] = None,
    starts_at: Annotated[str | None, typer.Option(help="Begin then, once started.")] = None,
    at_once: Annotated[bool, typer.Option("--at-once", help="Begin as soon as it is started.")] = False,
    daily_cap: Annotated[
        int | None, typer.Option(min=1, max=MESSAGES_PER_DAY_CEILING, help="Messages a day at most.")
    ] = None,
    no_daily_cap: Annotated[bool, typer.Option("--no-daily-cap", help="As many a day as the account may.")] = False,
    spread: Annotated[bool | None, typer.Option("--spread/--no-spread", help="Spread over the day, or not.")] = None,
    skip_existing: Annotated[
        bool | None,
        typer.Option("--skip-existing/--no-skip-existing", help="Skip whom the account has a conversation with."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a draft; what is not given stays as it is."""
    command = Command(context, as_json=as_json)
    account_id = parse_account_id(account, field="--account")
    text, source = _read_text(template, message, message_file)
    begins_at = None if starts_at is None else parse_time(starts_at, "--starts-at")

    async def change(services: "Services") -> "CampaignState":
        from confrere.campaigns import CampaignChanges

        if begins_at is not None and begins_at <= services.clock():
            raise InvalidField("--starts-at", "must lie in the future")
        if audience is not None:
            await _read_named("--audience", services.audiences.read(workspace(), audience), SEE_AUDIENCES)
        if account_id is not None:
            await _read_named("--account", services.accounts.read(workspace(), account_id), SEE_ACCOUNTS)
        changes = CampaignChanges(
            name=name,
            audience_id=audience,
            account_id=account_id,
            template_id=template,
            text=text,
            starts_at=begins_at,
            at_once=at_once,
            daily_cap=daily_cap,
            uncapped=no_daily_cap,
            spread=spread,
            skip_existing_conversations=skip_existing,
        )
        return await _read_named("ID", services.campaigns.change(workspace(), campaign_id, changes), SEE_CAMPAIGNS)

    with naming_source(source):
        state = command.ask(change)
    command.out.document(campaign_shape(state))
    command.out.print(f"Updated '{state.campaign.name}'. `confrere campaigns check {campaign_id}` checks it.")


@app.command("start")
def start_campaign(
    context: typer.Context,
    campaign_id: CampaignId,
    *,
    first: Annotated[int | None, typer.Option(min=1, help="Pause after so many messages, to read them first.")] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Start a draft, after a confirmation. What is shown is what is sent: a change in between is refused."""
    command = Command(context, as_json=as_json)
    campaign, check = read_check(command, campaign_id, action="started")
    print_check(command, campaign, check)
    command.confirm(f"Send messages to up to {counted(check.would_send, 'person', 'people')}?", yes=yes)

    async def start(services: "Services") -> "tuple[CampaignState, bool]":
        state = await services.campaigns.start(
            workspace(), campaign_id, content_hash=check.content_hash, first=first, started_by=STARTED_BY
        )
        return state, await services.store.has_worker()

    state, has_worker = command.ask(start, if_missing=SEE_CAMPAIGNS)
    command.out.document({**campaign_shape(state), "contentHash": check.content_hash})
    begins = f" It begins {format_time(state.campaign.starts_at)}." if state.campaign.starts_at else ""
    command.out.print(f"Started '{state.campaign.name}': it is {state.campaign.status}.{begins}")
    if not has_worker:
        command.out.hint(f"No worker runs, so nothing is sent yet. {START_WORKER}.")
    command.out.hint(f"`confrere campaigns watch {campaign_id}` shows its progress.")


@app.command("pause")
def pause_campaign(context: typer.Context, campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Pause a campaign; none of its messages begins after this has returned."""
    command = Command(context, as_json=as_json)
    state = command.ask(lambda services: services.campaigns.pause(workspace(), campaign_id), if_missing=SEE_CAMPAIGNS)
    command.out.document(campaign_shape(state))
    command.out.print(f"Paused '{state.campaign.name}'; {_in_flight(state)}.")


@app.command("resume")
def resume_campaign(context: typer.Context, campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Let a paused campaign run again."""
    command = Command(context, as_json=as_json)
    state = command.ask(lambda services: services.campaigns.resume(workspace(), campaign_id), if_missing=SEE_CAMPAIGNS)
    command.out.document(campaign_shape(state))
    who = counted(state.counts.waiting, "person waits", "people wait")
    command.out.print(f"Resumed '{state.campaign.name}': {who}.")


@app.command("stop")
def stop_campaign(
    context: typer.Context, campaign_id: CampaignId, *, yes: Yes = False, as_json: AsJson = False
) -> None:
    """End a campaign for ever; who waits gets no message of it."""
    command = Command(context, as_json=as_json)
    found = command.ask(lambda services: services.campaigns.read(workspace(), campaign_id), if_missing=SEE_CAMPAIGNS)
    waiting = found.counts.waiting + found.counts.held
    who = counted(waiting, "person waits", "people wait")
    command.confirm(f"Stop '{found.campaign.name}' for ever? {who} for its message.", yes=yes)
    state = command.ask(lambda services: services.campaigns.stop(workspace(), campaign_id), if_missing=SEE_CAMPAIGNS)
    command.out.document(campaign_shape(state))
    command.out.print(f"Stopped '{state.campaign.name}'; {_in_flight(state)}.")


@app.command("archive")
def archive_campaign(context: typer.Context, campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Hide a draft, or a campaign that is over, from the list; its rows stay."""
    command = Command(context, as_json=as_json)
    state = command.ask(lambda services: services.campaigns.archive(workspace(), campaign_id), if_missing=SEE_CAMPAIGNS)
    command.out.document(campaign_shape(state))
    command.out.print(f"Archived '{state.campaign.name}'.")


def _in_flight(state: "CampaignState") -> str:
    return f"{counted(state.counts.in_flight, 'message is', 'messages are')} in flight"


def show_done(counts: CampaignCounts) -> str:
    """Format how many of the campaign's people are done with: `3 of 5`; a draft has none yet."""
    done = counts.sent + counts.replied + counts.refused + counts.skipped
    return f"{done:,} of {done + counts.waiting + counts.held + counts.in_flight + counts.unknown:,}"


def show_reason(why: WhyNot) -> str:
    """Format as `day_used_up until 2026-03-15 00:00 UTC`."""
    return str(why.reason) + ("" if why.until is None else f" until {format_time(why.until)}")


def show_counts(counts: CampaignCounts) -> str:
    """Format the counts that are not 0: `sent 3, waiting 2`."""
    named = {
        "sent": counts.sent,
        "replied": counts.replied,
        "refused": counts.refused,
        "skipped": counts.skipped,
        "in flight": counts.in_flight,
        "unknown": counts.unknown,
        "held": counts.held,
        "waiting": counts.waiting,
    }
    return ", ".join(f"{name} {count:,}" for name, count in named.items() if count) or "nobody yet"


def _read_text(template: str | None, message: str | None, file: Path | None) -> tuple[str | None, str]:
    """Return the text that was given and the name of its source; None where none was. Raises InvalidField."""
    if message is None and file is None:
        return None, ""
    text, source = read_source(message, file)
    if template is not None:
        raise InvalidField("--template", f"cannot be given together with {source}")
    return text, source


async def _read_named(option: str, reading: Awaitable[T], remedy: str) -> T:
    """Await a reading; name the option where there is no such thing. Raises CommandFailed."""
    try:
        return await reading
    except NotFound as fault:
        raise CommandFailed(f"{option}: {fault}", remedy) from fault


def _print_state(command: Command, state: "CampaignState") -> None:
    one, why = state.campaign, state.why_not
    command.out.document(campaign_shape(state))
    command.out.facts(
        [
            ("id", one.id),
            ("name", one.name),
            ("status", f"{one.status}" + (f" ({one.cause})" if one.cause else "")),
            ("people", show_counts(state.counts)),
            *[(f"  {reason}", f"{count:,}") for reason, count in state.counts.skipped_by_reason.items()],
            *([] if why is None else [("sends nothing", show_reason(why)), ("what to do", why.remedy)]),
            ("account", one.account_id),
            ("group", str(one.group_id)),
            ("audience", one.audience_id),
            (
                "text",
                "its own" if one.template_id is None else f"template {one.template_id}, version {one.template_version}",
            ),
            ("begins", show_begin(one.starts_at)),
            *([] if state.forecast is None else [("forecast", f"{state.forecast}, if nothing interferes")]),
            ("started", format_time(one.started_at)),
            ("ended", format_time(one.ended_at)),
        ]
    )
