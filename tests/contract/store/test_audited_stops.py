"""What the server stops of itself stands in the audit log, in the transaction of the stop, on both engines."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from confrere.domain.account import AccountStatus
from confrere.domain.audit import SERVER, Actor, ActorKind, AuditAction, acting_as
from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.outcome import Outcome
from confrere.domain.webhooks import DeliveryStatus, Try
from confrere.store import SqlStore
from tests.contract.store.campaigns import send_to, started
from tests.contract.store.raw_sql import run_sql
from tests.contract.store.scene import ACCEPTED, NOT_SENT, REFUSED, SESSION_DEAD, THROTTLED, UNKNOWN, Scene
from tests.contract.store.webhooks import add_webhook, deliver_later

CALLER = Actor(ActorKind.KEY, "key-1", "192.0.2.1", "request-1")
REFUSALS_THAT_PAUSE = 5
Entry = tuple[AuditAction, str | None, str | None]


async def stops(scene: Scene) -> list[Entry]:
    """Return action, subject and detail of what the server did, after checking the chain."""
    found = await scene.store.list_audit("default", before=None, count=200)
    assert (await scene.store.check_audit("default")).broken_at is None
    by_server = [entry for entry in reversed(found) if entry.actor == SERVER]
    made_ready = (AuditAction.ACCOUNT_CONNECTED, AuditAction.CAMPAIGN_CREATED, AuditAction.CAMPAIGN_STARTED)
    kept = [entry for entry in by_server if entry.action not in (*made_ready, AuditAction.WEBHOOK_CREATED)]
    return [(entry.action, entry.subject, entry.detail) for entry in kept]


def account_id(scene: Scene) -> str:
    """Return the id of the scene's account."""
    assert scene.account is not None
    return scene.account.id


@pytest.mark.parametrize("outcome", [ACCEPTED, REFUSED, NOT_SENT, UNKNOWN], ids=lambda one: one.name)
async def test_an_outcome_that_stops_nothing_has_no_entry(scene: Scene, outcome: Outcome) -> None:
    """The ledger has what became of a send; the audit log does not repeat it."""
    await scene.send(outcome)
    assert await stops(scene) == []


async def test_a_hold_after_an_outcome_has_one_entry(scene: Scene) -> None:
    """Where LinkedIn throttles an account, its hold is the server's, whoever sent; a longer one is no second entry."""
    claims = [await scene.reserve(scene.to_another()) for _ in range(2)]
    with acting_as(CALLER):
        for claim in (*claims, claims[0]):
            scene.later(minutes=1)
            await scene.settle(claim, THROTTLED)
    assert await stops(scene) == [(AuditAction.ACCOUNT_HELD, account_id(scene), "until 2026-03-14 13:01 UTC")]
    await scene.store.hold_account(account_id(scene), scene.now + timedelta(hours=3))
    assert len(await stops(scene)) == 1


async def test_a_dead_session_has_one_entry(scene: Scene) -> None:
    """However many sends and reads find the session dead, it ends once; the next one ends once more."""
    claims = [await scene.reserve(scene.to_another()) for _ in range(2)]
    with acting_as(CALLER):
        for claim in (*claims, claims[0]):
            await scene.settle(claim, SESSION_DEAD)
        await scene.store.set_status(account_id(scene), AccountStatus.ERROR, "logged out")
    ended = (AuditAction.ACCOUNT_SESSION_DEAD, account_id(scene), "LinkedIn asked to log in")
    assert await stops(scene) == [ended]
    await scene.connect()
    await scene.store.set_status(account_id(scene), AccountStatus.ERROR, "logged out")
    assert await stops(scene) == [ended, (AuditAction.ACCOUNT_SESSION_DEAD, account_id(scene), "logged out")]


async def test_a_session_that_was_replaced_has_no_entry(scene: Scene) -> None:
    """An answer about an earlier session, which comes after the next was connected, stops nothing."""
    claim = await scene.reserve(scene.to_another())
    before = (await scene.store.read_account("default", None)).session_version
    await scene.connect()
    await scene.settle(claim, SESSION_DEAD, session_version=before)
    assert not await scene.store.set_status(account_id(scene), AccountStatus.ERROR, "old", session_version=before)
    assert await stops(scene) == []


async def test_a_read_that_is_throttled_has_an_entry(scene: Scene) -> None:
    """A hold that no send has caused stands in the log, too."""
    await scene.store.hold_account(account_id(scene), scene.now + timedelta(days=9_000))
    assert [entry[:2] for entry in await stops(scene)] == [(AuditAction.ACCOUNT_HELD, account_id(scene))]


