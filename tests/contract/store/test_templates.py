"""Templates and the drafts that use them, on both engines."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from confrere.domain.campaigns.campaign import (
    Campaign,
    CampaignStatus,
    ContentChanged,
    PersonFilter,
    PersonText,
    WrongStatus,
)
from confrere.domain.campaigns.saved_template import SavedTemplate, TemplateInUse
from confrere.domain.errors import NotFound
from confrere.domain.ids import new_record_id
from confrere.domain.message import MessageText
from confrere.domain.outcome import Outcome
from confrere.domain.pacing import Pacing
from confrere.store import SqlStore, Vault, open_store, rotate_secrets
from tests.contract.store.campaigns import draft, somebody
from tests.contract.store.conftest import KEY
from tests.contract.store.scene import ACCEPTED, REFUSED, UNKNOWN, Scene

HELLO = "Hello {{ firstName }}, a secret"
ANOTHER = "Dear {{ fullName }}, a secret"


async def saved(scene: Scene, **changes: Any) -> SavedTemplate:
    """A template in the store."""
    template = SavedTemplate(new_record_id(), "default", "Welcome", HELLO, 1, ("firstName",), scene.now, scene.now)
    template = replace(template, **changes)
    await scene.store.add_template(template)
    return template


async def change(store: SqlStore, scene: Scene, template: SavedTemplate, text: str = ANOTHER) -> SavedTemplate:
    """The template with another text."""
    return await store.change_template(
        "default", template.id, name=None, content=(text, ("fullName",)), now=scene.now + timedelta(hours=1)
    )


async def start(store: SqlStore, scene: Scene, campaign: Campaign, *people: PersonText) -> Campaign:
    """Start what was read before."""
    return await store.start_campaign(
        "default", campaign.id, people, started_by=None, first=None, now=scene.now, expected=campaign
    )


async def test_a_template_is_read_as_it_was_written(scene: Scene) -> None:
    """It is in its workspace, newest first, and its text does not stand in the database, nor in its repr."""
    older, template = sorted([await saved(scene), await saved(scene)], key=lambda one: one.id)
    assert await scene.store.read_template("default", template.id) == template
    assert list(await scene.store.list_templates("default", before_id=None, count=5)) == [template, older]
    assert list(await scene.store.list_templates("default", before_id=template.id, count=5)) == [older]
    assert list(await scene.store.list_templates("another", before_id=None, count=5)) == []
    for unknown in (("another", template.id), ("default", "0" * 32)):
        with pytest.raises(NotFound):
            await scene.store.read_template(*unknown)
    stored = await scene.store.engine.read_many("list_template_texts")
    assert not any("secret" in row[1] for row in stored)
    assert "secret" not in repr(template)


async def test_another_text_is_another_version(scene: Scene) -> None:
    """The same text is none, and another name is none; nothing changes in another workspace."""
    template = await saved(scene)
    later = scene.now + timedelta(hours=1)
    named = await scene.store.change_template("default", template.id, name="Hi", content=None, now=later)
    assert named == replace(template, name="Hi", changed_at=later)
    changed = await change(scene.store, scene, template)
    assert changed == replace(named, text=ANOTHER, variables=("fullName",), version=2)
    assert await change(scene.store, scene, template) == changed
    assert await scene.store.read_template("default", template.id) == changed
    with pytest.raises(NotFound):
        await scene.store.change_template("another", template.id, name="Hi", content=None, now=later)


async def test_texts_of_templates_are_resealed_when_keys_rotate(scene: Scene, url: str) -> None:
    """Afterwards the new key alone reads them."""
    template = await saved(scene)
    campaign = await draft(scene, template_id=template.id)
    new_key, counted = Vault.new_key(), list[tuple[int, int]]()
    rotating = await open_store(url, vault=Vault([new_key, KEY]))
    await rotate_secrets(rotating, progress=lambda seen, total: counted.append((seen, total)))
    await rotating.close()
    assert counted[-1][0] == counted[-1][1] == counted[0][1]
    store = await open_store(url, vault=Vault([new_key]))
    assert await store.read_template("default", template.id) == template
    assert await store.read_campaign_text("default", campaign.id) == HELLO
    await store.close()


async def test_a_draft_has_the_newest_text_until_it_is_started(scene: Scene) -> None:
    """A start freezes text and version; what the template becomes later, or that it is deleted, changes nothing."""
    template = await saved(scene)
    campaign = await draft(scene, template_id=template.id)
    await change(scene.store, scene, template)
    newest = await scene.store.read_campaign("default", campaign.id)
    assert (newest.template_id, newest.template_version) == (template.id, 2)
    assert await scene.store.read_campaign_text("default", campaign.id) == ANOTHER
    started = await start(scene.store, scene, newest, PersonText(somebody(1), MessageText("Dear Person 1")))
    await change(scene.store, scene, template, HELLO)
    await scene.store.delete_template("default", template.id)
    after = await scene.store.read_campaign("default", campaign.id)
    assert (after, after.template_version) == (started, 2)
    assert await scene.store.read_campaign_text("default", campaign.id) == ANOTHER
    [person] = await scene.store.list_campaign_people("default", campaign.id, PersonFilter(), after_id=None, count=5)
    assert await scene.store.read_person_text("default", person.id) == "Dear Person 1"


async def test_a_template_of_a_draft_is_not_deleted(scene: Scene) -> None:
    """The error names the draft; a draft that is archived, or has another text, is in nobody's way."""
    template = await saved(scene)
    campaign, other = await draft(scene, template_id=template.id), await draft(scene, template_id=template.id)
    await scene.store.change_campaign_status("default", other.id, CampaignStatus.ARCHIVED, now=scene.now)
    with pytest.raises(TemplateInUse, match=f"'Spring' .{campaign.id}."):
        await scene.store.delete_template("default", template.id)
    with pytest.raises(NotFound):
        await scene.store.delete_template("another", template.id)
    await scene.store.change_campaign("default", campaign.id, lambda one: replace(one, template_id=None), text="Hello")
    await scene.store.delete_template("default", template.id)
    with pytest.raises(NotFound):
        await scene.store.delete_template("default", template.id)


