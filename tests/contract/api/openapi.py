"""The OpenAPI document as tests read it, and its code samples adapted to the server of a test."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from confrere.api.reference import code_samples
from confrere.api.reference.document import document
from confrere.api.reference.shared_examples import (
    ACCOUNT_ID,
    ANNA,
    AUDIENCE_ID,
    CONTENT_HASH,
    DELIVERY_ID,
    DRAFT_ID,
    KEY_ID,
    OPTED_OUT,
    PAUSED_ID,
    RECIPIENT,
    REPLY_ID,
    RUNNING_ID,
    SEND_ID,
    TEMPLATE,
    TEMPLATE_ID,
    TEXT,
    UNUSED_AUDIENCE_ID,
    UNUSED_TEMPLATE_ID,
    UNUSED_WEBHOOK_ID,
    WEBHOOK_ID,
    WEBHOOK_URL,
    WORKSPACE_ID,
)
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.ids import new_record_id
from confrere.domain.keys import Scope
from confrere.domain.message import MessageText
from confrere.domain.reply import Reply
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.webhooks import DeliveryStatus, EventType, Try
from tests.contract.api.conftest import GROUP, Api
from tests.fakes.upstream import BROWSER

DOCUMENT: dict[str, Any] = json.loads(document())


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every operation with its method and path."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def complain(schema: Any, value: object) -> list[str]:
    """Return the violations of the schema by the value."""
    return [error.message for error in _validator(json.dumps(schema)).iter_errors(value)]


@cache
def _validator(schema: str) -> Draft202012Validator:
    """Return the validator of a schema, given as JSON; building one takes longer than its use."""
    whole = {**json.loads(schema), "components": DOCUMENT["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker())


async def fill_in(api: Api, source: str) -> str:
    """Fill in this server, an admin key, a real account, a real send and a listed person."""
    await api.services.accounts.connect("default", BROWSER)
    _, key = await api.services.keys.create("default", name="samples", scopes=[Scope.ADMIN, Scope.OPERATOR])
    other, _ = await api.services.keys.create("default", name="to revoke", scopes=[Scope.READ])
    await api.services.do_not_contact.add("default", [ProfileUrn(OPTED_OUT)], reason=None, source="test")
    path = f"/linkedin/account/{api.account.id}/sends"
    while not (ledger := await (await api.http.get(path)).json())["sends"]:  # once a server: a minute has 60 sends
        assert (await (await api.send("one that can be read")).json())["success"]
    values = {
        code_samples.SERVER: api.url,
        code_samples.KEY: key,
        ACCOUNT_ID: api.account.id,
        ANNA.profile_urn.rpartition(":")[2]: api.account.profile_urn.rpartition(":")[2],
        KEY_ID: other.id,
        WORKSPACE_ID: (await api.services.workspaces.create(f"Workspace {other.id}")).id,
        SEND_ID: ledger["sends"][0]["id"],
    }
    values |= await _campaigns(api)
    values |= await _webhooks(api)
    values[REPLY_ID] = await record_reply(api, ledger["sends"][0]["id"])
    for old, new in values.items():
        source = source.replace(old, new)
    await api.services.health.beat(is_worker=True)
    return source


async def _campaigns(api: Api) -> dict[str, str]:
    """An audience and three campaigns in place of the documented ones."""
    audience = await api.services.audiences.create(
        "default", name="Buyers", group_id=GroupId(GROUP), people=[AudiencePerson.of(ProfileUrn(RECIPIENT))]
    )
    ids = []
    for _ in range(3):
        draft = await api.services.campaigns.create(
            "default", name="Spring", audience_id=audience.id, text=MessageText(TEXT)
        )
        ids.append(draft.campaign.id)
    for started in ids[1:]:
        await api.services.campaigns.start("default", started)
    await api.services.campaigns.pause("default", ids[2])
    content_hash = (await api.services.campaigns.check("default", ids[0])).content_hash
    templates = [await api.services.templates.create("default", name="Welcome", text=TEMPLATE) for _ in range(2)]
    unused = await api.services.audiences.create(
        "default", name="Unused", group_id=GroupId(GROUP), people=[AudiencePerson.of(ProfileUrn(RECIPIENT))]
    )
    return {AUDIENCE_ID: audience.id, UNUSED_AUDIENCE_ID: unused.id, CONTENT_HASH: content_hash} | dict(
        zip(
            (DRAFT_ID, RUNNING_ID, PAUSED_ID, TEMPLATE_ID, UNUSED_TEMPLATE_ID),
            [*ids, *(template.id for template in templates)],
            strict=True,
        )
    )


async def _webhooks(api: Api) -> dict[str, str]:
    """A webhook with a delivery that has ended, and one to delete; earlier ones, of which 50 are allowed, go."""
    for earlier in await api.services.webhooks.list_all("default"):
        await api.services.webhooks.delete("default", earlier.id)
    used, unused = [
        (await api.services.webhooks.create("default", url=WEBHOOK_URL, events=[EventType.SEND_ACCEPTED]))[0]
        for _ in range(2)
    ]
    delivery = await api.services.webhooks.send_test("default", used.id)
    now, store = api.services.clock(), api.services.store
    for claimed in await store.claim_deliveries(now, at_once=9, count=9, lease_until=now + timedelta(minutes=1)):
        await store.end_try(claimed, Try(200), DeliveryStatus.DELIVERED, None, now)
    return {WEBHOOK_ID: used.id, UNUSED_WEBHOOK_ID: unused.id, DELIVERY_ID: delivery.id}


async def record_reply(api: Api, send_id: str, **changes: Any) -> str:
    """Record a reply to the send, which is in the account's mailbox; return its id."""
    reply_id = new_record_id()
    values: dict[str, Any] = {
        "id": reply_id,
        "workspace_id": "default",
        "account_id": api.account.id,
        "recipient": ProfileUrn(RECIPIENT),
        "name": "Bastien Exemple",
        "conversation_urn": f"urn:li:msg_conversation:({api.account.profile_urn},2-NjVmMWEyYjM=)",
        "message_urn": f"urn:li:msg_message:{reply_id}",
        "send_id": send_id,
        "text": "Hello Anna, gladly",
        "kinds": (),
        "received_at": datetime(2026, 3, 14, 9, tzinfo=UTC),
        "may_want_out": False,
        "opted_out": False,
    }
    await api.services.store.record_reply(Reply(**values | changes), api.services.clock())
    return reply_id


def success(operation: dict[str, Any]) -> str:
    """Return the status of a successful call of the operation."""
    return next(status for status in ("201", "200", "204") if status in operation["responses"])


def sources(label: str) -> list[tuple[dict[str, Any], str]]:
    """Return the samples of one language, each with its operation."""
    return [
        (operation, sample["source"])
        for _, _, operation in operations()
        for sample in operation["x-codeSamples"]
        if sample["label"] == label
    ]
