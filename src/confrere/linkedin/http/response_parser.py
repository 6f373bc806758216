"""Parser of one HTTP answer as it arrives, on llhttp. It records why an answer is incomplete."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httptools

CUT_OFF: Final = "LinkedIn's answer was cut off"
NOT_HTTP: Final = "LinkedIn's answer was not readable HTTP"
TOO_LARGE: Final = "LinkedIn's answer was too large"

_MAX_FRAMING_BYTES = 512 * 1024
"""Limit of everything but the body: head, chunk sizes, trailers. Its content-security-policy exceeds 30 KiB."""
_KEPT_HEADERS = frozenset(
    {b"content-encoding", b"content-length", b"date", b"location", b"retry-after", b"transfer-encoding"}
)
_GZIP = 31
"""The window bits by which zlib reads gzip."""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An HTTP answer, at least its head.

    headers:      those that are used, by lower-case name.
    set_cookies:  the values of its `Set-Cookie` lines.
    body:         decompressed, as far as it arrived.
    cut:          why the body is incomplete, else None.
    """

    status: int
    status_text: str
    headers: Mapping[str, str]
    set_cookies: tuple[str, ...]
    body: bytes
    cut: str | None = None


class ResponseParser:
    """Parses one answer.

    status:       0 until the head has arrived.
    fault:        why parsing stopped, else None.
    is_complete:  the whole answer has arrived.
    is_last:      the connection must not be reused.
    """

    def __init__(self, max_bytes: int) -> None:
        """max_bytes: of the body; a longer one is cut."""
        self.status = 0
        self.fault: str | None = None
        self.is_complete = False
        self.is_last = True
        self._max_bytes = max_bytes
        self._status_text = b""
        self._headers: dict[str, str] = {}
        self._set_cookies: list[str] = []
        self._body: list[bytes] = []
        self._received_bytes = self._body_bytes = 0
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Parse the next bytes of the connection."""
        self._received_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.is_last = True
            self.fault = None if self.is_complete else NOT_HTTP
        if not self.is_complete and self._received_bytes - self._body_bytes > _MAX_FRAMING_BYTES:
            self.fault = NOT_HTTP
        if self._body_bytes > self._max_bytes:
            self.fault = TOO_LARGE

    def end(self) -> None:
        """Record that the connection was closed in good order, which is the end of a body without a length."""
        self.is_complete = bool(self.status) and not self._headers.keys() & {"content-length", "transfer-encoding"}

    def answer(self, cut: str | None = None) -> RawAnswer:
        """Return what has arrived. cut: why the rest has not, else None."""
        body = b"".join(self._body)[: self._max_bytes]
        if self._headers.get("content-encoding", "").lower() == "gzip":
            body, cut = self._unzipped(body, cut)
        text = self._status_text.decode("latin-1")
        return RawAnswer(self.status, text, self._headers, tuple(self._set_cookies), body, cut)

    def _unzipped(self, body: bytes, cut: str | None) -> tuple[bytes, str | None]:
        unzipping = zlib.decompressobj(_GZIP)
        try:
            unzipped = unzipping.decompress(body, self._max_bytes + 1)
        except zlib.error:
            return b"", cut or CUT_OFF
        if len(unzipped) > self._max_bytes:
            return unzipped[: self._max_bytes], TOO_LARGE
        return unzipped, cut or (None if unzipping.eof else CUT_OFF)

    # ---- called by llhttp; what follows a complete answer is ignored ----

    def on_message_begin(self) -> None:
        """Mark the connection as unusable where a second answer begins."""
        if self.is_complete:
            self.is_last = True

    def on_status(self, text: bytes) -> None:
        """Append a part of the reason phrase."""
        if not self.is_complete:
            self._status_text += text

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header that is used; a trailer is ignored."""
        if self.status:
            return
        name = name.lower()
        if name == b"set-cookie":
            self._set_cookies.append(value.decode("latin-1"))
        elif name in _KEPT_HEADERS:
            self._headers.setdefault(name.decode("ascii"), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        """Record the status; forget the head of an interim answer (1xx)."""
        if self.is_complete:
            return
        status = self._parser.get_status_code()
        if status // 100 == 1:
            self._status_text = b""
            self._headers.clear()
            self._set_cookies.clear()
        else:
            self.status = status

    def on_body(self, data: bytes) -> None:
        """Append a part of the body."""
        if not self.is_complete and self._body_bytes <= self._max_bytes:
            self._body_bytes += len(data)
            self._body.append(data)

    def on_message_complete(self) -> None:
        """Record that the answer is complete, and whether the connection stays open."""
        if self.status and not self.is_complete:
            self.is_complete = True
            self.is_last = not self._parser.should_keep_alive()
