"""The field `source` of a new audience."""

import io
from collections.abc import Mapping
from typing import Any

from confrere.api.v1.do_not_contact import parse_recipients
from confrere.domain.campaigns.collection import GroupFilters, parse_filter_text
from confrere.domain.errors import InvalidField
from confrere.domain.group import IN_THE_GROUP, Relationship
from confrere.domain.urns import ProfileUrn
from confrere.http.body_fields import choices, whole_number

SOURCE_FORM = (
    'must be {"type": "ids", "recipientProfileUrns": […]}, {"type": "csv", "csv": "…"} '
    'or {"type": "group"} with filters'
)
PEOPLE = "source.recipientProfileUrns"
CSV = "source.csv"
CSV_FORM = "must be the text of a CSV table whose first row names the columns"
MAPPING_FORM = "must be an object that names a column of the table for each field"
MAX_WANTED = 1_000_000


def source_type(value: object) -> str:
    """Return the type of a source: `ids`, `csv` or `group`. Raises InvalidField."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in ("ids", "csv", "group"):
        raise InvalidField("source", SOURCE_FORM)
    return str(kind)


def parse_ids(source: Mapping[str, Any]) -> list[ProfileUrn]:
    """Return the people of a list, each once. Raises InvalidField, ManyFaults."""
    return parse_recipients(source.get("recipientProfileUrns"), PEOPLE)


def parse_table(source: Mapping[str, Any]) -> tuple[io.BytesIO, dict[str, str], bool]:
    """Return a table, its mapping, and whether nothing is to be written. Raises InvalidField."""
    text, mapping, is_dry = source.get("csv"), source.get("mapping"), source.get("dryRun")
    if not isinstance(text, str) or not text.strip():
        raise InvalidField(CSV, CSV_FORM)
    if mapping is not None and not (
        isinstance(mapping, dict) and all(isinstance(column, str) for column in mapping.values())
    ):
        raise InvalidField("source.mapping", MAPPING_FORM)
    if is_dry is not None and not isinstance(is_dry, bool):
        raise InvalidField("source.dryRun", "must be true or false")
    return io.BytesIO(text.encode()), mapping or {}, bool(is_dry)


def parse_filters(source: Mapping[str, Any]) -> GroupFilters:
    """Return which members are wanted. Raises InvalidField."""
    fields = {f"source.{name}": value for name, value in source.items()}
    relationship, premium = fields.get("source.relationship"), fields.get("source.premium")
    if relationship is not None and (not isinstance(relationship, str) or relationship not in set(Relationship)):
        raise InvalidField("source.relationship", f"must be one of {', '.join(Relationship)}")
    if premium is not None and not isinstance(premium, bool):
        raise InvalidField("source.premium", "must be true or false")
    return GroupFilters(
        statuses=choices(fields, "source.membershipStatuses", default=IN_THE_GROUP),
        headline_contains=parse_filter_text(source.get("headlineContains"), field="source.headlineContains"),
        name_contains=parse_filter_text(source.get("nameContains"), field="source.nameContains"),
        relationship=None if relationship is None else Relationship(relationship),
        premium=premium,
        most=whole_number(fields, "source.max", default=0, least=1, most=MAX_WANTED) or None,
    )
