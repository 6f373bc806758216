"""Events become deliveries, which are leased, tried and kept, on both engines."""

from datetime import datetime, timedelta

import pytest

from confrere.domain.errors import NotFound
from confrere.domain.webhooks import (
    ClaimedDelivery,
    DeliveryInProgress,
    DeliveryStatus,
    DisabledReason,
    EventType,
    Try,
    Webhook,
    WebhookDisabled,
)
from confrere.store import SqlStore, Vault, open_store, rotate_secrets
from tests.contract.store.conftest import KEY
from tests.contract.store.scene import ACCEPTED, Scene
from tests.contract.store.webhooks import SECRET, add_webhook, deliver_later, new_events

LEASE = timedelta(seconds=60)
TAKEN = Try(200, None, b"thanks")
FAULT = Try(500, "it answered 500", b"oh \xf0\x9f\x98\x80")


async def claim(scene: Scene, store: SqlStore | None = None, *, at_once: int = 8) -> list[ClaimedDelivery]:
    """Lease what is due."""
    return list(
        await (store or scene.store).claim_deliveries(
            scene.now, at_once=at_once, count=100, lease_until=scene.now + LEASE
        )
    )


async def fail(scene: Scene, delivery: ClaimedDelivery, next_at: datetime | None = None) -> DisabledReason | None:
    """Write that a try has failed."""
    status = DeliveryStatus.FAILED if next_at is None else DeliveryStatus.PENDING
    return await scene.store.end_try(delivery, FAULT, status, next_at, scene.now)


async def one_due(scene: Scene) -> tuple[Webhook, ClaimedDelivery]:
    """A webhook, and its one delivery, leased."""
    webhook = await add_webhook(scene)
    await scene.send(ACCEPTED)
    assert await deliver_later(scene) == 1
    [claimed] = await claim(scene)
    return webhook, claimed


async def listed(scene: Scene, webhook: Webhook, status: DeliveryStatus | None = None) -> list[tuple[str, int]]:
    """Status and number of tries of its deliveries, newest first."""
    found = await scene.store.list_deliveries("default", webhook.id, status=status, before_id=None, count=100)
    return [(one.status.value, one.attempts) for one in found]


async def test_an_event_goes_to_those_who_want_it(scene: Scene) -> None:
    """Each webhook that wants an event has one delivery of it, with the bytes that were made first."""
    wants = [await add_webhook(scene), await add_webhook(scene, [EventType.SEND_ACCEPTED])]
    await add_webhook(scene, [EventType.SEND_REFUSED])
    await scene.send(ACCEPTED)
    [event] = await new_events(scene)
    assert await scene.store.add_bodies({event.id: b'{"a":1}'}, scene.now) == 2
    assert await scene.store.add_bodies({event.id: b'{"a":2}'}, scene.now) == 0
    claimed = await claim(scene)
    assert {one.webhook_id for one in claimed} == {one.id for one in wants}
    assert {one.body for one in claimed} == {b'{"a":1}'}
    assert {one.secrets for one in claimed} == {(SECRET,)}
    assert await claim(scene) == []


async def test_an_event_that_nobody_wants_any_more_is_deleted(scene: Scene) -> None:
    """Where the one webhook was deleted meanwhile, the event is, too."""
    webhook = await add_webhook(scene)
    await scene.send(ACCEPTED)
    await scene.store.delete_webhook("default", webhook.id)
    assert await deliver_later(scene) == 0
    assert await new_events(scene) == []


async def test_so_many_are_under_way_to_one_endpoint(scene: Scene, other: SqlStore) -> None:
    """What one endpoint has under way, in all processes, limits its claims and no other endpoint's."""
    await add_webhook(scene, [EventType.SEND_ACCEPTED])
    for _ in range(5):
        await scene.send(ACCEPTED)
    await deliver_later(scene)
    assert len(await claim(scene, at_once=2)) == 2
    assert await claim(scene, other, at_once=2) == []
    await add_webhook(scene, [EventType.SEND_ACCEPTED])
    await scene.send(ACCEPTED)
    await deliver_later(scene)
    assert len(await claim(scene, other, at_once=2)) == 1


