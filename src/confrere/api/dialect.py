"""How one of the APIs words its answers: the headers that all of them carry, and its errors."""

from typing import Protocol

from confrere.api.request import ApiRequest
from confrere.domain.errors import ConfrereError
from confrere.http.answer import Answer

RawHeaders = list[tuple[bytes, bytes]]


class ApiDialect(Protocol):
    """The answers of one API that no handler gives, for the gate."""

    def for_error(self, request: ApiRequest, error: ConfrereError) -> Answer:
        """Answer an error by the API's one table. Raises `error` where the table does not know it."""
        ...

    def not_found(self, request: ApiRequest) -> Answer:
        """Answer a request for an unknown path."""
        ...

    def method_not_allowed(self, request: ApiRequest, allow: str) -> Answer:
        """Answer a method that the path does not take. allow: the methods that it takes, with commas."""
        ...

    def timed_out(self, request: ApiRequest) -> Answer:
        """Answer a request whose handler took too long. A send goes on in the background."""
        ...

    def internal_error(self, request: ApiRequest) -> Answer:
        """Answer a bug of ours with the API's fixed 500."""
        ...

    async def headers(self, request: ApiRequest, answer: Answer) -> RawHeaders:
        """Return all headers of the answer but its length."""
        ...
