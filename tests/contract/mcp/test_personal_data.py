"""`export-person`: what is stored about one person, for an agent with the scope `admin`."""

from confrere.domain.audit import AuditFilter
from confrere.domain.keys import Scope
from confrere.domain.limits import iso_z
from confrere.domain.urns import ProfileUrn
from tests.contract.mcp.agents import Agent
from tests.server_process import ServerProcess, Site

WHO = ProfileUrn("urn:li:fsd_profile:ACoAAexportedByAnAgent")
NOTHING: dict[str, list[object]] = {
    name: []
    for name in (
        "sends",
        "campaignPeople",
        "replies",
        "audiencePeople",
        "groupMembers",
        "resolvedPeople",
        "webhookEvents",
        "doNotContact",
    )
}


async def test_an_agent_exports_one_person(server: ServerProcess, site: Site) -> None:
    """The answer has every row about the person and of nobody else, and the audit log that an agent has asked."""
    agent = await Agent.create(server, site, Scope.ADMIN)
    async with site.services() as services:
        await services.do_not_contact.add("default", [WHO], reason="asked by phone", source="test")
        [listed] = [
            one
            for one in await services.do_not_contact.list_page("default", after=None, count=100)
            if one.recipient == WHO
        ]
        data = await agent.call("export-person", recipientProfileUrn=WHO)
        assert data == {
            **NOTHING,
            "recipientProfileUrn": WHO,
            "exportedAt": data["exportedAt"],
            "erasedAt": None,
            "doNotContact": [{"reason": "asked by phone", "source": "test", "addedAt": iso_z(listed.added_at)}],
        }
        which = AuditFilter(subject=WHO)
        [entry, _] = await services.audit.list_audit("default", which, before=None, count=5)
        assert (entry.action, entry.actor.kind) == ("person_exported", "agent")
        await services.do_not_contact.remove("default", WHO)
    unknown = await agent.call("export-person", recipientProfileUrn="ACoAAnobodyEverHeardOf")
    assert unknown == {
        **NOTHING,
        "recipientProfileUrn": "urn:li:fsd_profile:ACoAAnobodyEverHeardOf",
        "exportedAt": unknown["exportedAt"],
        "erasedAt": None,
    }
    assert "recipientProfileUrn must be" in await agent.refusal("export-person", recipientProfileUrn="Anna Example")
