"""Campaigns through an agent: it prepares, checks and pauses; only a key with the scope `admin` starts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from confrere.domain.audit import AuditAction, AuditFilter
from confrere.domain.keys import Scope
from tests.contract.mcp.agents import Agent
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

TEXT = "Hello! We meet on Friday. Answer stop, and I will not write again."
NOBODY_ELSE = "urn:li:fsd_profile:ACoAAnobodyElseWritesToMe"
"""In the shared ledger no other test has written to them."""


@pytest.fixture
def agent(server: ServerProcess, site: Site) -> Agent:
    """An agent with a key that may send."""
    return Agent(server.url, site.key)


@pytest.fixture
async def admin(server: ServerProcess, site: Site) -> Agent:
    """An agent with a key that may do everything."""
    return await Agent.create(server, site, Scope.ADMIN)


async def prepare(agent: Agent, sandbox: SandboxProcess, **more: object) -> dict[str, Any]:
    """Prepare a campaign to one person."""
    who = {"groupId": sandbox.group_id, "recipientProfileUrns": [NOBODY_ELSE]}
    return await agent.call("prepare-campaign", **{"name": "Meetup", "text": TEXT, **who, **more})


async def test_an_agent_prepares_and_an_admin_starts(
    agent: Agent, admin: Agent, sandbox: SandboxProcess, site: Site
) -> None:
    """The check comes with the draft; the agent's key cannot start it, one with `admin` can, once."""
    prepared = await prepare(agent, sandbox, dailyCap=5)
    campaign_id, content_hash = prepared["campaignId"], prepared["contentHash"]
    assert (prepared["wouldSend"], prepared["skipped"]) == (1, [])
    assert prepared["texts"] == {"shortest": TEXT, "longest": TEXT}
    assert prepared["warnings"] == []
    assert prepared["forecast"].startswith("about 1 sending day, until")
    assert prepared["startCommand"] == f"confrere campaigns start {campaign_id} --first 1"
    assert f"/v1/campaigns/{campaign_id}/start" in prepared["startRequest"]
    assert content_hash in prepared["startRequest"]
    assert "a person" in prepared["nextStep"]

    drafted = await agent.call("get-campaign", campaignId=campaign_id)
    assert (drafted["status"], drafted["dailyCap"], drafted["accountId"]) == ("draft", 5, site.account_ids[0])
    assert drafted["whyNot"] == {
        "reason": "campaign_paused", "until": None, "remedy": "Check the campaign, then start it."
    }  # fmt: skip
    start = {"campaignId": campaign_id, "contentHash": content_hash, "first": 1}
    assert "start-campaign" not in await agent.offered()
    assert "lacks the scope 'admin'" in await agent.refusal("start-campaign", **start)

    hints = (await admin.offered())["start-campaign"].annotations
    assert hints is not None
    assert (hints.read_only_hint, hints.destructive_hint) == (False, True)
    changed = await admin.refusal("start-campaign", **{**start, "contentHash": "0" * 64})
    assert "has changed since it was checked" in changed
    started = await admin.call("start-campaign", **start)
    assert started["forecast"]["sendingDays"] == 1
    assert (started["status"], started["counts"]["waiting"]) == ("running", 1)
    assert "cannot be started" in await admin.refusal("start-campaign", **start)
    assert "cannot be changed" in await agent.refusal("prepare-campaign", campaignId=campaign_id, text="Hi")

    paused = await agent.call("pause-campaign", campaignId=campaign_id)
    assert (paused["status"], paused["cause"], paused["counts"]["inFlight"]) == ("paused", "person", 0)
    assert await agent.call("pause-campaign", campaignId=campaign_id) == paused
    assert "cannot be started" in await admin.refusal("start-campaign", **start)
    assert sandbox.count_messages() == 0