async def test_a_draft_cannot_use_a_template_that_there_is_not(scene: Scene) -> None:
    """Neither from the beginning nor after a change; a template of another workspace is none."""
    foreign = await saved(scene, workspace_id="another")
    with pytest.raises(NotFound):
        await draft(scene, template_id=foreign.id)
    campaign = await draft(scene)
    with pytest.raises(NotFound):
        await scene.store.change_campaign(
            "default", campaign.id, lambda one: replace(one, template_id=foreign.id), text=HELLO
        )
    assert await scene.store.read_campaign("default", campaign.id) == campaign


async def test_a_draft_is_changed_as_a_whole(scene: Scene) -> None:
    """Every setting, and the text where one is given; each change is a new revision. What was started stays."""
    second = await scene.connect(2)
    campaign = await draft(scene)
    changes: dict[str, Any] = {
        "name": "Summer",
        "account_id": second.id,
        "audience_id": "another",
        "starts_at": scene.now + timedelta(days=1),
        "daily_cap": 7,
        "spread": False,
        "skip_existing_conversations": True,
    }
    before = await scene.store.read_campaign_text("default", campaign.id)
    changed = await scene.store.change_campaign("default", campaign.id, lambda one: replace(one, **changes))
    assert changed == replace(campaign, **changes, revision=2)
    assert await scene.store.read_campaign_text("default", campaign.id) == before
    changed = await scene.store.change_campaign(
        "default", campaign.id, lambda one: replace(one, starts_at=None, daily_cap=None), text="Hello"
    )
    assert (changed.starts_at, changed.daily_cap, changed.revision) == (None, None, 3)
    assert await scene.store.read_campaign_text("default", campaign.id) == "Hello"
    with pytest.raises(NotFound):
        await scene.store.change_campaign("another", campaign.id, lambda one: one)
    await start(scene.store, scene, changed, PersonText(somebody(1)))
    with pytest.raises(WrongStatus, match="running cannot be changed"):
        await scene.store.change_campaign("default", campaign.id, lambda one: replace(one, name="Late"))


