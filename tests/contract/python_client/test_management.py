"""Templates, tables, people of campaigns and replies through both clients, against a real server."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from confrere.domain.ids import new_record_id
from confrere.domain.keys import Scope
from confrere.domain.reply import Reply
from confrere.domain.urns import ProfileUrn
from confrere_client import Conflict, InvalidRequest, NotFound, Refused
from tests.contract.python_client.conftest import Either
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

Connect = Callable[..., Either]
TEXT = "Hello {{ firstName | default: 'there' }}! Answer stop, and I will not write again."

NOBODY_ELSE = "urn:li:fsd_profile:ACoAAnobodyElseManagesMe"
"""In the shared ledger no other test has written to them."""


@pytest.fixture
def either(connect: Connect, server: ServerProcess, site: Site) -> Either:
    """Open a client of the server, with a key that may do everything."""
    return connect(server.url, asyncio.run(create_key(site, Scope.ADMIN)))


def prepare(either: Either, sandbox: SandboxProcess, *, template_id: str) -> str:
    """Write the draft of a campaign to the sandbox's recipient; return its id."""
    audience = either(
        lambda client: client.audiences.create(name="Spring", group_id=sandbox.group_id, recipients=[NOBODY_ELSE])
    )
    campaign = either(
        lambda client: client.campaigns.create(name="Spring", audience_id=audience.id, template_id=template_id)
    )
    campaign_id: str = campaign.id
    return campaign_id


def test_a_webhook_is_added_tested_and_deleted(either: Either) -> None:
    """The secret is in one result, and in no repr; a test is a delivery that is not sent twice at once."""
    made = either(lambda client: client.webhooks.create(url="https://example.com/", events=["send.accepted"]))
    assert made.secret.startswith("whsec_")
    assert made.secret not in repr(made)
    changed = either(lambda client: client.webhooks.update(made.id, events=["send.unknown"], description="CRM"))
    assert (changed.events, changed.description, changed.enabled) == (("send.unknown",), "CRM", True)
    assert changed in either(lambda client: client.webhooks.list())
    assert either(lambda client: client.webhooks.get(made.id)) == changed
    begun = either(lambda client: client.webhooks.test(made.id))
    assert (begun.event, begun.status) == ("ping", "pending")
    assert either(lambda client: client.webhooks.deliveries(made.id, status="pending"))[0].id == begun.id
    with pytest.raises(Conflict):
        either(lambda client: client.webhooks.resend(begun.id))
    rotated = either(lambda client: client.webhooks.rotate_secret(made.id))
    assert rotated.previous_secret_until is not None
    either(lambda client: client.webhooks.update(made.id, enabled=False))
    with pytest.raises(Conflict):
        either(lambda client: client.webhooks.test(made.id))
    assert either(lambda client: client.webhooks.delete(made.id)) is None
    with pytest.raises(NotFound):
        either(lambda client: client.webhooks.get(made.id))


def test_an_operator_manages_workspaces(connect: Connect, server: ServerProcess, site: Site, either: Either) -> None:
    """A new workspace is renamed and gets a key, which is in one result and in no repr, and opens it and no other."""
    operator = connect(server.url, asyncio.run(create_key(site, Scope.OPERATOR)))
    name = new_record_id()
    made = operator(lambda client: client.workspaces.create(name=name))
    assert (made.name, made.created_at.tzinfo) == (name, UTC)
    with pytest.raises(InvalidRequest, match="another workspace"):
        operator(lambda client: client.workspaces.create(name=name))
    renamed = operator(lambda client: client.workspaces.rename(made.id, name=f"{name} Ltd"))
    assert (renamed.id, renamed.name, renamed.created_at) == (made.id, f"{name} Ltd", made.created_at)
    listed = operator(lambda client: client.workspaces.list())
    assert [one.id for one in listed if one.id in ("default", made.id)] == ["default", made.id]
    assert renamed in listed
    end = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    key = operator(lambda client: client.workspaces.create_key(made.id, name="first", scopes=["admin"], expires_at=end))
    assert (key.scopes, key.expires_at, key.key.startswith(key.visible_part.rstrip("…"))) == (("admin",), end, True)
    assert key.key not in repr(key)
    client_of = connect(server.url, key.key)
    assert client_of(lambda client: client.accounts.list()) == ()
    for outsider in (client_of, either):
        with pytest.raises(Refused):
            outsider(lambda client: client.workspaces.list())
    with pytest.raises(NotFound):
        operator(lambda client: client.workspaces.rename("0" * 24, name="Nobody"))


