"""The judge of the demonstration, and what the command makes of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from confrere.cli.exit_codes import ExitCode
from confrere.demo import plug
from confrere.demo.plug import KILLS, Kill, PersonSeen, PlugState, Promise, judge
from tests.unit.cli.conftest import Confrere, confrere, runtime  # noqa: F401  # fixtures

PEOPLE = {f"urn:{number}": f"Person {number}" for number in range(3)}


def evidence(**changes: Any) -> list[Promise]:
    """Judge three people of whom all is true, with these changes."""
    given: dict[str, Any] = {
        "messages": [{"recipient": urn, "messageUrn": f"message of {urn}"} for urn in PEOPLE],
        "sends": [{"outcome": "accepted", "messageUrn": f"message of {urn}"} for urn in PEOPLE],
        "statuses": dict.fromkeys(PEOPLE, "sent"),
        "used": 3,
        "kills": KILLS,
        **changes,
    }
    return judge(PEOPLE, **given)


def test_every_promise_is_kept_where_all_is_true() -> None:
    """One message each, and ledger, quota and campaign that say so, keep every promise."""
    assert all(promise.holds for promise in evidence())


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"messages": [{"recipient": urn, "messageUrn": f"message of {urn}"} for urn in list(PEOPLE)[:2]]}, 0),
        (
            {"messages": [{"recipient": urn, "messageUrn": f"message of {urn}"} for urn in [*PEOPLE, "urn:1"]]},
            1,
        ),
        ({"sends": []}, 2),
        ({"sends": [{"outcome": "accepted", "messageUrn": f"another of {urn}"} for urn in PEOPLE]}, 2),
        ({"used": 4}, 3),
        ({"statuses": {"urn:0": "waiting", "urn:1": "sent", "urn:2": "sent"}}, 4),
        ({"kills": KILLS - 1}, 5),
    ],
)
def test_what_is_not_true_breaks_its_promise(changes: dict[str, Any], broken: int) -> None:
    """A message that is missing or there twice, a ledger, quota or status that is not true: each is found."""
    assert not evidence(**changes)[broken].holds


def test_an_uncertain_send_breaks_the_promise_of_the_ledger() -> None:
    """What is still unknown at the end is not passed over."""
    sends = [{"outcome": "accepted", "messageUrn": f"message of {urn}"} for urn in PEOPLE]
    assert not evidence(sends=[*sends, {"outcome": "unknown", "messageUrn": None}])[2].holds


@pytest.mark.parametrize(("holds", "code"), [(True, ExitCode.OK), (False, ExitCode.NOT_DONE)])
def test_the_command_shows_each_recipient_and_fails_where_a_promise_is_broken(
    confrere: Confrere,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
    holds: bool,
    code: ExitCode,
) -> None:
    """Recipients, kills and promises are printed; the exit code says whether all were kept."""

    def scripted() -> Iterator[PlugState]:
        people = [PersonSeen("Katya Keller", 1, "sent")]
        yield PlugState("The campaign runs", 1.0, people)
        yield PlugState(
            "Done", 2.0, people, [Kill(1, 1.5)], [Promise("Nobody was written to twice", holds, "one each")]
        )

    monkeypatch.setattr(plug, "pull_the_plug", scripted)
    ran = confrere("demo")
    assert ran.code == code
    assert "Katya Keller" in ran.out
    assert "was back after 1.5 s" in ran.out
    assert ("kept" in ran.out, "BROKEN" in ran.out) == (holds, not holds)
