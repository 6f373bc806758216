"""Restore: a backup is made while clients send, then an older state is restored, and the clients repeat everything.

What was sent after the backup is in no row any more; LinkedIn has it. Servers are killed before and after.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import OpenServices, Site, prepare_site

from confrere.domain.outcome import OutcomeName
from verification.crash import ENVIRONMENT, Killer, lower_limits
from verification.crowd import Crowd, crowd_of
from verification.fleet import Fleet, fleet_of
from verification.intentions import Intention, find_violations, is_bug, is_settled
from verification.ledgers import (
    LINKEDIN_IS_DONE_SECONDS,
    Book,
    grow_accounts,
    read_books,
    reconcile_everything,
)
from verification.plan import Plan
from verification.report import Report
from verification.weather import make_weather

CLIENTS = 16
SPARE_SECONDS = 15
"""The share of the part's time for starting, restoring, repeating and comparing."""

_ACCOUNTS = 12
_COMMAND_SECONDS = 60
_TRIES = 20


@dataclass
class Scene:
    """A site whose store is restored. backup_ended_at: when the backup was complete, in seconds since 1970."""

    plan: Plan
    report: Report
    sandbox: SandboxProcess
    site: Site
    fleet: Fleet
    crowd: Crowd
    killer: Killer
    backup_ended_at: float = 0.0


def prove(plan: Plan) -> Report:
    """Run the part on one engine."""
    report = Report("restore", plan.engine)
    with running_sandbox(members=3000, accounts=_ACCOUNTS) as sandbox:
        grow_accounts(sandbox, _ACCOUNTS)
        url = plan.databases.fresh_url(plan.engine)
        site = prepare_site(plan.folder, sandbox, database_url=url, accounts=_ACCOUNTS)
        asyncio.run(lower_limits(site, plan.random("limits")))
        with fleet_of(site, "serve", "serve", "worker", environment=ENVIRONMENT) as fleet:
            crowd = crowd_of(fleet, site, sandbox, plan.random("crowd"), pause_seconds=0.1)
            killer = Killer(fleet, plan.random("killer"), pause_seconds=1.0)
            scene = Scene(plan, report, sandbox, site, fleet, crowd, killer)
            asyncio.run(_send_and_back_up(scene))
            fleet.kill_all()
            sent = _restore(scene)
            for service in fleet.services:
                fleet.start(service)
            asyncio.run(_repeat_everything(scene, {message["text"] for message in sent}))
            fleet.kill_all()
        _compare(scene, sent)
    return report


async def _send_and_back_up(scene: Scene) -> None:
    """Half of the time is before the backup is complete, half after it."""
    half = max(1.5, (scene.plan.seconds - SPARE_SECONDS) / 2)
    storm = _storm(scene, "before")
    try:
        sending = asyncio.create_task(scene.crowd.run(CLIENTS, seconds=half))
        await asyncio.sleep(half / 2)
        await asyncio.to_thread(_run, scene.site, "backup", str(scene.plan.folder / "backup"))
        scene.backup_ended_at = time.time()
        await sending
        await scene.crowd.run(CLIENTS, seconds=half)
    finally:
        await _end(storm)


def _restore(scene: Scene) -> Sequence[dict[str, Any]]:
    """Put the backup in the store's place; return what LinkedIn has got so far."""
    scene.sandbox.clear_faults()
    time.sleep(LINKEDIN_IS_DONE_SECONDS)
    messages = scene.sandbox.messages()
    done = _run(scene.site, "restore", str(scene.plan.folder / "backup"), "--replace", "--yes")
    scene.report.require(f"{done} was reported of {_ACCOUNTS} accounts", holds=done["accountsHeld"] == _ACCOUNTS)
    rows = {send.origin_token for book in read_books(scene.site) for send in book.sends}
    scene.report.figures["messages seen before the restore"] = len(messages)
    scene.report.figures["of these in no row after it"] = sum(one["originToken"] not in rows for one in messages)
    return messages


async def _repeat_everything(scene: Scene, seen: Collection[str]) -> None:
    """The crowd repeats while all accounts are held, and goes on as they are released; new messages go out, too.

    What has a key, or is in no row but was seen, is repeated twice at the same time. seen: the texts.
    """
    before = scene.sandbox.count_messages()
    once = [each for each in scene.crowd.intentions if _may_repeat(each, scene.backup_ended_at)]
    twice = [each for each in once if each.key is not None or _is_lost(each, scene.backup_ended_at, seen)]
    repeated = [*once, *twice]
    scene.crowd.random.shuffle(repeated)
    storm = _storm(scene, "after")
    try:
        repeating = asyncio.create_task(scene.crowd.repeat(repeated, 2 * CLIENTS))
        await asyncio.sleep(0.5)
        scene.report.require("a held account has sent", holds=scene.sandbox.count_messages() == before)
        storm.append(asyncio.create_task(_release(scene)))
        await scene.crowd.run(2, seconds=1.0)
        await repeating
    finally:
        await _end(storm)
    scene.report.figures["intentions repeated, of these twice at once"] = f"{len(once)}, {len(twice)}"


