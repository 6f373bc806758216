"""What several pages ask of a request: an account, a group, people; and why LinkedIn could not be read, in words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from confrere.console.page import Page
from confrere.console.templates import format_time
from confrere.domain.account import Account
from confrere.domain.attempt import Unreadable, why_not_read
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.sending.account_reads import Reading
from confrere.services import Services

MOST_PEOPLE: Final = 100
"""People to whom one form of a message leads, one after the other."""

_URN: Final = "urn:li:fsd_profile:"


async def account_of(page: Page, services: Services) -> tuple[list[Account], Account | None]:
    """Return the accounts that the user sees, and the one that is named: by default the default one, or the first.

    None where the user sees no account. Raises NotFound where another one is named.
    """
    assert page.user is not None
    accounts = page.visible(await services.accounts.search(page.user.workspace_id))
    named = page.form.get("account") or page.query.text("account")
    if named:
        found = next((one for one in accounts if one.id == named), None)
        if found is None:
            raise NotFound("There is no such account in this workspace")
        return accounts, found
    default = next((one for one in accounts if one.is_default), None)
    return accounts, default or (accounts[0] if accounts else None)


def group_of(text: str) -> GroupId:
    """Return the group of a path or a field. Raises NotFound."""
    try:
        return GroupId.parse(text)
    except InvalidField as fault:
        raise NotFound("There is no such group: its id is a number") from fault


def person_of(text: str) -> ProfileUrn:
    """Return the person whom an address of ours names, by their URN or its bare id. Raises NotFound."""
    try:
        return ProfileUrn.parse(text if text.startswith("urn:") else f"{_URN}{text}")
    except InvalidField as fault:
        raise NotFound("There is no such person: the address must end with the id of a profile") from fault


def people_of(texts: Iterable[str]) -> list[ProfileUrn]:
    """Return the people whom fields name, each once. Raises NotFound."""
    return list(dict.fromkeys(person_of(text) for text in texts if text))


def all_of(page: Page, name: str) -> list[str]:
    """Return all parameters of this name in the address."""
    query = page.scope["query_string"].decode("latin-1")
    return [value for key, value in parse_qsl(query, errors="replace") if key == name]


def explain_unread(reading: Reading[Any], now: datetime, *, if_refused: str = "Is it in the group?") -> str | None:
    """Return why LinkedIn was not read, with the remedy; None where it was. if_refused: the remedy then."""
    result = reading.result
    match result:
        case Refused():
            remedy = if_refused
        case SessionDead():
            remedy = "Connect the account again."
        case Throttled():
            is_held = reading.hold_until is not None and reading.hold_until > now
            until = f" until {format_time(reading.hold_until)}" if is_held else ""
            remedy = f"It rests{until}; read on after that."
        case Unreadable():
            remedy = "Nothing was spent; try again in a moment."
        case _:
            return None
    return f"{why_not_read(result)}. {remedy}"
