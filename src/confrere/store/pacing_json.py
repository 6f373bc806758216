"""Conversion between pacing rules and the JSON in which they are stored."""

import json
from datetime import timedelta
from functools import lru_cache

from confrere.domain.pacing import Pacing
from confrere.domain.pacing_json import parse_pacing, show_pacing
from confrere.store.damage import damage_is_reported

REPEAT_WINDOW_NAME = '"repeatWindowSeconds"'
"""The part of the rules' JSON by which a repeat window is found; PostgreSQL's function searches for it, too."""


@damage_is_reported
@lru_cache(maxsize=10_000)
def rules_of(text: str | None) -> tuple[Pacing, ...]:
    """Decode `accounts.rules`: the workspace's rules and the account's, as far as there are any."""
    return () if text is None else tuple(_parsed(form) for form in json.loads(text) if form is not None)


def repeat_window_of(text: str | None) -> timedelta | None:
    """Return for how long, by these rules, an identical send gets an earlier 200 again."""
    if text is None or REPEAT_WINDOW_NAME not in text:
        return None
    return max((rule.repeat_window for rule in rules_of(text) if rule.repeat_window is not None), default=None)


@damage_is_reported
def pacing_from_json(text: str | None) -> Pacing:
    """Decode the result of `pacing_to_json`."""
    return Pacing() if text is None else _parsed(json.loads(text))


def pacing_to_json(pacing: Pacing) -> str | None:
    """Encode rules for the database; None where there is no rule."""
    return None if pacing.is_off else json.dumps(show_pacing(pacing), separators=(",", ":"))


def _parsed(form: object) -> Pacing:
    return parse_pacing(form, of_account=False)
