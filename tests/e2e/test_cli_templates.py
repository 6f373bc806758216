"""A campaign with a template, from the shell: each recipient sees the text that was made from their own row."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.ids import new_record_id
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from tests.e2e.command_line import confrere
from tests.e2e.test_cli_campaigns import UP, sending
from tests.sandbox_process import SandboxProcess
from tests.server_process import Site

TEXT = """Hello {{ firstName }} in {{ groupName }},

{% if custom.city %}how is {{ custom.city }}?{% else %}where are you?{% endif %}
Answer stop to get no more messages.

{{ senderFirstName }}
"""


def add_audience(site: Site, group_id: str, members: list[dict[str, Any]]) -> str:
    """An audience of these members with their names, and a city for every other one; returns its id."""
    people = [
        AudiencePerson(
            Person(ProfileUrn(one["profileUrn"]), one["publicIdentifier"], one["firstName"], one["lastName"]),
            {"city": f"City {number}"} if number % 2 else {},
        )
        for number, one in enumerate(members)
    ]
    audience = Audience(
        new_record_id(), "default", "Members", GroupId(group_id), "csv", datetime.now(UTC), 0, ("city",)
    )

    async def add() -> None:
        async with site.services() as services:
            await services.store.add_audience(audience, people)

    asyncio.run(add())
    return audience.id


def test_everybody_sees_the_text_of_their_own_row(site: Site, sandbox: SandboxProcess) -> None:
    """What `campaigns texts` showed before the start is what arrives, each once, with names of group and sender."""
    groups = confrere(site.environment, "groups", "list", "--json").json["groups"]
    group_name = next(one["name"] for one in groups if one["groupId"] == sandbox.group_id)
    listed = confrere(site.environment, "groups", "members", sandbox.group_id, "--limit", "20", "--json").json
    own = {known.profile_urn for known in sandbox.accounts}
    members = [one for one in listed["members"] if one["profileUrn"] not in own and one["firstName"]][:6]
    template = confrere(site.environment, "templates", "create", "--name", "Hello", given=TEXT)
    assert template.code == 0, template
    audience_id = add_audience(site, sandbox.group_id, members)
    arguments = ["--audience", audience_id, "--template", template.out.strip(), "--no-spread", "--name", "Spring"]
    draft = confrere(site.environment, "campaigns", "create", *arguments).out.strip()
    checked = confrere(site.environment, "campaigns", "check", draft, "--json").json
    assert (checked["wouldSend"], checked["skipped"], checked["forecast"]["sendingDays"]) == (6, {}, 1)
    texts = confrere(site.environment, "campaigns", "texts", draft, "--json").json["items"]
    assert confrere(site.environment, "campaigns", "start", draft, "--yes").code == 0
    with sending(site, UP):
        assert confrere(site.environment, "campaigns", "watch", draft, "--every", "0.3").code == 0
    seen = {message["recipient"]: message["text"] for message in sandbox.messages()}
    assert seen == {one["recipientProfileUrn"]: one["text"] for one in texts}
    assert sandbox.count_messages() == len(members)
    for number, one in enumerate(members):
        asked = f"how is City {number}?" if number % 2 else "where are you?"
        assert seen[one["profileUrn"]].startswith(f"Hello {one['firstName']} in {group_name},\n\n{asked}\n")
