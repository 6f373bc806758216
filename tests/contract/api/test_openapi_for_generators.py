"""What generators of clients stumble over is not in the OpenAPI document.

Each rule is here because a widely used generator drops an operation or a body, or writes a client that does not
compile, where it is broken; `script/check-generated-clients` runs the generators themselves.
"""

import json
from collections.abc import Iterator
from typing import Any

from confrere.api.reference.document import document
from confrere.api.reference.shared_examples import ACCOUNT_ID
from tests.contract.api.openapi import operations

DOCUMENT: dict[str, Any] = json.loads(document())
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
FREE_TEXT = {"name", "q", "reason"}
"""Parameters that accept any text."""


def nodes(value: object, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of the document with its place, without the examples."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from nodes(item, f"{place}/{number}")
    if isinstance(value, dict):
        yield place, value
        for name, child in value.items():
            if name not in {"example", "examples", "value", "x-codeSamples"}:
                yield from nodes(child, f"{place}/{name}")


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects that are schemas with properties, alternatives or values."""
    for place, node in nodes(DOCUMENT):
        if not place.endswith("/properties") and node.keys() & {"type", "anyOf", "oneOf", "enum", "properties"}:
            yield place, node


def test_every_enum_is_of_texts() -> None:
    """Every enum holds texts only: with null or a boolean in it, generators drop the schema and its operations."""
    for place, schema in schemas():
        if "enum" in schema:
            assert schema["type"] == "string", place
            assert all(isinstance(value, str) for value in schema["enum"]), place


def test_alternatives_are_whole_schemas() -> None:
    """Every alternative is a complete schema: one with only `required` is read as anything at all."""
    for place, schema in schemas():
        for alternative in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
            assert "$ref" in alternative or "type" in alternative or "anyOf" in alternative, place


def test_what_is_required_is_described() -> None:
    """Every required field has a property: without one it has no type."""
    for place, schema in schemas():
        if isinstance(schema.get("required"), list):
            assert set(schema["required"]) <= set(schema.get("properties", {})), place


def test_no_field_of_a_request_has_a_default() -> None:
    """No field of a request has a default, which generators treat as required; descriptions name the default."""
    for place, schema in schemas():
        if "/schemas/" in place and place.split("/schemas/")[1].partition("/")[0].endswith("Request"):
            assert "default" not in schema, place


def test_every_list_says_what_it_holds() -> None:
    """Every list has items with a type: without one, a generated Python client does not pass mypy's strict mode."""
    for place, schema in schemas():
        if "array" in schema.get("type", ()):
            assert schema["items"].keys() & {"$ref", "type", "anyOf", "oneOf"}, place


def test_no_schema_has_a_property_of_its_own_name() -> None:
    """No schema has a property of its own name, which a class cannot have in several languages."""
    for name, schema in SCHEMAS.items():
        assert name.lower() not in {field.lower() for field in schema.get("properties", {})}, name


def test_names_of_schemas_differ_in_more_than_case() -> None:
    """Names of schemas differ in more than case, since each becomes a file."""
    assert len({name.lower() for name in SCHEMAS}) == len(SCHEMAS)


def test_every_parameter_has_its_form() -> None:
    """Every text parameter has a pattern, a format or a list of values, except the few that accept any text."""
    for _, path, operation in operations():
        for parameter in operation.get("parameters", ()):
            schema = parameter.get("schema", {})
            if schema.get("type") == "string" and parameter["name"] not in FREE_TEXT:
                assert schema.keys() & {"pattern", "format", "enum"}, (path, parameter["name"])


def test_every_identifier_in_a_request_has_its_form() -> None:
    """Every identifier of a person, account or group in a request body has a pattern or a format."""
    names = {"recipientProfileUrn", "recipientProfileId", "recipientProfileUrns", "accountId", "groupId", "groupUrn"}
    found = set()
    for name, schema in SCHEMAS.items():
        if name.endswith("Request"):
            for field in names & schema["properties"].keys():
                assert "pattern" in json.dumps(schema["properties"][field]), (name, field)
                found.add(field)
    assert found == names


def test_a_request_is_never_filled_in_with_an_account_that_there_is_not() -> None:
    """No example names an account that does not exist: tools send examples, and without one the default is used."""
    for _, _, operation in operations():
        for parameter in operation.get("parameters", ()):
            if not parameter.get("required"):
                assert parameter.get("example") != ACCOUNT_ID
        assert ACCOUNT_ID not in json.dumps(operation.get("requestBody", {}))
    for name, schema in SCHEMAS.items():
        if name.endswith("Request"):
            assert ACCOUNT_ID not in json.dumps(schema), name


def test_the_document_names_who_to_turn_to() -> None:
    """The document names a contact, which linters of OpenAPI require."""
    assert DOCUMENT["info"]["contact"]["name"]
