"""Webhooks from the command line."""

import pytest

from confrere.domain.webhooks import DeliveryStatus, EventType, Try
from confrere.services import Services
from tests.fakes.runtime import NOON, FakeRuntime
from tests.unit.cli.conftest import Confrere

URL = "https://example.com/hook"


@pytest.fixture
def webhook(confrere: Confrere) -> str:
    """A webhook's id."""
    return confrere("webhooks", "add", URL, "--event", "send.accepted").out.splitlines()[0]


def test_a_webhook_is_added_shown_changed_and_deleted(confrere: Confrere) -> None:
    """The secret is shown when the webhook is added, and not later; the JSON is that of the API."""
    added = confrere("webhooks", "add", URL, "--description", "CRM", "--json").json
    assert added["secret"].startswith("whsec_")
    assert added["events"] == [one.value for one in EventType if one is not EventType.PING]
    shown = confrere("webhooks", "show", added["id"], "--json").json
    assert shown == {name: value for name, value in added.items() if name != "secret"}
    assert URL in confrere("webhooks", "list").out
    changed = confrere("webhooks", "update", added["id"], "--disable", "--event", "message.received", "--json").json
    assert (changed["enabled"], changed["events"], changed["url"]) == (False, ["message.received"], URL)
    assert confrere("webhooks", "delete", added["id"], "--yes").code == 0
    assert confrere("webhooks", "list", "--json").json == []
    assert confrere("webhooks", "show", added["id"]).code == 1


def test_a_rotation_prints_the_new_secret(confrere: Confrere, webhook: str) -> None:
    """The new secret is printed alone, so that a script can take it."""
    assert confrere("webhooks", "rotate-secret", webhook).out.startswith("whsec_")


def test_a_test_waits_for_a_worker(confrere: Confrere, runtime: FakeRuntime, webhook: str) -> None:
    """Without a worker the command says who delivers; what was delivered is listed, and can be sent again."""
    assert "confrere worker" in confrere("webhooks", "test", webhook).err

    async def deliver(services: Services) -> None:
        [claimed] = await services.store.claim_deliveries(NOON, at_once=9, count=9, lease_until=NOON)
        await services.store.end_try(claimed, Try(200, None, b"ok"), DeliveryStatus.DELIVERED, None, NOON)

    runtime.do(deliver)
    [listed] = confrere("webhooks", "deliveries", webhook, "--status", "delivered", "--json").json["deliveries"]
    assert (listed["event"], listed["lastStatus"], listed["lastAnswer"]) == ("ping", 200, "ok")
    assert confrere("webhooks", "resend", listed["id"]).code == 0
    again = confrere("webhooks", "resend", listed["id"])
    assert (again.code, "still being tried" in again.err) == (1, True)


def test_an_address_that_may_not_be_used_is_named(confrere: Confrere) -> None:
    """The error names the argument, and the switch that allows private addresses."""
    refused = confrere("webhooks", "add", "http://127.0.0.1:9/")
    assert refused.code == 2
    assert "CONFRERE_WEBHOOK_PRIVATE=1" in refused.err
