"""`confrere audiences watch`: how far the collection of an audience is, live."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.audiences import SEE_AUDIENCES, AudienceId, show_progress
from confrere.cli.command import AsJson, Command
from confrere.cli.shapes import audience_shape
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.campaigns.audience import AudienceStatus
from confrere.domain.remedies import START_WORKER

if TYPE_CHECKING:
    from confrere.campaigns import AudienceState
    from confrere.services import Services

Every = Annotated[float, typer.Option(min=0.1, max=3_600, help="Seconds between two readings of the store.")]


def watch_audience(
    context: typer.Context, audience_id: AudienceId, *, every: Every = 2, as_json: AsJson = False
) -> None:
    """Print a line whenever something changes, until the audience is ready. Ctrl-C ends only the watching.

    As JSON: one object a line.
    """
    command = Command(context, as_json=as_json)
    command.ask(lambda services: watch(command, services, audience_id, every), if_missing=SEE_AUDIENCES)


async def watch(command: Command, services: "Services", audience_id: str, every: float) -> "AudienceState":
    """Print every change; return the last state, in which the audience is ready."""
    seen: tuple[object, ...] = ()
    while True:
        state = await services.audiences.read_state(workspace(), audience_id)
        is_ready = state.audience.status is AudienceStatus.READY
        lacks_worker = not is_ready and not await services.store.has_worker()
        now = (state.audience, state.why_not, lacks_worker)
        if now != seen:
            seen = now
            command.out.document({**audience_shape(state), "lacksWorker": lacks_worker})
            command.out.print(f"{format_time(services.clock())}  {state.audience.status}  {show_progress(state)}")
            if lacks_worker:
                command.out.print(f"    No worker runs. {START_WORKER}.")
        if is_ready:
            return state
        await asyncio.sleep(every)
