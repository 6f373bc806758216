"""Reading what a person copied from their browser."""

from typing import Protocol

from confrere.domain.paste import PasteContents
from confrere.domain.session import Session


class PasteReader(Protocol):
    """Reads what a person copied from their logged-in browser."""

    def __call__(self, text: str, *, user_agent: str | None = None) -> Session:
        """Return the session in it. user_agent: of that browser, where the text lacks it. Raises InvalidField."""
        ...


class PasteDescriber(Protocol):
    """Describes what a person copied, also where it is not enough."""

    def __call__(self, text: str, *, user_agent: str | None = None) -> PasteContents:
        """Return what is in it, without any value."""
        ...