async def test_a_draft_is_changed_and_checked_again(agent: Agent, sandbox: SandboxProcess, site: Site) -> None:
    """What is given is changed, the rest stays; another text is another contentHash, the same one the same."""
    first = await prepare(agent, sandbox, dailyCap=5)
    draft = {"campaignId": first["campaignId"]}
    assert (await agent.call("prepare-campaign", **draft))["contentHash"] == first["contentHash"]
    text = "Hello {{ firstName | default: 'there' }}!"
    changed = await agent.call("prepare-campaign", **draft, text=text, name="Summer", spread=False)
    assert (changed["campaignId"], changed["audienceId"]) == (first["campaignId"], first["audienceId"])
    assert changed["contentHash"] != first["contentHash"]
    assert changed["texts"]["shortest"] == "Hello there!"
    assert [(one["name"], one["count"]) for one in changed["warnings"]] == [("no_way_out", 1)]
    read = await agent.call("get-campaign", **draft)
    assert (read["name"], read["dailyCap"], read["spread"], read["skipExistingConversations"]) == (
        "Summer", 5, False, True
    )  # fmt: skip
    async with site.services() as services:
        template = await services.templates.create("default", name="Saved", text="Hello, and goodbye!")
    saved = await agent.call("prepare-campaign", **draft, templateId=template.id)
    assert saved["texts"]["longest"] == "Hello, and goodbye!"
    assert (await agent.call("get-campaign", **draft))["templateId"] == template.id
    somebody_else = sandbox.accounts[1].profile_urn
    other = await agent.call("prepare-campaign", **draft, recipientProfileUrns=[somebody_else, NOBODY_ELSE])
    assert other["audienceId"] != first["audienceId"]
    assert other["wouldSend"] == 2


async def test_an_audience_is_used_again(agent: Agent, sandbox: SandboxProcess) -> None:
    """Another campaign takes the audience by its id, and somebody who was written to is skipped in it."""
    first = await prepare(agent, sandbox, recipientProfileUrns=[sandbox.recipient])
    person = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id}
    await agent.call("send-group-message", **person, message="Hello before")
    second = await agent.call("prepare-campaign", name="Again", text=TEXT, audienceId=first["audienceId"])
    assert second["audienceId"] == first["audienceId"]
    assert (second["wouldSend"], second["skipped"]) == (0, [{"reason": "already_written_to", "count": 1}])
    assert second["texts"] == {"shortest": None, "longest": None}
    assert "Nobody would be written to" in second["nextStep"]


async def test_campaigns_are_listed_page_by_page(agent: Agent, sandbox: SandboxProcess) -> None:
    """They are listed newest first, by status, and without their texts."""
    made = [(await prepare(agent, sandbox, name=f"Page {number}"))["campaignId"] for number in range(3)]
    page = await agent.call("list-campaigns", status="draft", limit=2)
    assert [one["campaignId"] for one in page["campaigns"]] == [made[2], made[1]]
    assert page["campaigns"][0]["name"] == "Page 2"
    assert TEXT not in str(page)
    after = await agent.call("list-campaigns", limit=1, beforeCampaignId=page["nextBeforeCampaignId"])
    assert after["campaigns"][0]["campaignId"] == made[0]
    assert (await agent.call("list-campaigns", status="archived"))["campaigns"] == []
    assert (await agent.call("list-campaigns", accountId="0" * 24))["campaigns"] == []


