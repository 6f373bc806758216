"""Workers killed at each point of a campaign: everybody is written to exactly once, and nobody is forgotten."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import CampaignCounts, CampaignStatus
from confrere.domain.message import MessageText
from confrere.domain.urns import GroupId, ProfileUrn
from tests.faults.dying_worker import POINTS
from tests.forked_python import ForkedPython
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import OpenServices, Site, prepare_site

PEOPLE = 40


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    """One LinkedIn for all, forgetful between tests."""
    with running_sandbox(members=300, accounts=2) as sandbox:
        yield sandbox


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, sandbox: SandboxProcess) -> Site:
    """A store with two accounts, on each engine."""
    sandbox.reset()
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return prepare_site(tmp_path, sandbox, database_url=url, accounts=2)


def recipients_of(sandbox: SandboxProcess) -> list[ProfileUrn]:
    """Members of the group who are no accounts of ours."""
    ours = {account.profile_urn for account in sandbox.accounts}
    people = sandbox.world(group=sandbox.group_id, count=PEOPLE + len(ours))["recipients"]
    return [ProfileUrn(one["profileUrn"]) for one in people if one["profileUrn"] not in ours][:PEOPLE]


async def start_campaigns(site: Site, sandbox: SandboxProcess, recipients: list[ProfileUrn]) -> list[str]:
    """Both accounts write to the same people: whoever comes first has them."""
    async with OpenServices(site.settings) as services:
        audience = await services.audiences.create(
            "default",
            name="Members",
            group_id=GroupId(sandbox.group_id),
            people=[AudiencePerson.of(recipient) for recipient in recipients],
        )
        campaign_ids = []
        for account_id in site.account_ids:
            draft = await services.campaigns.create(
                "default",
                name="Spring",
                audience_id=audience.id,
                text=MessageText("Hello fellow member"),
                account_id=account_id,
                spread=False,
            )
            await services.campaigns.start("default", draft.campaign.id)
            campaign_ids.append(draft.campaign.id)
        return campaign_ids


def run_worker(site: Site, point: str, times: int, **settings: str) -> int:
    """Run a worker until it kills itself, or for some seconds where it does not come to the point."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONFRERE_")}
    environment |= site.environment | {
        "CONFRERE_RECONCILE_GAP_SECONDS": "0.2",
        "CONFRERE_RECONCILE_EVERY_SECONDS": "0.3",
        **settings,
    }
    command = ["-m", "tests.faults.dying_worker", point, str(times), "worker"]
    with site.log.open("a") as log, ForkedPython(command, stdout=log, stderr=log, env=environment) as process:
        try:
            return process.wait(20)
        finally:
            process.kill()


async def finish(site: Site, campaign_ids: list[str]) -> list[CampaignCounts]:
    """Be the worker on a clock that runs ahead, until both campaigns are finished."""
    ahead = timedelta()
    async with OpenServices(site.settings, clock=lambda: datetime.now(UTC) + ahead) as services:
        for _ in range(60):
            await services.reconciler.reconcile_due()
            await services.lanes.run_due()
            await services.background.wait_until_idle()
            states = [await services.campaigns.read("default", campaign_id) for campaign_id in campaign_ids]
            if all(state.campaign.status is CampaignStatus.FINISHED for state in states):
                return [state.counts for state in states]
            ahead += timedelta(minutes=3)
    pytest.fail("the campaigns do not finish")


def test_everybody_is_written_to_exactly_once_whatever_is_killed(site: Site, sandbox: SandboxProcess) -> None:
    """Twelve workers die, each at another point, and the next goes on; two accounts have the same forty people."""
    recipients = recipients_of(sandbox)
    assert len(recipients) == PEOPLE
    campaign_ids = asyncio.run(start_campaigns(site, sandbox, recipients))
    deaths = [run_worker(site, point, times) for point, times in zip(POINTS, [1, 2] * 4 + [1] * 4, strict=True)]
    counts = asyncio.run(finish(site, campaign_ids))
    assert deaths == [-9] * len(POINTS)
    seen = Counter(message["recipient"] for message in sandbox.messages())
    assert seen == Counter(recipients)
    assert sum(each.sent for each in counts) == PEOPLE
    assert sum(each.skipped_by_reason.get("already_written_to", 0) for each in counts) == PEOPLE
