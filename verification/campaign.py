"""Campaign: servers and workers are killed while campaigns run; then everybody in them is accounted for.

All processes share a clock that runs faster than the machine's, so that what waits for minutes is tried again. LinkedIn
fails, sessions end and are connected again, people opt out and answer, campaigns are paused and resumed.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from random import Random
from unittest.mock import patch

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import OpenServices, Site, prepare_site

from confrere.domain.account import AccountStatus
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import CampaignStatus, PauseCause, PersonFilter, PersonStatus
from confrere.domain.keys import Scope
from confrere.domain.message import MessageText
from confrere.domain.send import SendFilter
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.linkedin import mailbox
from confrere.services import Services
from verification.campaign_process import POINTS
from verification.campaign_truth import Facts, account_for, read_rows
from verification.client import Response, ask
from verification.clocked_process import MovedClock
from verification.crash import Killer
from verification.fleet import Fleet, fleet_of
from verification.ledgers import LINKEDIN_IS_DONE_SECONDS, compare, grow_accounts, read_books, recipients_of, reconnect
from verification.plan import Plan
from verification.report import Report
from verification.weather import end_sessions, make_weather

ACCOUNTS = 5
SPARE_SECONDS = 20
"""The share of the part's time for preparing, and for finishing and comparing at its end."""

SPEED = 20
"""Seconds of the shared clock in one of the machine's."""

_POLL = timedelta(minutes=1)
_POLLED_FOR = timedelta(days=30)
_WORKERS = {"sqlite": 2, "postgresql": 3}
_ENVIRONMENT = {
    "CONFRERE_RECONCILE_GAP_SECONDS": str(2.5 * SPEED),
    "CONFRERE_RECONCILE_EVERY_SECONDS": "0.3",
    "CONFRERE_REPLIES_EVERY_SECONDS": str(_POLL.total_seconds()),
    "CONFRERE_LOG_LEVEL": "error",
}
_LOW_LIMIT = 0.4
"""Of what one account has to send: the rest has to wait for the next day."""

_MOST_ROUNDS = 600


