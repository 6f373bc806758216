"""A person is erased: nothing of them is left in the database, the ledger stays true, and nothing brings them back."""

import re
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from confrere.domain.audit import COMMAND_LINE, AuditFilter
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.campaign import PersonText
from confrere.domain.erasure import ErasureResult, is_stand_in
from confrere.domain.errors import InvalidField
from confrere.domain.group import KnownMember
from confrere.domain.ids import new_send_id
from confrere.domain.message import MessageText
from confrere.domain.opt_out import OptOut
from confrere.domain.person import Person, VanityName
from confrere.domain.reservation import OptedOut
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.store.erasures import STEPS
from tests.contract.store.campaigns import draft, somebody
from tests.contract.store.replies import reply_to
from tests.contract.store.scene import ACCEPTED, REFUSED, Scene, repeats, written
from tests.contract.store.webhooks import add_webhook
from tests.postgres import PostgresServer

NAME, VANITY, HEADLINE = "Wilhelmine Unverwechselbar", "wilhelmine-unverwechselbar", "Kupferstecherin in Quedlinburg"
WHO = Person(ProfileUrn("urn:li:fsd_profile:ACoAAUnverwechselbar"), VANITY, "Wilhelmine", "Unverwechselbar", HEADLINE)
GROUP = GroupId("42")
TRACES = ("ACoAAUnverwechselbar", "Unverwechselbar", VANITY, "Quedlinburg", "has asked Odile in person")

_OWN_PEOPLE = {
    "accounts": "LinkedIn accounts of the workspace's own",
    "users": "people who log in to the console",
    "workspaces": "whose account is the default one",
}
_COMMON_TEXTS = {
    "campaigns": "the text that everybody gets",
    "templates": "texts with variables in place of names",
    "pending_erasures": "the erasure itself, encrypted, until it is complete",
}
_ABOUT_PEOPLE = re.compile(
    r"recipient|person|profile|name|headline|public_id|text|body|payload|facts|answer$|conversation"
)


def audience_of(scene: Scene) -> Audience:
    """An audience without people."""
    return Audience(new_send_id(), "default", "Members", GROUP, "ids", scene.now, 0)


async def fill(scene: Scene) -> str:
    """Write the person into every table, among many others; return the id of a message with a key."""
    store = scene.store
    others = [somebody(number) for number in range(400)]
    they = AudiencePerson(WHO, custom={"note": f"met {NAME} in Quedlinburg"})
    audience = audience_of(scene)
    await store.add_audience(audience, [*others[:200], they, *others[200:]])
    assert scene.account is not None
    await store.add_members(
        "default", scene.account.id, GROUP, [KnownMember(WHO)], places_read=1, is_read=True, now=scene.now
    )
    await add_webhook(scene)
    await store.add_resolved_person("default", VanityName(VANITY), WHO, scene.now)
    campaign = await draft(scene, audience_id=audience.id)
    frozen = [*(PersonText(one) for one in others), PersonText(they, text=MessageText(f"Dear {NAME}"))]
    await store.start_campaign("default", campaign.id, frozen, started_by=None, first=None, now=scene.now)
    sent = await scene.send(ACCEPTED, recipient=WHO.profile_urn, idempotency_key="order-1")
    await scene.answer(sent)
    refused = replace(REFUSED, text=f"{NAME} does not take messages", status=403)
    await scene.send(refused, recipient=WHO.profile_urn, text=MessageText("Another"))
    await store.record_reply(reply_to(scene, sent.send_id, recipient=WHO.profile_urn, name=NAME), scene.now)
    await opt_out(scene)
    await written(store)
    return sent.send_id


async def opt_out(scene: Scene) -> int:
    """Put the person on the do-not-contact list."""
    one = OptOut(str(WHO.profile_urn), f"{NAME} has asked Odile in person", "test", scene.now)
    return await scene.store.add_opt_outs("default", [one])


async def erase(scene: Scene) -> ErasureResult:
    """Erase the person."""
    erasure = scene.store.erasure_of("default", WHO.profile_urn, scene.now)
    return await scene.store.erase_person(erasure, WHO.profile_urn, COMMAND_LINE, scene.now)


