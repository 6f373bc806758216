"""An HTTP answer as it arrives: llhttp reads it, what it says is kept, and what keeps it from being whole."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httptools

CUT_OFF: Final = "LinkedIn's answer was cut off"
NOT_HTTP: Final = "LinkedIn's answer was not readable HTTP"
TOO_LARGE: Final = "LinkedIn's answer was too large"

_MAX_FRAMING_BYTES = 512 * 1024
"""Of all that is not body: head, chunk sizes, trailers. LinkedIn's content-security-policy alone passes 30 KiB."""
_KEPT_HEADERS = frozenset(
    {b"content-encoding", b"content-length", b"date", b"location", b"retry-after", b"transfer-encoding"}
)
_GZIP = 31
"""zlib's name for it."""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An HTTP answer, at least its head.

    headers:      those that we read, their names in lower case.
    set_cookies:  the values of its `Set-Cookie` lines.
    body:         decoded, as far as it came.
    cut:          why the body is not whole, else None.
    """

    status: int
    status_text: str
    headers: Mapping[str, str]
    set_cookies: tuple[str, ...]
    body: bytes
    cut: str | None = None


class AnswerReader:
    """Reads one answer.

    status:    0 until the head is there.
    fault:     why no more of it can be read, else None.
    is_whole:  nothing more belongs to it.
    is_last:   the connection is not to be used for another.
    """

    def __init__(self, max_bytes: int) -> None:
        """max_bytes: of the body; what is longer is cut."""
        self.status = 0
        self.fault: str | None = None
        self.is_whole = False
        self.is_last = True
        self._max_bytes = max_bytes
        self._status_text = b""
        self._headers: dict[str, str] = {}
        self._set_cookies: list[str] = []
        self._body: list[bytes] = []
        self._all_bytes = self._body_bytes = 0
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """The next bytes of the connection."""
        self._all_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.is_last = True
            self.fault = None if self.is_whole else NOT_HTTP
        if not self.is_whole and self._all_bytes - self._body_bytes > _MAX_FRAMING_BYTES:
            self.fault = NOT_HTTP
        if self._body_bytes > self._max_bytes:
            self.fault = TOO_LARGE

    def end(self) -> None:
        """The connection has ended in good order, which is how a body without a length ends."""
        self.is_whole = bool(self.status) and not self._headers.keys() & {"content-length", "transfer-encoding"}

    def answer(self, cut: str | None = None) -> RawAnswer:
        """What was read. cut: why it is all that there is of it."""
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

    # ---- for the parser; what follows a whole answer is passed over ----

    def on_message_begin(self) -> None:
        """The first byte of an answer; one that follows ours is nobody's."""
        if self.is_whole:
            self.is_last = True

    def on_status(self, text: bytes) -> None:
        """A part of the reason."""
        if not self.is_whole:
            self._status_text += text

    def on_header(self, name: bytes, value: bytes) -> None:
        """One line of the head; or of what follows a body in chunks, which nobody reads."""
        if self.status:
            return
        name = name.lower()
        if name == b"set-cookie":
            self._set_cookies.append(value.decode("latin-1"))
        elif name in _KEPT_HEADERS:
            self._headers.setdefault(name.decode("ascii"), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        """The head is there; or one that only announces another."""
        if self.is_whole:
            return
        status = self._parser.get_status_code()
        if status // 100 == 1:
            self._status_text = b""
            self._headers.clear()
            self._set_cookies.clear()
        else:
            self.status = status

    def on_body(self, data: bytes) -> None:
        """Some of the body."""
        if not self.is_whole and self._body_bytes <= self._max_bytes:
            self._body_bytes += len(data)
            self._body.append(data)

    def on_message_complete(self) -> None:
        """All of it is there."""
        if self.status and not self.is_whole:
            self.is_whole = True
            self.is_last = not self._parser.should_keep_alive()
