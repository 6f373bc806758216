"""An agent reaches nothing of another workspace, whatever tool it calls and whatever it names."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]

from confrere.domain.keys import Scope
from confrere.mcp.tools import TOOLS
from tests.contract.mcp.agents import Agent, calling, text_of
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

TEXT = "Only for the people of the first workspace."


async def test_no_tool_reaches_another_workspace(server: ServerProcess, site: Site, sandbox: SandboxProcess) -> None:
    """With a key of another workspace no tool sends, changes or shows anything of the first one."""
    owner = await Agent.create(server, site, *Scope)
    who = {"groupId": sandbox.group_id, "recipientProfileUrns": [sandbox.recipient]}
    prepared = await owner.call("prepare-campaign", name="Of the first workspace", text=TEXT, **who)
    async with site.services() as services:
        campaign = await services.campaigns.read("default", prepared["campaignId"])
        _, key = await services.keys.create("another", name="agent", scopes=[*Scope])
    known: dict[str, Any] = {
        "accountId": site.account_ids[0],
        "campaignId": prepared["campaignId"],
        "audienceId": campaign.campaign.audience_id,
        "contentHash": prepared["contentHash"],
        "groupId": sandbox.group_id,
        "groupUrl": f"https://www.linkedin.com/groups/{sandbox.group_id}",
        "recipientProfileUrn": sandbox.recipient,
        "recipientProfileUrns": [sandbox.recipient],
        "profileId": sandbox.recipient,
        "profileUrl": f"https://www.linkedin.com/in/{sandbox.recipient.rpartition(':')[2]}",
        "message": "From a stranger",
        "text": "From a stranger",
        "name": "From a stranger",
        "confirm": True,
    }
    own = {site.account_ids[0], prepared["campaignId"], campaign.campaign.audience_id, "Of the first workspace", TEXT}
    async with calling(server.url, key) as stranger:
        offered = {tool.name: tool for tool in (await stranger.list_tools()).tools}
        assert set(offered) == {tool.name for tool in TOOLS}
        for name, tool in offered.items():
            properties = tool.input_schema["properties"]
            for leaves_out in (set(), {"accountId"}):
                arguments = {field: known[field] for field in properties if field in known and field not in leaves_out}
                if not set(tool.input_schema["required"]) <= arguments.keys():
                    continue
                jsonschema.validate(arguments, tool.input_schema)
                result = await stranger.session.call_tool(name, arguments)
                said = text_of(result)
                place = (name, sorted(arguments), said)
                assert not [value for value in own if value in said and value not in json.dumps(arguments)], place
                if arguments.keys() & {"accountId", "campaignId", "audienceId"} and not name.startswith("list-"):
                    assert result.is_error or '"wouldSend":false' in said, place
    assert sandbox.messages() == []
    async with site.services() as services:
        assert (await services.campaigns.read("default", prepared["campaignId"])).campaign == campaign.campaign
