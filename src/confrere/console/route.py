"""A page's route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from confrere.console.page import MAX_FORM_BYTES, Page
from confrere.domain.keys import Scope
from confrere.http.answer import Answer
from confrere.services import Services

Handler = Callable[[Page, Services], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One method of one path.

    scope:           what the user must have; None where nobody has to be logged in.
    max_form_bytes:  of the form that is sent to it.
    """

    method: str
    path: str
    scope: Scope | None
    handler: Handler
    max_form_bytes: int = MAX_FORM_BYTES