async def test_why_not_yet_has_the_words_of_the_api(
    agent: Agent, admin: Agent, sandbox: SandboxProcess, server: ServerProcess, site: Site
) -> None:
    """An account, a campaign and a person in it get one reason, one time and one remedy."""
    nothing = await agent.call("why-not-yet", accountId=site.account_ids[0])
    assert nothing["whyNot"] is None
    begins = (datetime.now(UTC) + timedelta(hours=6)).isoformat()
    prepared = await prepare(agent, sandbox, startsAt=begins)
    campaign_id = prepared["campaignId"]
    await admin.call("start-campaign", campaignId=campaign_id, contentHash=prepared["contentHash"])
    said = server.call("GET", f"/v1/campaigns/{campaign_id}").body["whyNot"]
    asked = await agent.call("why-not-yet", campaignId=campaign_id)
    assert asked["whyNot"] == {**said, "remedy": f"{said['remedy']}."}
    assert asked["summary"] == f"It waits for scheduled until {said['until']}. {said['remedy']}."
    person = await agent.call("why-not-yet", campaignId=campaign_id, recipientProfileUrn=NOBODY_ELSE)
    assert person["whyNot"]["reason"] == "scheduled"
    everywhere = await agent.call("why-not-yet", recipientProfileUrn=sandbox.accounts[1].profile_urn)
    assert everywhere == {"whyNot": None, "summary": nothing["summary"]}


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("get-campaign", {"campaignId": "7"}, "campaignId must be the id of a campaign, 32 hexadecimal digits"),
        ("get-campaign", {"campaignId": "0" * 32}, "There is no such campaign"),
        ("pause-campaign", {}, "campaignId is missing"),
        ("list-campaigns", {"beforeCampaignId": "7"}, "beforeCampaignId must be the nextBeforeCampaignId"),
        ("list-campaigns", {"status": "lost"}, "status must be one of archived, draft"),
        ("prepare-campaign", {"name": " "}, "name must be a printable text of 1 to 200 characters"),
        ("prepare-campaign", {"text": "Hello {{ firstNam }}"}, "firstNam (did you mean firstName?)"),
        ("prepare-campaign", {"text": "Hello {{ custom.city }}"}, "custom.city"),
        ("prepare-campaign", {"text": "Hello {{"}, "text must be"),
        ("prepare-campaign", {"text": None}, "text is missing: give text, or the templateId"),
        ("prepare-campaign", {"templateId": "0" * 32}, "templateId"),
        ("prepare-campaign", {"templateId": "x", "text": None}, "templateId must be the id of a template"),
        ("prepare-campaign", {"campaignId": "0" * 32}, "There is no such campaign"),
        ("prepare-campaign", {"campaignId": "x"}, "campaignId must be the id of a campaign"),
        ("prepare-campaign", {"recipientProfileUrns": []}, "give audienceId, or groupId and recipientProfileUrns"),
        ("prepare-campaign", {"groupId": ""}, "groupId is missing: give audienceId"),
        ("prepare-campaign", {"recipientProfileUrns": ["ACoAAx1234", "bob"]}, "recipientProfileUrns[1] must be"),
        ("prepare-campaign", {"audienceId": "0" * 32}, "groupId must be absent where audienceId is given"),
        ("prepare-campaign", {"startsAt": "2001-01-01T00:00:00Z"}, "startsAt must lie in the future"),
        ("prepare-campaign", {"accountId": "0" * 24}, "account"),
        ("why-not-yet", {"recipientProfileUrn": "bob"}, "recipientProfileUrn must"),
        ("why-not-yet", {"campaignId": "0" * 32, "accountId": "0" * 24}, "accountId must stand alone"),
        ("why-not-yet", {"campaignId": "x"}, "campaignId must be the id of a campaign"),
    ],
)
async def test_wrong_arguments_write_nothing(
    agent: Agent, sandbox: SandboxProcess, tool: str, arguments: dict[str, object], words: str
) -> None:
    """A wrong argument is named with its accepted values, and neither an audience nor a draft is written."""
    full = {"name": "M", "text": "Hi", "groupId": sandbox.group_id, "recipientProfileUrns": [sandbox.recipient]}
    before = (await agent.call("list-campaigns"))["campaigns"][:1]
    said = await agent.refusal(tool, **({**full, **arguments} if tool == "prepare-campaign" else arguments))
    assert words in said
    assert said.endswith(".")
    assert (await agent.call("list-campaigns"))["campaigns"][:1] == before
    if tool == "prepare-campaign":
        unknown = {"name": "M", "text": "Hi", "audienceId": "0" * 32}
        assert "audienceId must be the id of an audience" in await agent.refusal("prepare-campaign", **unknown)


async def test_what_an_agent_changes_is_its_own(agent: Agent, sandbox: SandboxProcess, site: Site) -> None:
    """The audit log has the agent with its key, its address and the call's request id."""
    prepared = await prepare(agent, sandbox)
    async with site.services() as services:
        key = (await services.keys.list_all("default"))[-1]
        newest = await services.audit.list_audit("default", AuditFilter(actor="agent"), before=None, count=2)
    assert [(entry.action, entry.actor.id, entry.actor.address) for entry in newest] == [
        (AuditAction.CAMPAIGN_CREATED, key.id, "127.0.0.1"),
        (AuditAction.AUDIENCE_CREATED, key.id, "127.0.0.1"),
    ]
    assert newest[0].subject == prepared["campaignId"]
    assert (newest[0].actor.request_id or "").startswith("mcp-")
