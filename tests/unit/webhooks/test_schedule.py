"""When a delivery is tried, and the bytes that are sent."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from confrere.domain.webhooks import EventType, NewEvent, event_body, next_try_at

NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)
PAUSES = [5, 300, 1800, 7200, 18_000, 36_000, 36_000]


@pytest.mark.parametrize(("attempts", "seconds"), list(enumerate(PAUSES, 1)))
def test_the_pauses_grow(attempts: int, seconds: int) -> None:
    """After each failure the next try waits as long as documented, and up to a fifth longer."""
    assert next_try_at(attempts, NOW, 0.0) == NOW + timedelta(seconds=seconds)
    assert next_try_at(attempts, NOW, 1.0) == NOW + timedelta(seconds=seconds * 1.2)


def test_the_eighth_failure_is_the_last() -> None:
    """A delivery that has failed eight times is not tried again."""
    assert next_try_at(8, NOW, 0.0) is None


def test_the_bytes_are_ascii() -> None:
    """An emoji and the line separator are escaped, so that every receiver reads the bytes that were signed."""
    event = NewEvent("1.accepted", "default", EventType.SEND_ACCEPTED, "1", {}, NOW)
    body = event_body(event, {"text": "😀\u2028"})
    assert b"\\ud83d\\ude00\\u2028" in body
    read = json.loads(body)
    assert (read["event"], read["object"], read["occurredAt"]) == ("send.accepted", "event", "2026-03-14T09:00:00Z")
    assert (read["workspaceId"], read["data"]) == ("default", {"text": "😀\u2028"})
    assert read["id"].startswith("evt_")
    assert "." not in read["id"]
