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
    is_resumable:    whether a form that came after the session's end is kept, and can be sent after the login; not one
                     that holds a password or a code.
    is_of_server:    whether it is about the server itself, and so for users of the first workspace only.
    """

    method: str
    path: str
    scope: Scope | None
    handler: Handler
    max_form_bytes: int = MAX_FORM_BYTES
    is_resumable: bool = True
    is_of_server: bool = False
