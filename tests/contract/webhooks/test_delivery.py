"""Events reach receivers at least once, signed, with the same bytes, whatever a receiver does."""

import asyncio
import gzip
import hashlib
import hmac
import json
import socket
from collections.abc import Callable
from datetime import timedelta

import pytest
from standardwebhooks import Webhook as Verifier

from confrere.domain.ids import new_record_id
from confrere.domain.reply import Reply
from confrere.domain.urns import ProfileUrn
from confrere.domain.webhooks import DeliveryStatus, DisabledReason, EventType
from confrere.store import SqlStore
from confrere.webhooks import Poster, TargetRule
from confrere.webhooks import deliverer as deliverer_module
from confrere.webhooks.resolver import Resolver
from tests.contract.store.scene import THROTTLED, UNKNOWN
from tests.contract.webhooks.conftest import Stage
from tests.contract.webhooks.receiver import OK, Received, receiving, status


def check_signed(secret: str, request: Received) -> None:
    """Raise unless the request is signed with the secret."""
    Verifier(secret).verify(request.body, request.headers)
    expected = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-webhook-signature"] == f"sha256={expected}"


@pytest.fixture(autouse=True)
def _present(stage: Stage) -> None:
    """Verifiers compare the time of a signature with the real one."""
    from datetime import UTC, datetime

    stage.clock.now = stage.scene.now = datetime.now(UTC)


async def test_an_event_is_delivered_and_signed(stage: Stage) -> None:
    """A send that was accepted reaches the receiver as JSON, with both signatures, and is logged as delivered."""
    async with receiving() as receiver:
        webhook, secret = await stage.add(receiver.url)
        await stage.happen()
        await stage.deliverer().run_due()
        [request] = receiver.received
        check_signed(secret, request)
        body = json.loads(request.body)
        assert (body["event"], body["id"]) == ("send.accepted", request.headers["webhook-id"])
        assert body["data"]["outcome"] == "accepted"
        assert body["data"]["refusal"] is None
        assert body["data"]["settledAt"].endswith("Z")
        assert request.headers["content-type"] == "application/json"
        delivery = await stage.only(webhook)
        assert (delivery.status, delivery.last_status, delivery.last_answer) == (DeliveryStatus.DELIVERED, 200, "ok")


async def test_a_message_has_the_shape_of_the_hosted_api(stage: Stage) -> None:
    """A received message is sent as clients of the hosted API read it, with our fields beside, its text intact."""
    async with receiving() as receiver:
        _, secret = await stage.add(receiver.url, EventType.MESSAGE_RECEIVED)
        claim = await stage.scene.send(UNKNOWN)
        assert stage.scene.account is not None
        account_id, now = stage.scene.account.id, stage.scene.now
        reply = Reply(
            id=new_record_id(),
            workspace_id="default",
            account_id=account_id,
            recipient=ProfileUrn("urn:li:fsd_profile:ACoAAsomebody"),
            name="Zoë 😀",
            conversation_urn="urn:li:msg_conversation:1",
            message_urn="urn:li:msg_message:9",
            send_id=claim.send_id,
            text="Yes \u2028 please 😀",
            kinds=(),
            received_at=now.replace(microsecond=0),
            may_want_out=False,
            opted_out=False,
        )
        await stage.scene.store.record_reply(reply, now)
        await stage.deliverer().run_due()
        [request] = receiver.received
        check_signed(secret, request)
        assert request.body.isascii()
        data = json.loads(request.body)["data"]
        assert {name: data[name] for name in ("id", "message_urn", "account_id", "provider", "body")} == {
            "id": reply.id,
            "message_urn": "urn:li:msg_message:9",
            "account_id": account_id,
            "provider": "LINKEDIN",
            "body": "Yes \u2028 please 😀",
        }
        assert data["sender"] == {
            "id": "urn:li:fsd_profile:ACoAAsomebody",
            "name": "Zoë 😀",
            "profile_url": "https://www.linkedin.com/in/ACoAAsomebody",
            "profile_picture": None,
        }
        assert (data["conversation_id"], data["attachments"]) == ("urn:li:msg_conversation:1", [])
        assert data["sendId"] == claim.send_id


REDIRECT = status(302, b"location: http://127.0.0.1:1/\r\n")


