"""The people of campaigns from the command line, with a worker's turn where messages have to be sent."""

import csv
import io
import json

import pytest

from confrere.domain.account import Account
from confrere.services import Services
from tests.fakes.runtime import FakeRuntime
from tests.unit.cli.conftest import Confrere, Ran

URNS = [f"urn:li:fsd_profile:ACoAAaudience{number}" for number in range(4)]
TEXT = "Hello, fellow member! Answer stop to get no more messages."

pytestmark = pytest.mark.usefixtures("account")


@pytest.fixture
def campaign(confrere: Confrere) -> str:
    """A campaign that runs, for three people, spread over the day."""
    return start(confrere, URNS[:3])


def start(confrere: Confrere, urns: list[str], *options: str, group: str = "12345678") -> str:
    """An audience and a campaign that was started."""
    audience = confrere("audiences", "create", "--name", "Members", "--group", group, *urns).out.strip()
    created = confrere("campaigns", "create", "--name", "Spring", "--audience", audience, "--message", TEXT, *options)
    assert confrere("campaigns", "start", created.out.strip(), "--yes").code == 0
    return created.out.strip()


def work(runtime: FakeRuntime) -> None:
    """Let a worker do what is due now."""

    async def run(services: Services) -> None:
        await services.lanes.run_due()
        await services.background.wait_until_idle()

    runtime.do(run)


def people(confrere: Confrere, campaign: str, *options: str) -> list[str]:
    """The URNs that are listed with these options."""
    ran = confrere("campaigns", "people", campaign, *options, "--json")
    assert ran.code == 0, ran
    return [one["recipientProfileUrn"] for one in ran.json["items"]]


def test_people_are_listed_by_what_they_wait_for(runtime: FakeRuntime, confrere: Confrere, campaign: str) -> None:
    """After the first message the others wait for the spread; a reason that there is not is named."""
    confrere("campaigns", "hold", URNS[2], "--until", "2026-04-01")
    work(runtime)
    assert people(confrere, campaign, "--reason", "spread") == [URNS[1]]
    assert people(confrere, campaign, "--reason", "held", "--status", "waiting") == [URNS[2]]
    assert people(confrere, campaign, "--status", "sent") == [URNS[0]]
    assert "held until 2026-04-01 00:00 UTC" in confrere("campaigns", "people", campaign).out
    wrong = confrere("campaigns", "people", campaign, "--reason", "spreads")
    assert (wrong.code, "--reason must be one of next_in_line" in wrong.err) == (2, True)
    assert "There are more" in confrere("campaigns", "people", campaign, "--limit", "2").err


def test_a_person_is_shown_with_all_that_happened(runtime: FakeRuntime, confrere: Confrere, campaign: str) -> None:
    """Status, reason and each attempt; the bare id is a person, too."""
    work(runtime)
    shown = confrere("campaigns", "person", campaign, URNS[0].rpartition(":")[2])
    assert all(word in shown.out for word in (URNS[0], "Spring", "sent", "accepted"))
    waiting = confrere("campaigns", "person", campaign, URNS[1])
    assert all(word in waiting.out for word in ("spread until 2026-", "what to do"))
    as_json = confrere("campaigns", "person", campaign, URNS[0], "--json").json
    assert ([send["outcome"] for send in as_json["sends"]], as_json["status"]) == (["accepted"], "sent")
    missing = confrere("campaigns", "person", campaign, URNS[3])
    assert (missing.code, "not in the campaign" in missing.err, "campaigns people" in missing.err) == (1, True, True)


def test_a_person_is_shown_over_all_campaigns(
    runtime: FakeRuntime, confrere: Confrere, campaign: str, account: Account
) -> None:
    """What became of them in each, who had written to them, and whether they are on the do-not-contact list."""
    work(runtime)
    second = start(confrere, URNS[:1], "--no-spread")
    work(runtime)
    confrere("do-not-contact", "add", URNS[0])
    shown = confrere("people", "show", URNS[0])
    assert all(word in shown.out for word in (campaign, second, "already_written_to", "do not contact  since 2026-"))
    as_json = confrere("people", "show", URNS[0], "--json").json
    assert [one["campaignId"] for one in as_json["campaigns"]] == [campaign, second]
    assert as_json["campaigns"][1]["writtenToBy"] == account.id
    assert (len(as_json["sends"]), as_json["doNotContact"]["recipientProfileUrn"]) == (1, URNS[0])
    assert f"{account.id} at 2026-" in confrere("campaigns", "person", second, URNS[0]).out
    nobody = confrere("people", "show", URNS[3], "--json").json
    assert (nobody["campaigns"], nobody["sends"], nobody["doNotContact"]) == ([], [], None)


