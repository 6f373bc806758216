"""Pacing rules as JSON, and back. Errors name the field and the remedy."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from confrere.domain.errors import InvalidField
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.pacing import LONGEST_GAP, Pacing, WarmUp
from confrere.domain.sending_hours import MINUTES_A_DAY, WEEKDAYS, SendingHours

MOST_CALLS_PER_MINUTE = 100_000
MOST_FIRST_CONTACTS = 31 * MESSAGES_PER_DAY_CEILING
LONGEST_REPEAT_WINDOW_SECONDS = 86_400
LEAST_SHARE = 0.01
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)

RULES: Final = (
    "writesPerMinute",
    "callsPerMinute",
    "minGapSeconds",
    "sendingHours",
    "firstContactsPerMonth",
    "warmUp",
    "repeatWindowSeconds",
    "groupMonthlyShare",
)
"""The names of the rules."""

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_EVERY_DAY: Final = frozenset(range(7))
_Form = Mapping[str, Any]


def parse_pacing(form: object, *, of_account: bool) -> Pacing:
    """The rules in this JSON object; a rule that is absent or null is off. Raises InvalidField.

    of_account:  it is for one account, which has no rule about the calls of a key.
    """
    given = _object(form, "pacing", RULES)
    if of_account and given.get("callsPerMinute") is not None:
        raise InvalidField("callsPerMinute", "must be set for the workspace: a key is not one account's")
    if of_account and given.get("repeatWindowSeconds") is not None:
        raise InvalidField("repeatWindowSeconds", "must be set for the workspace: it is about callers, not accounts")
    if of_account and given.get("groupMonthlyShare") is not None:
        raise InvalidField("groupMonthlyShare", "must be set for the workspace: its accounts share a group's members")
    window = _count(given, "repeatWindowSeconds", LONGEST_REPEAT_WINDOW_SECONDS, least=0)
    return Pacing(
        writes_per_minute=_count(given, "writesPerMinute", MESSAGES_PER_DAY_CEILING),
        calls_per_minute=_count(given, "callsPerMinute", MOST_CALLS_PER_MINUTE),
        min_gap=_gap(given.get("minGapSeconds")),
        sending_hours=_parsed(given.get("sendingHours"), _sending_hours),
        first_contacts_per_month=_count(given, "firstContactsPerMonth", MOST_FIRST_CONTACTS),
        warm_up=_parsed(given.get("warmUp"), _warm_up),
        repeat_window=timedelta(seconds=window) if window else None,
        group_monthly_share=_share(given.get("groupMonthlyShare")),
    )


def changed(pacing: Pacing, changes: object, *, of_account: bool) -> Pacing:
    """The rules after these changes: what is given is changed, what is null is taken away. Raises InvalidField."""
    return parse_pacing({**show_pacing(pacing), **_object(changes, "pacing", RULES)}, of_account=of_account)


def show_pacing(pacing: Pacing) -> dict[str, Any]:
    """The JSON object that `parse_pacing` reads: only the rules that there are."""
    gap, hours, warm_up = pacing.min_gap, pacing.sending_hours, pacing.warm_up
    form = {
        "writesPerMinute": pacing.writes_per_minute,
        "callsPerMinute": pacing.calls_per_minute,
        "minGapSeconds": None if gap is None else _seconds(gap),
        "sendingHours": None if hours is None else _show_hours(hours),
        "firstContactsPerMonth": pacing.first_contacts_per_month,
        "warmUp": None if warm_up is None else _show_warm_up(warm_up),
        "repeatWindowSeconds": None if pacing.repeat_window is None else _seconds(pacing.repeat_window),
        "groupMonthlyShare": pacing.group_monthly_share,
    }
    return {name: value for name, value in form.items() if value is not None}


def _object(form: object, field: str, names: tuple[str, ...]) -> _Form:
    """A misspelt rule would be no rule, so an unknown name is refused."""
    if not isinstance(form, Mapping):
        raise InvalidField(field, f"must be an object with some of {', '.join(names)}")
    if unknown := [name for name in form if name not in names]:
        raise InvalidField(field, f"must have no other names than {', '.join(names)}; {len(unknown)} were given")
    return form


def _parsed(form: object, parse: Callable[[object], Any]) -> Any:
    return None if form is None else parse(form)


def _count(form: _Form, name: str, most: int, *, least: int = 1, field: str | None = None) -> int | None:
    value = form.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        remedy = "; null takes the rule away" if field is None else ""
        raise InvalidField(field or name, f"must be a whole number from {least} to {most}{remedy}")
    return value


def _gap(value: object) -> timedelta | None:
    if value is None:
        return None
    most = LONGEST_GAP.total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.001 <= value <= most:
        raise InvalidField("minGapSeconds", f"must be a number from 0.001 to {most:.0f}; null takes the rule away")
    return timedelta(seconds=value)


def _share(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not LEAST_SHARE <= value <= 100:
        remedy = "null takes the rule away"
        raise InvalidField("groupMonthlyShare", f"must be a percentage from {LEAST_SHARE} to 100; {remedy}")
    return value


def _seconds(gap: timedelta) -> int | float:
    seconds = gap.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _sending_hours(form: object) -> SendingHours:
    given = _object(form, "sendingHours", ("timeZone", "weekdays", "from", "to"))
    begins, ends = _minute(given, "from"), _minute(given, "to")
    if begins % MINUTES_A_DAY == ends % MINUTES_A_DAY and (begins, ends) != (0, MINUTES_A_DAY):
        raise InvalidField("sendingHours.to", "must be another time than sendingHours.from; 00:00 to 24:00 is all day")
    return SendingHours(_zone(given.get("timeZone")), _weekdays(given.get("weekdays")), begins, ends or MINUTES_A_DAY)


def _minute(form: _Form, name: str) -> int:
    value = form.get(name)
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is not None:
        return int(found[1]) * 60 + int(found[2])
    if name == "to" and value == "24:00":
        return MINUTES_A_DAY
    raise InvalidField(f"sendingHours.{name}", "must be a time on a 24-hour clock, such as 09:00")


def _zone(value: object) -> str:
    if isinstance(value, str):
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
        else:
            return value
    raise InvalidField("sendingHours.timeZone", "must be the IANA name of a time zone, such as Europe/Berlin")


def _weekdays(value: object) -> frozenset[int]:
    if value is None:
        return _EVERY_DAY
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        names = {name.lower() for name in value}
        if names <= set(WEEKDAYS):
            return frozenset(WEEKDAYS.index(name) for name in names)
    raise InvalidField("sendingHours.weekdays", f"must be a list with some of {', '.join(WEEKDAYS)}")


def _show_hours(hours: SendingHours) -> dict[str, Any]:
    return {
        "timeZone": hours.zone,
        "weekdays": [name for number, name in enumerate(WEEKDAYS) if number in hours.weekdays],
        "from": show_minute(hours.begins),
        "to": show_minute(hours.ends),
    }


def show_minute(minute: int) -> str:
    """`09:00`; the end of the day is `24:00`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _warm_up(form: object) -> WarmUp:
    given = _object(form, "warmUp", ("startsOn", "firstDay", "growthPerDay"))
    first_day = _count(given, "firstDay", MESSAGES_PER_DAY_CEILING, field="warmUp.firstDay")
    if first_day is None:
        raise InvalidField("warmUp.firstDay", f"must be a whole number from 1 to {MESSAGES_PER_DAY_CEILING}")
    growth = _count(given, "growthPerDay", MESSAGES_PER_DAY_CEILING, least=0, field="warmUp.growthPerDay")
    return WarmUp(_day(given.get("startsOn")), first_day, growth or 0)


def _day(value: object) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise InvalidField("warmUp.startsOn", "must be a day, such as 2026-01-31")
    return day


def _show_warm_up(warm_up: WarmUp) -> dict[str, Any]:
    return {
        "startsOn": warm_up.starts_on.isoformat(),
        "firstDay": warm_up.first_day,
        "growthPerDay": warm_up.growth,
    }
