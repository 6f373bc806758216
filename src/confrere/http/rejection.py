"""Requests that are rejected before there is a request: the bytes are not HTTP, or exceed a limit of the connection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from confrere.http.answer import Answer, content_of
from confrere.http.connections import MAX_QUEUED_BYTES, MAX_QUEUED_REQUESTS


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why nothing more is read from a connection."""

    status: int
    reason: str


AnswerRejection = Callable[[Rejection], Answer]
"""How the application words a rejection, so that the server need not know its bodies."""


class BadRequest(Exception):
    """Ends the parsing of a connection. Only `rejection` is kept: the exception's traceback holds the bytes."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.rejection = Rejection(status, reason)


def too_much_queued() -> BadRequest:
    """Reject a client that sends requests without reading the answers."""
    most = f"{MAX_QUEUED_REQUESTS} requests of together {MAX_QUEUED_BYTES // 1024} KiB"
    return BadRequest(400, f"At most {most} may wait on one connection; read the earlier answers first")


def encode_answer(answer: Answer, request_id: str, default_headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return the whole HTTP/1.1 response, after which the connection is closed."""
    body = content_of(answer)
    headers = [
        *default_headers,
        (b"x-request-id", request_id.encode()),
        *answer.headers,
        (b"content-type", answer.media_type.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    status_line = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}".encode()
    return b"\r\n".join([status_line, *(name + b": " + value for name, value in headers), b"", body])
