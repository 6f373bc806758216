"""Workers killed at each point of a collection: every member is in the audience once, and few units are spent twice."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from confrere.campaigns.audiences import AudienceState
from confrere.domain.campaigns.audience import AudienceStatus
from confrere.domain.campaigns.collecting import PAGE
from confrere.domain.campaigns.collection import GroupFilters
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, Action
from confrere.domain.urns import GroupId
from tests.faults.dying_collector import POINTS
from tests.forked_python import ForkedPython
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import OpenServices, Site, prepare_site

MEMBERS = 2_400
LEASE = timedelta(minutes=2, seconds=1)
FIRST_DAY = (datetime.now(UTC) + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    """One LinkedIn for both engines, with a group of all its members."""
    with running_sandbox(members=MEMBERS, accounts=1) as sandbox:
        yield sandbox


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, sandbox: SandboxProcess) -> Site:
    """A store with an account, on each engine."""
    sandbox.reset()
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return prepare_site(tmp_path, sandbox, database_url=url)


async def begin(site: Site, group_id: str) -> str:
    """An audience of the group, not read yet."""
    async with OpenServices(site.settings, clock=lambda: FIRST_DAY) as services:
        audience = await services.audiences.create_from_group(
            "default", name="Members", group_id=GroupId(group_id), account_id=None, filters=GroupFilters()
        )
        return audience.id


def die(site: Site, point: str, times: int, now: datetime) -> int:
    """Run a worker that dies there; return its exit code."""
    settings = site.settings
    where = [str(settings.data_dir), settings.linkedin_url, settings.database_url or ""]
    command = ["-m", "tests.faults.dying_collector", point, str(times), *where, now.isoformat()]
    with site.log.open("a") as log, ForkedPython(command, stdout=log, stderr=log) as process:
        return process.wait(60)


async def finish(site: Site, audience_id: str, start: datetime) -> tuple[AudienceState, list[str], dict[str, int]]:
    """Be the worker over days, until the audience is ready. Returns it, who is in it, and the units of each day."""
    now = start
    used: dict[str, int] = {}
    async with OpenServices(site.settings, clock=lambda: now) as services:
        for _ in range(200):
            await services.collector.run_due()
            await services.background.wait_until_idle()
            state = await services.audiences.read_state("default", audience_id)
            quotas = await services.store.read_quotas(site.account_ids[0], now)
            used[str(now.date())] = next(one.used for one in quotas if one.action is Action.GROUP_MEMBERS)
            if state.audience.status is AudienceStatus.READY:
                people = await services.audiences.read_everybody("default", audience_id)
                return state, [str(one.recipient) for one in people], used
            waits = state.why_not.until if state.why_not is not None else None
            now = max(now + LEASE, waits or now)
    pytest.fail("the audience does not become ready")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess) -> list[str]:
    """Who is collected where nothing is killed, in order."""
    site = prepare_site(tmp_path_factory.mktemp("undisturbed"), sandbox)
    audience_id = asyncio.run(begin(site, everybody(sandbox)))
    _, people, used = asyncio.run(finish(site, audience_id, FIRST_DAY))
    assert sum(used.values()) == len(people) == len(set(people)) >= MEMBERS * 0.9
    return people


def everybody(sandbox: SandboxProcess) -> str:
    """The group that holds everybody."""
    return str(sandbox.world()["groups"][1]["groupId"])


def test_every_member_is_collected_once_whatever_is_killed(
    site: Site, sandbox: SandboxProcess, undisturbed: list[str]
) -> None:
    """Eight workers die, each at another point and some on the second page; the next ones go on over three days.

    A death costs at most the units of the page that it interrupts, and never more than the day's limit are spent.
    """
    audience_id = asyncio.run(begin(site, everybody(sandbox)))
    now, deaths = FIRST_DAY, []
    for point, times in zip(POINTS, [1, 1, 2, 1, 2, 1, 2, 1], strict=True):
        deaths.append(die(site, point, times, now))
        now += LEASE
    assert deaths == [-9] * len(POINTS)
    state, people, used = asyncio.run(finish(site, audience_id, now))
    assert people == undisturbed
    assert state.audience.count == len(people)
    assert state.audience.collection is not None
    assert state.audience.collection.places_read == state.audience.collection.total
    assert len(used) == 3
    assert max(used.values()) <= GROUP_MEMBERS_PER_DAY
    assert sum(used.values()) <= len(people) + len(deaths) * PAGE
