"""Pacing rules as JSON."""

import json
from typing import Any

import pytest
from hypothesis import given

from confrere.domain.errors import InvalidField
from confrere.domain.pacing import Pacing
from confrere.domain.pacing_json import RULES, changed, parse_pacing, show_pacing
from tests.unit.domain.strategies import pacings

HOURS = {"timeZone": "Europe/Berlin", "weekdays": ["mon", "fri"], "from": "09:00", "to": "18:00"}
WARM_UP = {"startsOn": "2026-03-01", "firstDay": 5, "growthPerDay": 2}
WHOLE = {
    "writesPerMinute": 4,
    "callsPerMinute": 600,
    "minGapSeconds": 7.5,
    "sendingHours": HOURS,
    "firstContactsPerMonth": 15,
    "warmUp": WARM_UP,
    "repeatWindowSeconds": 90,
    "groupMonthlyShare": 2.5,
}


def test_form_is_read_and_shown_alike() -> None:
    """Every rule is read and written under its name and in its order."""
    shown = show_pacing(parse_pacing(WHOLE, of_account=False))
    assert json.dumps(shown) == json.dumps(WHOLE)
    assert tuple(shown) == RULES


@given(pacings)
def test_any_rules_survive_being_shown(pacing: Pacing) -> None:
    """Any rules survive writing to JSON and reading, as the store does."""
    form = json.loads(json.dumps(show_pacing(pacing)))
    assert parse_pacing(form, of_account=False) == pacing


def test_nothing_given_is_off() -> None:
    """An absent rule and null are off."""
    assert parse_pacing({}, of_account=True).is_off
    assert parse_pacing(dict.fromkeys(RULES), of_account=True).is_off


def test_defaults_of_what_may_be_left_out() -> None:
    """By default hours apply to all weekdays and a warm-up does not grow; 00:00 as an end is the day's end."""
    pacing = parse_pacing(
        {
            "sendingHours": {"timeZone": "UTC", "from": "09:00", "to": "00:00"},
            "warmUp": {"startsOn": "2026-03-01", "firstDay": 5},
        },
        of_account=True,
    )
    assert show_pacing(pacing) == {
        "sendingHours": {
            "timeZone": "UTC",
            "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "from": "09:00",
            "to": "24:00",
        },
        "warmUp": {"startsOn": "2026-03-01", "firstDay": 5, "growthPerDay": 0},
    }


def test_change_leaves_what_it_does_not_name() -> None:
    """A change keeps omitted rules, and null removes one."""
    before = parse_pacing(WHOLE, of_account=False)
    after = changed(before, {"minGapSeconds": 3, "warmUp": None}, of_account=False)
    assert show_pacing(after) == {
        name: value for name, value in {**WHOLE, "minGapSeconds": 3}.items() if name != "warmUp"
    }


@pytest.mark.parametrize(
    ("form", "field", "text"),
    [
        ([], "pacing", "must be an object"),
        ({"writesPerMinut": 4}, "pacing", "must have no other names"),
        ({"repeatWindowSeconds": 86_401}, "repeatWindowSeconds", "from 0 to 86400"),
        ({"writesPerMinute": 0}, "writesPerMinute", "from 1 to 150; null takes the rule away"),
        ({"writesPerMinute": 151}, "writesPerMinute", "from 1 to 150"),
        ({"writesPerMinute": True}, "writesPerMinute", "a whole number"),
        ({"writesPerMinute": 1.0}, "writesPerMinute", "a whole number"),
        ({"callsPerMinute": "9"}, "callsPerMinute", "a whole number"),
        ({"minGapSeconds": 0}, "minGapSeconds", "from 0.001 to 86400"),
        ({"minGapSeconds": float("nan")}, "minGapSeconds", "from 0.001 to 86400"),
        ({"minGapSeconds": 86_401}, "minGapSeconds", "from 0.001 to 86400"),
        ({"firstContactsPerMonth": 10**30}, "firstContactsPerMonth", "from 1 to 4650"),
        ({"sendingHours": "9-17"}, "sendingHours", "must be an object"),
        ({"sendingHours": {**HOURS, "zone": "UTC"}}, "sendingHours", "no other names"),
        ({"sendingHours": {**HOURS, "timeZone": "Berlin"}}, "sendingHours.timeZone", "such as Europe/Berlin"),
        ({"sendingHours": {**HOURS, "timeZone": "../UTC"}}, "sendingHours.timeZone", "such as Europe/Berlin"),
        ({"sendingHours": {**HOURS, "timeZone": "Europe"}}, "sendingHours.timeZone", "such as Europe/Berlin"),
        ({"sendingHours": {**HOURS, "timeZone": "a\0b"}}, "sendingHours.timeZone", "such as Europe/Berlin"),
        ({"sendingHours": {**HOURS, "timeZone": None}}, "sendingHours.timeZone", "such as Europe/Berlin"),
        ({"sendingHours": {**HOURS, "weekdays": []}}, "sendingHours.weekdays", "mon, tue"),
        ({"sendingHours": {**HOURS, "weekdays": ["monday"]}}, "sendingHours.weekdays", "mon, tue"),
        ({"sendingHours": {**HOURS, "from": "9:00"}}, "sendingHours.from", "such as 09:00"),
        ({"sendingHours": {**HOURS, "from": "24:00"}}, "sendingHours.from", "such as 09:00"),
        ({"sendingHours": {**HOURS, "to": "24:01"}}, "sendingHours.to", "such as 09:00"),
        ({"sendingHours": {**HOURS, "to": "09:00"}}, "sendingHours.to", "00:00 to 24:00 is all day"),
        ({"sendingHours": {**HOURS, "from": "00:00", "to": "00:00"}}, "sendingHours.to", "another time"),
        ({"warmUp": {**WARM_UP, "startsOn": "soon"}}, "warmUp.startsOn", "such as 2026-01-31"),
        ({"warmUp": {**WARM_UP, "startsOn": 20260131}}, "warmUp.startsOn", "such as 2026-01-31"),
        ({"warmUp": {**WARM_UP, "startsOn": "1970-01-01"}}, "warmUp.startsOn", "such as 2026-01-31"),
        ({"warmUp": {**WARM_UP, "firstDay": None}}, "warmUp.firstDay", "from 1 to 150"),
        ({"warmUp": {**WARM_UP, "growthPerDay": -1}}, "warmUp.growthPerDay", "from 0 to 150"),
    ],
)
def test_what_is_wrong_is_named_with_the_remedy(form: Any, field: str, text: str) -> None:
    """A wrong value is rejected with its field and remedy, and without the value."""
    with pytest.raises(InvalidField, match=text) as refusal:
        parse_pacing(form, of_account=False)
    assert refusal.value.field == field


def test_calls_are_no_rule_of_an_account() -> None:
    """A limit on calls is rejected for an account, since a key has none; null is ignored."""
    with pytest.raises(InvalidField, match="callsPerMinute must be set for the workspace"):
        parse_pacing({"callsPerMinute": 5}, of_account=True)
    assert parse_pacing({"callsPerMinute": None}, of_account=True).is_off


def test_whole_days_of_some_weekdays_are_accepted() -> None:
    """Hours from 00:00 to 24:00 of some weekdays are accepted."""
    hours = {**HOURS, "from": "00:00", "to": "24:00"}
    assert show_pacing(parse_pacing({"sendingHours": hours}, of_account=True)) == {"sendingHours": hours}