async def test_nothing_starts_that_was_changed_since_it_was_read(scene: Scene) -> None:
    """Neither where the draft was edited, nor where its template was; nobody is in it then."""
    template = await saved(scene)
    edited, of_template = await draft(scene), await draft(scene, template_id=template.id)
    before = [await scene.store.read_campaign("default", one.id) for one in (edited, of_template)]
    await scene.store.change_campaign("default", edited.id, lambda one: replace(one, daily_cap=3))
    await change(scene.store, scene, template)
    for one in before:
        with pytest.raises(ContentChanged):
            await start(scene.store, scene, one, PersonText(somebody(1)))
        after = await scene.store.read_campaign("default", one.id)
        assert after.status is CampaignStatus.DRAFT
        assert (await scene.store.count_campaign_people(one.id, scene.now)).waiting == 0


async def test_a_change_and_a_start_at_once_exclude_each_other(scene: Scene, other: SqlStore) -> None:
    """Whichever comes second is refused: what runs is always what was read."""
    for _ in range(8):
        template = await saved(scene)
        campaign = await draft(scene, template_id=template.id)
        read = await scene.store.read_campaign("default", campaign.id)
        outcomes = await asyncio.gather(
            start(scene.store, scene, read, PersonText(somebody(1))),
            other.change_campaign("default", campaign.id, lambda one: replace(one, daily_cap=3)),
            return_exceptions=True,
        )
        after = await scene.store.read_campaign("default", campaign.id)
        refused = [one for one in outcomes if isinstance(one, BaseException)]
        assert len(refused) == 1
        assert isinstance(refused[0], ContentChanged | WrongStatus)
        assert (after.status is CampaignStatus.DRAFT) == (after.daily_cap == 3) == (outcomes[0] is refused[0])


async def test_a_template_is_deleted_or_used_but_not_both(scene: Scene, other: SqlStore) -> None:
    """Whichever comes second is refused: no draft is left without its template."""
    for _ in range(8):
        template = await saved(scene)
        outcomes = await asyncio.gather(
            draft(scene, template_id=template.id),
            other.delete_template("default", template.id),
            return_exceptions=True,
        )
        refused = [one for one in outcomes if isinstance(one, BaseException)]
        assert len(refused) == 1
        assert isinstance(refused[0], NotFound | TemplateInUse)


async def test_a_text_that_is_the_campaigns_is_stored_once(scene: Scene) -> None:
    """Somebody whose text is the template as it is has no text of their own, and gets it all the same."""
    campaign = await draft(scene)
    text = await scene.store.read_campaign_text("default", campaign.id)
    people = [PersonText(somebody(1), MessageText(text)), PersonText(somebody(2), MessageText("Another"))]
    await start(scene.store, scene, campaign, *people)
    assert len(await scene.store.engine.read_many("list_person_texts", "", 10)) == 1
    found = await scene.store.list_campaign_people("default", campaign.id, PersonFilter(), after_id=None, count=5)
    assert [await scene.store.read_person_text("default", one.id) for one in found] == [text, "Another"]


async def test_what_an_account_has_sent_is_read_for_a_forecast(scene: Scene) -> None:
    """Counts of the day and the month, the limit, and the latest times as far back as the rules look."""
    assert scene.account is not None
    await scene.store.change_pacing(
        "default", scene.account.id, lambda _: Pacing(min_gap=timedelta(minutes=10)), scene.now
    )
    await scene.store.update_account("default", scene.account.id, daily_limit=40)
    times = []
    outcomes: list[Outcome] = [ACCEPTED, REFUSED, UNKNOWN]
    for number, outcome in enumerate(outcomes):
        times.append(scene.later(minutes=20))
        await scene.send(outcome, recipient=f"urn:li:fsd_profile:ACoAAsent{number}")
    sent = await scene.store.read_sent(scene.account.id, scene.now)
    assert (sent.today, sent.daily_limit, sent.first_contacts) == (2, 40, 2)
    assert list(sent.recent)[:1] == [times[2]]
    scene.later(days=1)
    tomorrow = await scene.store.read_sent(scene.account.id, scene.now)
    assert (tomorrow.today, tomorrow.first_contacts) == (0, 2)