def traces(url: str, postgres: PostgresServer | None) -> list[str]:
    """Return what can be found of the person in the files of SQLite, or in the rows of PostgreSQL."""
    if postgres is None:
        path = Path(url.removeprefix("sqlite://"))
        found = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*") if file.is_file())
    else:
        found = postgres.dump(url.rpartition("/test_")[2].join(["test_", ""]).partition("?")[0]).encode()
    return [trace for trace in TRACES if trace.encode() in found]


@pytest.fixture
def postgres(url: str, request: pytest.FixtureRequest) -> PostgresServer | None:
    """Return the server, where the store is on it."""
    server: PostgresServer | None = None if url.startswith("sqlite") else request.getfixturevalue("postgres_server")
    return server


async def test_nothing_of_an_erased_person_is_left(scene: Scene, url: str, postgres: PostgresServer | None) -> None:
    """Neither in a row nor, on SQLite, in the free space of the file or in its log; what is counted is told."""
    await fill(scene)
    assert traces(url, postgres) == list(TRACES)
    done = await erase(scene)
    assert traces(url, postgres) == []
    assert done.pending == 0
    assert done.erased == {
        "sends": 2,
        "texts": 2,
        "campaignPeople": 1,
        "names": 5,
        "replies": 1,
        "audiencePeople": 1,
        "knownMembers": 1,
        "addresses": 1,
        "webhookEvents": 4,
    }
    [entry] = await scene.store.list_audit("default", before=None, count=1)
    assert entry.action == "person_erased"
    [same] = await scene.store.list_audit("default", AuditFilter(subject=WHO.profile_urn), before=None, count=1)
    assert same == entry
    assert entry.subject not in (None, str(WHO.profile_urn))
    assert set((await erase(scene)).erased.values()) == {0}  # it can be repeated


async def test_the_ledger_of_an_erased_person_stays_true(scene: Scene) -> None:
    """Outcome, unit and time stay; a repeat with the key is answered from the row; the text is empty."""
    send_id = await fill(scene)
    used = await scene.used()
    before = await scene.store.read_send("default", send_id)
    await erase(scene)
    assert await scene.used() == used
    after = await scene.store.read_send("default", send_id)
    assert is_stand_in(after.recipient)
    assert after == replace(before, recipient=after.recipient, message_urn=None, conversation_urn=None)
    assert await scene.store.read_text("default", send_id) == ""
    again = scene.claim(recipient=WHO.profile_urn, idempotency_key="order-1")
    reservation = await scene.store.reserve(again)
    assert repeats(reservation, replace(again, send_id=send_id), keyed=True).id == send_id


async def test_nothing_brings_an_erased_person_back(scene: Scene, url: str, postgres: PostgresServer | None) -> None:
    """Neither a message, an import, an audience, an address, a campaign nor a reply; they stay on the list."""
    send_id = await fill(scene)
    await erase(scene)
    store, they = scene.store, AudiencePerson(WHO)
    claim = scene.claim(recipient=WHO.profile_urn)
    assert isinstance(await store.reserve(claim), OptedOut)
    assert is_stand_in((await scene.row(claim)).recipient)
    assert await store.read_text("default", claim.send_id) == ""
    assert await opt_out(scene) == 0
    audience = audience_of(scene)
    assert (await store.add_audience(audience, [they, somebody(1)])).count == 1
    assert await store.add_audience_people("default", audience.id, [they]) == 0
    await store.add_resolved_person("default", VanityName(VANITY), WHO, scene.now)
    campaign = await draft(scene, audience_id=audience.id)
    frozen = [PersonText(they), PersonText(somebody(1))]
    await store.start_campaign("default", campaign.id, frozen, started_by=None, first=None, now=scene.now)
    assert not await store.record_reply(reply_to(scene, send_id, recipient=WHO.profile_urn, name=NAME), scene.now)
    found = await store.read_opt_out("default", WHO.profile_urn)
    assert found is not None
    assert found.source == "erasure"
    for recipient in (str(WHO.profile_urn), found.recipient):
        with pytest.raises(InvalidField, match="was erased on"):
            await store.remove_opt_out("default", recipient)
    await store.engine.discard_deleted()
    assert traces(url, postgres) == []


