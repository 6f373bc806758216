"""The rules of pacing as fields of a form, and in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from confrere.domain.pacing import Pacing
from confrere.domain.pacing_json import show_minute, show_pacing
from confrere.domain.sending_hours import WEEKDAYS

DAYS: Final = dict(zip(WEEKDAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))

LABELS: Final[Mapping[str, str]] = {
    "dailyLimit": "Messages a day",
    "writesPerMinute": "Messages a minute",
    "minGapSeconds": "Seconds between two messages",
    "firstContactsPerMonth": "First contacts a month",
    "sendingHours.from": "Opens at",
    "sendingHours.to": "Closes at",
    "sendingHours.timeZone": "Time zone",
    "sendingHours.weekdays": "Days",
    "warmUp.startsOn": "Warm-up begins on",
    "warmUp.firstDay": "Messages on the first day",
    "warmUp.growthPerDay": "More each day",
    "callsPerMinute": "Calls of a key a minute",
    "repeatWindowSeconds": "Seconds in which a repeat is answered again",
    "groupMonthlyShare": "Percent of a group first written to a month",
}
"""Labels of the fields by the names that their errors have."""

NUMBERS: Final = ("writesPerMinute", "minGapSeconds", "firstContactsPerMonth")
OF_WORKSPACE: Final = ("callsPerMinute", "repeatWindowSeconds", "groupMonthlyShare")
_HOURS: Final = ("sendingHours.from", "sendingHours.to")
_WARM_UP: Final = ("warmUp.startsOn", "warmUp.firstDay", "warmUp.growthPerDay")
WEEKDAY: Final = "sendingHours.weekdays"
ZONE: Final = "sendingHours.timeZone"
TEXTS: Final = (*NUMBERS, *OF_WORKSPACE, *_HOURS, ZONE, *_WARM_UP)


def form_of(pacing: Pacing, zone: str) -> dict[str, str]:
    """Return the fields of a form that shows these rules. zone: proposed where there are no sending hours."""
    shown, fields = show_pacing(pacing), {**dict.fromkeys(TEXTS, ""), ZONE: zone}
    for name, rule in shown.items():
        if isinstance(rule, dict):
            fields |= {f"{name}.{part}": str(value) for part, value in rule.items() if not isinstance(value, list)}
        else:
            fields[name] = str(rule)
    return fields


def weekdays_of(pacing: Pacing) -> Sequence[str]:
    """Return the days that the form shows: Monday to Friday where there are no sending hours."""
    hours = pacing.sending_hours
    return WEEKDAYS[:5] if hours is None else [WEEKDAYS[number] for number in sorted(hours.weekdays)]


def read_form(fields: Mapping[str, str], weekdays: Sequence[str]) -> dict[str, Any]:
    """Return the rules in a form, as `domain.pacing_json` reads them: what is empty is no rule."""
    given = {name: text.strip() for name, text in fields.items() if text.strip()}
    rules: dict[str, Any] = {name: _number(given[name]) for name in (*NUMBERS, *OF_WORKSPACE) if name in given}
    if any(name in given for name in _HOURS):
        rules["sendingHours"] = {
            "from": given.get("sendingHours.from"),
            "to": given.get("sendingHours.to"),
            "timeZone": given.get(ZONE),
            "weekdays": list(weekdays),
        }
    if any(name in given for name in _WARM_UP):
        rules["warmUp"] = {
            "startsOn": given.get("warmUp.startsOn"),
            **{
                part: _number(given[f"warmUp.{part}"])
                for part in ("firstDay", "growthPerDay")
                if f"warmUp.{part}" in given
            },
        }
    return rules


def in_words(pacing: Pacing) -> list[tuple[str, str]]:
    """Return each rule as a label and its value."""
    shown = show_pacing(pacing)
    words = [(LABELS[name], f"{shown[name]:,}") for name in (*NUMBERS, *OF_WORKSPACE) if name in shown]
    if (hours := pacing.sending_hours) is not None:
        days = ", ".join(DAYS[WEEKDAYS[number]] for number in sorted(hours.weekdays))
        times = f"{show_minute(hours.begins)} to {show_minute(hours.ends)}"
        words.append(("Sending hours", f"{'every day' if len(hours.weekdays) == 7 else days}, {times}, {hours.zone}"))
    if (warm_up := pacing.warm_up) is not None:
        begins = f"{warm_up.starts_on:%-d %b %Y}"
        words.append(("Warm-up", f"{warm_up.first_day} messages on {begins}, then {warm_up.growth} more each day"))
    return words


def _number(text: str) -> int | float | str:
    """Return the number; a text that is none stays, and is refused with the field's name."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text
