"""Structured logs: one line an event, as JSON or as aligned text, without secrets.

No secret is passed to the log in the first place; `redact` is the second barrier, against secrets in a library's
message or an exception's text.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Any, AnyStr

import msgspec
import structlog

_SECRET_VALUES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"confrere_[0-9A-Za-z]{8,}"), "confrere_[redacted]"),
    (re.compile(r"(?i)\b(bearer)\s+[^\s\"',]+"), r"\1 [redacted]"),
    (
        re.compile(
            r"(?i)\b(li_at|li_rm|jsessionid|bcookie|bscookie|lidc|csrf-token)([\"']?\s*[=:]\s*[\"']*)[^\s;,\"']+"
        ),
        r"\1\2[redacted]",
    ),
    (re.compile(r"ajax:\d+"), "ajax:[redacted]"),
    (re.compile(r"(?<=://)[^/@\s:]+:[^/@\s]+(?=@)"), "[redacted]"),
)

_SECRET_FIELDS = frozenset({"text", "message", "cookie", "cookies", "authorization", "api_key", "apikey", "x-api-key"})


def redact(text: str) -> str:
    """Replace cookies, keys, csrf tokens and passwords in URLs."""
    if text.isalnum():
        return text  # an id or an outcome, as nearly every field of a send
    if ":" not in text and "=" not in text and "confrere_" not in text and len(text.split(None, 1)) < 2:
        return text  # a path or a name
    for pattern, replacement in _SECRET_VALUES:
        text = pattern.sub(replacement, text)
    return text


def _redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for name, value in event.items():
        if name in _SECRET_FIELDS:
            event[name] = "[redacted]"
        elif isinstance(value, str):
            event[name] = redact(value)
    return event


def _redact_traceback(trace: str) -> str:
    """Reduce a traceback to places and exception types, since an exception's text may quote a request."""
    lines = trace.splitlines()
    kept = [
        line if line.startswith((" ", "Traceback", "During", "The above", "|")) else _type_only(line) for line in lines
    ]
    return redact("\n".join(kept))


def _type_only(line: str) -> str:
    name, colon, _ = line.partition(":")
    return f"{name}: [text left out]" if colon else line


def _format_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    elif isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[1] is not None:
        event["exception"] = _redact_traceback("".join(logging.Formatter().formatException(info)))
    return event


_encoder = msgspec.json.Encoder(enc_hook=repr)


def _encode(_logger: object, _method: str, event: MutableMapping[str, Any]) -> bytes:
    """Encode one line of JSON with the time, for any event."""
    now = event["timestamp"] = datetime.now(UTC)  # encoded by msgspec: structlog's stamp takes five times as long
    try:
        return _encoder.encode(event)
    except UnicodeEncodeError:  # a lone surrogate, which only the standard library encodes
        event["timestamp"] = f"{now:%Y-%m-%dT%H:%M:%S.%fZ}"
        return json.dumps(event, default=repr).encode()


class _Lines:
    """A structlog logger that flushes each line, so that none is lost when the process is killed.

    A line that cannot be written, as on a full disk, is dropped, so that no request fails because of it.
    """

    def __init__(self, stream: IO[AnyStr], end: AnyStr) -> None:
        self._stream: IO[Any] = stream
        self._end: Any = end
        self._lock = threading.Lock()

    def msg(self, line: Any) -> None:
        """Write one line; structlog calls this at every level."""
        with suppress(OSError), self._lock:
            self._stream.write(line + self._end)
            self._stream.flush()

    debug = info = warning = error = critical = msg


def configure_logs(*, level: str, form: str) -> None:
    """Send this process's logs, and those of its libraries, to standard error.

    level:  debug, info, warning or error.
    form:   json, text, or auto (text on a terminal, json elsewhere).
    """
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shared: list[Callable[..., Any]] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _format_exception,
        _redact_event,
    ]
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)  # after redacting, which searches texts with colons
    threshold = logging.getLevelNamesMapping()[level.upper()]
    renderer: Callable[..., Any]
    own_renderers: list[Callable[..., Any]]
    lines: _Lines
    if as_json:
        # A send writes a line; with the standard library's JSON and a text stream it takes four times as long.
        renderer = structlog.processors.JSONRenderer()
        own_renderers = [_encode]
        lines = _Lines(sys.stderr.buffer, b"\n")
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        own_renderers = [stamp, renderer]
        lines = _Lines(sys.stderr, "\n")
    structlog.configure(
        processors=[*shared, *own_renderers],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda: lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, stamp],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[handler], force=True)
