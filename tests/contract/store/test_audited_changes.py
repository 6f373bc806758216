"""Every change that somebody makes has its entry of the audit log, and what changes nothing has none."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from confrere.campaigns.control import CampaignChanges
from confrere.domain.account import Account
from confrere.domain.audit import SERVER, Actor, ActorKind, AuditAction, AuditEntry, AuditFilter, acting_as
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.campaign import Campaign, CampaignStatus, PauseCause
from confrere.domain.campaigns.saved_template import SavedTemplate
from confrere.domain.errors import ConfrereError
from confrere.domain.keys import ApiKey, Scope
from confrere.domain.opt_out_csv import Row
from confrere.domain.person import Person
from confrere.domain.reply import Reply
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.webhooks import EventType
from confrere.services import Services, build_services
from confrere.store import SqlStore
from tests.contract.store.raw_sql import run_sql
from tests.fakes.upstream import BROWSER, ODILE, FakeUpstream

ACTOR = Actor(ActorKind.KEY, "key-1", "192.0.2.1", "request-1")
NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=1)
Expected = list[tuple[AuditAction, str | None, str | None]]
"""Action, subject and detail of each entry."""


def urn(number: int) -> ProfileUrn:
    """A person."""
    return ProfileUrn(f"urn:li:fsd_profile:ACoAAperson{number}")


def people(*numbers: int) -> list[AudiencePerson]:
    """People of an audience."""
    return [AudiencePerson(Person(urn(number), first_name="Paula")) for number in numbers]


@dataclass
class World:
    """A workspace with one of everything, whose making is not in `log`."""

    store: SqlStore
    services: Services
    account: Account
    audience: Audience
    template: SavedTemplate
    key: ApiKey
    campaign: Campaign
    reply: Reply
    seen: int = 0

    async def log(self, which: AuditFilter | None = None) -> list[AuditEntry]:
        """Return the entries since `seen`, oldest first."""
        found = await self.store.list_audit("default", *([which] if which else []), before=None, count=200)
        return [entry for entry in reversed(found) if entry.number > self.seen]

    def of(self, number: int) -> str:
        """Return what the log has in place of a person."""
        return self.store._fingerprints.of_person("default", urn(number))

    async def start(self) -> None:
        """Start the campaign, which is in no test's log."""
        await self.services.campaigns.start("default", self.campaign.id)
        self.seen = (await self.store.check_audit("default")).count

    async def move(self, status: CampaignStatus) -> None:
        """Bring the campaign that was started into this status."""
        await self.store.change_campaign_status("default", self.campaign.id, status, now=NOW)
        self.seen = (await self.store.check_audit("default")).count


@pytest.fixture
async def world(store: SqlStore) -> World:
    """Build the workspace."""
    services = build_services(store=store, upstream=FakeUpstream(), clock=lambda: NOW, gap=timedelta(minutes=2))
    account = await services.accounts.connect("default", BROWSER)
    audience = await services.audiences.create("default", name="Buyers", group_id=GroupId("42"), people=people(1, 2))
    template = await services.templates.create("default", name="Hello", text="Hello")
    key, _ = await services.keys.create("default", name="crm", scopes=[Scope.SEND])
    state = await services.campaigns.create("default", name="Spring", audience_id=audience.id, text="Dear member")
    reply = Reply(
        id="1" * 32,
        workspace_id="default",
        account_id=account.id,
        recipient=urn(9),
        name="Paula",
        conversation_urn="urn:li:msg_conversation:1",
        message_urn="urn:li:msg_message:1",
        send_id="2" * 32,
        text=None,
        kinds=(),
        received_at=NOW,
        may_want_out=True,
        opted_out=False,
    )
    await store.record_reply(reply, NOW)
    seen = (await store.check_audit("default")).count
    return World(store, services, account, audience, template, key, state.campaign, reply, seen)


# ---- changes ------------------------------------------------------------------------------------------------------


