"""Templates, and drafts that use them, from the command line."""

from pathlib import Path

import pytest

from confrere.domain.account import Account
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.services import Services
from tests.fakes.runtime import NOON, FakeRuntime
from tests.unit.cli.conftest import Confrere
from tests.unit.cli.test_campaigns import URNS, work

HELLO = 'Hello {{ firstName | default: "there" }} of {{ custom.city }}! Answer stop to get no more messages.'
PEOPLE = [("Anna", "Bonn"), (None, "Lyon"), ("MILLER, Jo", None)]
AUDIENCE = "0" * 31 + "a"

pytestmark = pytest.mark.usefixtures("account")


@pytest.fixture
def template(confrere: Confrere) -> str:
    """A template."""
    return confrere("templates", "create", "--name", "Welcome", "--text", HELLO).out.strip()


@pytest.fixture
def audience_id(runtime: FakeRuntime) -> str:
    """People with names and cities."""

    async def add(services: Services) -> None:
        audience = Audience(AUDIENCE, "default", "Buyers", GroupId("12345678"), "csv", NOON, 0, ("city",))
        people = [
            AudiencePerson(Person(ProfileUrn(urn), None, first), {"city": city} if city else {})
            for urn, (first, city) in zip(URNS, PEOPLE, strict=True)
        ]
        await services.store.add_audience(audience, people)

    runtime.do(add)
    return AUDIENCE


def create(confrere: Confrere, audience_id: str, *options: str) -> str:
    """A draft's id."""
    ran = confrere("campaigns", "create", "--name", "Spring", "--audience", audience_id, *options)
    assert ran.code == 0, ran
    return ran.out.strip()


def test_a_template_is_written_shown_changed_and_deleted(confrere: Confrere, template: str) -> None:
    """Each command prints what it did, and the JSON is that of the API."""
    shown = confrere("templates", "show", template, "--json").json
    assert shown == {
        "id": template,
        "name": "Welcome",
        "text": HELLO,
        "version": 1,
        "variables": ["custom.city", "firstName"],
        "createdAt": "2026-03-14T12:00:00Z",
        "changedAt": "2026-03-14T12:00:00Z",
    }
    assert confrere("templates", "show", template).out.endswith(f"\n\n{HELLO}\n")
    assert confrere("templates", "update", template, "--name", "Hi").out == "Updated 'Hi': version 1.\n"
    assert confrere("templates", "update", template, "--text", "Hello!").out == "Updated 'Hi': version 2.\n"
    assert confrere("templates", "list", "--json").json == {
        "templates": [{**shown, "name": "Hi", "text": "Hello!", "version": 2, "variables": []}],
        "hasMore": False,
    }
    assert template in confrere("templates", "list").out
    ran = confrere("templates", "delete", template)
    assert (ran.code, "--yes" in ran.err) == (2, True)
    assert confrere("templates", "delete", template, "--yes").out == "Deleted 'Hi'.\n"
    assert "There is no template yet" in confrere("templates", "list").err


def test_a_text_is_taken_from_option_file_or_standard_input(confrere: Confrere, tmp_path: Path) -> None:
    """As for a message; both at once are refused, and a fault names where the text came from."""
    file = tmp_path / "hello.txt"
    file.write_text("From a file")
    from_file = confrere("templates", "create", "--name", "x", "--file", str(file), "--json").json
    from_input = confrere("templates", "create", "--name", "x", "--json", given="From input").json
    assert (from_file["text"], from_input["text"]) == ("From a file", "From input")
    changed = confrere("templates", "update", from_file["id"], "--json", given="From input").json
    assert changed["text"] == "From input"
    ran = confrere("templates", "create", "--name", "x", "--file", str(file), "--text", "x")
    assert (ran.code, "--text cannot be given together with --file" in ran.err) == (2, True)
    file.write_text("{{ frstName }}")
    ran = confrere("templates", "create", "--name", "x", "--file", str(file))
    assert (ran.code, "--file must use known variables" in ran.err) == (2, True)
    assert "did you mean firstName?" in ran.err


