"""One person: what happened with them, seen by those who may; held, released, and not contacted any more."""

from datetime import timedelta

from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.message import MessageText
from confrere.domain.send_request import SendRequest
from confrere.domain.session import Member
from confrere.domain.users import Rights, Role
from confrere.sending.caller import CallerConnection
from tests.contract.console.conftest import Console
from tests.contract.console.people import GROUP, know_members, urn
from tests.fakes.upstream import BROWSER

PERSON = f"/console/people/{urn(0).profile_id}"


async def another_account(console: Console) -> str:
    """Connect a second account and return its id."""
    console.upstream.member = Member("urn:li:fsd_profile:ACoAASecond", "Second", "Sender", "second-sender")
    return (await console.services.accounts.connect("default", BROWSER)).id


async def send(console: Console, account_id: str, text: str) -> None:
    """Send one message to the person."""
    request = SendRequest("request", "default", account_id, urn(0), GROUP, MessageText(text))
    await console.services.sender.send(request, CallerConnection())


async def begin_campaign(console: Console, account_id: str, name: str) -> None:
    """Start a campaign of the account that has the person in it; no worker runs, so that they wait."""
    services = console.services
    audience = await services.audiences.create("default", name=name, group_id=GROUP, people=[AudiencePerson.of(urn(0))])
    state = await services.campaigns.create(
        "default", name=name, audience_id=audience.id, account_id=account_id, text="Hello"
    )
    await services.campaigns.start("default", state.campaign.id)


async def test_a_person_has_all_that_happened(console: Console) -> None:
    """The page has name, messages of every account with their outcome, and the way to each."""
    await know_members(console)
    await send(console, console.account.id, "One")
    await send(console, await another_account(console), "Two")
    browser = await console.user()
    page = (await browser.get(PERSON)).text
    assert "Anna Berg" in page
    assert page.count("Accepted") == 2
    assert "Second Sender" in page
    assert "/console/replies?person=" in page
    for path in (f"/console/people/{urn(0)}", f"/console/people/{str(urn(0)).replace(':', '%3A')}"):
        assert (await browser.get(path)).status == 200
    assert (await browser.get("/console/people/no.such!id")).status == 404
    assert "ACoAAnobody" in (await browser.get("/console/people/ACoAAnobody")).text


async def test_a_limited_user_sees_what_their_accounts_have(console: Console) -> None:
    """Messages of accounts that are not theirs are not on the page, nor the accounts' names."""
    await know_members(console)
    await send(console, console.account.id, "One")
    second = await another_account(console)
    limited = await console.user("Lim", Rights(Role.WRITER, accounts=frozenset({second})))
    page = (await limited.get(PERSON)).text
    assert "No message was sent to them by your accounts" in page
    assert "Odile" not in page
    assert "Conversation" not in page
    await send(console, second, "Two")
    assert (await limited.get(PERSON)).text.count("Accepted") == 1


async def test_nobody_is_written_to_after_that(console: Console) -> None:
    """Put on the list with a reason, the person is shown so; an owner takes them off again."""
    browser = await console.user()
    await browser.get("/console")
    long = await browser.post(f"{PERSON}/do-not-contact", {"reason": "x" * 501})
    assert long.status == 422
    assert "x" * 501 in long.text
    reply = await browser.post(f"{PERSON}/do-not-contact", {"reason": "Asked by phone"})
    page = (await browser.get(reply.headers["Location"])).text
    assert "is on the do-not-contact list" in page
    assert "Asked by phone" in page
    writer = await console.user("Wri", Rights(Role.WRITER))
    assert "Take them off" not in (await writer.get(PERSON)).text
    off = {"person": urn(0).profile_id, "back": "person"}
    assert (await writer.post("/console/do-not-contact/remove", off)).status == 403
    reply = await browser.post("/console/do-not-contact/remove", off)
    assert "They are not on the do-not-contact list" in (await browser.get(reply.headers["Location"])).text


async def test_a_person_is_held_and_released(console: Console) -> None:
    """A hold puts the person off in every campaign until its time, and its end lets them wait as before."""
    await know_members(console)
    await begin_campaign(console, console.account.id, "Spring")
    browser = await console.user()
    page = (await browser.get(PERSON)).text
    assert "Spring" in page
    assert "Next in line" in page
    for until in ("yesterday", "2020-01-01T09:00"):
        reply = await browser.post(f"{PERSON}/hold", {"until": until})
        assert reply.status == 422
        assert f'value="{until}"' in reply.text
    until = f"{console.services.clock() + timedelta(days=3):%Y-%m-%dT%H:%M}"
    reply = await browser.post(f"{PERSON}/hold", {"until": until})
    page = (await browser.get(reply.headers["Location"])).text
    assert "Held by a person" in page
    reply = await browser.post(f"{PERSON}/release")
    page = (await browser.get(reply.headers["Location"])).text
    assert "The hold has ended" in page
    assert "Next in line" in page


async def test_only_who_sees_all_campaigns_of_a_person_holds_them(console: Console) -> None:
    """A user who does not see every campaign in which the person waits can neither hold nor release them."""
    await know_members(console)
    second = await another_account(console)
    await begin_campaign(console, console.account.id, "Spring")
    await begin_campaign(console, second, "Autumn")
    limited = await console.user("Lim", Rights(Role.WRITER, accounts=frozenset({second})))
    page = (await limited.get(PERSON)).text
    assert "Autumn" in page
    assert "Spring" not in page
    assert "Hold until" not in page
    until = f"{console.services.clock() + timedelta(days=3):%Y-%m-%dT%H:%M}"
    for act in ("hold", "release"):
        assert (await limited.post(f"{PERSON}/{act}", {"until": until})).status == 404
    owner = await console.user()
    assert "Hold until" in (await owner.get(PERSON)).text
