"""A server that answers from a script over real HTTP, and keeps the requests."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Asked:
    """A request; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """Return its JSON."""
        return json.loads(self.content)


@dataclass(frozen=True)
class Scripted:
    """An answer. body None closes the connection without one; `seconds` delays it."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    seconds: float = 0.0


SILENCE = Scripted(silent=True)
NOT_FOUND = Scripted(404, {"success": False, "error": "There is nothing at this path"})


class ScriptedServer:
    """Answers each request with the next of `script`; requests for the API's description with `description`."""

    def __init__(self) -> None:
        self.script: list[Scripted] = []
        self.description = NOT_FOUND
        self.asked: list[Asked] = []
        self._stop = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def will_answer(self, *answers: Scripted) -> None:
        """Append these answers to the script."""
        self.script.extend(answers)

    def sends(self) -> Sequence[Asked]:
        """Return the requests that would send."""
        return [asked for asked in self.asked if asked.method == "POST"]

    def answer(self, asked: Asked) -> Scripted:
        """Return the next answer."""
        self.asked.append(asked)
        reply = self.description if asked.path.endswith("/openapi.json") else self.script.pop(0)
        self._stop.wait(reply.seconds)
        return reply

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _handler(server: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = server.answer(Asked(self.command, self.path, headers, content))
            if reply.silent:
                self.close_connection = True
                return
            body = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the client has given up

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 (http.server's names)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler
