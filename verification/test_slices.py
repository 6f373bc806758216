"""A small slice of each part of the proof; `script/prove` runs all of it."""

import asyncio

import pytest
from tests.sandbox_process import running_sandbox
from tests.server_process import prepare_site

from verification import (
    campaign,
    connections,
    crash,
    linkedin_faults,
    postgres_faults,
    sqlite_faults,
    suspension,
    webhooks,
)
from verification.api import internal_errors
from verification.conftest import MakePlan, assert_kept
from verification.fleet import fleet_of
from verification.fuzz import fuzz
from verification.interleavings import explore, explore_sqlite
from verification.model import run_machine
from verification.plan import ENGINES
from verification.report import Report


@pytest.mark.parametrize("engine", ENGINES)
def test_crash(make_plan: MakePlan, engine: str) -> None:
    """When servers and a worker are killed under load, nothing is doubled, lost, over quota or untrue."""
    report = crash.prove(make_plan(engine))
    assert_kept(report)
    assert report.figures["kills survived"]


@pytest.mark.parametrize("engine", ENGINES)
def test_campaigns(make_plan: MakePlan, engine: str) -> None:
    """When servers and workers are killed while campaigns run, everybody gets one message or has a true reason."""
    report = campaign.prove(make_plan(engine))
    assert_kept(report)
    assert report.figures["kills survived"]
    assert report.figures["messages seen when the storm ended"]


def test_webhooks(make_plan: MakePlan) -> None:
    """When servers, workers and receivers are killed, every event reaches every receiver, and no other is sent."""
    report = webhooks.prove(make_plan("sqlite"))
    assert_kept(report)
    assert report.figures["events"]


def test_every_fault_of_linkedin(make_plan: MakePlan) -> None:
    """Each effect of the sandbox that is soon over has the documented answer, and ledger and recipients agree."""
    cases = [
        case for case in linkedin_faults.all_cases(slow=False) if not case.repeats and case.old_thread == case.keyed
    ]
    report = Report("faults", "sqlite")
    linkedin_faults.prove(make_plan("sqlite"), report, cases)
    assert_kept(report)


def test_faults_of_linkedin_cover_its_list() -> None:
    """The proof tries every effect of the sandbox."""
    from confrere.sandbox import faults

    tried = {str(fault["effect"]) for effect in linkedin_faults.EFFECTS for fault in (*effect.sends, *effect.reads)}
    assert tried == set(faults.Effect.__args__)  # type: ignore[attr-defined]


def test_full_disk(make_plan: MakePlan) -> None:
    """A server whose disk is full answers 503 and sends nothing; once there is room, it works again."""
    report = Report("faults", "sqlite")
    sqlite_faults.fill_disk(make_plan("sqlite"), report)
    assert_kept(report)


def test_connection_cut_between_statement_and_answer(make_plan: MakePlan) -> None:
    """If PostgreSQL's answer to a settlement is lost, it is applied once, and the caller gets 200."""
    report = Report("faults", "postgresql")
    postgres_faults.cut(make_plan("postgresql"), report, [("settle_send", "cut after", 3)])
    assert_kept(report)


def test_leases_outlived(make_plan: MakePlan) -> None:
    """A process that was suspended past its lease sends nothing, and what it had sent before is seen once."""
    report = Report("time", "sqlite")
    suspension.outlive_leases(make_plan("sqlite"), report)
    assert_kept(report)


def test_hostile_connections(make_plan: MakePlan) -> None:
    """Clients without a key that send, queue or hold without end cost little memory, and others are answered."""
    report = connections.prove(make_plan("sqlite"), ["endless trailers", "pipelined GETs", "idle connections"])
    assert_kept(report)
    assert report.figures["messages sent meanwhile"]


@pytest.mark.parametrize("engine", ENGINES)
def test_random_histories(make_plan: MakePlan, engine: str) -> None:
    """The store agrees with a simple model."""
    report = Report("model", engine)
    run_machine(report, make_plan(engine), seconds=60, most=10)
    assert_kept(report)


def test_orders_of_short_histories() -> None:
    """Some orders of each short history are played, and none breaks a promise."""
    report = Report("model", "sqlite")
    explore_sqlite(report, seconds=60, most=40)
    assert_kept(report)


def test_orders_of_short_histories_on_postgresql(postgres_url: str) -> None:
    """Some orders of each short history are played on PostgreSQL, and none breaks a promise."""
    report = Report("model", "postgresql")
    asyncio.run(explore(report, postgres_url, seconds=60, most=5))
    assert_kept(report)


def test_body_reader(make_plan: MakePlan) -> None:
    """Every body, of any bytes, gets a documented answer."""
    plan, report = make_plan("sqlite"), Report("api", "sqlite")
    with running_sandbox(members=300) as sandbox:
        site = prepare_site(plan.folder, sandbox)
        with fleet_of(site, "serve") as fleet:
            asyncio.run(fuzz(report, fleet.urls[0], site.key, plan.random("fuzz"), seconds=60, most=300))
        assert internal_errors(site) == []
    assert_kept(report)
