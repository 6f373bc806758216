"""Query ids, versions and other facts that LinkedIn changes: `protocol.toml`, overridden by an operator's own file."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec

from confrere.domain.errors import InvalidField

Confidence = Literal["attested", "documented", "assumed"]


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page of LinkedIn sends about itself; used where the session has no such headers of its own."""

    client_version: str
    time_zone: str
    language: str
    accept_language: str
    page_key: str
    seen: str
    confidence: Confidence


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A persisted GraphQL query. `field` is the name of its result under `data`."""

    name: str
    hash: str
    field: str
    seen: str
    confidence: Confidence

    @property
    def id(self) -> str:
        """The queryId in the URL."""
        return f"{self.name}.{self.hash}"


class Queries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The queries in use."""

    conversations_with: Query
    mailbox_start: Query
    mailbox_changes: Query
    mailbox_page: Query
    conversation: Query
    newest_messages: Query
    older_messages: Query
    group_members: Query

    def kinds(self) -> dict[str, str]:
        """Return the entries of the file by their query ids, such as `queries.conversation`."""
        return {query.id: f"queries.{name}" for name, query in msgspec.structs.asdict(self).items()}


class Decoration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """LinkedIn's name for a selection of fields that a Rest.li read returns."""

    id: str
    seen: str
    confidence: Confidence


class Decorations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The decorations in use."""

    groups: Decoration
    profile: Decoration


class WebProtocol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of `protocol.toml`."""

    page: Page
    queries: Queries
    decorations: Decorations


def load_protocol(own_file: Path | None = None) -> WebProtocol:
    """Load the shipped facts, overridden by those in `own_file`.

    Raises:  InvalidField, where the file cannot be read, is not TOML, or has a name that is not known here.
    """
    facts = tomllib.loads(files("confrere.linkedin.wire").joinpath("protocol.toml").read_text(encoding="utf-8"))
    if own_file is None:
        return msgspec.convert(facts, WebProtocol)
    try:
        _override(facts, tomllib.loads(own_file.read_text(encoding="utf-8")))
        return msgspec.convert(facts, WebProtocol)
    except (OSError, ValueError) as error:  # TOML's and msgspec's errors are ValueErrors, and name the place
        raise InvalidField("LinkedIn protocol file", f"must be a readable TOML file of known names: {error}") from error


def _override(facts: dict[str, Any], own: dict[str, Any]) -> None:
    for name, value in own.items():
        if isinstance(value, dict) and isinstance(facts.get(name), dict):
            _override(facts[name], value)
        else:
            facts[name] = value