def test_a_person_is_held_and_released(confrere: Confrere, campaign: str) -> None:
    """In how many campaigns is printed; who waits in none is an error, and so is a time that is past."""
    held = confrere("campaigns", "hold", URNS[0], "--until", "2026-04-01T09:00:00Z")
    assert held.out == "Held until 2026-04-01 09:00 UTC; waits in 1 campaigns.\n"
    assert "held until" in confrere("people", "show", URNS[0]).out
    released = confrere("campaigns", "release", URNS[0], "--json").json
    assert released == {"recipientProfileUrn": URNS[0], "heldUntil": None, "campaigns": 1}
    nowhere = confrere("campaigns", "hold", URNS[3], "--until", "2026-04-01")
    assert (nowhere.code, "waits in no campaign" in nowhere.err) == (1, True)
    past = confrere("campaigns", "hold", URNS[0], "--until", "2020-01-01")
    assert (past.code, "--until must be in the future" in past.err) == (2, True)
    assert people(confrere, campaign, "--reason", "held") == []


def test_people_are_added(runtime: FakeRuntime, confrere: Confrere, campaign: str) -> None:
    """By URN or from an audience; who was in the campaign already is counted, or listed as JSON."""
    added = confrere("campaigns", "add", campaign, URNS[0], URNS[3])
    assert added.out == "Added 1. 1 were in it already.\n"
    audience = confrere("audiences", "create", "--name", "More", "--group", "12345678", *URNS, "ACoAAmore").out.strip()
    ran = confrere("campaigns", "add", campaign, "--audience", audience, "--json")
    assert ran.json == {"added": 1, "alreadyIn": URNS}
    assert len(people(confrere, campaign)) == 5
    for arguments in ((campaign,), (campaign, URNS[0], "--audience", audience)):
        wrong = confrere("campaigns", "add", *arguments)
        assert (wrong.code, "--audience" in wrong.err) == (2, True)
    missing = confrere("campaigns", "add", campaign, "--audience", "0" * 32)
    assert (missing.code, "confrere audiences list" in missing.err) == (1, True)
    other = confrere("audiences", "create", "--name", "Other", "--group", "87654321", URNS[0]).out.strip()
    foreign = confrere("campaigns", "add", campaign, "--audience", other)
    assert (foreign.code, "--audience must be an audience of the campaign's own group" in foreign.err) == (2, True)


def test_people_are_exported(runtime: FakeRuntime, confrere: Confrere, campaign: str) -> None:
    """As a table with a head, or one object a line, with the fields of the list; nobody is no line at all."""
    work(runtime)
    listed = confrere("campaigns", "people", campaign, "--json").json["items"]
    table = confrere("campaigns", "export", campaign)
    rows = list(csv.DictReader(io.StringIO(table.out, newline="")))
    assert rows == [{name: value or "" for name, value in item.items()} for item in listed]
    assert table.err == "3 people.\n"
    lines = confrere("campaigns", "export", campaign, "--status", "waiting", "--json")
    assert [json.loads(line) for line in lines.out.splitlines()] == listed[1:]
    assert confrere("campaigns", "export", campaign, "--reason", "held") == Ran(0, "", "There are no such people.\n")


def test_why_not_yet(runtime: FakeRuntime, confrere: Confrere, campaign: str, account: Account) -> None:
    """The same words for the account, the campaign and a person; nothing waits where nothing does."""
    assert confrere("why-not-yet").out == "Nothing waits.\n"
    work(runtime)
    asked = [
        confrere("why-not-yet", *options, "--json").json["whyNot"]
        for options in (
            (),
            ("--account", account.id),
            ("--campaign", campaign),
            ("--campaign", campaign, "--person", URNS[1]),
            ("--person", URNS[1]),
        )
    ]
    assert asked == [asked[0]] * 5
    assert asked[0]["reason"] == "spread"
    told = confrere("why-not-yet", "--campaign", campaign).out
    assert told.startswith("spread until 2026-")
    assert told.endswith("spread over what is left of its sending hours.\n")
    assert confrere("why-not-yet", "--person", URNS[0], "--json").json == {"whyNot": None}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--account", "0" * 24), 1, "confrere accounts list"),
        (("--account", "anna"), 2, "--account"),
        (("--campaign", "0" * 32), 1, "confrere campaigns list"),
        (("--person", "odile"), 2, "--person"),
        (("--account", "0" * 24, "--campaign", "0" * 32), 2, "--account must stand alone"),
    ],
)
def test_why_not_yet_of_what_there_is_not(confrere: Confrere, options: tuple[str, ...], code: int, words: str) -> None:
    """The error names the option, or where the ids are."""
    ran = confrere("why-not-yet", *options)
    assert (ran.code, words in ran.err) == (code, True), ran


@pytest.mark.parametrize("arguments", [("person", URNS[0]), ("add", URNS[0]), ("export",)])
def test_an_unknown_campaign(confrere: Confrere, arguments: tuple[str, ...]) -> None:
    """Every command reports that there is none, and where the ids are."""
    ran = confrere("campaigns", arguments[0], "0" * 32, *arguments[1:])
    assert (ran.code, "`confrere campaigns list`" in ran.err) == (1, True), ran
