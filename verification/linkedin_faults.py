"""Every fault of a send that the sandbox has: on a new and an old thread, with and without a key, repeated or not."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import prepare_site

from verification.client import NoResponse, Response
from verification.crowd import Crowd
from verification.fleet import fleet_of
from verification.intentions import Intention, Style, find_violations
from verification.ledgers import compare, grow_accounts, read_books, recipients_of, reconcile_everything
from verification.plan import Plan
from verification.report import Report
from verification.shapes import Shapes

Fault = dict[str, Any]

ENVIRONMENT = {"CONFRERE_RECONCILE_GAP_SECONDS": "3", "CONFRERE_LOG_LEVEL": "error"}
"""The gap between two searches exceeds every lag and delay here, as the two minutes of production do."""

LAG_SECONDS = 2
_LATE: Fault = {"effect": "read_lag_seconds", "seconds": LAG_SECONDS}
_LOST: Fault = {"effect": "reset_after_accept"}
_FORBIDDEN = {"status": 403, "code": "UNAUTHORIZED_VIEWER", "message": "The viewer is not authorized"}


@dataclass(frozen=True)
class Effect:
    """A scripted fault, and its expected result.

    reads:     the faults of the reads that search for the message.
    status:    of the first answer.  outcome: its `outcome`, where it has one.
    accepted:  whether the first attempt's message reaches its recipient.
    ends:      the last status that a client who repeats gets.
    slow:      takes twenty seconds.
    """

    name: str
    sends: Sequence[Fault]
    status: int
    outcome: str | None = None
    accepted: bool = False
    ends: int = 200
    reads: Sequence[Fault] = ()
    slow: bool = False


def _status(status: int, **more: Any) -> list[Fault]:
    return [{"effect": "status", "status": status, **more}]


EFFECTS = [
    Effect("nothing", [], 200, accepted=True),
    Effect("status 403", _status(403, body=_FORBIDDEN), 403, ends=403),
    Effect("status 404", _status(404, body={"status": 404}), 403, ends=403),
    Effect("status 422", _status(422, body={"data": {"status": 422}}), 403, ends=403),
    Effect(
        "status 400", _status(400, body=_FORBIDDEN), 403, ends=403
    ),  # without the code, cases would affect each other
    Effect("status 410", _status(410), 500, "not_sent"),
    Effect("status 401", _status(401), 500, ends=500),
    Effect("status 408", _status(408), 500, "unknown"),
    Effect("status 429", _status(429, headers={"Retry-After": "60"}), 429, ends=429),
    Effect("status 999", _status(999, body="Request denied"), 429, ends=429),
    Effect("status 500", _status(500), 500, "unknown"),
    Effect("status 502, page", _status(502, body="<html>"), 500, "unknown"),
    Effect("delay_seconds, short", [{"effect": "delay_seconds", "seconds": 1}], 200, accepted=True),
    Effect(
        "delay_seconds, long", [{"effect": "delay_seconds", "seconds": 21}], 500, "unknown", accepted=True, slow=True
    ),
    Effect("reset_before_read", [{"effect": "reset_before_read"}], 500, "unknown"),
    Effect("reset_after_accept", [_LOST], 500, "unknown", accepted=True),
    Effect("hang_after_accept, closed", [{"effect": "hang_after_accept", "seconds": 1}], 500, "unknown", accepted=True),
    Effect("hang_after_accept, for ever", [{"effect": "hang_after_accept"}], 500, "unknown", accepted=True, slow=True),
    Effect("truncate", [{"effect": "truncate"}], 500, "unknown", accepted=True),
    Effect("accept_then_status", [{"effect": "accept_then_status", "status": 503}], 500, "unknown", accepted=True),
    Effect("html", [{"effect": "html"}], 500, "unknown"),
    Effect("redirect_login", [{"effect": "redirect_login"}], 500, ends=500),
    Effect("delete_cookie", [{"effect": "delete_cookie"}], 500, ends=500),
    Effect("challenge", [{"effect": "challenge"}], 500, ends=500),
    Effect("set_cookie", [{"effect": "set_cookie", "name": "lidc", "value": "b=1"}], 200, accepted=True),
    Effect("read_lag_seconds", [_LOST, _LATE], 500, "unknown", accepted=True),
    *(
        Effect(f"{read['effect']} when it is searched for", [_LOST], 500, "unknown", accepted=True, reads=[read])
        for read in (
            {"effect": "old_query_id", "times": 2},
            {"effect": "errors", "status": 500},
            {"effect": "html"},
            {"effect": "truncate"},
            {"effect": "reset_before_read", "times": 3},
            {"effect": "status", "status": 503, "times": 2},
        )
    ),
]


@dataclass(frozen=True)
class Case:
    """One effect under one set of conditions, with an account and a recipient of its own."""

    effect: Effect
    old_thread: bool
    keyed: bool
    repeats: bool

    def __str__(self) -> str:
        thread = "old thread" if self.old_thread else "new thread"
        key = "key" if self.keyed else "no key"
        return f"{self.effect.name}, {thread}, {key}, {'repeats' if self.repeats else 'once'}"


def all_cases(*, slow: bool = True) -> Iterator[Case]:
    """Return every effect under all conditions."""
    for effect, old_thread, keyed, repeats in product(EFFECTS, (False, True), (False, True), (False, True)):
        if slow or not effect.slow:
            yield Case(effect, old_thread, keyed, repeats)


def prove(plan: Plan, report: Report, cases: Sequence[Case]) -> None:
    """Run all cases at once on one server."""
    with running_sandbox(members=4000, accounts=len(cases)) as sandbox:
        grow_accounts(sandbox, len(cases))
        site = prepare_site(
            plan.folder, sandbox, database_url=plan.databases.fresh_url(plan.engine), accounts=len(cases)
        )
        with fleet_of(site, "serve", environment=ENVIRONMENT) as fleet:
            people = recipients_of(sandbox, len(cases))
            crowd = Crowd(
                lambda: fleet.urls, site.key, sandbox.group_id, site.account_ids, people, plan.random("faults")
            )
            run = _Run(report, sandbox, crowd, Shapes())
            asyncio.run(run.all(cases))
        time.sleep(LAG_SECONDS)  # the worker's clock runs ahead, the sandbox's does not
        reconcile_everything(site, sandbox)
        messages = sandbox.messages()
        run.compare(messages)
        compare(report, read_books(site), messages)
        report.require("rows were left unknown", holds=report.figures["left unknown"] == 0)


class _Run:
    """The cases that run, and their results."""

    def __init__(self, report: Report, sandbox: SandboxProcess, crowd: Crowd, shapes: Shapes) -> None:
        self._report = report
        self._sandbox = sandbox
        self._crowd = crowd
        self._shapes = shapes
        self._done: list[tuple[Case, Intention]] = []

    async def all(self, cases: Sequence[Case]) -> None:
        await asyncio.gather(*(self._one(number, case) for number, case in enumerate(cases)))

    async def _one(self, number: int, case: Case) -> None:
        account = self._sandbox.accounts[number].profile_urn
        if case.old_thread:
            earlier = Intention(f"before {number}", number, self._crowd.recipients[number], Style.ONCE)
            answer = await self._crowd.send(earlier)
            self._report.require(f"{case}: the first message was answered {answer}", holds=earlier.was_reported_sent)
        faults = [{**fault, "match": {"path": "createMessage", "account": account}} for fault in case.effect.sends]
        faults += [{**fault, "match": {"path": "GraphQL", "account": account}} for fault in case.effect.reads]
        if faults:
            await asyncio.to_thread(self._sandbox.faults, faults)
        style = (Style.KEYED if case.keyed else Style.KEYLESS) if case.repeats else Style.ONCE
        intention = Intention(f"case {number}", number, self._crowd.recipients[number], style)
        intention.key = f"case-{number}" if case.keyed else None
        await self._crowd.carry_out(intention)
        self._check(case, intention)

    def _check(self, case: Case, intention: Intention) -> None:
        effect, answers = case.effect, intention.answers
        first, last = answers[0], answers[-1]
        if isinstance(first, NoResponse) or (first.status, first.outcome) != (effect.status, effect.outcome):
            self._report.violate(f"{case}: first answered {first}")
        if case.repeats and (isinstance(last, NoResponse) or last.status != effect.ends):
            self._report.violate(f"{case}: finally answered {last}")
        for answer in answers:
            for wrong in self._shapes.complaints(answer) if isinstance(answer, Response) else []:
                self._report.violate(f"{case}: {wrong}")
        self._report.count("answers judged", len(answers))
        self._done.append((case, intention))

    def compare(self, messages: Sequence[dict[str, Any]]) -> None:
        """Compare what recipients saw with each case's expected result."""
        texts = [message["text"] for message in messages]
        for case, intention in self._done:
            expected = int(case.effect.accepted or (case.repeats and case.effect.ends == 200))
            seen = texts.count(intention.text)
            self._report.require(f"{case}: seen {seen} times: {intention}", holds=seen == expected)
        violations = find_violations([intention for _, intention in self._done], texts)
        self._report.figures["cases of LinkedIn's faults"] = len(self._done)
        self._report.count_wrong("messages doubled", violations.doubled)
        self._report.count_wrong("200s without a message", violations.sent_without_message)
        self._report.count_wrong("denied, but sent", violations.denied_but_sent)
