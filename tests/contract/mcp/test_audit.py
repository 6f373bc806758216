"""`list-audit`: agents with the scope `admin` read who changed what."""

import pytest

from confrere.domain.audit import Actor, ActorKind, acting_as
from confrere.domain.keys import Scope
from confrere.domain.limits import iso_z
from tests.contract.mcp.agents import Agent
from tests.server_process import ServerProcess, Site

FROM = "192.0.2.9"


async def test_an_agent_reads_the_audit_log(server: ServerProcess, site: Site) -> None:
    """Entries have their names beside their ids, match every filter, and come page by page."""
    agent = await Agent.create(server, site, Scope.ADMIN)
    async with site.services() as services:
        maker, _ = await services.keys.create("default", name="the maker", scopes=[Scope.ADMIN])
        with acting_as(Actor(ActorKind.KEY, maker.id, FROM, "request-9")):
            made, _ = await services.keys.create("default", name="made by it", scopes=[Scope.READ, Scope.INBOX])
            await services.keys.revoke("default", made.id)
        revoked, created = await services.audit.list_audit("default", before=None, count=2)
    by_it = {
        "actorKind": "key",
        "actorId": maker.id,
        "actorName": "the maker",
        "address": FROM,
        "subject": made.id,
        "subjectName": "made by it",
        "requestId": "request-9",
    }
    first = {
        "entries": [
            {"number": revoked.number, "at": iso_z(revoked.at), "action": "key_revoked", "detail": None, **by_it}
        ],
        "nextBeforeNumber": revoked.number,
    }
    second = {
        "entries": [
            {
                "number": created.number,
                "at": iso_z(created.at),
                "action": "key_created",
                "detail": created.detail,
                **by_it,
            }
        ],
        "nextBeforeNumber": None,
    }
    assert await agent.call("list-audit", actor="the maker", limit=1) == first
    assert await agent.call("list-audit", actor=maker.id, beforeNumber=revoked.number) == second
    assert await agent.call("list-audit", subject=made.id, done="key_created", since=iso_z(created.at)) == second
    assert (await agent.call("list-audit", subject=site.account_ids[0], actor="agent"))["entries"] == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("actor", "nobody at all", "actor must be the name or id of a user or key, or one of user, key"),
        ("done", "key_eaten", "done must be one of user_invited, "),
        ("subject", "Anna", "subject must be an id, or the URN of a person"),
    ],
)
async def test_a_wrong_filter_is_named(server: ServerProcess, site: Site, field: str, value: str, words: str) -> None:
    """A filter that cannot be used is named with what it must be."""
    agent = await Agent.create(server, site, Scope.ADMIN)
    assert words in await agent.refusal("list-audit", **{field: value})


async def test_only_admins_read_it(server: ServerProcess, site: Site) -> None:
    """No other scope of an agent sees the tools that show everything, or may call them."""
    agent = await Agent.create(server, site, Scope.APPROVE, Scope.INBOX)
    assert not {"list-audit", "export-person"} & (await agent.offered()).keys()
    assert "lacks the scope 'admin'" in await agent.refusal("list-audit")
    assert "lacks the scope 'admin'" in await agent.refusal("export-person", recipientProfileUrn="ACoAAnobody")