async def connect(world: World) -> Expected:
    """Connect the account again."""
    account = await world.services.accounts.connect("default", BROWSER)
    return [(AuditAction.ACCOUNT_CONNECTED, account.id, None)]


async def disconnect(world: World) -> Expected:
    """Erase its session."""
    await world.services.accounts.disconnect("default", world.account.id)
    return [(AuditAction.ACCOUNT_DISCONNECTED, world.account.id, None)]


async def disable(world: World) -> Expected:
    """Disable it, and enable it again."""
    for enabled in (False, True):
        await world.services.accounts.update("default", world.account.id, enabled=enabled)
    return [
        (AuditAction.ACCOUNT_DISABLED, world.account.id, None),
        (AuditAction.ACCOUNT_ENABLED, world.account.id, None),
    ]


async def limit(world: World) -> Expected:
    """Lower its limit."""
    await world.services.accounts.update("default", world.account.id, daily_limit=60)
    return [(AuditAction.ACCOUNT_LIMIT_CHANGED, world.account.id, "dailyLimit 60 (was 150)")]


async def make_default(world: World) -> Expected:
    """Make another one the default."""
    upstream = world.services.upstream
    assert isinstance(upstream, FakeUpstream)
    upstream.member = replace(ODILE, profile_urn=str(urn(99)))
    other = await world.services.accounts.connect("default", BROWSER)
    await world.services.accounts.update("default", other.id, make_default=True)
    return [
        (AuditAction.ACCOUNT_CONNECTED, other.id, None),
        (AuditAction.ACCOUNT_MADE_DEFAULT, other.id, None),
    ]


async def release_hold(world: World) -> Expected:
    """End a hold."""
    await world.store.hold_account(world.account.id, LATER)
    world.seen = (await world.store.check_audit("default")).count
    await world.services.accounts.update("default", world.account.id, release_hold=True)
    return [(AuditAction.ACCOUNT_HOLD_RELEASED, world.account.id, None)]


async def pace(world: World) -> Expected:
    """Change the rules of the workspace, and of the account."""
    await world.services.pacing.replace("default", None, {"callsPerMinute": 60})
    await world.services.pacing.change("default", world.account.id, {"minGapSeconds": 90})
    return [
        (AuditAction.PACING_CHANGED, None, "callsPerMinute 60 (was none)"),
        (AuditAction.PACING_CHANGED, world.account.id, "minGapSeconds 90 (was none)"),
    ]


async def create_key(world: World) -> Expected:
    """Create a key, and revoke it."""
    key, _ = await world.services.keys.create("default", name="erp", scopes=[Scope.SEND, Scope.READ])
    await world.services.keys.revoke("default", key.id)
    return [(AuditAction.KEY_CREATED, key.id, "read send"), (AuditAction.KEY_REVOKED, key.id, None)]


async def create_campaign(world: World) -> Expected:
    """Write a draft, and change its name and its text."""
    state = await world.services.campaigns.create(
        "default", name="Autumn", audience_id=world.audience.id, text="Dear {{ firstName }}"
    )
    campaign_id = state.campaign.id
    for changes in (CampaignChanges(name="Winter"), CampaignChanges(text="Dear colleague")):
        await world.services.campaigns.change("default", campaign_id, changes)
    return [
        (AuditAction.CAMPAIGN_CREATED, campaign_id, None),
        (AuditAction.CAMPAIGN_CHANGED, campaign_id, None),
        (AuditAction.CAMPAIGN_CHANGED, campaign_id, None),
    ]


async def run_campaign(world: World) -> Expected:
    """Start it, add people, pause, resume, stop and archive it."""
    campaigns, campaign_id = world.services.campaigns, world.campaign.id
    await campaigns.start("default", campaign_id)
    await world.services.campaign_people.add("default", campaign_id, people(2, 3))
    for act in (campaigns.pause, campaigns.resume, campaigns.stop, campaigns.archive):
        await act("default", campaign_id)
    return [
        (AuditAction.CAMPAIGN_STARTED, campaign_id, "2 people"),
        (AuditAction.CAMPAIGN_PEOPLE_ADDED, campaign_id, "1 person"),
        (AuditAction.CAMPAIGN_PAUSED, campaign_id, None),
        (AuditAction.CAMPAIGN_RESUMED, campaign_id, None),
        (AuditAction.CAMPAIGN_STOPPED, campaign_id, None),
        (AuditAction.CAMPAIGN_ARCHIVED, campaign_id, None),
    ]


