"""The OpenAPI document as tests read it, and its code samples made to work with the server of a test."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from confrere.api.reference import code_samples, document
from confrere.api.reference.shared_examples import ACCOUNT_ID, ANNA, KEY_ID, OPTED_OUT, SEND_ID
from confrere.domain.keys import Scope
from confrere.domain.urns import ProfileUrn
from tests.contract.api.conftest import Api
from tests.fakes.upstream import BROWSER

DOCUMENT: dict[str, Any] = json.loads(document())


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation with its method and path."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def complain(schema: Any, value: object) -> list[str]:
    """What keeps the value from its schema."""
    whole = {**schema, "components": DOCUMENT["components"]}
    return [error.message for error in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value)]


async def fill_in(api: Api, source: str) -> str:
    """A sample with this server, a key that may do everything, a real account, a real send and somebody listed."""
    await api.services.accounts.connect("default", BROWSER)
    _, key = await api.services.keys.create("default", name="samples", scopes=[Scope.ADMIN])
    other, _ = await api.services.keys.create("default", name="to revoke", scopes=[Scope.READ])
    await api.services.do_not_contact.add("default", [ProfileUrn(OPTED_OUT)], reason=None, source="test")
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
    for old, new in values.items():
        source = source.replace(old, new)
    await api.services.health.beat(is_worker=True)
    return source


def success(operation: dict[str, Any]) -> str:
    """The status of an operation that is carried out."""
    return next(str(status) for status in operation["responses"] if status.startswith("2"))


def sources(label: str) -> list[Any]:
    """The samples of one language, each as a parameter with the operation and its path."""
    return [
        pytest.param(operation, sample["source"], id=operation["operationId"])
        for _, _, operation in operations()
        for sample in operation["x-codeSamples"]
        if sample["label"] == label
    ]