def test_a_preview_is_one_text(confrere: Confrere, template: str, audience_id: str) -> None:
    """Of the variables' names, of the first person, or of one; whom none can be made for is said to be skipped."""
    assert confrere("templates", "preview", template).out.startswith("Hello [firstName] of [custom.city]!")
    first = confrere("templates", "preview", template, "--audience", audience_id, "--json").json
    text = HELLO.replace('{{ firstName | default: "there" }} of {{ custom.city }}', "Anna of Bonn")
    assert first == {"text": text, "blankVariables": [], "characters": len(text)}
    ran = confrere("templates", "preview", template, "--audience", audience_id, "--to", URNS[2])
    assert (ran.out, "would be skipped; blank for this person: custom.city" in ran.err) == ("", True)
    assert "--audience: " in confrere("templates", "preview", template, "--audience", "x").err


def test_a_campaign_with_a_template(runtime: FakeRuntime, confrere: Confrere, template: str, audience_id: str) -> None:
    """The check shows whom it skips, odd names with a clean form, and the calendar; each person gets their own text."""
    draft = create(confrere, audience_id, "--template", template, "--no-spread")
    ran = confrere("campaigns", "check", draft)
    assert "2 would be written to\n  blank_variable" in ran.out
    assert "about 1 sending day, until 14 March 2026" in ran.out
    texts = confrere("campaigns", "texts", draft, "--json").json
    assert [(one["skipReason"], (one["text"] or "")[:15]) for one in texts["items"]] == [
        (None, "Hello Anna of B"), (None, "Hello there of "), ("blank_variable", ""),
    ]  # fmt: skip
    shown = confrere("campaigns", "texts", draft, "--limit", "1")
    assert shown.out.startswith("ACoAAaudience0  Anna\n    Hello Anna of Bonn!")
    assert "There are more" in shown.err
    confrere("templates", "update", template, "--text", "Hello {{ firstName }}")
    ran = confrere("campaigns", "check", draft)
    assert "offers a way out" in ran.err
    assert "MILLER, Jo: Jo Miller (last_first, all_capitals)" in ran.err
    used = confrere("templates", "delete", template, "--yes")
    assert (used.code, f"'Spring' ({draft}) uses this template" in used.err) == (1, True)
    assert confrere("campaigns", "start", draft, "--yes").code == 0
    work(runtime)
    assert [message.text for message in runtime.upstream.seen] == ["Hello Anna", "Hello MILLER, Jo"]
    assert f"template {template}, version 2" in confrere("campaigns", "show", draft).out
    assert confrere("campaigns", "texts", draft).code == 1


def test_a_draft_is_updated(confrere: Confrere, account: Account, template: str, audience_id: str) -> None:
    """What is given changes, all else stays; a campaign that was started is refused."""
    draft = create(confrere, audience_id, "--message", "Hello")
    before = confrere("campaigns", "show", draft, "--json").json
    options = ["--name", "Summer", "--daily-cap", "5", "--starts-at", "2026-03-15", "--no-spread", "--no-skip-existing"]
    changed = confrere("campaigns", "update", draft, *options, "--account", account.id, "--json").json
    settings = {"name": "Summer", "dailyCap": 5, "spread": False, "skipExistingConversations": False}
    assert changed == {**before, **settings, "startsAt": "2026-03-15T00:00:00Z", "revision": 2}
    changed = confrere(
        "campaigns", "update", draft, "--at-once", "--no-daily-cap", "--template", template, "--json"
    ).json
    assert (changed["startsAt"], changed["dailyCap"], changed["templateId"]) == (None, None, template)
    ran = confrere("campaigns", "update", draft, "--message", "{{ custom.town }}")
    assert (ran.code, "--message must use known variables" in ran.err) == (2, True)
    both = confrere("campaigns", "update", draft, "--message", "x", "--template", template)
    assert (both.code, "--template cannot be given together with --message" in both.err) == (2, True)
    assert confrere("campaigns", "start", draft, "--yes").code == 0
    assert "running cannot be changed" in confrere("campaigns", "update", draft, "--name", "Late").err


@pytest.mark.parametrize("command", ["show", "update", "delete", "preview"])
def test_an_unknown_template(confrere: Confrere, command: str) -> None:
    """Every command reports that there is none, and where the ids are."""
    ran = confrere("templates", command, "0" * 32, given="Hello")
    assert (ran.code, "`confrere templates list`" in ran.err) == (1, True), ran
