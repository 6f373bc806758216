"""The OpenAPI document as tests read it, and its code samples adapted to the server of a test."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from confrere.api.reference import code_samples, document
from confrere.api.reference.shared_examples import (
    ACCOUNT_ID,
    ANNA,
    AUDIENCE_ID,
    CONTENT_HASH,
    DRAFT_ID,
    KEY_ID,
    OPTED_OUT,
    PAUSED_ID,
    RECIPIENT,
    RUNNING_ID,
    SEND_ID,
    TEXT,
)
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.keys import Scope
from confrere.domain.message import MessageText
from confrere.domain.urns import GroupId, ProfileUrn
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
    whole = {**schema, "components": DOCUMENT["components"]}
    return [error.message for error in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value)]


async def fill_in(api: Api, source: str) -> str:
    """Fill in this server, an admin key, a real account, a real send and a listed person."""
    await api.services.accounts.connect("default", BROWSER)
    _, key = await api.services.keys.create("default", name="samples", scopes=[Scope.ADMIN])
    other, _ = await api.services.keys.create("default", name="to revoke", scopes=[Scope.READ])
    await api.services.do_not_contact.add("default", [ProfileUrn(OPTED_OUT)], reason=None, source="test")
    await api.services.pacing.replace("default", None, {})  # an earlier sample's rules keep nobody waiting
    send = await (await api.send("one that can be read")).json()
    assert send["success"]
    ledger = await (await api.http.get(f"/linkedin/account/{api.account.id}/sends")).json()
    values = {
        code_samples.SERVER: api.url,
        code_samples.KEY: key,
        ACCOUNT_ID: api.account.id,
        ANNA.profile_urn.rpartition(":")[2]: api.account.profile_urn.rpartition(":")[2],
        KEY_ID: other.id,
        SEND_ID: ledger["sends"][0]["id"],
    }
    values |= await _campaigns(api)
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
    content_hash = await api.services.campaigns.content_hash("default", ids[0])
    return {AUDIENCE_ID: audience.id, CONTENT_HASH: content_hash} | dict(
        zip((DRAFT_ID, RUNNING_ID, PAUSED_ID), ids, strict=True)
    )


def success(operation: dict[str, Any]) -> str:
    """Return the status of a successful call of the operation."""
    return next(str(status) for status in operation["responses"] if status.startswith("2"))


def sources(label: str) -> list[Any]:
    """Return the samples of one language, each as a parameter with the operation and its path."""
    return [
        pytest.param(operation, sample["source"], id=operation["operationId"])
        for _, _, operation in operations()
        for sample in operation["x-codeSamples"]
        if sample["label"] == label
    ]
