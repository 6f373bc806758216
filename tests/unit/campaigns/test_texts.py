"""The texts of campaigns: each is made from that person's row alone, checked, frozen and sent."""

import asyncio
from dataclasses import replace

import pytest

from confrere.campaigns import CampaignState, PeopleAdded
from confrere.domain.account import Account
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.campaign import ContentChanged, PersonFilter, PersonStatus, SkipReason
from confrere.domain.group import Page
from confrere.domain.ids import new_record_id
from confrere.domain.opt_out import OptOut
from confrere.domain.person import Person
from confrere.domain.urns import ProfileUrn
from confrere.services import Services
from tests.fakes.upstream import BROWSER, ODILE, FakeUpstream
from tests.unit.campaigns.running import GROUP, urn, work
from tests.unit.sending.conftest import NOON

TEXT = (
    "Dear {{ firstName }} {{ lastName }} from {{ custom.city }}"
    "{% if headline %} ({{ headline }}){% endif %}, answer stop"
)

pytestmark = pytest.mark.usefixtures("account")


def somebody(number: int) -> AudiencePerson:
    """A person of whom every value holds their number."""
    headline = f"Head {number}" if number % 3 else None
    person = Person(urn(number), f"public-{number}", f"First{number}", f"Last{number}", headline)
    return AudiencePerson(person, {"city": f"City{number}"})


def own_text(number: int) -> str:
    """What this person gets."""
    headline = f" (Head {number})" if number % 3 else ""
    return f"Dear First{number} Last{number} from City{number}{headline}, answer stop"


async def audience(services: Services, *people: AudiencePerson) -> str:
    """The id of an audience of these people, with a column."""
    written = Audience(new_record_id(), "default", "Members", GROUP, "csv", NOON, 0, ("city",))
    return (await services.store.add_audience(written, people)).id


async def draft(services: Services, *people: AudiencePerson, text: str = TEXT, account: str | None = None) -> str:
    """The id of a draft for these people."""
    state = await services.campaigns.create(
        "default",
        name="Spring",
        audience_id=await audience(services, *people),
        text=text,
        account_id=account,
        spread=False,
    )
    return state.campaign.id


async def start_checked(services: Services, campaign_id: str) -> CampaignState:
    """What was checked, started."""
    check = await services.campaigns.check("default", campaign_id)
    return await services.campaigns.start("default", campaign_id, content_hash=check.content_hash)


async def connect_another(services: Services, upstream: FakeUpstream) -> Account:
    """A second account."""
    upstream.member = replace(ODILE, profile_urn="urn:li:fsd_profile:ACoAASecond")
    another = await services.accounts.connect("default", BROWSER)
    upstream.member = ODILE
    return another


@pytest.mark.parametrize("people", [1, 40])
async def test_as_many_people_as_there_are_get_their_own_texts(
    services: Services, upstream: FakeUpstream, people: int
) -> None:
    """Campaigns that are checked, started and sent at once never mix: each person has the text of their own row."""
    another = await connect_another(services, upstream)
    drafts = [
        await draft(
            services,
            *(somebody(number) for number in range(campaign * people, (campaign + 1) * people)),
            account=None if campaign % 2 else another.id,
        )
        for campaign in range(4)
    ]
    await asyncio.gather(*(start_checked(services, one) for one in drafts))
    await work(services)
    sent = {message.recipient_urn: message.text for message in upstream.seen}
    assert len(upstream.seen) == len(sent) == len(set(sent.values())) == 4 * people
    assert sent == {urn(number): own_text(number) for number in range(4 * people)}


async def test_an_audience_is_read_page_by_page(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a page ends, everybody is checked and frozen once, in the order of the audience."""
    monkeypatch.setattr("confrere.campaigns.checks.PAGE", 3)
    campaign_id = await draft(services, *(somebody(number) for number in range(10)))
    assert (await services.campaigns.check("default", campaign_id)).would_send == 10
    await start_checked(services, campaign_id)
    people = await services.store.list_campaign_people("default", campaign_id, PersonFilter(), after_id=None, count=20)
    texts = [await services.store.read_person_text("default", one.id) for one in people]
    assert texts == [own_text(number) for number in range(10)]


async def test_people_who_are_added_later_get_the_text_that_was_started(
    services: Services, upstream: FakeUpstream
) -> None:
    """From the template as it was then, with their own values; who lacks one is skipped."""
    saved = await services.templates.create("default", name="Welcome", text=TEXT)
    state = await services.campaigns.create(
        "default",
        name="Spring",
        audience_id=await audience(services, somebody(1)),
        template_id=saved.id,
        spread=False,
    )
    await start_checked(services, state.campaign.id)
    await services.templates.change("default", saved.id, text="Another text")
    nameless = AudiencePerson.of(urn(3))
    added = await services.campaigns.add_people("default", state.campaign.id, [somebody(2), somebody(1), nameless])
    assert added == PeopleAdded(2, [urn(1)])
    await work(services)
    assert [message.text for message in upstream.seen] == [own_text(1), own_text(2)]
    skipped = await services.store.read_campaign_person("default", state.campaign.id, urn(3))
    assert (skipped.status, skipped.reason) == (PersonStatus.SKIPPED, "blank_variable")


async def test_sender_and_group_are_those_of_account_and_group(
    services: Services, upstream: FakeUpstream, account: Account
) -> None:
    """The account's names, and the group's as LinkedIn has listed it; a check asks LinkedIn nothing."""
    text = "{{ senderFirstName }} {{ senderLastName }} of {{ groupName }}"
    campaign_id = await draft(services, somebody(1), text=text)
    before = await services.campaigns.check("default", campaign_id)
    assert before.skipped == {SkipReason.BLANK_VARIABLE: 1}
    reading = await services.directory.read_groups("default", None, start=0, count=10)
    assert isinstance(reading.result, Page)
    after = await services.campaigns.check("default", campaign_id)
    assert after.longest is not None
    assert after.longest.text == f"{account.first_name} {account.last_name} of Logistics"
    with pytest.raises(ContentChanged):
        await services.campaigns.start("default", campaign_id, content_hash=before.content_hash)


async def test_an_account_does_not_write_to_itself(services: Services, account: Account) -> None:
    """Its own profile is skipped by the check, and by the start."""
    own = AudiencePerson(Person(ProfileUrn(account.profile_urn), None, "O", "D"), {"city": "X"})
    campaign_id = await draft(services, own, somebody(1))
    assert (await services.campaigns.check("default", campaign_id)).skipped == {SkipReason.OWN_ACCOUNT: 1}
    state = await start_checked(services, campaign_id)
    assert state.counts.skipped_by_reason == {"own_account": 1}


async def test_somebody_who_opts_out_after_the_check_does_not_stop_the_start(
    services: Services, upstream: FakeUpstream
) -> None:
    """The content is the same; the person is skipped when their turn comes."""
    campaign_id = await draft(services, somebody(1), somebody(2))
    check = await services.campaigns.check("default", campaign_id)
    await services.store.add_opt_outs("default", [OptOut(urn(1), None, "api", NOON)])
    assert (await services.campaigns.check("default", campaign_id)).would_send == 1
    await services.campaigns.start("default", campaign_id, content_hash=check.content_hash)
    await work(services)
    assert [message.text for message in upstream.seen] == [own_text(2)]