@pytest.mark.parametrize(
    ("answer", "last_status", "error"),
    [
        (status(500, body=b"x" * 5000), 500, "it answered 500"),
        (REDIRECT, 302, "it answered with a redirect (302), which is not followed"),
        (lambda _: None, None, "the connection ended before an answer"),
        (lambda _: b"SMTP ready\r\n\r\n", None, "the connection ended before an answer"),
    ],
    ids=["fails", "redirects", "resets", "speaks something else"],
)
async def test_what_fails_is_tried_again_with_the_same_bytes(
    stage: Stage, answer: Callable[[Received], bytes | None], last_status: int | None, error: str
) -> None:
    """A failure is logged with its reason, and tried again after 5 s with the same body and a fresh signature."""
    async with receiving(answer=answer) as receiver:
        webhook, secret = await stage.add(receiver.url)
        await stage.happen()
        deliverer = stage.deliverer()
        await deliverer.run_due()
        delivery = await stage.only(webhook)
        assert (delivery.status, delivery.last_status, delivery.last_error) == ("pending", last_status, error)
        assert delivery.next_at == stage.clock.now + timedelta(seconds=5)
        assert len((delivery.last_answer or "").encode()) <= 2048
        receiver.answer = lambda _: OK
        stage.later(seconds=4)
        await deliverer.run_due()
        assert len(receiver.received) == 1
        stage.later(seconds=1)
        await deliverer.run_due()
        first, second = receiver.received
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 5
        check_signed(secret, second)
        assert (await stage.only(webhook)).status is DeliveryStatus.DELIVERED


async def test_eight_failures_end_it_and_it_can_be_sent_again(stage: Stage) -> None:
    """After the eighth failure nothing is tried by itself; sent again, the receiver gets the same bytes."""
    async with receiving(answer=status(503)) as receiver:
        webhook, _ = await stage.add(receiver.url)
        await stage.happen()
        deliverer = stage.deliverer()
        for _ in range(10):
            await deliverer.run_due()
            stage.later(hours=10)
        assert len(receiver.received) == 8
        failed = await stage.only(webhook)
        assert (failed.status, failed.attempts) == (DeliveryStatus.FAILED, 8)
        receiver.answer = lambda _: OK
        await stage.directory.resend("default", failed.id)
        await deliverer.run_due()
        assert len({(one.body, one.headers["webhook-id"]) for one in receiver.received}) == 1
        assert [one.status for one in await stage.log(webhook)] == [DeliveryStatus.DELIVERED, DeliveryStatus.FAILED]


async def test_a_receiver_that_is_away_is_tried_again(stage: Stage) -> None:
    """Where nobody listens, the reason is that no connection could be made."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        webhook, _ = await stage.add(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    await stage.happen()
    await stage.deliverer().run_due()
    assert (await stage.only(webhook)).last_error == "no connection could be made"


async def test_gone_disables_and_the_others_are_told(stage: Stage) -> None:
    """A 410 disables the webhook, and another one is sent `webhook.disabled`."""
    async with receiving(answer=status(410)) as gone, receiving() as other:
        webhook, _ = await stage.add(gone.url)
        await stage.add(other.url, EventType.WEBHOOK_DISABLED)
        await stage.happen(2)
        await stage.deliverer().run_due()
        after = await stage.directory.read("default", webhook.id)
        assert (after.enabled, after.disabled_reason) == (False, DisabledReason.GONE)
        [told] = [json.loads(one.body) for one in other.received]
        assert (told["event"], told["data"]["webhookId"]) == ("webhook.disabled", webhook.id)
        assert told["data"]["reason"] == "gone"


async def test_one_that_hangs_delays_no_other(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one endpoint hangs with as many tries as it may have, every event reaches the other."""
    monkeypatch.setattr(deliverer_module, "AT_ONCE", 2)
    async with receiving(pause_seconds=60) as hangs, receiving() as works:
        slow, _ = await stage.add(hangs.url)
        await stage.add(works.url)
        await stage.happen(12)
        deliverer = stage.deliverer()
        running = asyncio.create_task(deliverer.run_due())
        async with asyncio.timeout(20):
            while len(works.received) < 12:
                await asyncio.sleep(0.01)
        assert len(hangs.received) <= 2
        await running
        assert hangs.most_under_way == 2
        assert {one.last_error for one in await stage.log(slow)} == {"no answer within 0.6 seconds"}


