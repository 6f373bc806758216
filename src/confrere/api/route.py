"""One row of an API's route table, which the router, the gate and the reference read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from confrere.api.request import ApiRequest
from confrere.domain.keys import Caller, Scope
from confrere.domain.limits import Action
from confrere.http.answer import Answer
from confrere.services import Services

Handler = Callable[[Caller, ApiRequest, Services], Awaitable[Answer]]

ANONYMOUS = Caller("", "", frozenset())
"""The caller that the handler of a route without a scope is given."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path.

    path:    whole, with names of its parts in braces.
    scope:   what the caller's key must be allowed; None where no key is needed.
    spends:  the quota that a call counts against; None where it counts against none.
    """

    method: str
    path: str
    scope: Scope | None
    spends: Action | None
    handler: Handler
