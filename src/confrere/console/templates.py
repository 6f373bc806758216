"""Jinja2, with everything escaped, and the words and times of the pages."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from confrere.console.origins import PATH
from confrere.console.words import (
    CONDITION_WORDS,
    DELIVERY_WORDS,
    DISABLED_WORDS,
    EVENT_WORDS,
    OUTCOME_WORDS,
    REASON_WORDS,
)
from confrere.domain.account import Account
from confrere.domain.keys import Scope
from confrere.domain.limits import as_utc
from confrere.http.assets import SHARED, Assets

_FOLDER = Path(__file__).parent
ASSETS = Assets(f"{PATH}/assets", SHARED, _FOLDER / "assets")


class Templates:
    """The templates of all pages."""

    def __init__(self, sandbox_url: str | None) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER / "html"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "time": format_time,
            "exact_time": format_exact_time,
            "iso": iso,
            "account_name": account_name,
            "with_code": with_code,
        }
        self._environment.globals |= {
            "console": PATH,
            "assets": ASSETS.base,
            "sandbox_url": sandbox_url,
            "Scope": Scope,
            "condition_words": CONDITION_WORDS,
            "outcome_words": OUTCOME_WORDS,
            "reason_words": REASON_WORDS,
            "event_words": EVENT_WORDS,
            "delivery_words": DELIVERY_WORDS,
            "disabled_words": DISABLED_WORDS,
        }

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Render a template."""
        return self._environment.get_template(name).render(values)


def format_time(instant: datetime | None) -> str:
    """Format as `31 Jan 2026, 09:00 UTC`; None as a dash."""
    return "-" if instant is None else f"{as_utc(instant):%-d %b %Y, %H:%M} UTC"


def format_exact_time(instant: datetime | None) -> str:
    """Format as `format_time`, with seconds."""
    return "-" if instant is None else f"{as_utc(instant):%-d %b %Y, %H:%M:%S} UTC"


def with_code(text: str) -> Markup:
    """Return a text of ours in which what stands between backticks is code; everything in it is escaped."""
    parts = text.split("`")
    code = Markup("<code>{}</code>").format
    return Markup("").join(code(part) if place % 2 else part for place, part in enumerate(parts))


def iso(instant: datetime) -> str:
    """Format for the `datetime` attribute."""
    return as_utc(instant).isoformat(timespec="seconds")


def account_name(account: Account) -> str:
    """Join first and last name; the id where there is neither."""
    return f"{account.first_name} {account.last_name}".strip() or account.id
