import pytest

from confrere.sending.hang_ups import EXTENSION, HangUps, hang_ups_of


@pytest.fixture
def told() -> list[str]:
    """Who was told."""
    return []


def test_an_end_is_told_once_to_all_who_want_to_know(told: list[str]) -> None:
    """And at once to whoever comes after it."""
    hang_ups = HangUps(lambda: False)
    hang_ups.add(lambda: told.append("first"))
    hang_ups.tell()
    hang_ups.tell()
    hang_ups.add(lambda: told.append("second"))
    assert told == ["first", "second"]


def test_who_need_not_know_is_not_told(told: list[str]) -> None:
    """Its answer has been written."""
    hang_ups = HangUps(lambda: True)

    def watcher() -> None:
        told.append("told")

    hang_ups.add(watcher)
    hang_ups.discard(watcher)
    hang_ups.look()
    assert told == []


@pytest.mark.parametrize("is_over", [False, True])
def test_a_look_tells_of_an_end_that_nobody_has_told_of(told: list[str], is_over: bool) -> None:
    """And asks no more afterwards."""
    asked: list[bool] = []

    def end_if_over() -> bool:
        asked.append(is_over)
        return is_over

    hang_ups = HangUps(end_if_over)
    hang_ups.add(lambda: told.append("told"))
    hang_ups.look()
    hang_ups.look()
    assert told == ["told"] * is_over
    assert len(asked) == (1 if is_over else 2)


def test_another_server_has_none() -> None:
    """Then whoever serves the request finds out by itself."""
    hang_ups = HangUps(lambda: False)
    assert hang_ups_of({"extensions": {EXTENSION: {"connection": hang_ups}}}) is hang_ups
    assert hang_ups_of({"extensions": {}}) is hang_ups_of({}) is None
