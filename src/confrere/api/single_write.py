"""Answers written as a whole: the head together with the body."""

from uvicorn._types import ASGISendEvent, HTTPResponseBodyEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from confrere.sending.disconnects import disconnect_watch_of

_FRAMING = frozenset({b"connection", b"transfer-encoding"})
_LONG_BYTES = 16 * 1024
_ALLOWED = bytes({*b"\t", *range(0x20, 0x100)} - {0x7F})


class SingleWriteCycle(RequestResponseCycle):
    """uvicorn's answer to one request; where its length is known, its head waits for its body.

    uvicorn writes one after the other, and each write wakes the client, which costs about 20 µs. A body is handed to
    the operating system at once: that is when an answer counts as written. What is no ordinary answer is left to
    uvicorn, and the head of one that comes in parts leaves at once: its first part may take long.
    """

    _start: HTTPResponseStartEvent | None = None

    async def send(self, message: ASGISendEvent) -> None:
        """ASGI."""
        start, self._start = self._start, None
        if message["type"] == "http.response.start" and not self.response_started:
            named = dict(message.get("headers", ()))
            if b"content-length" in named and _FRAMING.isdisjoint(named):
                self._start = message
                return
        elif message["type"] == "http.response.body" and start is not None:
            if self._write(start, message):
                return
            await super().send(start)
        await super().send(message)

    def _write(self, start: HTTPResponseStartEvent, end: HTTPResponseBodyEvent) -> bool:
        """Write it; False where it is for uvicorn to write."""
        headers, body = [*self.default_headers, *start.get("headers", ())], end.get("body", b"")
        if (
            end.get("more_body")
            or self.disconnected
            or self.flow.write_paused
            or self.scope["method"] == "HEAD"
            or (b"content-length", b"%d" % len(body)) not in headers
        ):
            return False
        if not self.keep_alive:
            headers.append((b"connection", b"close"))
        head = b"\r\n".join([name + b": " + value for name, value in headers])
        if len(head.translate(None, _ALLOWED)) != len(b"\r\n") * (len(headers) - 1):
            return False  # a control character, for which uvicorn raises
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        head = STATUS_LINE[start["status"]] + head + b"\r\n\r\n"
        if len(body) < _LONG_BYTES:
            self.transport.write(head + body)
        else:  # not copied: clients that do not read a document would each hold a copy of it
            self.transport.writelines((head, body))
        if self.transport.is_closing() and (disconnects := disconnect_watch_of(self.scope)) is not None:
            disconnects.tell()  # a transport that the client has ended swallows what it is given
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True