async def schedule(world: World) -> Expected:
    """Start it for tomorrow."""
    await world.services.campaigns.change("default", world.campaign.id, CampaignChanges(starts_at=LATER))
    await world.services.campaigns.start("default", world.campaign.id)
    return [
        (AuditAction.CAMPAIGN_CHANGED, world.campaign.id, None),
        (AuditAction.CAMPAIGN_STARTED, world.campaign.id, "2 people, scheduled"),
    ]


async def hold_person(world: World) -> Expected:
    """Put a person off, and end that."""
    await world.start()
    await world.services.campaign_people.hold("default", urn(1), LATER)
    await world.services.campaign_people.release("default", urn(1))
    return [
        (AuditAction.PERSON_HELD, world.of(1), f"until {LATER:%Y-%m-%d %H:%M} UTC"),
        (AuditAction.PERSON_RELEASED, world.of(1), None),
    ]


async def edit_template(world: World) -> Expected:
    """Write one, change name and text, delete it."""
    templates = world.services.templates
    made = await templates.create("default", name="Bye", text="Bye")
    await templates.change("default", made.id, name="So long")
    await templates.change("default", made.id, text="So long")
    await templates.delete("default", made.id)
    return [
        (AuditAction.TEMPLATE_CREATED, made.id, None),
        (AuditAction.TEMPLATE_CHANGED, made.id, "version 1"),
        (AuditAction.TEMPLATE_CHANGED, made.id, "version 2"),
        (AuditAction.TEMPLATE_DELETED, made.id, None),
    ]


async def edit_audience(world: World) -> Expected:
    """Write small and large ones, add people, delete one."""
    audiences = world.services.audiences
    small = await audiences.create("default", name="Small", group_id=GroupId("42"), people=people(1))
    large = await audiences.create("default", name="Large", group_id=GroupId("42"), people=people(*range(1_001)))
    await audiences.add_people("default", small.id, people(1, 2, 3))
    await audiences.delete("default", large.id)
    return [
        (AuditAction.AUDIENCE_CREATED, small.id, None),
        (AuditAction.AUDIENCE_CREATED, large.id, None),
        (AuditAction.AUDIENCE_PEOPLE_ADDED, small.id, "2 people"),
        (AuditAction.AUDIENCE_DELETED, large.id, None),
    ]


async def list_person(world: World) -> Expected:
    """Put a person on the do-not-contact list, then many, and take one off."""
    listed = world.services.do_not_contact
    await listed.add("default", [urn(1)], reason="asked", source="api")
    await listed.add_rows("default", [Row(urn(number), None) for number in range(4)], source="import")
    await listed.remove("default", urn(1))
    return [
        (AuditAction.DO_NOT_CONTACT_ADDED, world.of(1), None),
        (AuditAction.DO_NOT_CONTACT_IMPORTED, None, "3 people"),
        (AuditAction.DO_NOT_CONTACT_REMOVED, world.of(1), None),
    ]


async def handle_reply(world: World) -> Expected:
    """Mark a reply as handled, and as open again."""
    for handled in (True, True, False, False):
        await world.services.replies.mark_handled("default", world.reply.id, by="key-1", handled=handled)
    return [
        (AuditAction.REPLY_HANDLED, world.reply.id, None),
        (AuditAction.REPLY_REOPENED, world.reply.id, None),
    ]


