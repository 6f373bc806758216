from datetime import timedelta

import pytest

from confrere.domain.account import Account
from tests.fakes.runtime import NOON, FakeRuntime
from tests.unit.cli.conftest import Confrere

HOURS = ("--hours", "09:00-18:00", "--weekdays", "mon-fri", "--time-zone", "Europe/Berlin")


def send(confrere: Confrere, to: str = "ACoAABastien") -> int:
    """Send to this person and return the exit code."""
    return confrere("send", "--to", to, "--group", "12345678", "--message", f"Hello {to}").code


@pytest.mark.usefixtures("account")
def test_rules_of_the_workspace_are_set_one_by_one(confrere: Confrere) -> None:
    """Rules of the workspace change one by one: an omitted one stays, and a cleared one is removed."""
    assert confrere("pacing", "set", "--writes-per-minute", "4", "--json").json == {
        "accountId": None,
        "pacing": {"writesPerMinute": 4},
    }
    warm_up = ("--warm-up-from", "2026-03-01", "--warm-up-first", "5", "--warm-up-growth", "2")
    ran = confrere("pacing", "set", *HOURS, *warm_up, "--calls-per-minute", "600", "--first-contacts", "15")
    assert ran.out == (
        "For every account: 4 messages a minute; 600 calls of a key a minute; mon, tue, wed, thu, fri from 09:00 to "
        "18:00 in Europe/Berlin; 15 first messages a month; 5 messages on 2026-03-01, 2 more each day after it\n"
    )
    ran = confrere("pacing", "clear", "sendingHours", "writesPerMinute", "warmUp", "--json")
    assert ran.json["pacing"] == {"callsPerMinute": 600, "firstContactsPerMonth": 15}
    assert confrere("pacing", "clear").out == "For every account: no rules\n"


def test_rules_of_an_account_are_its_own(confrere: Confrere, account: Account, runtime: FakeRuntime) -> None:
    """Rules of an account are shown beside the workspace's, with the time of the next send."""
    confrere("pacing", "set", "--first-contacts", "15")
    confrere("pacing", "set", "--account", account.id, "--min-gap", "90")
    assert send(confrere) == 0
    shown = {
        "accountId": account.id,
        "pacing": {"minGapSeconds": 90},
        "waitsFor": "MIN_GAP",
        "nextAllowedAt": "2026-03-14T12:01:30Z",
    }
    for more in ((), ("--account", account.id)):
        ran = confrere("pacing", "show", "--json", *more)
        assert ran.json == {"pacing": {"firstContactsPerMonth": 15}, "accounts": [shown]}
    ran = confrere("pacing", "show")
    assert "For every account: 15 first messages a month" in ran.out
    assert "90 s between messages" in ran.out
    assert "2026-03-14 12:01 UTC (MIN_GAP: 1/1)" in ran.out
    runtime.now = NOON + timedelta(seconds=90)
    assert "now" in confrere("pacing", "show").out


@pytest.mark.usefixtures("account")
def test_a_send_that_is_too_fast_is_reported_with_the_time(confrere: Confrere, runtime: FakeRuntime) -> None:
    """A send that breaks a rule is reported as a limit with the rule and the time, and not sent."""
    confrere("pacing", "set", "--min-gap", "0.5")
    assert send(confrere) == 0
    ran = confrere("send", "--to", "ACoAAOther", "--group", "12345678", "--message", "x", "--json")
    assert ran.code == 3
    assert ran.json["error"] == "Rate limit exceeded for MIN_GAP: 1/1 used"
    assert ran.json["resetAt"] == "2026-03-14T12:00:00.500Z"
    assert "`confrere pacing show` shows the rules" in ran.json["remedy"]
    assert len(runtime.upstream.seen) == 1


@pytest.mark.usefixtures("account")
def test_warm_up_shows_in_the_quota(confrere: Confrere) -> None:
    """A warm-up is shown as the quota's limit of the day."""
    confrere("pacing", "set", "--warm-up-from", "2026-03-13", "--warm-up-first", "5", "--warm-up-growth", "2")
    confrere("pacing", "set", "--first-contacts", "15")
    quotas = confrere("quota", "--json").json["quotas"]
    assert {quota["feature"]: quota["limit"] for quota in quotas} == {
        "MESSAGE": 7,
        "GROUP_MEMBERS": 1000,
        "GROUP_FIRST_CONTACT": 15,
    }


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("set",), "No rule was named"),
        (("set", "--weekdays", "monday"), "--weekdays must be weekdays such as mon-fri or sat,sun"),
        (("set", "--hours", "09:00-18:00"), "--time-zone must be the IANA name"),
        (("set", "--hours", "9-18", "--time-zone", "UTC"), "--hours must be a time"),
        (("set", "--writes-per-minute", "0"), "--writes-per-minute must be a whole number from 1 to 150"),
        (("set", "--min-gap", "nan"), "--min-gap must be a number"),
        (("set", "--account", "0" * 24, "--calls-per-minute", "5"), "--calls-per-minute must be set for the workspace"),
        (("clear", "everything"), "RULE must be one of writesPerMinute"),
    ],
)
def test_what_is_wrong_is_a_wrong_argument(
    confrere: Confrere, account: Account, arguments: tuple[str, ...], text: str
) -> None:
    """A wrong rule is rejected by name with its remedy, and nothing changes."""
    if "0" * 24 in arguments:
        arguments = tuple(account.id if one == "0" * 24 else one for one in arguments)
    ran = confrere("pacing", *arguments)
    assert ran.code == 2
    assert text in ran.err
    assert confrere("pacing", "show", "--json").json["pacing"] == {}


def test_rules_of_an_unknown_account_are_not_found(confrere: Confrere) -> None:
    """Rules of an unknown account are not found, and the command that lists accounts is named."""
    for arguments in (("show",), ("set", "--min-gap", "1"), ("clear",)):
        ran = confrere("pacing", *arguments, "--account", "0" * 24)
        assert ran.code == 1
        assert "`confrere accounts list`" in ran.err


@pytest.mark.parametrize(
    ("weekdays", "names"),
    [("mon-fri", "mon tue wed thu fri"), ("sat,SUN", "sat sun"), ("fri-mon, wed", "mon wed fri sat sun")],
)
def test_weekdays_are_named_one_by_one_or_from_one_to_another(confrere: Confrere, weekdays: str, names: str) -> None:
    """Weekdays are given one by one or as a range, also across the end of the week."""
    ran = confrere("pacing", "set", "--hours", "22:00-06:00", "--weekdays", weekdays, "--time-zone", "UTC", "--json")
    assert ran.json["pacing"]["sendingHours"]["weekdays"] == names.split()


def test_the_repeat_window_is_set_and_taken_away(confrere: Confrere) -> None:
    """The repeat window of the workspace is set in seconds, and 0 turns it off."""
    ran = confrere("pacing", "set", "--repeat-window", "90", "--json")
    assert ran.json["pacing"] == {"repeatWindowSeconds": 90}
    assert "an identical send within 90 s is a repeat" in confrere("pacing", "show").out
    assert confrere("pacing", "set", "--repeat-window", "0", "--json").json["pacing"] == {}
