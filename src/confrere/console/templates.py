"""Jinja2, with everything escaped, and the words and times of the pages."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from confrere.console.origins import PATH
from confrere.console.words import CONDITION_WORDS, OUTCOME_WORDS, REASON_WORDS
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
        self._environment.filters |= {"time": format_time, "iso": iso, "account_name": account_name}
        self._environment.globals |= {
            "console": PATH,
            "assets": ASSETS.base,
            "sandbox_url": sandbox_url,
            "Scope": Scope,
            "condition_words": CONDITION_WORDS,
            "outcome_words": OUTCOME_WORDS,
            "reason_words": REASON_WORDS,
        }

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Render a template."""
        return self._environment.get_template(name).render(values)


def format_time(instant: datetime | None) -> str:
    """Format as `31 Jan 2026, 09:00 UTC`; None as a dash."""
    return "-" if instant is None else f"{as_utc(instant):%-d %b %Y, %H:%M} UTC"


def iso(instant: datetime) -> str:
    """Format for the `datetime` attribute."""
    return as_utc(instant).isoformat(timespec="seconds")


def account_name(account: Account) -> str:
    """Join first and last name; the id where there is neither."""
    return f"{account.first_name} {account.last_name}".strip() or account.id
