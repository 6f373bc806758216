"""GraphQL reads: `queryId=<name>.<hash>&variables=(…)`, dispatched by the query's name and its variables.

Hashes rotate with LinkedIn's releases, so any is accepted; the fault `old_query_id` simulates an outdated one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from confrere.sandbox.answers import NORMALIZED, Answer, Kind, Refused, assumed, attested
from confrere.sandbox.request import Request
from confrere.sandbox.restli import SyntaxFault, Value, parse_record
from confrere.sandbox.sandbox import Sandbox
from confrere.sandbox.views import normalize

Json = dict[str, Any]

BAD_SYNTAX = attested("bad-variables", "the variables are not of Rest.li's tuple syntax: 400")
BAD_QUERY = assumed("bad-query", "no such query, or not with these variables: 400")
FORBIDDEN = assumed("forbidden-read", "another member's mailbox, or a group that the viewer is not in: 403")

_QUERY_ID: Final = re.compile(r"([A-Za-z]+)\.[0-9a-f]{32}", re.ASCII)


class Variables:
    """The variables of a query. Each accessor raises Refused for a value that LinkedIn does not accept."""

    def __init__(self, request: Request, given: dict[str, Value]) -> None:
        self._request = request
        self._given = given

    def names(self) -> frozenset[str]:
        """Return the names of the given variables."""
        return frozenset(self._given)

    def refuse(self) -> Refused:
        """Return the 400 for invalid variables."""
        return Refused(BAD_QUERY.error({"status": 400}, status=400, normalized=self._request.normalized))

    def record(self, *path: str) -> Value:
        """Return a variable, or the value at a path of keys in it."""
        value: Value = self._given
        for key in path:
            if not isinstance(value, dict) or key not in value:
                raise self.refuse()
            value = value[key]
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string variable."""
        value = self._given.get(name, default)
        if not isinstance(value, str):
            raise self.refuse()
        return value

    def number(self, name: str, default: int | None = None) -> int:
        """Return an integer variable of 0 or more."""
        text = self.text(name, None if default is None else str(default))
        if not text.isascii() or not text.isdigit():
            raise self.refuse()
        return int(text)

    def texts(self, name: str, default: list[str] | None = None) -> list[str]:
        """Return a variable that is a list of strings."""
        value = self._given.get(name, default)
        if not isinstance(value, list):
            raise self.refuse()
        texts = [item for item in value if isinstance(item, str)]
        if len(texts) != len(value):
            raise self.refuse()
        return texts


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a query: the answer's kind, the field's name, and its value."""

    kind: Kind
    field: str
    value: Any


Query = Callable[[Sandbox, Request, Variables], Found]


def answer_query(sandbox: Sandbox, request: Request, queries: dict[str, Query]) -> Answer:
    """Answer a GraphQL read. Raises Refused.

    Source: LinkedIn web client, attested: inline under `data`, or normalized and then nested twice.
    """
    parameters = request.raw_parameters()
    named = _QUERY_ID.fullmatch(parameters.get("queryId", ""))
    try:
        variables = Variables(request, parse_record(parameters.get("variables", "")))
    except SyntaxFault as error:
        raise Refused(BAD_SYNTAX.error({"status": 400}, status=400, normalized=request.normalized)) from error
    if named is None or named[1] not in queries:
        raise variables.refuse()
    found = queries[named[1]](sandbox, request, variables)
    value = {"data": {found.field: found.value}}
    if request.normalized:
        return found.kind.json(normalize(value), content_type=NORMALIZED)
    return found.kind.json(value)


def collection(elements: list[Any], **beside: Json) -> Json:
    """Make a Rest.li collection."""
    return {"_type": "com.linkedin.restli.common.CollectionResponse", "elements": elements, **beside}


def forbid(request: Request) -> Refused:
    """Return the 403 for a read that the viewer may not make."""
    body = {
        "exceptionClass": "com.linkedin.voyager.common.VoyagerUserVisibleException",
        "message": "You don't have access to this",
        "status": 403,
    }
    return Refused(FORBIDDEN.error(body, status=403, normalized=request.normalized))