def test_a_template_is_written_used_and_changed(either: Either, sandbox: SandboxProcess) -> None:
    """A new text is a new version, which a draft has; the template of a draft is not deleted."""
    template = either(lambda client: client.templates.create(name="Hello", text=TEXT))
    assert (template.version, template.variables, template.text) == (1, ("firstName",), TEXT)
    assert "Answer stop" not in repr(template)
    with pytest.raises(InvalidRequest, match="did you mean firstName") as unknown:
        either(lambda client: client.templates.create(name="Hello", text="Hello {{ firstNam }}, how are you today?"))
    assert (unknown.value.field, unknown.value.problem) == ("text", "invalidField")
    assert "how are you" not in str(unknown.value)
    campaign_id = prepare(either, sandbox, template_id=template.id)
    [shown] = either(lambda client: client.campaigns.texts(campaign_id))
    assert (shown.recipient_profile_urn, shown.skip_reason) == (NOBODY_ELSE, None)
    assert shown.text == "Hello there! Answer stop, and I will not write again."
    changed = either(lambda client: client.templates.update(template.id, text="Hello! We meet on Friday."))
    assert changed.version == 2
    assert either(lambda client: client.templates.get(template.id)) == changed
    assert either(lambda client: client.templates.list())[0] == changed
    assert either(lambda client: client.templates.preview(template.id)).text == "Hello! We meet on Friday."
    check = either(lambda client: client.campaigns.check(campaign_id))
    assert (check.texts.longest, check.warnings[0].name) == ("Hello! We meet on Friday.", "no_way_out")
    assert check.forecast.per_day[0].count == check.forecast.sending_days == 1
    assert (check.forecast.summary or "").startswith("about 1 sending day")
    with pytest.raises(Conflict):
        either(lambda client: client.templates.delete(template.id))
    draft = either(lambda client: client.campaigns.update(campaign_id, text="Hi!", daily_cap=3, spread=False))
    assert (draft.template_id, draft.daily_cap, draft.spread) == (None, 3, False)
    assert either(lambda client: client.campaigns.update(campaign_id, uncapped=True)).daily_cap is None
    assert either(lambda client: client.templates.delete(template.id)) is None
    with pytest.raises(NotFound):
        either(lambda client: client.templates.get(template.id))


def test_a_table_becomes_an_audience(either: Either, sandbox: SandboxProcess) -> None:
    """A table is checked without writing, then imported; its other columns are variables of its people."""
    table = f"profileUrn,First Name,Town\n{NOBODY_ELSE},Anna,Nantes\nnobody at all,Bob,Brest\n"
    checked = either(lambda client: client.audiences.check_csv(group_id=sandbox.group_id, csv=table))
    assert (checked.count, checked.skipped, [row.line for row in checked.errors]) == (1, 1, [3])
    assert checked.columns == ("town",)
    assert checked.fields["firstName"]
    audience = either(lambda client: client.audiences.import_csv(name="Table", group_id=sandbox.group_id, csv=table))
    assert (audience.source, audience.status, audience.count, audience.skipped) == ("csv", "ready", 1, 1)
    [person] = either(lambda client: client.audiences.people(audience.id))
    assert (person.first_name, person.custom) == ("Anna", {"town": "Nantes"})
    added = either(
        lambda client: client.audiences.add_people(audience.id, [NOBODY_ELSE, sandbox.accounts[1].profile_urn])
    )
    assert (added.added, added.already_in) == (1, 1)
    assert either(lambda client: client.audiences.delete(audience.id)) is None
    with pytest.raises(NotFound):
        either(lambda client: client.audiences.get(audience.id))


def test_members_are_collected(either: Either, sandbox: SandboxProcess) -> None:
    """An audience of a group is `collecting` until a worker has read it, and says how far it is."""
    audience = either(
        lambda client: client.audiences.collect(
            name="Group", group_id=sandbox.group_id, membership_statuses=["MEMBER"], name_contains="a", max_people=10
        )
    )
    assert (audience.source, audience.status, audience.count, audience.read) == ("group", "collecting", 0, 0)
    assert audience.account_id
    campaign = either(lambda client: client.campaigns.create(name="Group", audience_id=audience.id, text="Hello!"))
    with pytest.raises(Conflict) as early:
        either(lambda client: client.campaigns.check(campaign.id))
    assert early.value.problem == "audienceNotReady"


