"""`list-webhooks`: agents read where events go, and change nothing."""

import pytest

from confrere.domain.webhooks import EventType
from tests.contract.mcp.agents import Agent
from tests.server_process import ServerProcess, Site


async def test_an_agent_reads_webhooks_and_deliveries(server: ServerProcess, site: Site) -> None:
    """All webhooks without secrets; of one of them the deliveries, too."""
    async with site.services() as services:
        webhook, secret = await services.webhooks.create(
            "default", url="https://example.com/agent", events=[EventType.SEND_UNKNOWN]
        )
        await services.webhooks.send_test("default", webhook.id)
        agent = Agent(server.url, site.key)
        everything = await agent.call("list-webhooks")
        assert webhook.id in [one["webhookId"] for one in everything["webhooks"]]
        assert (everything["deliveries"], secret in str(everything)) == ([], False)
        [only] = (one := await agent.call("list-webhooks", webhookId=webhook.id))["webhooks"]
        assert (only["url"], only["enabled"]) == ("https://example.com/agent", True)
        assert [(delivery["event"], delivery["status"]) for delivery in one["deliveries"]] == [("ping", "pending")]
        await services.webhooks.delete("default", webhook.id)


@pytest.mark.parametrize(
    ("webhook_id", "words"), [("7", "must be a webhookId from list-webhooks"), ("0" * 32, "no such webhook")]
)
async def test_a_wrong_id_is_named(server: ServerProcess, site: Site, webhook_id: str, words: str) -> None:
    """An id of another form is named; one that does not exist is not found."""
    assert words in await Agent(server.url, site.key).refusal("list-webhooks", webhookId=webhook_id)
