"""`confrere campaigns people` and `watch`: what became of whom, and live progress."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.campaign_check import SEE_CAMPAIGNS, CampaignId
from confrere.cli.campaigns import show_counts, show_done, show_reason
from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.runtime import WORKSPACE
from confrere.cli.shapes import campaign_person_shape, campaign_shape
from confrere.cli.times import format_time
from confrere.domain.campaigns.campaign import CampaignPerson, CampaignStatus, PersonFilter, PersonStatus, SkipReason
from confrere.domain.remedies import START_WORKER
from confrere.domain.why_not import WhyNot

if TYPE_CHECKING:
    from confrere.campaigns import CampaignState
    from confrere.services import Services

PAGE = 1_000

_OVER = frozenset({CampaignStatus.FINISHED, CampaignStatus.STOPPED, CampaignStatus.ARCHIVED})


def list_people(
    context: typer.Context,
    campaign_id: CampaignId,
    *,
    status: Annotated[PersonStatus | None, typer.Option(help="Only people in this status.")] = None,
    reason: Annotated[SkipReason | None, typer.Option(help="Only people skipped for this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the people of a campaign that was started: what became of each, or why they wait and until when."""
    command = Command(context, as_json=as_json)
    which = PersonFilter(status, None if reason is None else str(reason))
    found = command.ask(
        lambda services: _read_people(services, campaign_id, which, limit + 1), if_missing=SEE_CAMPAIGNS
    )
    shown = found[:limit]
    command.out.document(
        {"items": [campaign_person_shape(person, why) for person, why in shown], "hasMore": len(found) > limit}
    )
    if not shown:
        command.out.hint("There are no such people.")
        return
    command.out.table(
        ("profile id", "status", "reason", "send", "what to do"),
        (
            (
                person.recipient.profile_id,
                str(person.status),
                person.reason or "" if why is None else show_reason(why),
                person.send_id or "",
                "" if why is None else why.remedy,
            )
            for person, why in shown
        ),
    )
    if len(found) > limit:
        command.out.hint(f"There are more: `--limit` shows more than {limit}.")


def watch_campaign(
    context: typer.Context,
    campaign_id: CampaignId,
    *,
    every: Annotated[float, typer.Option(min=0.1, max=3_600, help="Seconds between two readings of the store.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Print a line whenever something changes, until the campaign is over. Ctrl-C ends only the watching.

    As JSON: one object a line. Exit code 0 where the campaign is finished, 1 where it was stopped.
    """
    command = Command(context, as_json=as_json)
    state = command.ask(lambda services: _watch(command, services, campaign_id, every), if_missing=SEE_CAMPAIGNS)
    if state.campaign.status is CampaignStatus.STOPPED:
        raise CommandFailed(
            "The campaign was stopped", f"`confrere campaigns people {campaign_id}` shows what became of whom"
        )


async def _watch(command: Command, services: "Services", campaign_id: str, every: float) -> "CampaignState":
    """Print every change; return the last state, in which the campaign is over."""
    seen: tuple[object, ...] = ()
    while True:
        state = await services.campaigns.read(WORKSPACE, campaign_id)
        idle = state.campaign.status is CampaignStatus.RUNNING and not await services.store.has_worker()
        now = (state.campaign.status, state.campaign.cause, state.counts, state.why_not, idle)
        if now != seen:
            seen = now
            command.out.document({**campaign_shape(state), "lacksWorker": idle})
            command.out.print(_line(state, format_time(services.clock()), has_worker=not idle))
        if state.campaign.status in _OVER:
            return state
        await asyncio.sleep(every)


def _line(state: "CampaignState", time: str, *, has_worker: bool) -> str:
    """Format one line of progress; why nothing is sent now, until when, and what to do."""
    text = f"{time}  {state.campaign.status}  {show_done(state.counts)}: {show_counts(state.counts)}"
    if state.why_not is not None:
        text += f"\n    {show_reason(state.why_not)}. {state.why_not.remedy}."
    if not has_worker:
        text += f"\n    No worker runs. {START_WORKER}."
    return text


async def _read_people(
    services: "Services", campaign_id: str, which: PersonFilter, count: int
) -> list[tuple[CampaignPerson, WhyNot | None]]:
    found: list[tuple[CampaignPerson, WhyNot | None]] = []
    while len(found) < count:
        wanted = min(PAGE, count - len(found))
        after_id = found[-1][0].id if found else None
        page = await services.campaign_people.list_page(WORKSPACE, campaign_id, which, after_id=after_id, count=wanted)
        found += page
        if len(page) < wanted:
            break
    return found
