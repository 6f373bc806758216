"""Webhooks: servers, workers and receivers are killed while things happen; then what was received is compared.

Every receiver gets every event. What the product has committed is read from its tables: sends, replies, opt-outs,
campaigns, units. As in the part `campaign`, all processes share a clock that runs fast, so that tries are repeated.
"""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from itertools import count
from random import Random

from tests.faults.dying_worker import WEBHOOK_POINTS

from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.keys import Scope
from confrere.domain.message import MessageText
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.webhooks import DISABLED_AFTER, DisabledReason, EventType
from confrere.services import Services
from confrere.webhooks import Poster, TargetRule, WebhookDeliverer, WebhookDirectory
from verification.campaign import Scene, answer, entry, run_clock, scene_of
from verification.crash import Killer
from verification.crowd import Crowd
from verification.fleet import Service
from verification.ledgers import LINKEDIN_IS_DONE_SECONDS, recipients_of, reconnect
from verification.plan import Plan
from verification.receivers import Conduct, Receiver, verifying_at
from verification.report import Report
from verification.weather import end_sessions, make_weather
from verification.webhook_truth import compare_events

CLIENTS = 8
SPARE_SECONDS = 15
"""The share of the part's time for starting, and for finishing and comparing at its end."""

_RULE = TargetRule(allow_private=True)
_PEOPLE = 400
_LIMIT = 6
"""Of one account, so that its day is used up."""

_POINTS = {
    "serve": ("before settling", "after settling", "inside a settlement's transaction of SQLite"),
    "worker": (*WEBHOOK_POINTS, "before recording a reply", "after recording a reply", "after settling"),
}
_PASSES = 60
"""Tries are many: a worker that died at one of the first would deliver little."""

_MOST_ROUNDS = 80


def prove(plan: Plan) -> Report:
    """Run the part on one engine."""
    report = Report("webhooks", plan.engine)
    with scene_of(plan, report) as scene, verifying_at(scene.clock):
        scene.fleet.environment = {**scene.fleet.environment, "CONFRERE_WEBHOOK_PRIVATE": "1"}
        receivers = [Receiver(conduct, plan.random(conduct)) for conduct in Conduct]
        killer = Killer(scene.fleet, plan.random("killer"), _points, lambda *how: entry(scene, *how), passes=_PASSES)
        asyncio.run(_begin(scene, killer, receivers))
        scene.fleet.kill_all()
        report.figures["kills of servers and workers"] = sum(killer.deaths.values())
        for where, deaths in sorted(killer.deaths.items()):
            report.figures[f"kills {where}"] = deaths
        report.figures["kills of a receiver"] = sum(receiver.kills for receiver in receivers)
        report.figures["tries during the storm"] = sum(len(receiver.requests) for receiver in receivers)
        asyncio.run(_end(scene, receivers))
    return report


async def _begin(scene: Scene, killer: Killer, receivers: list[Receiver]) -> None:
    """Add the webhooks, start the processes, and let it storm."""
    async with AsyncExitStack() as stack:
        for receiver in receivers:
            await stack.enter_async_context(receiver.running())
        services = await stack.enter_async_context(scene.services())
        _, scene.key = await services.keys.create("default", name="proof", scopes=[Scope.ADMIN])
        await services.accounts.update("default", scene.site.account_ids[0], daily_limit=_LIMIT)
        directory = WebhookDirectory(store=services.store, rule=_RULE, clock=services.clock)
        for receiver in receivers:
            webhook, receiver.secret = await directory.create("default", url=receiver.url, events=list(EventType))
            receiver.webhook_id = webhook.id
        began = time.monotonic()
        for command in ("serve", "worker", "worker"):
            await asyncio.to_thread(scene.fleet.add, command, module=entry(scene, None, 0))
        # A worker does not report that it is ready; on a busy machine it would be killed before it is.
        killer.pause_seconds = max(0.6, time.monotonic() - began)
        killer.patience_seconds = 2 * killer.pause_seconds
        await _storm(scene, services, killer, receivers)


async def _end(scene: Scene, receivers: list[Receiver]) -> None:
    """Deliver the rest to receivers that fail no more, and compare."""
    async with AsyncExitStack() as stack:
        for receiver in receivers:
            receiver.is_storming = False
            await stack.enter_async_context(receiver.running())
        services = await stack.enter_async_context(scene.services())
        await _reconcile(scene, services)
        await _deliver_rest(scene, services, receivers)
        await _check_disabled(scene.report, services, receivers)
        await compare_events(scene.report, services, receivers)


def _points(service: Service) -> tuple[str, ...]:
    return _POINTS[service.command]


