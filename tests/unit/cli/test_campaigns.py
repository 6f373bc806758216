"""Campaigns from the command line, with a worker's turn where messages have to be sent."""

import json

import pytest

from confrere.cli import campaign_progress
from confrere.domain.account import Account
from confrere.services import Services
from tests.fakes.runtime import FakeRuntime
from tests.unit.cli.conftest import Confrere, Ran

URNS = [f"urn:li:fsd_profile:ACoAAaudience{number}" for number in range(3)]
TEXT = "Hello, fellow member! Answer stop to get no more messages."

pytestmark = pytest.mark.usefixtures("account")


@pytest.fixture
def audience_id(confrere: Confrere) -> str:
    """An audience of three people."""
    return confrere("audiences", "create", "--name", "Members", "--group", "12345678", *URNS).out.strip()


@pytest.fixture
def draft(confrere: Confrere, audience_id: str) -> str:
    """A campaign for them, not started."""
    return create(confrere, audience_id, "--no-spread").out.strip()


def create(confrere: Confrere, audience_id: str, *options: str) -> Ran:
    """Make the campaign "Spring"."""
    return confrere("campaigns", "create", "--name", "Spring", "--audience", audience_id, "--message", TEXT, *options)


def work(runtime: FakeRuntime) -> None:
    """Let a worker do what is due now."""

    async def run(services: Services) -> None:
        await services.lanes.start_scheduled()
        await services.lanes.run_due()
        await services.background.wait_until_idle()

    runtime.do(run)


def status_of(confrere: Confrere, campaign_id: str) -> str:
    """The campaign's status."""
    return str(confrere("campaigns", "show", campaign_id, "--json").json["status"])


def test_a_campaign_runs_from_draft_to_finished(runtime: FakeRuntime, confrere: Confrere, draft: str) -> None:
    """After a start and a worker's turn everybody has the message once, and the watch ends by itself."""
    assert status_of(confrere, draft) == "draft"
    started = confrere("campaigns", "start", draft, "--yes", "--json")
    assert (started.code, started.json["status"], started.json["counts"]["waiting"]) == (0, "running", 3)
    work(runtime)
    watched = confrere("campaigns", "watch", draft)
    assert (watched.code, "finished  3 of 3: sent 3" in watched.out) == (0, True), watched
    people = confrere("campaigns", "people", draft, "--json").json
    assert [(one["recipientProfileUrn"], one["status"]) for one in people["items"]] == [(urn, "sent") for urn in URNS]
    assert [send["id"] for send in confrere("sends", "list", "--json").json["sends"]] == [
        one["sendId"] for one in reversed(people["items"])
    ]


def test_a_start_shows_what_is_sent_and_needs_a_confirmation(confrere: Confrere, draft: str) -> None:
    """Counts, lengths, forecast and hash are shown; without a confirmation nothing starts; the text stays secret."""
    checked = confrere("campaigns", "check", draft, "--json").json
    assert checked == {
        "id": draft,
        "wouldSend": 3,
        "skipped": {},
        "texts": {"shortest": TEXT, "longest": TEXT},
        "warnings": [],
        "forecast": {
            "endsOn": "2026-03-14",
            "sendingDays": 1,
            "perDay": [{"date": "2026-03-14", "count": 3}],
            "summary": "about 1 sending day, until 14 March 2026",
        },
        "contentHash": checked["contentHash"],
    }
    ran = confrere("campaigns", "start", draft)
    assert (ran.code, "--yes" in ran.err) == (2, True)
    shown = ("3 would be written to\n", f"{len(TEXT)} characters", "  2026-03-14  3\n", checked["contentHash"])
    assert all(word in ran.out for word in shown), ran
    assert TEXT not in ran.out + ran.err
    assert status_of(confrere, draft) == "draft"


@pytest.mark.parametrize(("answer", "status"), [("y\n", "running"), ("n\n", "draft"), ("", "draft")])
def test_a_person_is_asked_before_a_start(
    confrere: Confrere, draft: str, monkeypatch: pytest.MonkeyPatch, answer: str, status: str
) -> None:
    """On a terminal the question names how many get the message; only a yes starts it."""
    monkeypatch.setattr("typer.testing._NamedTextIOWrapper.isatty", lambda stream: stream.name == "<stdin>")
    ran = confrere("campaigns", "start", draft, given=answer)
    assert "Send messages to up to 3 people?" in ran.err + ran.out
    assert status_of(confrere, draft) == status


def test_a_start_without_a_worker_is_reported(confrere: Confrere, draft: str) -> None:
    """A newcomer who has started nothing else is given the command that sends."""
    assert (
        "No worker runs, so nothing is sent yet. Start `confrere up`"
        in confrere("campaigns", "start", draft, "--yes").err
    )


def test_a_text_without_a_way_out_is_warned_of(confrere: Confrere, audience_id: str) -> None:
    """The check names what the text lacks."""
    made = confrere("campaigns", "create", "--name", "x", "--audience", audience_id, "--message", "Buy this")
    ran = confrere("campaigns", "check", made.out.strip())
    assert "offers a way out" in ran.err


def test_the_first_message_can_be_read_before_the_others(runtime: FakeRuntime, confrere: Confrere, draft: str) -> None:
    """With --first 1 one message is sent, then the campaign is paused until it is resumed."""
    assert confrere("campaigns", "start", draft, "--first", "1", "--yes").code == 0
    work(runtime)
    shown = confrere("campaigns", "show", draft)
    assert "paused (first_sent)" in shown.out
    assert "sent 1, waiting 2" in shown.out
    assert "read it as its recipient sees it" in shown.out
    assert confrere("campaigns", "resume", draft).out == "Resumed 'Spring': 2 people wait.\n"
    work(runtime)
    assert status_of(confrere, draft) == "finished"


