"""Requests that are answered before there is a request: the bytes are no HTTP, or exceed a limit of the connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from confrere.api import bodies
from confrere.api.compatible import rate_limit_headers
from confrere.api.connections import MAX_QUEUED_BYTES, MAX_QUEUED_REQUESTS
from confrere.domain.limits import Action, no_account_quota


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to what is no request that is served. Nothing more is read from the connection."""

    status: int
    error: str

    def encode(self, request_id: str, default_headers: Sequence[tuple[bytes, bytes]]) -> bytes:
        """The whole answer. Its quota is that of nobody: no account is known."""
        body = bodies.encode(bodies.Failure(error=self.error))
        headers = [
            *default_headers,
            (b"x-request-id", request_id.encode()),
            *rate_limit_headers(no_account_quota(Action.MESSAGE, datetime.now(UTC))),
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        first = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}".encode()
        return b"\r\n".join([first, *(name + b": " + value for name, value in headers), b"", body])


class BadRequest(Exception):
    """Ends the parsing of a connection. refusal: to be kept without the exception, whose traceback holds the bytes."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.refusal = Refusal(status, error)


def too_much_queued() -> BadRequest:
    """The client sends requests without reading the answers."""
    most = f"{MAX_QUEUED_REQUESTS} requests of together {MAX_QUEUED_BYTES // 1024} KiB"
    return BadRequest(400, f"At most {most} may wait on one connection; read the earlier answers first")