async def edit_webhook(world: World) -> Expected:
    """Add one, change its address, disable it, make a new secret, delete it; the log has no address."""
    webhooks = world.services.webhooks
    made, _ = await webhooks.create("default", url="https://example.com/", events=[EventType.SEND_UNKNOWN])
    await webhooks.change("default", made.id, url="https://example.com/hook")
    await webhooks.change("default", made.id, enabled=False)
    await webhooks.change("default", made.id, enabled=False)
    await webhooks.rotate_secret("default", made.id)
    await webhooks.delete("default", made.id)
    return [
        (AuditAction.WEBHOOK_CREATED, made.id, None),
        (AuditAction.WEBHOOK_CHANGED, made.id, None),
        (AuditAction.WEBHOOK_CHANGED, made.id, "enabled false (was true)"),
        (AuditAction.WEBHOOK_SECRET_ROTATED, made.id, None),
        (AuditAction.WEBHOOK_DELETED, made.id, None),
    ]


async def export(world: World) -> Expected:
    """Export something."""
    await world.services.audit.record("default", AuditAction.EXPORTED, world.campaign.id, "people")
    return [(AuditAction.EXPORTED, world.campaign.id, "people")]


CHANGES: list[Callable[[World], Awaitable[Expected]]] = [
    connect,
    disconnect,
    disable,
    limit,
    make_default,
    release_hold,
    pace,
    create_key,
    create_campaign,
    run_campaign,
    schedule,
    hold_person,
    edit_template,
    edit_audience,
    list_person,
    handle_reply,
    edit_webhook,
    export,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_each_change_has_its_entry(world: World, change: Callable[[World], Awaitable[Expected]]) -> None:
    """Whoever makes a change stands in the log with it, and the chain is whole; people stand there by hash only."""
    with acting_as(ACTOR):
        expected = await change(world)
    log = await world.log()
    assert [(entry.action, entry.subject, entry.detail) for entry in log] == expected
    assert {entry.actor for entry in log} == {ACTOR}
    assert all(abs(entry.at - NOW) < timedelta(hours=12) for entry in log)
    assert not any(text in repr(log) for text in ("ACoAA", "Paula", "Dear", "asked", "Spring", "li_at", "https:"))
    assert (await world.store.check_audit("default")).broken_at is None


# ---- no changes ---------------------------------------------------------------------------------------------------


async def same_account(world: World) -> None:
    """Change it to what it is."""
    await world.services.accounts.update(
        "default", world.account.id, daily_limit=150, enabled=True, make_default=True, release_hold=True
    )


async def no_account(world: World) -> None:
    """Change one that is not there."""
    await world.services.accounts.update("default", "0" * 32, enabled=False)


async def wrong_limit(world: World) -> None:
    """Ask for more than there may be."""
    await world.services.accounts.update("default", world.account.id, enabled=False, daily_limit=151)


async def disconnect_nobody(world: World) -> None:
    """Disconnect one that is not there."""
    await world.services.accounts.disconnect("default", "0" * 32)


async def same_pace(world: World) -> None:
    """Replace no rules by no rules."""
    await world.services.pacing.replace("default", world.account.id, {})


async def hours_apart(world: World) -> None:
    """Give the account hours that it cannot have."""
    await world.services.pacing.change("default", world.account.id, {"callsPerMinute": 3})


async def no_key(world: World) -> None:
    """Revoke one that is not there."""
    await world.services.keys.revoke("default", "0" * 24)


async def same_draft(world: World) -> None:
    """Write the draft's own name and text."""
    changes = CampaignChanges(name="Spring", text="Dear member")
    await world.services.campaigns.change("default", world.campaign.id, changes)


async def other_content(world: World) -> None:
    """Start what was checked otherwise."""
    await world.services.campaigns.start("default", world.campaign.id, content_hash="x")


async def stop_draft(world: World) -> None:
    """Stop a draft."""
    await world.services.campaigns.stop("default", world.campaign.id)


async def pause_twice(world: World) -> None:
    """Pause what is paused."""
    await world.start()
    await world.move(CampaignStatus.PAUSED)
    await world.services.campaigns.pause("default", world.campaign.id)


async def people_in_it(world: World) -> None:
    """Add people who are in it."""
    await world.start()
    await world.services.campaign_people.add("default", world.campaign.id, people(1, 2))


async def release_nobody(world: World) -> None:
    """Release who is not held, hold who waits nowhere."""
    await world.start()
    await world.services.campaign_people.release("default", urn(1))
    await world.services.campaign_people.hold("default", urn(50), LATER)


async def same_template(world: World) -> None:
    """Write its own name and text."""
    await world.services.templates.change("default", world.template.id, name="Hello", text="Hello")


async def template_in_use(world: World) -> None:
    """Delete one that a draft uses."""
    campaigns, template_id = world.services.campaigns, world.template.id
    await campaigns.create("default", name="Uses it", audience_id=world.audience.id, template_id=template_id)
    world.seen = (await world.store.check_audit("default")).count
    await world.services.templates.delete("default", template_id)


async def same_audience(world: World) -> None:
    """Add people who are in it."""
    await world.services.audiences.add_people("default", world.audience.id, people(1))


async def audience_in_use(world: World) -> None:
    """Delete one that a draft uses."""
    await world.services.audiences.delete("default", world.audience.id)


async def listed_already(world: World) -> None:
    """Put a person on the list who is on it, alone and with another; take one off who is not."""
    listed = world.services.do_not_contact
    await listed.add("default", [urn(1), urn(2)], reason=None, source="api")
    world.seen = (await world.store.check_audit("default")).count
    await listed.add("default", [urn(1)], reason=None, source="api")
    await listed.add("default", [urn(1), urn(2)], reason=None, source="api")
    await listed.remove("default", urn(3))


NOTHING: list[Callable[[World], Awaitable[None]]] = [
    same_account,
    no_account,
    wrong_limit,
    disconnect_nobody,
    same_pace,
    hours_apart,
    no_key,
    same_draft,
    other_content,
    stop_draft,
    pause_twice,
    people_in_it,
    release_nobody,
    same_template,
    template_in_use,
    same_audience,
    audience_in_use,
    listed_already,
]


@pytest.mark.parametrize("act", NOTHING, ids=lambda act: act.__name__)
async def test_what_changes_nothing_has_no_entry(world: World, act: Callable[[World], Awaitable[None]]) -> None:
    """Neither a change that fails nor one to what is so already stands in the log."""
    with acting_as(ACTOR), suppress(ConfrereError):
        await act(world)
    assert await world.log() == []


@pytest.mark.parametrize(
    "change", [one for one in CHANGES if one not in (release_hold, hold_person)], ids=lambda change: change.__name__
)
async def test_a_change_without_its_entry_is_not_made(
    url: str, world: World, change: Callable[[World], Awaitable[Expected]]
) -> None:
    """Where the entry cannot be written, here because its number is taken, nothing of the change is."""
    tables = "SELECT * FROM {} WHERE workspace_id = 'default' ORDER BY id"
    listed = "SELECT recipient FROM do_not_contact"
    kept = [tables.format(name) for name in ("accounts", "api_keys", "campaigns", "templates")] + [listed]
    before = [await run_sql(url, sql) for sql in kept]
    await run_sql(
        url,
        "INSERT INTO audit (workspace_id, number, at, actor_kind, action, hash)"
        f" VALUES ('default', {world.seen + 1}, 0, 'server', 'exported', '')",
    )
    with acting_as(ACTOR), pytest.raises(Exception, match=r"(?i)unique|constraint"):
        await change(world)
    assert [await run_sql(url, sql) for sql in kept] == before


async def test_what_is_done_twice_has_one_entry(world: World) -> None:
    """A key is revoked once, and a session erased once, however often somebody asks."""
    for _ in range(2):
        await world.services.keys.revoke("default", world.key.id)
        await world.services.accounts.disconnect("default", world.account.id)
    actions = [entry.action for entry in await world.log()]
    assert actions == [AuditAction.KEY_REVOKED, AuditAction.ACCOUNT_DISCONNECTED]


async def test_what_nobody_asked_for_is_the_servers(world: World) -> None:
    """What the worker does to campaigns and the list stands in the log as the server's, with the reason."""
    await world.services.campaigns.change("default", world.campaign.id, CampaignChanges(starts_at=LATER))
    await world.start()
    await world.store.start_scheduled(LATER + timedelta(seconds=1))
    await world.store.pause_account(world.account.id, PauseCause.ACCOUNT_ERROR)
    await world.store.change_campaign_status("default", world.campaign.id, CampaignStatus.RUNNING, now=LATER)
    reply = replace(world.reply, id="3" * 32, message_urn="urn:li:msg_message:2", recipient=urn(1), opted_out=True)
    await world.store.record_reply(reply, NOW)
    await world.store.mark_person_replied("default", urn(2), NOW)
    assert await world.store.finish_campaign(world.campaign.id, NOW)
    log = await world.log()
    campaign_id = world.campaign.id
    assert [(entry.action, entry.subject, entry.detail) for entry in log] == [
        (AuditAction.CAMPAIGN_STARTED, campaign_id, "at its time"),
        (AuditAction.CAMPAIGN_PAUSED, campaign_id, "account_error"),
        (AuditAction.CAMPAIGN_RESUMED, campaign_id, None),
        (AuditAction.DO_NOT_CONTACT_ADDED, world.of(1), "asked for it in a reply"),
        (AuditAction.CAMPAIGN_FINISHED, campaign_id, None),
    ]
    assert {entry.actor for entry in log} == {SERVER}


async def test_the_log_is_searched(world: World) -> None:
    """Filters by actor, kind of actor, action, time and subject, and by a person of whom only the hash is stored."""
    with acting_as(ACTOR):
        await world.services.do_not_contact.add("default", [urn(1)], reason=None, source="api")
        await world.services.accounts.update("default", world.account.id, daily_limit=60)
    await world.services.do_not_contact.remove("default", urn(1))
    added, limited, removed = await world.log()
    for which, expected in [
        (AuditFilter(actor="key-1"), [added, limited]),
        (AuditFilter(actor="server"), [removed]),
        (AuditFilter(action=AuditAction.ACCOUNT_LIMIT_CHANGED), [limited]),
        (AuditFilter(subject=world.account.id), [limited]),
        (AuditFilter(subject=urn(1)), [added, removed]),
        (AuditFilter(subject=urn(2)), []),
        (AuditFilter(since=removed.at), [removed]),
        (AuditFilter(since=removed.at + timedelta(seconds=1)), []),
        (AuditFilter("key-1", AuditAction.DO_NOT_CONTACT_ADDED, urn(1), added.at), [added]),
    ]:
        assert await world.log(which) == expected, which


async def test_changes_at_the_same_time_are_one_chain(world: World, other: SqlStore) -> None:
    """Changes of several kinds, in two processes at once, wait for each other at the log alone: no gap, no deadlock."""
    elsewhere = build_services(store=other, upstream=FakeUpstream(), clock=lambda: NOW, gap=timedelta(minutes=2))
    await world.start()

    async def change(services: Services, number: int) -> None:
        await services.accounts.update("default", world.account.id, daily_limit=number, make_default=True)
        await services.do_not_contact.add("default", [urn(number), urn(number + 1)], reason=None, source="api")
        await services.campaign_people.hold("default", urn(1), LATER)
        await services.keys.create("default", name="crm", scopes=[Scope.READ])

    async with asyncio.timeout(60):
        await asyncio.gather(
            *(change(services, number) for number in range(1, 8) for services in (world.services, elsewhere))
        )
    check = await world.store.check_audit("default")
    assert check.broken_at is None
    actions = [entry.action for entry in await world.log()]
    assert [actions.count(one) for one in (AuditAction.PERSON_HELD, AuditAction.KEY_CREATED)] == [14, 14]
