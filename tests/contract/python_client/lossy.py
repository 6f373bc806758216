"""A TCP line to a server that loses requests or answers, to test what a client does about it."""

import socket
import struct
import threading
from contextlib import suppress
from enum import Enum
from typing import Self
from urllib.parse import urlsplit


class Loss(Enum):
    """What is lost on one connection: the request or its answer."""

    REQUEST = "request"
    ANSWER = "answer"


class LossyLine:
    """Listens on a port of its own and passes each connection on; `losses` is applied to the next ones in order."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.losses: list[Loss] = []
        self._lines: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._lines:
            _shut(line, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._lines.append(near)
            loss = self.losses.pop(0) if self.losses else None
            thread = threading.Thread(target=self._carry, args=(near, loss))
            self._threads.append(thread)
            thread.start()

    def _carry(self, near: socket.socket, loss: Loss | None) -> None:
        with near:
            if loss is Loss.REQUEST:
                near.recv(65536)
                _reset(near)
                return
            with socket.create_connection(self._target) as far:
                back = threading.Thread(target=_copy, args=(near, far))
                back.start()
                if loss is Loss.ANSWER:
                    far.recv(65536)
                    _reset(near)
                else:
                    _copy(far, near)
                _shut(near)
                _shut(far)
                back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    _shut(target)


def _reset(line: socket.socket) -> None:
    """Reset the connection as a crash would."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _shut(line: socket.socket, how: int = socket.SHUT_WR) -> None:
    with suppress(OSError):
        line.shutdown(how)