async def test_a_pause_after_refusals_has_an_entry(scene: Scene) -> None:
    """The refusal that pauses a campaign is the server's entry; those before it have none."""
    campaign = await started(scene, people=REFUSALS_THAT_PAUSE)
    with acting_as(CALLER):
        for number in range(REFUSALS_THAT_PAUSE):
            assert await stops(scene) == []
            last = await send_to(scene, campaign, number, REFUSED)
            await scene.settle(last, REFUSED)
    assert (await scene.store.read_campaign("default", campaign.id)).status is CampaignStatus.PAUSED
    assert await stops(scene) == [(AuditAction.CAMPAIGN_PAUSED, campaign.id, "refusals")]


async def test_a_pause_after_the_first_messages_is_announced(scene: Scene) -> None:
    """The entry of the start says that it will pause; the pause itself, by an accepted message, adds none."""
    campaign = await started(scene, first=1)
    await send_to(scene, campaign, 0, ACCEPTED)
    assert (await scene.store.read_campaign("default", campaign.id)).status is CampaignStatus.PAUSED
    assert await stops(scene) == []
    [last, *_] = await scene.store.list_audit("default", before=None, count=1)
    assert (last.action, last.detail) == (
        AuditAction.CAMPAIGN_STARTED,
        "3 people, to be paused after the first 1",
    )


async def test_a_webhook_that_is_disabled_has_one_entry(scene: Scene) -> None:
    """The answer 410 disables it, and stands in the log; what was under way meanwhile adds nothing."""
    webhook = await add_webhook(scene)
    await scene.send(ACCEPTED)
    await scene.send(ACCEPTED, recipient="urn:li:fsd_profile:ACoAAsecond")
    await deliver_later(scene)
    lease_until = scene.now + timedelta(seconds=60)
    claimed = await scene.store.claim_deliveries(scene.now, at_once=8, count=8, lease_until=lease_until)
    assert len(claimed) == 2
    for delivery in claimed:
        await scene.store.end_try(delivery, Try(410, "gone"), DeliveryStatus.FAILED, None, scene.now)
    assert await stops(scene) == [(AuditAction.WEBHOOK_DISABLED, webhook.id, "gone")]


async def _be_throttled(scene: Scene) -> None:
    await scene.settle(await scene.reserve(), THROTTLED)


async def _lose_the_session(scene: Scene) -> None:
    await scene.settle(await scene.reserve(), SESSION_DEAD)


async def _hold(scene: Scene) -> None:
    await scene.store.hold_account(account_id(scene), scene.now + timedelta(days=9_000))


async def _stop(scene: Scene) -> None:
    await scene.store.set_status(account_id(scene), AccountStatus.ERROR, "logged out")


@pytest.mark.parametrize("stop", [_be_throttled, _lose_the_session, _hold, _stop])
async def test_a_stop_without_its_entry_is_not_made(
    url: str, scene: Scene, stop: Callable[[Scene], Awaitable[None]]
) -> None:
    """Where the entry cannot be written, here because its number is taken, the account is as it was."""
    shown = "SELECT status, hold_until FROM accounts"
    before = await run_sql(url, shown)
    number = (await scene.store.check_audit("default")).count + 1
    await run_sql(
        url,
        "INSERT INTO audit (workspace_id, number, at, actor_kind, action, hash)"
        f" VALUES ('default', {number}, 0, 'server', 'exported', '')",
    )
    with pytest.raises(Exception, match=r"(?i)unique|constraint|came first"):
        await stop(scene)
    assert await run_sql(url, shown) == before


async def test_stops_beside_other_changes_are_one_chain(scene: Scene, other: SqlStore) -> None:
    """Settlements that stop accounts, others that stop nothing, and changes by people wait for no cycle of locks."""
    accounts = [await scene.connect(number) for number in range(2, 8)]
    claims = [await scene.reserve(scene.to_another(account_id=account.id)) for account in accounts for _ in range(6)]
    outcomes: list[Outcome] = [THROTTLED, ACCEPTED, REFUSED, SESSION_DEAD, UNKNOWN, ACCEPTED]

    async def change(number: int) -> None:
        account, store = accounts[number % len(accounts)], (scene.store, other)[number % 2]
        await store.update_account("default", account.id, daily_limit=100 + number, make_default=True)
        await store.hold_account(account.id, scene.now + timedelta(days=9_000))

    async with asyncio.timeout(60):
        await asyncio.gather(
            *(
                scene.settle(claim, outcomes[place % len(outcomes)], (scene.store, other)[place // 2 % 2])
                for place, claim in enumerate(claims)
            ),
            *(change(number) for number in range(12)),
        )
    found = await stops(scene)
    dead = sorted(entry[1] or "" for entry in found if entry[0] is AuditAction.ACCOUNT_SESSION_DEAD)
    assert dead == sorted(account.id for account in accounts)
