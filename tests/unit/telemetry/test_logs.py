"""Log lines: JSON whatever an event holds, without secrets."""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from confrere.telemetry.logs import configure_logs, redact


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Log one event, and read it back."""
    written, root = io.BytesIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", io.TextIOWrapper(written))
        configure_logs(level="info", form="json")

    def log_and_read(**event: object) -> dict[str, Any]:
        structlog.get_logger().info("happened", **event)
        read: dict[str, Any] = json.loads(written.getvalue())
        return read

    yield log_and_read
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def test_line_holds_what_was_logged(line: Any) -> None:
    """A line holds plain values as they are, and objects by their repr."""
    logged = line(reason="no connection", status=500, nothing=None, kind={1}.__class__)
    assert (logged["event"], logged["level"]) == ("happened", "info")
    assert (logged["reason"], logged["status"], logged["nothing"], logged["kind"]) == (
        "no connection",
        500,
        None,
        "<class 'set'>",
    )


def test_line_is_written_of_text_that_is_no_text(line: Any) -> None:
    """A line with half a surrogate pair, which LinkedIn's answers can contain, is written."""
    assert line(reason="a\udc80b")["reason"] == "a\udc80b"


@pytest.mark.parametrize("reason", ["no connection", "a\udc80b"])
def test_line_has_the_time_in_utc(line: Any, reason: str) -> None:
    """The time is in UTC to the microsecond with Z, in both encodings of the line."""
    before = datetime.now(UTC)
    logged = line(reason=reason)["timestamp"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", logged)
    assert before <= datetime.fromisoformat(logged) <= datetime.now(UTC)


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical", "exception"])
@pytest.mark.parametrize("form", ["json", "text"])
def test_every_level_is_written_at_once(level: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is with the operating system when the call returns, with its level and the request's id."""
    written, root = io.BytesIO(), logging.getLogger()
    handlers, kept = root.handlers[:], root.level
    with monkeypatch.context() as patched, structlog.contextvars.bound_contextvars(request_id="r1"):
        patched.setattr(sys, "stderr", io.TextIOWrapper(written))
        configure_logs(level="debug", form=form)
        getattr(structlog.get_logger(), level)("happened")
        logged = written.getvalue().decode()
        structlog.reset_defaults()
        root.handlers[:], root.level = handlers, kept
    assert logged.endswith("\n")
    assert ("error" if level == "exception" else level) in logged
    assert "r1" in logged


class FullDisk(io.BytesIO):
    """A stream on a full disk."""

    def write(self, _line: object) -> int:
        """Raise as the operating system does."""
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_log_that_cannot_be_written_fails_nothing(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk a line is lost and the send that it reports continues."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", io.TextIOWrapper(FullDisk(), write_through=True))
        configure_logs(level="info", form=form)
        structlog.get_logger().error("happened", reason="a" * 10_000)
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize(
    "secret",
    [
        "confrere_0123456789abcdef",
        "Bearer abcdef",
        "li_at=AQEDabcdef",
        '"JSESSIONID": "ajax:123"',
        "csrf-token: abcdef",
        "ajax:1234567",
        "postgresql://user:abcdef@host/db",
    ],
)
def test_secrets_are_redacted_wherever_they_stand(secret: str) -> None:
    """Secrets are redacted, alone and among other words."""
    for text in (secret, f"before {secret} after"):
        assert "[redacted]" in redact(text)
        assert not re.search(r"abcdef|ajax:\d|AQED", redact(text))


def test_plain_words_stay_as_they_are() -> None:
    """Identifiers and outcomes are logged unchanged."""
    for word in ("accepted", "01a20d4d38497efdbb9337cf673c7007", "/messaging/send-group", ""):
        assert redact(word) == word
