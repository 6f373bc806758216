"""How one of the APIs speaks: what its answers carry, and how it says no."""

from typing import Protocol

from starlette.exceptions import HTTPException

from confrere.api.errors import Answer
from confrere.api.request import Request
from confrere.domain.errors import ConfrereError

RawHeaders = list[tuple[bytes, bytes]]


class ApiDialect(Protocol):
    """One API's way of answering, for the gate.

    base_path:  what the paths of all its endpoints begin with.
    """

    base_path: str

    def refusal(self, request: Request, error: ConfrereError) -> Answer:
        """The answer to what kept a request from being carried out."""
        ...

    def routing_error(self, request: Request, error: HTTPException) -> Answer:
        """The answer to an unknown path, or to a method that a path does not take."""
        ...

    def timed_out(self, request: Request) -> Answer:
        """The answer where there is none in time. A send goes on behind it."""
        ...

    def internal_error(self, request: Request) -> Answer:
        """The answer to a bug of ours."""
        ...

    async def headers(self, request: Request, answer: Answer) -> RawHeaders:
        """All headers of the answer but its length."""
        ...


def allowed(error: HTTPException) -> str:
    """The methods that a path takes, of a 405, in a fixed order: Starlette's is a set's."""
    return ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
