"""Sessions are monitored: probes, cookies, and reports of accounts that need a person."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from confrere.domain.account import Account, AccountStatus
from confrere.domain.attempt import Attempt, Unreadable
from confrere.domain.outcome import Accepted, SessionDead, Throttled
from confrere.domain.session import Session
from confrere.services import Services
from confrere.worker.jobs import worker_jobs
from confrere.worker.loop import run_jobs
from tests.fakes.upstream import BROWSER, FakeUpstream
from tests.unit.sending.conftest import HandClock
from tests.unit.sending.requests import send

SILENCE = timedelta(hours=12)
DEAD = SessionDead("LinkedIn asked to log in")


async def stored(services: Services) -> Session:
    """Return the stored session."""
    account = await services.accounts.read("default", None)
    session = await services.store.read_session(account.id, account.session_version)
    assert session is not None
    return session


async def status(services: Services) -> AccountStatus:
    """Return the status of the default account."""
    return (await services.accounts.read("default", None)).status


def accounts(condition: str) -> float | None:
    """Return the numbers of the metric."""
    return REGISTRY.get_sample_value("confrere_accounts", {"status": condition})


async def test_dead_session_is_known_before_it_is_needed(
    services: Services, account: Account, upstream: FakeUpstream, clock: HandClock
) -> None:
    """An idle account is probed once; a dead session stops it, and it is not probed again."""
    clock.pass_time(hours=10)
    assert await services.session_monitor.probe_idle(SILENCE) is None
    clock.pass_time(hours=4)
    upstream.member = DEAD
    assert await services.session_monitor.probe_idle(SILENCE) == account
    assert await status(services) is AccountStatus.ERROR
    clock.pass_time(days=3)
    assert await services.session_monitor.probe_idle(SILENCE) is None
    assert upstream.probes == 2  # the first when it was connected


async def test_throttling_that_a_probe_meets_holds_the_account(
    services: Services, account: Account, upstream: FakeUpstream, clock: HandClock
) -> None:
    """A probe that is throttled holds the account like a send."""
    clock.pass_time(days=1)
    upstream.member = Throttled(429, 3600)
    await services.session_monitor.probe_idle(SILENCE)
    held = await services.accounts.read("default", account.id)
    assert held.hold_until == clock.now + timedelta(hours=1)


@pytest.mark.usefixtures("account")
async def test_probe_that_brings_nothing_leaves_the_account_alone(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """A probe without a result changes nothing and is repeated after another idle period."""
    clock.pass_time(days=1)
    upstream.member = Unreadable("LinkedIn did not answer in time")
    await services.session_monitor.probe_idle(SILENCE)
    assert await services.session_monitor.probe_idle(SILENCE) is None
    assert await status(services) is AccountStatus.AVAILABLE


async def test_session_that_was_replaced_while_it_was_probed_is_not_missed(
    services: Services, account: Account, upstream: FakeUpstream, clock: HandClock
) -> None:
    """A session that was replaced during its probe is kept, whatever the probe finds."""
    clock.pass_time(days=1)
    read_member = upstream.read_member

    async def be_overtaken(session: Session) -> SessionDead:
        upstream.read_member = read_member  # type: ignore[method-assign]
        await services.accounts.connect("default", BROWSER)
        return DEAD

    upstream.read_member = be_overtaken  # type: ignore[method-assign]
    await services.session_monitor.probe_idle(SILENCE)
    assert await status(services) is AccountStatus.AVAILABLE


@pytest.mark.usefixtures("account")
async def test_session_that_was_replaced_during_a_send_is_not_missed(
    services: Services, upstream: FakeUpstream
) -> None:
    """A dead session that was replaced during the send is reported for the send, and the account continues."""
    upstream.will(DEAD)
    upstream.gate = asyncio.Event()
    sending = asyncio.create_task(send(services))
    while upstream.next_attempts:
        await asyncio.sleep(0.001)
    await services.accounts.connect("default", BROWSER)
    upstream.gate.set()
    assert (await sending).outcome == DEAD
    assert await status(services) is AccountStatus.AVAILABLE
    assert isinstance((await send(services)).outcome, Accepted)


@pytest.mark.usefixtures("account")
async def test_cookies_that_a_read_brings_are_kept(services: Services, upstream: FakeUpstream) -> None:
    """Cookies of a read are stored with the session they belong to, and with no other."""
    session = await stored(services)
    upstream.keep_cookies(session, {"lidc": "b=1"})
    await services.background.wait_until_idle()
    assert (await stored(services)).cookies == {**BROWSER.cookies, "lidc": "b=1"}
    await services.accounts.connect("default", BROWSER)
    upstream.keep_cookies(session, {"lidc": "b=2"})
    await services.background.wait_until_idle()
    assert (await stored(services)).cookies == BROWSER.cookies


async def test_cookies_that_the_first_probe_brings_are_kept(services: Services, upstream: FakeUpstream) -> None:
    """Cookies of the first probe are stored with the new session."""
    read_member = upstream.read_member

    async def set_cookies(session: Session) -> object:
        upstream.keep_cookies(session, {"lidc": "b=1"})
        return await read_member(session)

    upstream.read_member = set_cookies  # type: ignore[method-assign, assignment]
    await services.accounts.connect("default", BROWSER)
    assert (await stored(services)).cookies == {**BROWSER.cookies, "lidc": "b=1"}
    upstream.keep_cookies(BROWSER, {"lidc": "b=2"})  # of no known session: ignored
    await services.background.wait_until_idle()


@pytest.mark.usefixtures("account")
async def test_cookies_that_a_send_brings_are_kept(services: Services, upstream: FakeUpstream) -> None:
    """Cookies of a send are stored from its attempt."""
    upstream.next_attempts.append(Attempt(Accepted("m", "c"), {"lidc": "b=3"}))
    await send(services)
    await services.background.wait_until_idle()
    assert (await stored(services)).cookies["lidc"] == "b=3"


async def test_accounts_that_need_a_person_are_reported(services: Services, account: Account) -> None:
    """Accounts that need a person are in the metric, in readiness with the remedy, and logged when they increase."""
    await services.health.beat(is_worker=True)
    assert (await services.health.check()).checks["accounts"] == "ok"
    assert (accounts("available"), accounts("error")) == (1, 0)
    await services.store.set_status(account.id, AccountStatus.ERROR, DEAD.why)
    with capture_logs() as logs:
        health = await services.health.check()
        await services.health.check()
    assert [(entry["event"], entry["count"]) for entry in logs] == [("accounts_need_attention", 1)]
    assert health.ready
    assert health.checks["accounts"].startswith("1 need attention")
    assert "`confrere accounts connect`" in health.checks["accounts"]
    assert account.id not in health.checks["accounts"]
    assert (accounts("available"), accounts("error")) == (0, 1)


@pytest.mark.usefixtures("account")
async def test_worker_probes_in_the_background(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """The worker probes in the background, unless that is turned off."""
    clock.pass_time(days=1)
    upstream.member = DEAD
    never = asyncio.create_task(
        run_jobs(worker_jobs(services, reconcile_seconds=0.01, probe_hours=0, replies_seconds=300, replies_days=30))
    )
    await asyncio.sleep(0.1)
    assert await status(services) is AccountStatus.AVAILABLE
    never.cancel()
    worker = asyncio.create_task(
        run_jobs(worker_jobs(services, reconcile_seconds=0.01, probe_hours=12, replies_seconds=300, replies_days=30))
    )
    async with asyncio.timeout(5):
        while await status(services) is not AccountStatus.ERROR:
            await asyncio.sleep(0.01)
    worker.cancel()
    await asyncio.gather(never, worker, return_exceptions=True)
