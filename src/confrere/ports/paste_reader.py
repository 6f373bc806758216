"""Reading what a person copied from their browser."""

from typing import Protocol

from confrere.domain.session import Session


class PasteReader(Protocol):
    """Reads what a person copied from their logged-in browser."""

    def __call__(self, text: str, *, user_agent: str | None = None) -> Session:
        """Return the session in it. user_agent: of that browser, where the text lacks it. Raises InvalidField."""
        ...
