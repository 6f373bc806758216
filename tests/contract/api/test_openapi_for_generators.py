"""What generators of clients stumble over is not in the OpenAPI document.

Each rule is here because a widely used generator drops an operation or a body, or writes a client that does not
compile, where it is broken; `script/check-generated-clients` runs the generators themselves.
"""

import json
from collections.abc import Iterator
from typing import Any

from confrere.api.reference import document
from confrere.api.reference.shared_examples import ACCOUNT_ID
from tests.contract.api.openapi import operations

DOCUMENT: dict[str, Any] = json.loads(document())
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
FREE_TEXT = {"q", "reason"}
"""Parameters that take any text."""


def nodes(value: object, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document with its place, examples left out."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from nodes(item, f"{place}/{number}")
    if isinstance(value, dict):
        yield place, value
        for name, child in value.items():
            if name not in {"example", "examples", "value", "x-codeSamples"}:
                yield from nodes(child, f"{place}/{name}")


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Those that are schemas with properties, alternatives or values."""
    for place, node in nodes(DOCUMENT):
        if not place.endswith("/properties") and node.keys() & {"type", "anyOf", "oneOf", "enum", "properties"}:
            yield place, node


def test_every_enum_is_of_texts() -> None:
    """An enum of null or of a boolean loses its whole schema, and the operations that take it."""
    for place, schema in schemas():
        if "enum" in schema:
            assert schema["type"] == "string", place
            assert all(isinstance(value, str) for value in schema["enum"]), place


def test_alternatives_are_whole_schemas() -> None:
    """An alternative that only says what is required is read as anything at all."""
    for place, schema in schemas():
        for alternative in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
            assert "$ref" in alternative or "type" in alternative or "anyOf" in alternative, place


def test_what_is_required_is_described() -> None:
    """A required field without a property has no type."""
    for place, schema in schemas():
        if isinstance(schema.get("required"), list):
            assert set(schema["required"]) <= set(schema.get("properties", {})), place


def test_no_field_of_a_request_has_a_default() -> None:
    """A field with one is written as if it were required; the description names it."""
    for place, schema in schemas():
        if "/schemas/" in place and place.split("/schemas/")[1].partition("/")[0].endswith("Request"):
            assert "default" not in schema, place


def test_no_schema_has_a_property_of_its_own_name() -> None:
    """A class cannot hold a member of its own name in several languages."""
    for name, schema in SCHEMAS.items():
        assert name.lower() not in {field.lower() for field in schema.get("properties", {})}, name


def test_names_of_schemas_differ_in_more_than_case() -> None:
    """Each becomes a file."""
    assert len({name.lower() for name in SCHEMAS}) == len(SCHEMAS)


def test_every_parameter_says_its_form() -> None:
    """A text has a pattern, a format or a list of values, but for the few that take any text."""
    for _, path, operation in operations():
        for parameter in operation.get("parameters", ()):
            schema = parameter.get("schema", {})
            if schema.get("type") == "string" and parameter["name"] not in FREE_TEXT:
                assert schema.keys() & {"pattern", "format", "enum"}, (path, parameter["name"])


def test_every_name_of_a_person_account_or_group_in_a_request_says_its_form() -> None:
    """Wherever it stands in a body."""
    names = {"recipientProfileUrn", "recipientProfileId", "recipientProfileUrns", "accountId", "groupId", "groupUrn"}
    found = set()
    for name, schema in SCHEMAS.items():
        if name.endswith("Request"):
            for field in names & schema["properties"].keys():
                assert "pattern" in json.dumps(schema["properties"][field]), (name, field)
                found.add(field)
    assert found == names


def test_a_request_is_never_filled_in_with_an_account_that_there_is_not() -> None:
    """Tools send the examples of optional fields; leaving them out means the default account."""
    for _, _, operation in operations():
        for parameter in operation.get("parameters", ()):
            if not parameter.get("required"):
                assert parameter.get("example") != ACCOUNT_ID
        assert ACCOUNT_ID not in json.dumps(operation.get("requestBody", {}))
    for name, schema in SCHEMAS.items():
        if name.endswith("Request"):
            assert ACCOUNT_ID not in json.dumps(schema), name


def test_the_document_names_who_to_turn_to() -> None:
    """Linters of documents ask for it."""
    assert DOCUMENT["info"]["contact"]["name"]