def test_people_of_a_campaign_are_held_added_and_explained(either: Either, sandbox: SandboxProcess) -> None:
    """A hold is the reason of the person everywhere until it is released; who is in it already is named."""
    template = either(lambda client: client.templates.create(name="People", text=TEXT))
    campaign_id = prepare(either, sandbox, template_id=template.id)
    check = either(lambda client: client.campaigns.check(campaign_id))
    assert either(lambda client: client.why_not_yet(campaign_id=campaign_id)).reason == "campaign_paused"
    either(lambda client: client.campaigns.start(campaign_id, content_hash=check.content_hash))
    until = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    held = either(lambda client: client.campaigns.hold(campaign_id, NOBODY_ELSE, until=until))
    assert (held.held_until, held.campaigns) == (until, 1)
    why = either(lambda client: client.why_not_yet(campaign_id=campaign_id, recipient=NOBODY_ELSE))
    assert (why.reason, why.until) == ("held", until)
    assert either(lambda client: client.why_not_yet(recipient=NOBODY_ELSE)) == why
    assert either(lambda client: client.campaigns.release(campaign_id, NOBODY_ELSE)).held_until is None
    other = sandbox.accounts[1].profile_urn
    added = either(lambda client: client.campaigns.add_people(campaign_id, recipients=[NOBODY_ELSE, other]))
    assert (added.added, added.already_in) == (1, (NOBODY_ELSE,))
    assert len(either(lambda client: client.campaigns.people(campaign_id))) == 2
    person = either(lambda client: client.people.get(NOBODY_ELSE))
    assert (person.recipient_profile_urn, person.do_not_contact, person.held_until) == (NOBODY_ELSE, None, None)
    [here] = [one for one in person.campaigns if one.campaign_id == campaign_id]
    assert (here.campaign_name, here.campaign_status, here.status) == ("Spring", "running", "waiting")
    either(lambda client: client.campaigns.stop(campaign_id))
    assert either(lambda client: client.why_not_yet(campaign_id=campaign_id)) is None


def test_a_reply_is_read_handled_and_answered(
    either: Either, connect: Connect, server: ServerProcess, site: Site, sandbox: SandboxProcess
) -> None:
    """A reply leads to its conversation; the answer goes into it once, and needs the scope `send`."""
    either(
        lambda client: client.messaging.send_group(
            recipient=sandbox.recipient, group_id=sandbox.group_id, message="Hello, who answers me?"
        )
    )
    sandbox.reply(sandbox.recipient, sandbox.accounts[0].profile_urn, "Gladly, on Friday")
    conversation = either(lambda client: client.conversations.list(page_size=1))[0]
    reply_id = asyncio.run(record(site, sandbox.recipient, conversation.conversation_urn))
    listed = either(lambda client: client.replies.list(handled=False, account_id=site.account_ids[0]))
    [reply] = [one for one in listed if one.id == reply_id]  # others of other tests are open, too
    assert (reply.id, reply.text, reply.recipient_profile_urn) == (reply_id, "Gladly, on Friday", sandbox.recipient)
    assert "Gladly" not in repr(reply)
    assert either(lambda client: client.replies.list(may_want_out=True)) == []
    shown = either(lambda client: client.replies.conversation(reply_id, page_size=1))
    assert [(one.text, one.is_sent_by_account) for one in shown] == [
        ("Gladly, on Friday", False),
        ("Hello, who answers me?", True),
    ]
    sent = either(lambda client: client.replies.answer(reply_id, text="Until Friday, then!"))
    assert sent.recipient_profile_urn == sandbox.recipient
    again = either(
        lambda client: client.replies.answer(reply_id, text="Until Friday, then!", idempotency_key=sent.idempotency_key)
    )
    assert again.replayed
    plain = either(
        lambda client: client.conversations.send(
            message="And bring the plan.", conversation_urn=conversation.conversation_urn
        )
    )
    assert plain.sent_message.conversation_urn == conversation.conversation_urn
    texts = [message["text"] for message in sandbox.messages(recipient=sandbox.recipient)]
    assert texts == ["Hello, who answers me?", "Until Friday, then!", "And bring the plan."]
    reader = connect(server.url, asyncio.run(create_key(site, Scope.INBOX)))
    with pytest.raises(Refused) as refused:
        reader(lambda client: client.replies.answer(reply_id, text="May I answer you, too?"))
    assert refused.value.problem == "scopeMissing"
    assert either(lambda client: client.replies.handled(reply_id)).handled
    assert not either(lambda client: client.replies.handled(reply_id, is_handled=False)).handled
    assert either(lambda client: client.replies.get(reply_id)) == reply


async def create_key(site: Site, scope: Scope) -> str:
    """Create a key of the first workspace with one scope."""
    async with site.services() as services:
        _, key = await services.keys.create("default", name=scope, scopes=[scope])
        return key


async def record(site: Site, recipient: str, conversation_urn: str) -> str:
    """Record a reply to the last send to this person; return its id."""
    reply_id = new_record_id()
    async with site.services() as services:
        account_id, person = site.account_ids[0], ProfileUrn.parse(recipient)
        [*_, send] = await services.store.list_sends_to(account_id, person)
        reply = Reply(
            id=reply_id,
            workspace_id="default",
            account_id=account_id,
            recipient=person,
            name="Anna Exemple",
            conversation_urn=conversation_urn,
            message_urn=f"urn:li:msg_message:{reply_id}",
            send_id=send.id,
            text="Gladly, on Friday",
            kinds=(),
            received_at=datetime(2026, 3, 14, 9, tzinfo=UTC),
            may_want_out=False,
            opted_out=False,
        )
        assert await services.store.record_reply(reply, datetime.now(UTC))
    return reply_id