async def test_a_lease_ends_with_its_process_or_its_time(scene: Scene, other: SqlStore) -> None:
    """Deliveries of a process that ended are claimed at once by another, those of one that hangs after their lease."""
    await add_webhook(scene)
    await scene.send(ACCEPTED)
    await deliver_later(scene)
    [first] = await claim(scene, other)
    assert await claim(scene) == []
    await other.close()
    [second] = await claim(scene)
    assert second.id == first.id
    scene.later(seconds=61)
    [third] = await claim(scene)
    assert third.body == first.body
    assert await fail(scene, second) is None
    assert (await scene.store.read_delivery("default", third.id)).attempts == 0


async def test_the_log_shows_the_last_try(scene: Scene) -> None:
    """A delivery keeps status, error and beginning of the last answer; success ends it."""
    webhook, claimed = await one_due(scene)
    assert (await scene.store.read_delivery("default", claimed.id)).in_progress
    await fail(scene, claimed, scene.now + timedelta(seconds=5))
    kept = await scene.store.read_delivery("default", claimed.id)
    assert (kept.status, kept.attempts, kept.last_status) == (DeliveryStatus.PENDING, 1, 500)
    assert (kept.last_answer, kept.last_error, kept.last_at) == ("oh 😀", "it answered 500", scene.now)
    assert kept.next_at == scene.now + timedelta(seconds=5)
    assert await claim(scene) == []
    scene.later(seconds=5)
    [again] = await claim(scene)
    assert (again.attempts, again.body) == (1, claimed.body)
    await scene.store.end_try(again, TAKEN, DeliveryStatus.DELIVERED, None, scene.now)
    assert await listed(scene, webhook) == [("delivered", 2)]
    assert await listed(scene, webhook, DeliveryStatus.PENDING) == []
    assert (await scene.store.read_webhook("default", webhook.id)).failing_since is None


async def test_failures_for_five_days_disable_it_and_others_are_told(scene: Scene) -> None:
    """Five days without a success disable a webhook and end its deliveries; another webhook has an event of it."""
    webhook, claimed = await one_due(scene)
    await add_webhook(scene, [EventType.WEBHOOK_DISABLED])
    began = scene.now
    assert await fail(scene, claimed, scene.later(days=5) - timedelta(seconds=1)) is None
    assert (await scene.store.read_webhook("default", webhook.id)).failing_since == scene.now
    scene.now = began + timedelta(days=5)
    await scene.send(ACCEPTED)
    await deliver_later(scene)
    scene.later(days=5)
    first, second = await claim(scene)
    assert await fail(scene, first, scene.now) is DisabledReason.FAILING
    assert await fail(scene, second, scene.now) is None
    after = await scene.store.read_webhook("default", webhook.id)
    assert (after.enabled, after.disabled_reason) == (False, DisabledReason.FAILING)
    assert {status for status, _ in await listed(scene, webhook)} == {"failed"}
    assert [event.facts["reason"] for event in await new_events(scene)] == ["failing"]
    assert await scene.store.count_disabled_webhooks() == 1
    enabled = await scene.store.change_webhook("default", webhook.id, enabled=True)
    assert (enabled.disabled_reason, enabled.failing_since) == (None, None)


async def test_a_success_begins_the_five_days_anew(scene: Scene) -> None:
    """A webhook that has taken an event meanwhile is not disabled."""
    webhook, claimed = await one_due(scene)
    await fail(scene, claimed, scene.now)
    [again] = await claim(scene)
    await scene.store.end_try(again, TAKEN, DeliveryStatus.DELIVERED, None, scene.later(days=3))
    await scene.send(ACCEPTED)
    await deliver_later(scene)
    scene.later(days=3)
    [later] = await claim(scene)
    assert await fail(scene, later, scene.now) is None
    assert (await scene.store.read_webhook("default", webhook.id)).enabled


