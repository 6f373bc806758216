"""`confrere campaigns watch`: live progress."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.campaign_check import SEE_CAMPAIGNS, CampaignId
from confrere.cli.campaigns import show_counts, show_done, show_reason
from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.shapes import campaign_shape
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.remedies import START_WORKER

if TYPE_CHECKING:
    from confrere.campaigns import CampaignState
    from confrere.services import Services

_OVER = frozenset({CampaignStatus.FINISHED, CampaignStatus.STOPPED, CampaignStatus.ARCHIVED})


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
        state = await services.campaigns.read(workspace(), campaign_id)
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
