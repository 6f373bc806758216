"""Cookies of a session: how an answer changes them, and how they are sent."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SESSION_COOKIE = "li_at"
CSRF_COOKIE = "JSESSIONID"

_PAIR = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([\x20-\x3a\x3c-\x7e]*)", re.ASCII)
_DELETED = "delete me"
_DAY_OR_YEAR = re.compile(r"(?<![\w:])[0-9]{1,4}(?![\w:])", re.ASCII)
_DEAD_YEAR = 2000
"""An expiry before this year deletes a cookie. LinkedIn uses 1970; our clock, which may be wrong, is not consulted."""


@dataclass(frozen=True, slots=True)
class CookieChange:
    """What an answer changes in a session's cookies.

    changed:       name to new value, "" for one that was deleted; never an empty li_at or JSESSIONID.
    session_ended: li_at was deleted, and no new one set.
    """

    changed: Mapping[str, str]
    session_ended: bool = False


def read_cookie_change(set_cookie_lines: Iterable[str], current: Mapping[str, str]) -> CookieChange:
    """Return what `Set-Cookie` lines change in `current`; lines that no browser could send back are ignored.

    Source: LinkedIn's web client, attested: a dead session is `li_at="delete me"`, or an li_at that expires at epoch 0.
    """
    changed: dict[str, str] = {}
    for line in set_cookie_lines:
        pair, _, attributes = line.partition(";")
        if not (found := _PAIR.fullmatch(pair.strip())):
            continue
        name, value = found[1], found[2].strip()
        if not _deletes(value, attributes):
            changed[name] = value
        elif not changed.get(name):
            changed[name] = ""
    ended = changed.get(SESSION_COOKIE) == ""
    return CookieChange(
        {
            name: value
            for name, value in changed.items()
            if current.get(name, "") != value and (value or name not in (SESSION_COOKIE, CSRF_COOKIE))
        },
        ended,
    )


def _deletes(value: str, attributes: str) -> bool:
    if value.strip('"') in ("", _DELETED):
        return True
    for attribute in attributes.split(";"):
        name, _, setting = attribute.strip().partition("=")
        if name.lower() == "max-age" and re.fullmatch(r"0+|-[0-9]+", setting.strip(), re.ASCII):
            return True
        if name.lower() == "expires" and _year(setting) < _DEAD_YEAR:
            return True
    return False


def _year(date: str) -> int:
    """Return the year of a cookie's date: its second bare number, after the day; _DEAD_YEAR where there is none.

    Source: RFC 6265, 5.1.1, for years of two digits.
    """
    numbers = _DAY_OR_YEAR.findall(date)
    if len(numbers) < 2:
        return _DEAD_YEAR
    year = int(numbers[1])
    if len(numbers[1]) > 2:
        return year
    return year + (1900 if year >= 70 else 2000)


def cookie_header(cookies: Mapping[str, str]) -> str:
    """Encode cookies as a browser sends them: values as they were set, with their quotes."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items() if value)