async def _storm(scene: Scene, services: Services, killer: Killer, receivers: list[Receiver]) -> None:
    plan, sandbox = scene.plan, scene.sandbox
    people = recipients_of(sandbox, _PEOPLE)
    crowd = Crowd(
        urls=lambda: scene.fleet.urls,
        api_key=scene.site.key,
        group_id=sandbox.group_id,
        account_ids=scene.site.account_ids,
        recipients=people[: _PEOPLE // 2],
        random=plan.random("crowd"),
        pause_seconds=0.3,
    )
    storm = [
        asyncio.create_task(task)
        for task in (
            crowd.run(CLIENTS),
            run_clock(scene.clock),
            killer.run(),
            make_weather(sandbox, plan.random("weather"), every_seconds=1.5),
            end_sessions(scene.site, sandbox, plan.random("sessions"), every_seconds=10),
            answer(scene, plan.random("people who answer")),
            _opt_out(scene, plan.random("people who leave"), people[_PEOPLE // 2 : _PEOPLE * 3 // 4]),
            _start_campaigns(scene, services, plan.random("campaigns"), people[_PEOPLE * 3 // 4 :]),
            *(receiver.die_and_restart() for receiver in receivers if receiver.conduct is Conduct.DIES),
        )
    ]
    done, _ = await asyncio.wait(
        storm, timeout=max(3.0, plan.seconds - SPARE_SECONDS), return_when=asyncio.FIRST_EXCEPTION
    )
    for task in storm:
        task.cancel()
    await asyncio.gather(*storm, return_exceptions=True)
    for task in done:
        task.result()


async def _opt_out(scene: Scene, draw: Random, people: list[str]) -> None:
    for person in people:
        await asyncio.sleep(draw.expovariate(2))
        reply = await scene.call("do-not-contact", f'{{"recipientProfileUrn": "{person}"}}'.encode())
        scene.report.require(f"an opt-out was answered {reply}", holds=reply.status == 200)


async def _start_campaigns(scene: Scene, services: Services, draw: Random, people: list[str]) -> None:
    """Every now and then a campaign to three people starts, through a server."""
    for number in count():
        audience = await services.audiences.create(
            "default",
            name=f"Members {number}",
            group_id=GroupId(scene.sandbox.group_id),
            people=[AudiencePerson.of(ProfileUrn(person)) for person in draw.sample(people, 3)],
        )
        state = await services.campaigns.create(
            "default",
            name=f"Campaign {number}",
            audience_id=audience.id,
            text=MessageText("Hello fellow member"),
            account_id=draw.choice(scene.site.account_ids[1:]),
            spread=False,
        )
        checked = await scene.call(f"campaigns/{state.campaign.id}/check")
        start = json.dumps({"contentHash": checked.body["contentHash"]}).encode()
        reply = await scene.call(f"campaigns/{state.campaign.id}/start", start)
        scene.report.require(f"a start was answered {reply}", holds=reply.status in (200, 409))
        await asyncio.sleep(draw.expovariate(1 / 2))


async def _reconcile(scene: Scene, services: Services) -> None:
    """Be the worker on a clock that is moved, until no send is unknown."""
    scene.sandbox.clear_faults()
    await asyncio.sleep(LINKEDIN_IS_DONE_SECONDS)
    for account_id, account in zip(scene.site.account_ids, scene.sandbox.accounts, strict=True):
        await reconnect(services, account)
        await services.accounts.update("default", account_id, release_hold=True)
    await services.health.beat(is_worker=True)  # removes those of killed processes, with which clocks are compared
    for number in range(_MOST_ROUNDS):
        while await services.reconciler.reconcile_due(count=500):
            pass
        if number and not await services.history.count_unknown():  # at first a lease may not be over
            break
        scene.clock.move(minutes=11)


async def _deliver_rest(scene: Scene, services: Services, receivers: list[Receiver]) -> None:
    """Deliver what failed, and one more event five days later: it disables the webhook of which every try failed."""
    deliverer = WebhookDeliverer(store=services.store, poster=Poster(_RULE), clock=services.clock)
    await deliverer.run_due()
    [gone] = [receiver for receiver in receivers if receiver.conduct is Conduct.GONE]
    before = len(gone.requests)
    for _ in range(2):
        scene.clock.move(hours=3)  # longer than the pauses between the first five tries
        await deliverer.run_due()
    scene.clock.move(seconds=DISABLED_AFTER.total_seconds())
    [person] = recipients_of(scene.sandbox, _PEOPLE + 1)[_PEOPLE:]
    await services.do_not_contact.add("default", [ProfileUrn(person)], reason=None, source="proof")
    await deliverer.run_due()
    await deliverer.close()
    late = len(gone.requests) - before
    scene.report.require(f"{late} tries for a webhook that was disabled", holds=late == 0)


async def _check_disabled(report: Report, services: Services, receivers: list[Receiver]) -> None:
    """The receiver that is gone and the one that only redirects are disabled, and no other."""
    reasons = {Conduct.GONE: DisabledReason.GONE, Conduct.REDIRECTS: DisabledReason.FAILING}
    for receiver in receivers:
        webhook = await services.store.read_webhook("default", receiver.webhook_id)
        wanted = reasons.get(receiver.conduct)
        text = f"the receiver that {receiver.conduct}: enabled {webhook.enabled}, {webhook.disabled_reason}"
        report.require(text, holds=(webhook.enabled, webhook.disabled_reason) == (wanted is None, wanted))