async def test_an_answer_without_end_is_cut_off(stage: Stage) -> None:
    """Of an answer no more than 2 kB is read, and a bomb is not unpacked."""
    bomb = gzip.compress(b"a" * 1_000_000) + b"b" * 90_000
    packed = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%s" % (len(bomb), bomb)
    async with receiving(answer=lambda _: packed) as receiver:
        webhook, _ = await stage.add(receiver.url)
        await stage.happen()
        await stage.deliverer().run_due()
        delivery = await stage.only(webhook)
        assert delivery.status is DeliveryStatus.DELIVERED
        assert len(delivery.last_answer or "") <= 2048
        assert "aaaa" not in (delivery.last_answer or "")


async def test_two_workers_share_the_deliveries(stage: Stage, other: SqlStore) -> None:
    """Two workers at once send each event once."""
    async with receiving() as receiver:
        await stage.add(receiver.url)
        await stage.happen(30)
        await asyncio.gather(stage.deliverer().run_due(), stage.deliverer(other).run_due())
        ids = [one.headers["webhook-id"] for one in receiver.received]
        assert (len(ids), len(set(ids))) == (30, 30)


async def test_both_secrets_sign_after_a_rotation(stage: Stage) -> None:
    """A receiver with the old secret accepts for a day what one with the new secret accepts, and not after it."""
    async with receiving() as receiver:
        webhook, old = await stage.add(receiver.url)
        _, new = await stage.directory.rotate_secret("default", webhook.id)
        deliverer = stage.deliverer()
        await stage.happen()
        await deliverer.run_due()
        [request] = receiver.received
        for secret in (old, new):
            Verifier(secret).verify(request.body, request.headers)
        check_signed(new, request)
        stage.later(days=1)
        await stage.happen()
        await deliverer.run_due()
        assert " " not in receiver.received[1].headers["webhook-signature"]


async def test_a_private_address_is_refused_at_every_try(stage: Stage) -> None:
    """A name that was public when the webhook was added, and leads to this machine now, is not connected to."""
    async with receiving() as receiver:
        webhook, _ = await stage.add(receiver.url.replace("127.0.0.1", "localhost"))
        await stage.happen()
        await stage.deliverer(private=False).run_due()
        assert receiver.received == []
        assert (await stage.only(webhook)).last_error == "its name leads to a private address"


async def test_the_address_that_was_checked_is_connected_to(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to a public address first and a private one later is refused: nothing is resolved twice."""
    answers = ["93.184.216.34", "127.0.0.1"]
    asked: list[str] = []

    def rebinding(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

    opened: list[str] = []

    class Watched(TargetRule):
        def open_socket(self, address: tuple[object, ...]) -> socket.socket:
            opened.append(address[4][0])  # type: ignore[index]
            made = super().open_socket(address)
            made.close()
            raise OSError("not in a test")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    poster = Poster(Watched(), timeout_seconds=5)
    first = await poster.post("https://rebinding.example/", {}, b"{}")
    second = await poster.post("https://rebinding.example/", {}, b"{}")
    await poster.close()
    assert (asked, opened) == (["rebinding.example"] * 2, answers)
    assert first.error == "no connection could be made"
    assert second.error == "its name leads to a private address"


async def test_a_name_server_that_hangs_delays_no_other_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name is resolved on its own; those that wait for the same name share one question."""
    resolved = socket.getaddrinfo
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(host: str, *rest: object, **named: object) -> object:
        if host == "hangs.example":
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
            raise OSError("it hung")
        return resolved(host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    resolver = Resolver()
    hanging = [asyncio.create_task(resolver.resolve("hangs.example", 1)) for _ in range(50)]
    await asyncio.sleep(0)
    assert (await resolver.resolve("127.0.0.1", 1))[0]["host"] == "127.0.0.1"
    release.set()
    assert all(isinstance(one, OSError) for one in await asyncio.gather(*hanging, return_exceptions=True))


async def test_the_end_of_a_hold_is_delivered(stage: Stage) -> None:
    """A held account is reported when it is held, and when it can be used again."""
    async with receiving() as receiver:
        await stage.add(receiver.url, EventType.ACCOUNT_HELD, EventType.ACCOUNT_AVAILABLE)
        await stage.scene.send(THROTTLED)
        stage.later(hours=2)
        deliverer = stage.deliverer()
        await deliverer.report_ended_holds()
        await deliverer.run_due()
        bodies = [json.loads(one.body) for one in receiver.received]
        assert sorted(body["event"] for body in bodies) == ["account.available", "account.held"]
        assert [body["data"]["holdUntil"][-1] for body in bodies if body["event"] == "account.held"] == ["Z"]