def _may_repeat(intention: Intention, backup_ended_at: float) -> bool:
    """Whether the promise covers a repeat.

    Without a key, an answer that came before the backup was complete may be in it as settled: to repeat the request
    means a second message.
    """
    if intention.key is not None or not intention.answers or not is_settled(intention.answers[-1]):
        return True
    return intention.timings[-1][0] > backup_ended_at


def _is_lost(intention: Intention, backup_ended_at: float, seen: Collection[str]) -> bool:
    """Whether its message is in no row of the backup, although it was seen."""
    return bool(intention.timings) and intention.timings[0][0] > backup_ended_at and intention.text in seen


async def _release(scene: Scene) -> None:
    """Release each account, as a person does who has counted its messages; and again where LinkedIn throttles it."""
    async with OpenServices(scene.site.settings) as services:
        while True:
            for account_id, account in zip(scene.site.account_ids, scene.sandbox.accounts, strict=True):
                seen = await asyncio.to_thread(scene.sandbox.count_messages, account=account.profile_urn)
                await services.accounts.update("default", account_id, release_hold=True, sent_today=seen)
            await asyncio.sleep(1)


def _storm(scene: Scene, name: str) -> list[asyncio.Task[None]]:
    weather = make_weather(scene.sandbox, scene.plan.random("weather", name), every_seconds=0.4)
    return [asyncio.create_task(scene.killer.run()), asyncio.create_task(weather)]


async def _end(storm: Sequence[asyncio.Task[None]]) -> None:
    for task in storm:
        task.cancel()
    for fault in await asyncio.gather(*storm, return_exceptions=True):
        if isinstance(fault, Exception):
            raise fault


def _run(site: Site, *arguments: str) -> Any:
    """Run a command of `confrere`; where it fails, again: a killed process may hold PostgreSQL for an instant."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("CONFRERE_")}
    command = [sys.executable, "-m", "confrere", *arguments, "--json"]
    for tried in range(_TRIES):
        if tried:
            time.sleep(0.5)
        done = subprocess.run(
            command,
            env=variables | site.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_COMMAND_SECONDS,
        )
        if done.returncode == 0:
            return json.loads(done.stdout)
    raise RuntimeError(f"`confrere {arguments[0]}` failed {_TRIES} times")


def _compare(scene: Scene, sent: Sequence[dict[str, Any]]) -> None:
    report, crowd = scene.report, scene.crowd
    reconcile_everything(scene.site, scene.sandbox)
    messages = scene.sandbox.messages()
    violations = find_violations(crowd.intentions, [message["text"] for message in messages])
    report.figures["kills survived"] = sum(scene.killer.deaths.values())
    report.figures["intentions"] = len(crowd.intentions)
    report.figures["requests"] = sum(len(each.answers) for each in crowd.intentions)
    report.figures["messages seen"] = len(messages)
    report.count_wrong("messages doubled", violations.doubled)
    report.count_wrong("200s without a message", violations.sent_without_message)
    report.count_wrong("denied, but sent", violations.denied_but_sent)
    report.count_wrong("internal errors", [str(answer) for answer in crowd.answers if is_bug(answer)])
    _compare_books(report, read_books(scene.site), sent, messages)


def _compare_books(
    report: Report, books: Sequence[Book], sent: Sequence[dict[str, Any]], messages: Sequence[dict[str, Any]]
) -> None:
    """Compare rows and units with what was seen. A row of a repeat names the message that was found, not its token."""
    tokens, urns = {one["originToken"] for one in messages}, {one["messageUrn"] for one in messages}
    sends = [send for book in books for send in book.sends]
    by_urn = {send.message_urn for send in sends}
    by_token = {send.origin_token for send in sends}
    before = {one["messageUrn"] for one in sent}
    report.figures["found again in their conversations"] = len(
        {send.message_urn for send in sends if send.message_urn in before and send.origin_token not in tokens}
    )
    untrue = [
        f"{send.outcome} ({send.reason}) send {send.id} of {send.message_urn}"
        for send in sends
        if (send.outcome is OutcomeName.ACCEPTED and send.message_urn not in urns)
        or (send.outcome is not OutcomeName.ACCEPTED and send.origin_token in tokens)
    ]
    report.count_wrong("untrue rows", untrue)
    lost = [
        one["text"]
        for one in messages
        if one["messageUrn"] not in before and one["originToken"] not in by_token and one["messageUrn"] not in by_urn
    ]
    report.count_wrong("lost rows", lost)
    seen = Counter((one["sender"], one["at"][:10]) for one in messages)
    over: list[str] = []
    wrong_units: list[str] = []
    for book in books:
        for window, used in book.used.items():
            seen_count = seen[book.profile_urn, f"{window:%F}"]
            where = f"account {book.account_id} on {window:%F}: {seen_count} seen"
            if seen_count > book.daily_limit:
                over.append(f"{where} of {book.daily_limit}")
            if used < seen_count:
                wrong_units.append(f"{where}, {used} used")
    report.count_wrong("over quota", over)
    report.count_wrong("wrong units", wrong_units)
