import pytest

from confrere.http.disconnects import EXTENSION, DisconnectWatch, disconnect_watch_of


@pytest.fixture
def calls() -> list[str]:
    """The callbacks that were called."""
    return []


def test_every_callback_is_called_once(calls: list[str]) -> None:
    """Every callback is called once at the disconnect, and one registered later is called at once."""
    disconnects = DisconnectWatch(lambda: False)
    disconnects.add(lambda: calls.append("first"))
    disconnects.notify()
    disconnects.notify()
    disconnects.add(lambda: calls.append("second"))
    assert calls == ["first", "second"]


def test_a_removed_callback_is_not_called(calls: list[str]) -> None:
    """A callback that was removed when its answer was written is not called."""
    disconnects = DisconnectWatch(lambda: True)

    def watcher() -> None:
        calls.append("called")

    disconnects.add(watcher)
    disconnects.discard(watcher)
    disconnects.poll()
    assert calls == []


@pytest.mark.parametrize("is_over", [False, True])
def test_polling_reports_an_unreported_disconnect(calls: list[str], is_over: bool) -> None:
    """Polling reports a disconnect that has not been reported, and does not ask again."""
    asked: list[bool] = []

    def close_if_ended() -> bool:
        asked.append(is_over)
        return is_over

    disconnects = DisconnectWatch(close_if_ended)
    disconnects.add(lambda: calls.append("called"))
    disconnects.poll()
    disconnects.poll()
    assert calls == ["called"] * is_over
    assert len(asked) == (1 if is_over else 2)


def test_another_server_has_no_disconnects_to_watch() -> None:
    """On another server there is nothing to watch, and the application detects disconnects itself."""
    disconnects = DisconnectWatch(lambda: False)
    assert disconnect_watch_of({"extensions": {EXTENSION: {"connection": disconnects}}}) is disconnects
    assert disconnect_watch_of({"extensions": {}}) is disconnect_watch_of({}) is None
