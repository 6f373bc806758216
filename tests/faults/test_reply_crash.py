"""Workers killed at each point of a poll: every reply is recorded once, and none is forgotten."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from confrere.domain.campaigns.campaign import PersonFilter, PersonStatus
from confrere.domain.reply import Reply
from confrere.domain.urns import ProfileUrn
from tests.faults.dying_worker import REPLY_POINTS
from tests.faults.test_campaign_crash import recipients_of, run_worker, sandbox, site, start_campaigns
from tests.sandbox_process import SandboxProcess
from tests.server_process import OpenServices, Site

__all__ = ["sandbox", "site"]

PEOPLE = 12


async def send_messages(site: Site, sandbox: SandboxProcess, recipients: list[ProfileUrn]) -> list[str]:
    """Write to these people, by a campaign of each account: who is in both gets one message."""
    campaign_ids = await start_campaigns(site, sandbox, recipients)
    async with OpenServices(site.settings) as services:
        for _ in range(5):
            await services.lanes.run_due()
            await services.background.wait_until_idle()
    return campaign_ids


async def poll(site: Site, campaign_ids: list[str]) -> tuple[list[Reply], Counter[PersonStatus]]:
    """Be the worker on a clock that runs ahead; return all replies, and how many people are in which status."""
    ahead = timedelta()
    async with OpenServices(site.settings, clock=lambda: datetime.now(UTC) + ahead) as services:
        for _ in range(3):
            ahead += timedelta(hours=2)
            await services.mailbox_poller.poll_due(timedelta(minutes=5), timedelta(days=30))
            await services.background.wait_until_idle()
        people = [
            person
            for campaign_id in campaign_ids
            for person in await services.store.list_campaign_people(
                "default", campaign_id, PersonFilter(), after_id=None, count=100
            )
        ]
        replies = await services.replies.list_page("default")
        return list(replies), Counter(person.status for person in people)


def test_every_reply_is_recorded_once_whatever_is_killed(site: Site, sandbox: SandboxProcess) -> None:
    """Seven workers die, each at another point, while people answer; the next one goes on."""
    recipients = recipients_of(sandbox)[:PEOPLE]
    campaign_ids = asyncio.run(send_messages(site, sandbox, recipients))
    senders = {message["recipient"]: message["sender"] for message in sandbox.messages()}
    assert set(senders) == set(recipients)
    waiting = list(recipients)
    deaths = []
    for point in REPLY_POINTS:
        for recipient in [waiting.pop() for _ in range(min(2, len(waiting)))]:
            sandbox.reply(recipient, senders[recipient], f"Answer of {recipient}")
        deaths.append(run_worker(site, point, 1, CONFRERE_REPLIES_EVERY_SECONDS="1"))
    assert deaths == [-9] * len(REPLY_POINTS)
    replies, statuses = asyncio.run(poll(site, campaign_ids))
    assert sorted(reply.text or "" for reply in replies) == sorted(f"Answer of {one}" for one in recipients)
    assert statuses == {PersonStatus.REPLIED: 2 * PEOPLE}
