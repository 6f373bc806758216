"""Background work runs to its end, and its failures are logged."""

import asyncio

import pytest
from structlog.testing import capture_logs

from confrere.domain.audit import COMMAND_LINE, SERVER, Actor, acting_as, current_actor
from confrere.domain.errors import StoreUnavailable
from confrere.sending.background import BackgroundTasks


async def _fail(fault: Exception) -> None:
    await asyncio.sleep(0)
    raise fault


@pytest.mark.parametrize(
    ("fault", "level"), [(StoreUnavailable("sqlite: disk is full"), "warning"), (ZeroDivisionError(), "error")]
)
async def test_a_failure_that_no_caller_sees_is_logged(fault: Exception, level: str) -> None:
    """A failure that no caller gets is logged: a bug as an error, an unavailable store as a warning."""
    background = BackgroundTasks()
    with capture_logs() as logs:
        background.start(_fail(fault))
        caller = asyncio.create_task(background.finish(_fail(fault)))
        await asyncio.sleep(0)
        caller.cancel()
        await background.wait_until_idle()
        await asyncio.gather(caller, return_exceptions=True)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("background_task_failed", level)] * 2


async def test_work_outlives_its_cancelled_caller() -> None:
    """Work continues after its caller was cancelled, and waiting until idle includes it."""
    background, gate, ended = BackgroundTasks(), asyncio.Event(), []

    async def work() -> None:
        await gate.wait()
        ended.append(True)

    caller = asyncio.create_task(background.finish(work()))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    gate.set()
    await background.wait_until_idle()
    assert ended == [True]


async def test_a_caller_gets_the_value_or_the_failure_which_is_not_logged_again() -> None:
    """A caller gets the value or the exception, which is then not logged."""
    background = BackgroundTasks()
    assert await background.finish(asyncio.sleep(0, "value")) == "value"
    with capture_logs() as logs, pytest.raises(StoreUnavailable):
        await background.finish(_fail(StoreUnavailable("sqlite: disk is full")))
    assert logs == []


async def test_work_without_a_caller_is_the_servers() -> None:
    """Who acts stays who acts in work that they wait for; what is left running behind them is the server's."""
    background = BackgroundTasks()
    seen: list[Actor] = []

    async def work() -> None:
        await asyncio.sleep(0)
        seen.append(current_actor())

    with acting_as(COMMAND_LINE):
        background.start(work())
        await background.finish(work())
        seen.append(current_actor())
    await background.wait_until_idle()
    assert seen == [SERVER, COMMAND_LINE, COMMAND_LINE]
