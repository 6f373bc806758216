"""What the reference shows of one operation: words, parameters, a request and an example of every answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from confrere.api.compatible.bodies import AccountItem
from confrere.api.shared_bodies import Body
from confrere.domain.errors import ConfrereError
from confrere.http.answer import Answer

Node = dict[str, object]
"""A JSON object of the document."""

Shown = Answer | Body | list[AccountItem] | ConfrereError
"""What an example shows: an answer, the body of a 200, or an error, which the operation's API turns into an answer."""


@dataclass(frozen=True, slots=True)
class Example:
    """One answer of an operation. `name` is unique within its status."""

    name: str
    summary: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. place: `path`, `query` or `header`."""

    name: str
    place: str
    description: str
    schema: Node
    example: object = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path; its scope and the methods of its path come from the route, its common answers by rule.

    path:         as in the document, names of its parts in camel case.
    examples:     the answers of its own, without those of `common_answers`.
    request:      the JSON schema of the body; `title` is its name in the document.
    body, query:  of the code samples; a `body` that is a string is sent as CSV.
    status_texts: what a status means here, where `openapi_text.STATUS_TEXT` does not fit.
    text:         the media type of a 200 that has no example.
    dry_run:      whether it changes nothing, though its method or scope suggests that it does.
    """

    method: str
    path: str
    operation_id: str
    summary: str
    description: str
    examples: Sequence[Example]
    parameters: Sequence[Parameter] = ()
    request: Node | None = None
    body: Mapping[str, object] | str | None = None
    query: str = ""
    status_texts: Mapping[int, str] = field(default_factory=dict)
    text: str = "application/json"
    dry_run: bool = False

    @property
    def sends(self) -> bool:
        """Whether it sends a message: only those take an `Idempotency-Key`."""
        return any(parameter.name == "Idempotency-Key" for parameter in self.parameters)

    @property
    def media_type(self) -> str:
        """The media type of its request body."""
        return "text/csv" if isinstance(self.body, str) else "application/json"
