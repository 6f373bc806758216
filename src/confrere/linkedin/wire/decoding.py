"""What the decoders of LinkedIn's JSON share.

LinkedIn answers in one of two forms, as it chooses, and every decoder reads both. Plain: objects inline. Normalized:
`{"data": …, "included": […]}`, with references under starred names that `included` resolves by `entityUrn`.
No decoder raises for what LinkedIn wrote: unreadable parts are None, or Unreadable where a person sees the reason.
"""

import re
from collections.abc import Iterable

import msgspec

from confrere.domain.attempt import Unreadable

UNREADABLE_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for JSON that it cannot read."""

NOT_UNDERSTOOD = Unreadable("LinkedIn's answer could not be understood")
QUERY_FAILED = Unreadable("LinkedIn answered the query with an error")

MAX_TEXT_CHARACTERS = 1_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""No store, terminal or log accepts these; PostgreSQL rejects a row with a NUL."""


class CamelStruct(msgspec.Struct, rename="camel"):
    """A JSON object with camelCase names. Unknown names are ignored; missing ones and null are None."""


class Reference(CamelStruct):
    """An object of which only the identity is read."""

    entity_urn: str | None = None
    host_identity_urn: str | None = None


def resolve(urns: Iterable[str], included: Iterable[msgspec.Raw]) -> list[msgspec.Raw]:
    """Return the included objects with these URNs, in this order. Raises KeyError for one that is missing."""
    by_urn = {msgspec.json.decode(raw, type=Reference).entity_urn: raw for raw in included}
    return [by_urn[urn] for urn in urns]


def clean_text(text: str) -> str:
    """Remove the control characters from LinkedIn's text."""
    return _CONTROL.sub("", text)


def clean_urn(urn: str | None) -> str | None:
    """Return the URN; None for one that the ledger cannot store."""
    return None if urn is None or len(urn) > MAX_TEXT_CHARACTERS or _CONTROL.search(urn) else urn
