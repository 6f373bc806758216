"""The hash by which a start proves that people, texts and settings are those that were checked."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

_VERSION: Final = "1"


class ContentHash:
    """Takes settings first, then each person in the campaign's order; what it has taken is in the hash, and no more.

    settings:  JSON values; their order makes no difference.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._hash = hashlib.sha256()
        self._add(_VERSION)
        self._add(json.dumps(settings, sort_keys=True, separators=(",", ":"), ensure_ascii=False))

    def add(self, profile_urn: str, text: str | None) -> None:
        """Take a person. text: None for one who is skipped, so that another reason to skip them changes nothing."""
        self._add(profile_urn)
        self._add("-" if text is None else f"+{text}")

    def hexdigest(self) -> str:
        """64 hex digits."""
        return self._hash.hexdigest()

    def _add(self, part: str) -> None:
        """With its length before it: so that nothing can move from one part to the next unnoticed."""
        octets = part.encode()
        self._hash.update(b"%d:%b" % (len(octets), octets))