async def test_what_is_on_its_way_is_erased_once_it_is_settled(
    scene: Scene, url: str, postgres: PostgresServer | None
) -> None:
    """Until then its row keeps the person, by whom LinkedIn is searched; the rest is gone at once."""
    claim = await scene.reserve(recipient=WHO.profile_urn)
    done = await erase(scene)
    assert done.pending == 1
    assert (await scene.row(claim)).recipient == WHO.profile_urn
    assert await scene.store.finish_erasures(scene.later(minutes=2), count=10) == 0
    await scene.settle(claim, ACCEPTED)
    assert await scene.store.finish_erasures(scene.later(minutes=2), count=10) == 1
    assert is_stand_in((await scene.row(claim)).recipient)
    assert await scene.store.finish_erasures(scene.later(minutes=2), count=10) == 0
    assert traces(url, postgres) == []


async def test_everything_about_a_person_can_be_read(scene: Scene) -> None:
    """Every table that knows people has its part, with the texts; afterwards only what an erasure leaves."""
    await fill(scene)
    found = await scene.store.read_everything("default", WHO.profile_urn, COMMAND_LINE, scene.now)
    assert {step.table for step in STEPS} - {"webhook_deliveries", "lasting_changes"} == set(found)
    assert {name: len(rows) for name, rows in found.items()} == dict.fromkeys(found, 1) | {
        "sends": 2,
        "webhook_events": 4,
    }
    assert found["replies"][0]["text"] == "Glad to hear from you, call me on Thursday"
    assert found["audience_people"][0]["custom"] == {"note": f"met {NAME} in Quedlinburg"}
    await erase(scene)
    left = await scene.store.read_everything("default", WHO.profile_urn, COMMAND_LINE, scene.now)
    assert [name for name, rows in left.items() if rows] == ["sends", "campaign_people", "do_not_contact"]
    assert {row["text"] for row in left["sends"]} == {""}


async def test_another_workspace_keeps_its_own(scene: Scene) -> None:
    """An erasure is of one workspace: the hash of a person differs from one to another."""
    store = scene.store
    await store.add_resolved_person("another", VanityName(VANITY), WHO, scene.now)
    await erase(scene)
    assert await store.read_resolved_person("another", VanityName(VANITY), scene.now) == WHO
    assert await store.read_erasure("another", WHO.profile_urn) is None


def test_every_table_that_knows_people_has_a_step(sqlite_url: str) -> None:
    """A new table with a person, or with texts, has to be erased from, or be listed here with the reason why not."""
    connection = apsw.Connection(sqlite_url.removeprefix("sqlite://"))
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    known = {step.table for step in STEPS} | set(_OWN_PEOPLE) | set(_COMMON_TEXTS) | set(_NO_PEOPLE)
    for table in tables:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        suspicious = [column for column in columns if _ABOUT_PEOPLE.search(column)]
        assert table in known or not suspicious, (table, suspicious)


_NO_PEOPLE = {
    "api_keys": "the names of keys",
    "audiences": "the names of lists",
    "known_groups": "the names of groups",
    "migrations": "the names of migrations",
    "protocol_faults": "kinds of requests",
    "identities": "accounts of users at an identity provider",
    "second_factors": "the second factors of users",
    "sqlite_sequence": "of SQLite",
    "user_sessions": "browsers of users",
    "webhook_held": "accounts whose hold is over",
}


async def test_the_own_account_cannot_be_erased(scene: Scene) -> None:
    """Its sends would be nobody's; disconnecting erases its session."""
    assert scene.account is not None
    own = ProfileUrn(scene.account.profile_urn)
    with pytest.raises(InvalidField, match="accounts disconnect"):
        await scene.store.erase_person(scene.store.erasure_of("default", own, scene.now), own, COMMAND_LINE, scene.now)


async def test_a_check_beforehand_names_the_erasure(scene: Scene) -> None:
    """Who asks whether a message would go through reads since when the person is erased."""
    await erase(scene)
    found = await scene.store.read_opt_out("default", WHO.profile_urn)
    assert found is not None
    assert (found.source, found.reason, found.added_at) == ("erasure", None, scene.now)
