"""Jinja2, with everything escaped, and the words and times of the pages."""

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zlib import crc32
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from confrere.console import words
from confrere.console.origins import PATH
from confrere.domain.account import Account
from confrere.domain.keys import Scope
from confrere.domain.limits import as_utc
from confrere.domain.person import Person
from confrere.http.assets import SHARED, Assets

_FOLDER = Path(__file__).parent
UTC_ZONE: Final = "UTC"
_zone: Final = ContextVar("zone", default=UTC_ZONE)
ASSETS = Assets(f"{PATH}/assets", SHARED, _FOLDER / "assets")

HUES: Final = 6
_ISO_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z")

_NAMES_REPLY: Final = re.compile(r"(.+): reply ([0-9a-f]{32})")


class Templates:
    """The templates of all pages."""

    def __init__(
        self,
        sandbox_url: str | None,
        sandbox_sessions: Sequence[tuple[str, str]] = (),
        provider: str | None = None,
        *,
        takes_passwords: bool = True,
    ) -> None:
        """provider: at which people log in, if there is one. takes_passwords: whether they may by a password."""
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
            "initials": initials,
            "hue": hue,
            "profile_id": profile_id,
            "times_in_words": times_in_words,
            "in_zone": in_zone,
            "span": format_span,
            "day": format_day,
            "count": format_count,
            "lower_first": lower_first,
            "upper_first": upper_first,
            "row_problem": words.row_problem,
            "action_words": words.action_words,
            "detail_words": words.detail_words,
            "browser_name": browser_name,
            "split_reply": split_reply,
        }
        self._environment.globals |= {
            "console": PATH,
            "assets": ASSETS.base,
            "sandbox_url": sandbox_url,
            "sandbox_sessions": sandbox_sessions,
            "takes_passwords": takes_passwords,
            "sign_in_words": f"Log in at {provider}" if provider else None,
            "Scope": Scope,
            "condition_words": words.CONDITION_WORDS,
            "outcome_words": words.OUTCOME_WORDS,
            "reason_words": words.REASON_WORDS,
            "relationship_words": words.RELATIONSHIP_WORDS,
            "check_words": words.CHECK_WORDS,
            "campaign_words": words.CAMPAIGN_WORDS,
            "cause_words": words.CAUSE_WORDS,
            "person_words": words.PERSON_WORDS,
            "skip_words": words.SKIP_WORDS,
            "warning_words": words.WARNING_WORDS,
            "audience_words": words.AUDIENCE_WORDS,
            "source_words": words.SOURCE_WORDS,
            "actor_words": words.ACTOR_WORDS,
            "event_words": words.EVENT_WORDS,
            "delivery_words": words.DELIVERY_WORDS,
            "disabled_words": words.DISABLED_WORDS,
        }

    def render(self, name: str, values: Mapping[str, Any], zone: str = UTC_ZONE) -> str:
        """Render a template, with times in this zone."""
        token = _zone.set(zone)
        try:
            return self._environment.get_template(name).render(values)
        finally:
            _zone.reset(token)


def format_time(instant: datetime | None) -> str:
    """Format as `31 Jan 2026, 09:00 CET` in the zone of the page that is rendered; None as a dash.

    Lines break after the date only.
    """
    return _format(instant, "%H:%M", _zone.get())


def format_time_in(zone: str, instant: datetime | None) -> str:
    """Format as `format_time`, in this zone."""
    return _format(instant, "%H:%M", zone)


def format_exact_time(instant: datetime | None) -> str:
    """Format as `format_time`, with seconds."""
    return _format(instant, "%H:%M:%S", _zone.get())


def _format(instant: datetime | None, time: str, zone: str) -> str:
    if instant is None:
        return "-"
    local = as_utc(instant).astimezone(ZoneInfo(zone))
    name = local.tzname() or ""
    shown = f"UTC{name}" if name[:1] in ("+", "-") else name  # zones without letters have their offset as a name
    return f"{local:%-d\u00a0%b\u00a0%Y, {time}}\u00a0{shown}"


def format_day(day: date) -> str:
    """Format as `Fri 31 Jan 2026`."""
    return f"{day:%a %-d %b %Y}"


def format_count(number: int, one: str = "", many: str = "") -> str:
    """Format with commas, and with a noun where one is given: `1 person`, `1,000 people`."""
    noun = one if number == 1 or not one else many or f"{one}s"
    return f"{number:,} {noun}".rstrip()


def format_span(span: timedelta) -> str:
    """Format as `12 days`, `5 hours` or `4 minutes`: rounded down; `less than a minute`."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    for size, noun, least in ((1440, "day", 2), (60, "hour", 2), (1, "minute", 1)):
        if minutes >= size * least:
            return format_count(minutes // size, noun)
    raise AssertionError(span)


def lower_first(text: str) -> str:
    """Begin with a small letter, for words of ours within a sentence."""
    return text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """Begin with a capital, for a clause that becomes a sentence."""
    return text[:1].upper() + text[1:]


def with_code(text: str) -> Markup:
    """Return a text of ours in which what stands between backticks is code; everything in it is escaped."""
    parts = text.split("`")
    code = Markup("<code>{}</code>").format
    return Markup("").join(code(part) if place % 2 else part for place, part in enumerate(parts))


def split_reply(reason: str) -> tuple[str, str | None]:
    """Return the reason of an entry of the do-not-contact list, and the id of the reply that it names, if it does."""
    found = _NAMES_REPLY.fullmatch(reason)
    return (reason, None) if found is None else (found[1], found[2])


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


def initials(person: Person) -> str:
    """Return the first letters of first and last name; a question mark where there is none."""
    names = [name.strip() for name in (person.first_name, person.last_name) if name and name.strip()]
    return "".join(name[0] for name in names).upper() or "?"


def hue(urn: str) -> int:
    """Return which of the HUES stands for this person, always the same."""
    return crc32(urn.encode()) % HUES


def profile_id(urn: str) -> str:
    """Return the bare id at the end of a profile's URN."""
    return urn.rpartition(":")[2]


def in_zone(text: str) -> str:
    """Return a text of ours with its ISO times written as everywhere on the pages."""
    return _ISO_TIME.sub(lambda found: format_time(datetime.fromisoformat(found[0])), text)


def times_in_words(text: str) -> str:
    """Return the same, with a capital at its beginning."""
    return upper_first(in_zone(text))
