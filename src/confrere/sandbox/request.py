"""The request that handlers receive."""

from typing import Any, Final, TypeAlias

import msgspec

from confrere.sandbox.restli import SyntaxFault, decode

Scope: TypeAlias = dict[str, Any]

_NORMALIZED: Final = b"normalized+json"


class Request:
    """Method, path, raw query, headers and body; after `identify` also the session's account."""

    __slots__ = ("account", "body", "headers", "member", "method", "path", "query", "recipient")

    def __init__(self, scope: Scope, body: bytes) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["raw_path"].decode("latin-1")
        self.query: str = scope["query_string"].decode("latin-1")
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.body = body
        self.account: int | None = None
        self.member = 0
        self.recipient: int | None = None

    @property
    def target(self) -> str:
        """Path and query as received."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def normalized(self) -> bool:
        """Whether the client accepts the normalized form."""
        return _NORMALIZED in self.headers.get(b"accept", b"")

    @property
    def origin(self) -> str:
        """Scheme and host, as the client addressed them."""
        return f"http://{self.headers.get(b'host', b'').decode('latin-1')}"

    @property
    def url(self) -> str:
        """The whole URL, as the client addressed it."""
        return self.origin + self.target

    def raw_parameters(self) -> dict[str, str]:
        """Return the query's parameters, still encoded; of a repeated one the last."""
        return dict(part.partition("=")[::2] for part in self.query.split("&") if part)

    def parameter(self, name: str) -> str | None:
        """Return a decoded parameter of the query; None where it is absent or not UTF-8."""
        raw = self.raw_parameters().get(name)
        if raw is None:
            return None
        try:
            return decode(raw.replace("+", " "))
        except SyntaxFault:
            return None


def decode_json(body: bytes, kind: Any) -> Any:
    """Decode the body as a value of `kind`. Raises msgspec.DecodeError for any invalid bytes."""
    try:
        return msgspec.json.decode(body, type=kind)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError("it must be JSON in UTF-8") from error
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deeply") from error