@dataclass
class Scene:
    """Campaigns that run. paused: those that a person has paused, which nobody else may resume."""

    plan: Plan
    report: Report
    sandbox: SandboxProcess
    site: Site
    clock: MovedClock
    fleet: Fleet
    key: str = ""
    facts: Facts = field(default_factory=Facts)
    paused: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def services(self) -> AsyncIterator[Services]:
        """Open the product on the same store and clock in this process."""
        async with OpenServices(self.site.settings, clock=lambda: self.clock.now(UTC)) as services:
            yield services

    async def call(self, path: str, body: bytes = b"") -> Response:
        """POST until a server answers, however often it is killed."""
        draw, headers = Random(path), {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        while True:
            if urls := self.fleet.urls:
                answer = await ask(draw.choice(urls), "POST", f"/v1/{path}", headers, body)
                if isinstance(answer, Response) and answer.status < 500:
                    return answer
            await asyncio.sleep(0.1)


def prove(plan: Plan, *, people: int | None = None) -> Report:
    """Run the part on one engine. people: 500 unless the time is short."""
    report = Report("campaign", plan.engine)
    people = people or (500 if plan.seconds >= 60 else 60)
    with scene_of(plan, report) as scene:
        asyncio.run(_start_campaigns(scene, people))
        killer = Killer(
            scene.fleet,
            plan.random("killer"),
            lambda service: POINTS if service.command == "worker" else (),
            lambda point, times: entry(scene, point, times),
            pause_seconds=1.0,
            patience_seconds=4.0,
        )
        for command in ("serve", *["worker"] * _WORKERS[plan.engine]):
            scene.fleet.add(command, module=entry(scene, None, 0))
        asyncio.run(_storm(scene, killer, max(10.0, plan.seconds - SPARE_SECONDS)))
        scene.fleet.kill_all()
        report.figures["kills survived"] = sum(killer.deaths.values())
        for where, deaths in sorted(killer.deaths.items()):
            report.figures[f"kills {where}"] = deaths
        report.figures["messages seen when the storm ended"] = scene.sandbox.count_messages()
        asyncio.run(_finish(scene))
        rows = asyncio.run(read_rows(scene.site, scene.facts))
        messages = scene.sandbox.messages()
        account_for(report, scene.facts, rows, messages)
        compare(report, read_books(scene.site), messages)
        report.require("sends were left unknown", holds=report.figures["left unknown"] == 0)
    return report


@contextmanager
def scene_of(plan: Plan, report: Report) -> Iterator[Scene]:
    """Yield a site with a sandbox and a fleet, which is empty yet, all on one clock."""
    clock = plan.folder / "clock"
    moved = MovedClock(clock)
    with running_sandbox(
        members=3000, accounts=ACCOUNTS, module=("verification.clocked_sandbox", str(clock))
    ) as sandbox:
        grow_accounts(sandbox, ACCOUNTS)
        url = plan.databases.fresh_url(plan.engine)
        site = prepare_site(plan.folder, sandbox, database_url=url, accounts=ACCOUNTS)
        with fleet_of(site, environment=_ENVIRONMENT) as fleet, patch.object(mailbox, "time", moved):
            yield Scene(plan, report, sandbox, site, moved, fleet)


def entry(scene: Scene, point: str | None, times: int) -> Sequence[str]:
    """Return the module and its arguments of a process on the scene's clock, which may die at a point."""
    return ("verification.campaign_process", str(scene.plan.folder / "clock"), point or "-", str(times))


async def _start_campaigns(scene: Scene, people: int) -> None:
    """A campaign of each account with its share of the people, and two more with some of everybody's.

    One account has not enough units for its day. Three write at most every ten seconds; two wait for a slow LinkedIn.
    """
    facts, draw, sandbox = scene.facts, scene.plan.random("people"), scene.sandbox
    facts.people = recipients_of(sandbox, people)
    facts.urns = dict(zip(scene.site.account_ids, (one.profile_urn for one in sandbox.accounts), strict=True))
    share = people // ACCOUNTS
    chosen = [facts.people[number * share : (number + 1) * share] for number in range(ACCOUNTS)]
    chosen += [draw.sample(facts.people, people // 12) for _ in range(2)]
    owners = [*scene.site.account_ids, *scene.site.account_ids[1:3]]
    for account_id, recipients in zip(owners, chosen, strict=True):
        for recipient in draw.sample(recipients, 2):  # the owner has written to them by hand
            sandbox.reply(recipient, facts.urns[account_id], "Good morning")
            facts.conversations.add((facts.urns[account_id], recipient))
    async with scene.services() as services:
        _, scene.key = await services.keys.create("default", name="proof", scopes=[Scope.ADMIN])
        await services.accounts.update("default", owners[0], daily_limit=int(share * _LOW_LIMIT))
        for account_id in scene.site.account_ids[:3]:
            await services.pacing.change("default", account_id, {"minGapSeconds": 10})
        for account_id, recipients in zip(owners, chosen, strict=True):
            audience = await services.audiences.create(
                "default",
                name="Members",
                group_id=GroupId(sandbox.group_id),
                people=[AudiencePerson.of(ProfileUrn(recipient)) for recipient in recipients],
            )
            state = await services.campaigns.create(
                "default",
                name=f"Campaign {len(facts.campaigns)}",
                audience_id=audience.id,
                text=MessageText("Hello fellow member"),
                account_id=account_id,
                spread=False,
            )
            facts.campaigns[state.campaign.id] = account_id
            await services.campaigns.start("default", state.campaign.id)
    slow = {"effect": "delay_seconds", "seconds": 0.4, "times": None}
    sandbox.faults([{**slow, "match": {"path": "createMessage", "account": facts.urns[one]}} for one in owners[3:5]])
    scene.report.figures["people"] = people
    scene.report.figures["rows of campaigns"] = sum(map(len, chosen))


async def _storm(scene: Scene, killer: Killer, seconds: float) -> None:
    plan = scene.plan
    async with scene.services() as services:
        storm = [
            asyncio.create_task(task)
            for task in (
                run_clock(scene.clock),
                killer.run(),
                make_weather(scene.sandbox, plan.random("weather"), every_seconds=1.5),
                end_sessions(scene.site, scene.sandbox, plan.random("sessions"), every_seconds=12),
                _act_as_people(scene, services, plan.random("people who leave")),
                answer(scene, plan.random("people who answer")),
                _pause_and_resume(scene, services, plan.random("pauses")),
                _tend(scene, services),
            )
        ]
        done, _ = await asyncio.wait(storm, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in storm:
            task.cancel()
        await asyncio.gather(*storm, return_exceptions=True)
        for task in done:
            task.result()


async def run_clock(clock: MovedClock) -> None:
    """Let it run faster than the machine's until cancelled."""
    while True:
        await asyncio.sleep(0.1)
        clock.move(seconds=0.1 * (SPEED - 1))


async def _act_as_people(scene: Scene, services: Services, draw: Random) -> None:
    """Every now and then somebody who is about to be written to opts out, through a server, or has replied."""
    facts = scene.facts
    while True:
        await asyncio.sleep(draw.expovariate(1 / 1.2))
        campaign_id = draw.choice(list(facts.campaigns))
        waiting = await services.store.list_campaign_people(
            "default", campaign_id, PersonFilter(PersonStatus.WAITING), after_id=None, count=20
        )
        if not waiting:
            continue
        recipient = draw.choice(waiting[: draw.choice([2, 20])]).recipient
        if draw.random() < 0.5:
            body = f'{{"recipientProfileUrn": "{recipient}"}}'.encode()
            answer = await scene.call("do-not-contact", body)
            scene.report.require(f"an opt-out was answered {answer}", holds=answer.status == 200)
            left = facts.opted_out
        else:
            await services.store.mark_person_replied("default", recipient, scene.clock.now(UTC))
            left = facts.replied
        sends = await services.store.search_sends("default", SendFilter(recipient=recipient), before_id=None, count=99)
        left.setdefault(recipient, {send.id for send in sends})


async def answer(scene: Scene, draw: Random) -> None:
    """People answer what they were sent, for the workers to find in the mailboxes; some want no more messages."""
    answered = scene.facts.answered
    while True:
        await asyncio.sleep(draw.expovariate(1 / 1.5))
        waiting = [one for one in scene.sandbox.messages() if one["recipient"] not in answered]
        if waiting:
            message, text = draw.choice(waiting), draw.choice(["Thank you", "Which group?", "stop"])
            scene.sandbox.reply(message["recipient"], message["sender"], text)
            answered[message["recipient"]] = text


async def _pause_and_resume(scene: Scene, services: Services, draw: Random) -> None:
    """A campaign that is paused begins no message until it is resumed."""

    async def begun(campaign_id: str) -> dict[str, str | None]:
        people = await services.store.list_campaign_people(
            "default", campaign_id, PersonFilter(), after_id=None, count=1_000
        )
        return {one.id: one.send_id for one in people}

    while True:
        await asyncio.sleep(draw.expovariate(1 / 3))
        campaign_id = draw.choice(list(scene.facts.campaigns))
        scene.paused.add(campaign_id)
        answer = await scene.call(f"campaigns/{campaign_id}/pause")
        if answer.status == 200:
            before = await begun(campaign_id)
            await asyncio.sleep(0.5 + draw.random())
            after = await begun(campaign_id)
            scene.report.count("pauses")
            for person_id, send_id in after.items():
                if before[person_id] != send_id:
                    scene.report.violate(f"after a pause the message {send_id} of {person_id} was begun")
            await scene.call(f"campaigns/{campaign_id}/resume")
        scene.paused.discard(campaign_id)


async def _tend(scene: Scene, services: Services) -> None:
    """Resume what failures have paused, as a person does who has connected the account again."""
    while True:
        await asyncio.sleep(1)
        for campaign_id in set(scene.facts.campaigns) - scene.paused:
            await _resume(scene, services, campaign_id)


async def _resume(scene: Scene, services: Services, campaign_id: str) -> bool:
    """Resume it where it is paused. Returns whether it is finished."""
    campaign = await services.store.read_campaign("default", campaign_id)
    if campaign.status is CampaignStatus.PAUSED and campaign_id not in scene.paused:
        if campaign.cause is not PauseCause.PERSON:
            scene.report.count(f"pauses with the cause {campaign.cause}")
        await services.campaigns.resume("default", campaign_id)
    return campaign.status is CampaignStatus.FINISHED


async def _finish(scene: Scene) -> None:
    """Be the worker while nothing fails any more, on a clock that is moved past midnight, until all are finished."""
    scene.sandbox.clear_faults()
    await asyncio.sleep(LINKEDIN_IS_DONE_SECONDS)
    scene.paused.clear()
    async with scene.services() as services:
        for account_id, account in zip(scene.site.account_ids, scene.sandbox.accounts, strict=True):
            await reconnect(services, account)
            await services.accounts.update("default", account_id, release_hold=True)
            await services.pacing.change("default", account_id, {"minGapSeconds": None})
        await services.health.beat(is_worker=True)  # removes those of killed processes, with which clocks are compared
        sent = -1
        for _ in range(_MOST_ROUNDS):
            while await services.reconciler.reconcile_due(count=500):
                pass
            await services.lanes.run_due()
            await services.background.wait_until_idle()
            if all([await _resume(scene, services, campaign_id) for campaign_id in scene.facts.campaigns]):
                break
            before, sent = sent, scene.sandbox.count_messages()
            scene.clock.move(minutes=3 if sent > before else 16)
        else:
            states = [await services.campaigns.read("default", campaign_id) for campaign_id in scene.facts.campaigns]
            scene.report.violate(f"campaigns do not finish: {[(one.campaign.status, one.counts) for one in states]}")
        for _ in range(3):  # a mailbox in which nothing happens is polled once an hour
            scene.clock.move(hours=1)
            await services.mailbox_poller.add_senders(_POLLED_FOR)
            await services.mailbox_poller.poll_due(_POLL, _POLLED_FOR)
            await services.background.wait_until_idle()
        replies = await services.replies.list_page("default", count=1_000)
        scene.facts.recorded = [reply.recipient for reply in replies]
        leased = await services.store.engine.read("list_leased_lanes")  # type: ignore[attr-defined]
        scene.report.count_wrong("lanes left leased", [str(tuple(row)) for row in leased])
        dead = [one for one in await services.accounts.search("default") if one.status is AccountStatus.ERROR]
        scene.report.require(f"accounts left without a session: {dead}", holds=not dead)
