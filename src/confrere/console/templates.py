"""Jinja2, with everything escaped, and the words and times of the pages."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

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

    def __init__(self, sandbox_url: str | None, provider: str | None = None) -> None:
        """provider: at which people log in, if there is one."""
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
            "browser_name": browser_name,
        }
        self._environment.globals |= {
            "console": PATH,
            "assets": ASSETS.base,
            "sandbox_url": sandbox_url,
            "sign_in_words": f"Log in at {provider}" if provider else None,
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


def format_exact_time(instant: datetime | None) -> str:
    """Format as `format_time`, with seconds."""
    return "-" if instant is None else f"{as_utc(instant):%-d %b %Y, %H:%M:%S} UTC"


def with_code(text: str) -> Markup:
    """Return a text of ours in which what stands between backticks is code; everything in it is escaped."""
    parts = text.split("`")
    code = Markup("<code>{}</code>").format
    return Markup("").join(code(part) if place % 2 else part for place, part in enumerate(parts))


_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")  # Chrome names Safari, and Edge and Opera name both
_BROWSER_WORDS = {"Edg": "Edge", "OPR": "Opera"}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
_SYSTEM_WORDS = {"Mac OS X": "macOS"}


def browser_name(user_agent: str | None) -> str:
    """Return what people call the browser, such as `Firefox on Windows`."""
    text = user_agent or ""
    browser = next((one for one in _BROWSERS if f"{one}/" in text), None)
    system = next((one for one in _SYSTEMS if one in text), None)
    if browser is None:
        return text[:60] or "Not known"
    name = _BROWSER_WORDS.get(browser, browser)
    return name if system is None else f"{name} on {_SYSTEM_WORDS.get(system, system)}"


def iso(instant: datetime) -> str:
    """Format for the `datetime` attribute."""
    return as_utc(instant).isoformat(timespec="seconds")


def account_name(account: Account) -> str:
    """Join first and last name; the id where there is neither."""
    return f"{account.first_name} {account.last_name}".strip() or account.id