async def test_gone_disables_at_once(scene: Scene) -> None:
    """A receiver that answers 410 has its webhook disabled."""
    webhook, claimed = await one_due(scene)
    gone = await scene.store.end_try(claimed, Try(410, "gone"), DeliveryStatus.FAILED, None, scene.now)
    assert gone is DisabledReason.GONE
    assert not (await scene.store.read_webhook("default", webhook.id)).enabled


async def test_sent_again_is_a_new_record_of_the_same_event(scene: Scene) -> None:
    """What has ended can be sent again, with the same bytes; not while one is in progress, nor if disabled."""
    webhook, claimed = await one_due(scene)
    with pytest.raises(DeliveryInProgress):
        await scene.store.resend_delivery("default", claimed.id, scene.now)
    await fail(scene, claimed)
    again = await scene.store.resend_delivery("default", claimed.id, scene.now)
    assert (again.id != claimed.id, again.event_id) == (True, claimed.event_id)
    with pytest.raises(DeliveryInProgress):
        await scene.store.resend_delivery("default", claimed.id, scene.now)
    [second] = await claim(scene)
    assert (second.id, second.body, second.attempts) == (again.id, claimed.body, 0)
    assert await listed(scene, webhook) == [("pending", 0), ("failed", 1)]
    await scene.store.change_webhook("default", webhook.id, enabled=False)
    with pytest.raises(WebhookDisabled):
        await scene.store.resend_delivery("default", claimed.id, scene.now)
    with pytest.raises(NotFound):
        await scene.store.resend_delivery("another", claimed.id, scene.now)


async def test_a_test_goes_to_one_webhook(scene: Scene) -> None:
    """A ping has one delivery, to the webhook that is tested."""
    webhook = await add_webhook(scene, [EventType.SEND_REFUSED])
    await add_webhook(scene)
    delivery = await scene.store.add_webhook_test(webhook, "1.ping", b"{}", scene.now)
    [claimed] = await claim(scene)
    assert (claimed.id, claimed.body, claimed.webhook_id) == (delivery.id, b"{}", webhook.id)
    assert delivery.event is EventType.PING


async def test_both_secrets_sign_for_a_day(scene: Scene) -> None:
    """After a rotation the new secret is the first, and the one before goes with it until its time is over."""
    webhook = await add_webhook(scene)
    until = scene.now + timedelta(days=1)
    rotated = await scene.store.rotate_webhook_secret("default", webhook.id, "whsec_bmV3", until)
    assert rotated.previous_until == until
    await scene.send(ACCEPTED)
    await deliver_later(scene)
    [claimed] = await claim(scene)
    assert claimed.secrets == ("whsec_bmV3", SECRET)
    assert await fail(scene, claimed, until) is None
    scene.now = until
    assert [one.secrets for one in await claim(scene)] == [("whsec_bmV3",)]


async def test_what_is_old_is_deleted(scene: Scene) -> None:
    """Deliveries and events are deleted by age, so many at a time, and younger ones stay."""
    webhook, _ = await one_due(scene)
    assert await scene.store.delete_old_deliveries(scene.now - timedelta(days=1), count=10) == 0
    tomorrow = datetime.now(scene.now.tzinfo) + timedelta(days=1)
    assert await scene.store.delete_old_deliveries(tomorrow, count=10) == 2
    assert await listed(scene, webhook) == []


async def test_secrets_bodies_and_answers_are_sealed_and_rotate(scene: Scene, url: str) -> None:
    """After a rotation of the keys everything of webhooks can be read with the new key alone."""
    webhook, claimed = await one_due(scene)
    await scene.store.rotate_webhook_secret("default", webhook.id, "whsec_bmV3", scene.now + timedelta(days=1))
    await fail(scene, claimed, scene.now)
    await scene.store.close()
    key = Vault.new_key()
    both = await open_store(url, vault=Vault([key, KEY]))
    assert await rotate_secrets(both) > 4
    assert await rotate_secrets(both) == 0
    await both.close()
    new = await open_store(url, vault=Vault([key]))
    try:
        assert (await new.read_delivery("default", claimed.id)).last_answer == "oh 😀"
        [again] = await claim(scene, new)
        assert (again.body, again.secrets) == (claimed.body, ("whsec_bmV3", SECRET))
    finally:
        await new.close()
