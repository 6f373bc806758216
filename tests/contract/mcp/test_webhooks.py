"""`list-webhooks`: agents read where events go, and change nothing."""

import pytest

from confrere.domain.limits import iso_z
from confrere.domain.webhooks import EventType
from tests.contract.mcp.agents import Agent
from tests.server_process import ServerProcess, Site


async def test_an_agent_reads_webhooks_and_deliveries(server: ServerProcess, site: Site) -> None:
    """All webhooks without secrets; of one of them the deliveries, too, by status and page by page."""
    async with site.services() as services:
        webhook, secret = await services.webhooks.create(
            "default", url="https://example.com/agent", events=[EventType.SEND_UNKNOWN]
        )
        first, second = [await services.webhooks.send_test("default", webhook.id) for _ in range(2)]
        agent = Agent(server.url, site.key)
        everything = await agent.call("list-webhooks")
        shown = {
            "webhookId": webhook.id,
            "url": "https://example.com/agent",
            "description": "",
            "events": ["send.unknown"],
            "enabled": True,
            "disabledReason": None,
            "failingSince": None,
        }
        assert shown in everything["webhooks"]
        assert (everything["deliveries"], secret in str(everything)) == ([], False)
        whole = await agent.call("list-webhooks", webhookId=webhook.id, limit=1)
        assert whole == {
            "webhooks": [shown],
            "deliveries": [
                {
                    "deliveryId": second.id,
                    "event": "ping",
                    "status": "pending",
                    "attempts": 0,
                    "inProgress": False,
                    "lastStatus": None,
                    "lastError": None,
                    "lastAttemptAt": None,
                    "nextAttemptAt": iso_z(second.created_at),
                    "createdAt": iso_z(second.created_at),
                }
            ],
            "nextBeforeDeliveryId": second.id,
        }
        rest = await agent.call("list-webhooks", webhookId=webhook.id, beforeDeliveryId=second.id, status="pending")
        assert ([one["deliveryId"] for one in rest["deliveries"]], rest["nextBeforeDeliveryId"]) == ([first.id], None)
        failed = await agent.call("list-webhooks", webhookId=webhook.id, status="failed")
        assert failed == {"webhooks": [shown], "deliveries": [], "nextBeforeDeliveryId": None}
        await services.webhooks.delete("default", webhook.id)


@pytest.mark.parametrize(
    ("webhook_id", "words"), [("7", "must be a webhookId from list-webhooks"), ("0" * 32, "no such webhook")]
)
async def test_a_wrong_id_is_named(server: ServerProcess, site: Site, webhook_id: str, words: str) -> None:
    """An id of another form is named; one that does not exist is not found."""
    assert words in await Agent(server.url, site.key).refusal("list-webhooks", webhookId=webhook_id)
