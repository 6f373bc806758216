"""The condition of an account is the first of several causes, in one order."""

from dataclasses import replace
from datetime import timedelta

from confrere.domain.account import AccountStatus, Condition
from tests.unit.domain.samples import ACCOUNT, NOON


def test_the_first_of_several_causes_is_the_condition() -> None:
    """Of several causes the first in the order is the condition."""
    account = ACCOUNT
    seen = [account.condition(NOON)]
    changes: list[dict[str, object]] = [
        {"hold_until": NOON + timedelta(hours=1)},
        {"status": AccountStatus.ERROR},
        {"session_version": 0},
        {"enabled": False},
    ]
    for change in changes:
        account = replace(account, **change)  # type: ignore[arg-type]
        seen.append(account.condition(NOON))
    assert seen == [
        Condition.AVAILABLE,
        Condition.HELD,
        Condition.ERROR,
        Condition.DISCONNECTED,
        Condition.DISABLED,
    ]


def test_a_hold_ends_at_its_time() -> None:
    """An account is held until the end of its hold, and not at that time."""
    held = replace(ACCOUNT, hold_until=NOON)
    assert held.condition(NOON - timedelta(seconds=1)) is Condition.HELD
    assert held.condition(NOON) is Condition.AVAILABLE