def test_a_paused_campaign_sends_nothing_and_can_be_stopped(
    runtime: FakeRuntime, confrere: Confrere, draft: str
) -> None:
    """Pause, stop and archive each print their result; who waited is skipped, and an archived one is not listed."""
    confrere("campaigns", "start", draft, "--yes")
    assert confrere("campaigns", "pause", draft).out == "Paused 'Spring'; 0 messages are in flight.\n"
    work(runtime)
    waiting = confrere("campaigns", "people", draft)
    assert waiting.out.count("campaign_paused") == 3
    assert waiting.out.count("Resume the campaign") == 3
    assert confrere("campaigns", "stop", draft).code == 2
    assert confrere("campaigns", "stop", draft, "--yes").code == 0
    assert (
        confrere("campaigns", "people", draft, "--reason", "stopped", "--json").json["items"][2]["status"] == "skipped"
    )
    assert confrere("campaigns", "people", draft, "--status", "sent").err == "There are no such people.\n"
    watched = confrere("campaigns", "watch", draft)
    assert (watched.code, "The campaign was stopped" in watched.err) == (1, True)
    assert confrere("campaigns", "archive", draft).out == "Archived 'Spring'.\n"
    assert confrere("campaigns", "list").err == "There are no such campaigns.\n"
    assert draft in confrere("campaigns", "list", "--status", "archived").out


@pytest.mark.parametrize(
    ("command", "words"), [("pause", "draft cannot be paused"), ("resume", "draft cannot be resumed")]
)
def test_what_a_status_forbids_is_refused(confrere: Confrere, draft: str, command: str, words: str) -> None:
    """The error names the status and what cannot be done, with exit code 1."""
    ran = confrere("campaigns", command, draft)
    assert (ran.code, words in ran.err) == (1, True)


def test_a_campaign_starts_once(confrere: Confrere, draft: str) -> None:
    """The second start is refused before anything is asked."""
    confrere("campaigns", "start", draft, "--yes")
    ran = confrere("campaigns", "start", draft)
    assert (ran.code, ran.out, "running cannot be started" in ran.err) == (1, "", True)


def test_a_watch_prints_each_change_once(
    runtime: FakeRuntime, confrere: Confrere, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readings without a change print nothing; each change is one object on a line, up to the last."""
    confrere("campaigns", "start", draft, "--yes", "--first", "1")
    readings: list[int] = []

    async def turn(services: Services) -> None:
        if len(readings) in (2, 4):
            if len(readings) == 4:
                await services.campaigns.resume("default", draft)
            await services.lanes.run_due()
            await services.background.wait_until_idle()

    original = campaign_progress._watch

    async def watch(command: object, services: Services, *rest: object) -> object:
        async def rest_between(_seconds: float) -> None:
            readings.append(1)
            await turn(services)

        monkeypatch.setattr("confrere.cli.campaign_progress.asyncio.sleep", rest_between)
        return await original(command, services, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(campaign_progress, "_watch", watch)
    lines = [json.loads(line) for line in confrere("campaigns", "watch", draft, "--json").out.splitlines()]
    assert [(one["status"], one["counts"]["sent"]) for one in lines] == [
        ("running", 0), ("paused", 1), ("finished", 3),
    ]  # fmt: skip
    assert (lines[0]["lacksWorker"], lines[1]["whyNot"]["reason"]) == (True, "campaign_paused")


def test_campaigns_are_listed_with_why_they_wait(
    runtime: FakeRuntime, account: Account, confrere: Confrere, audience_id: str
) -> None:
    """A campaign is one row with its progress and the reason; the limit is reported."""
    ids = [create(confrere, audience_id).out.strip() for _ in range(2)]
    ran = confrere("campaigns", "list", "--account", account.id)
    assert [ran.out.index(one) for one in reversed(ids)] == sorted(ran.out.index(one) for one in ids)
    assert ran.out.count("campaign_paused") == 2
    assert "There are older ones" in confrere("campaigns", "list", "--limit", "1").err
    assert confrere("campaigns", "list", "--account", "0" * 24).code == 1


def test_a_scheduled_campaign_waits_for_its_time(confrere: Confrere, audience_id: str) -> None:
    """A start with a time of beginning in the future is shown with that time; a time in the past is refused."""
    ran = create(confrere, audience_id, "--starts-at", "2026-03-15", "--daily-cap", "2")
    started = confrere("campaigns", "start", ran.out.strip(), "--yes")
    assert started.out.endswith("it is scheduled. It begins 2026-03-15 00:00 UTC.\n")
    assert "scheduled until 2026-03-15 00:00 UTC" in confrere("campaigns", "show", ran.out.strip()).out
    past = create(confrere, audience_id, "--starts-at", "2026-03-13")
    assert (past.code, "--starts-at must lie in the future" in past.err) == (2, True)


@pytest.mark.parametrize(
    "command", ["show", "check", "texts", "update", "start", "pause", "resume", "stop", "archive", "people", "watch"]
)
def test_an_unknown_campaign(confrere: Confrere, command: str) -> None:
    """Every command reports that there is none, and where the ids are."""
    ran = confrere("campaigns", command, "0" * 32)
    assert (ran.code, "`confrere campaigns list`" in ran.err) == (1, True), ran


def test_an_unknown_audience_is_named_by_its_option(confrere: Confrere, account: Account) -> None:
    """Of several ids the error names the one that does not exist."""
    ran = create(confrere, "0" * 32, "--account", account.id)
    assert (ran.code, "--audience: " in ran.err, "--account" in ran.err) == (1, True, False)
