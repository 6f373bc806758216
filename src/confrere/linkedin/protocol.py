"""The facts that LinkedIn changes with its releases, from `protocol.toml` and an operator's own file over it."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec

from confrere.domain.errors import InvalidField

Confidence = Literal["attested", "documented", "assumed"]


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page of LinkedIn's says of itself, where a person's browser did not tell."""

    client_version: str
    time_zone: str
    language: str
    accept_language: str
    page_key: str
    seen: str
    confidence: Confidence


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stored query of LinkedIn's. `field` is where its answer stands under `data`."""

    name: str
    hash: str
    field: str
    seen: str
    confidence: Confidence

    @property
    def id(self) -> str:
        """As it stands in the URL."""
        return f"{self.name}.{self.hash}"


class Queries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The queries that we ask."""

    conversations_with: Query
    newest_messages: Query
    older_messages: Query
    group_members: Query


class Decoration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which fields a read that is no query brings back, by LinkedIn's name for the selection."""

    id: str
    seen: str
    confidence: Confidence


class Decorations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The decorations that we ask for."""

    groups: Decoration
    profile: Decoration


class WebProtocol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it."""

    page: Page
    queries: Queries
    decorations: Decorations


def load_protocol(own_file: Path | None = None) -> WebProtocol:
    """The shipped facts, with those of `own_file` in their place where it has any.

    Raises:  InvalidField, when the file cannot be read, is not TOML, or has a name that does not exist here.
    """
    facts = tomllib.loads(files("confrere.linkedin").joinpath("protocol.toml").read_text(encoding="utf-8"))
    if own_file is None:
        return msgspec.convert(facts, WebProtocol)
    try:
        _put_over(facts, tomllib.loads(own_file.read_text(encoding="utf-8")))
        return msgspec.convert(facts, WebProtocol)
    except (OSError, ValueError) as error:  # TOML's and msgspec's errors are ValueErrors, and name the place
        raise InvalidField("LinkedIn protocol file", f"must be a readable TOML file of known names: {error}") from error


def _put_over(facts: dict[str, Any], own: dict[str, Any]) -> None:
    for name, value in own.items():
        if isinstance(value, dict) and isinstance(facts.get(name), dict):
            _put_over(facts[name], value)
        else:
            facts[name] = value
