"""Errors as sentences for an agent: what happened, what to do and what not to do."""

from typing import TypeVar

from confrere.domain import errors
from confrere.domain.account import UNTIL_RELEASED
from confrere.domain.attempt import Unreadable
from confrere.domain.limits import iso_z
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.mcp.tool import ToolFailed
from confrere.sending import Reading

T = TypeVar("T")

CONNECT = "Ask the human to connect it again with `confrere accounts connect`; you cannot do that"
INTERNAL_ERROR = "Internal server error. Ask the human to look into the server's log; do not try again."


def sentences(error: errors.ConfrereError) -> str:
    """Return the error's reason and the agent's next step as sentences."""
    match error:
        case errors.AccountDisabled(account_id=account_id):
            return (
                f"The account {account_id} is disabled, and nothing was done. Only the human decides whether it is "
                f"enabled again, with `confrere accounts enable {account_id}`; do not turn to another account."
            )
        case errors.LimitIsZero():
            return "The daily limit of this account is 0: it may send none. Tell the human; waiting does not help."
        case errors.InvalidField():
            return f"{_ended(error)} Nothing was done; correct it."
        case errors.NoSession(account_id=None):
            return (
                "No LinkedIn account is connected. Ask the human to connect one with `confrere accounts connect`; "
                "you cannot do that."
            )
        case errors.NoSession():
            return f"This account has no LinkedIn session that can be used. {CONNECT}."
        case errors.AccountHeld():
            return _hold(error)
        case errors.TooFast():
            return f"{_ended(error)} Wait until {iso_z(error.resets_at)}, and do not look for a faster way."
        case errors.LimitReached():
            return f"{_ended(error)} There is more from {iso_z(error.resets_at)} on. Do not try before; tell the human."
        case errors.KeyInUse():
            return (
                "The first call with this idempotencyKey is still running. Wait a few seconds, then make the same "
                "call with the same key: it is then told what became of the first one."
            )
        case errors.KeyReused():
            return (
                "This idempotencyKey was used for another message. A key belongs to one message to one person: look "
                "at list-sends before you choose a new one."
            )
        case errors.Draining():
            return "The server is stopping, and nothing was sent. Make the same call again in a minute."
        case errors.StoreUnavailable():
            away = "The server's store does not answer, and nothing was done. Try again in a minute, or tell the human."
            return f"Nothing was done. Tell the human: {error.advice}." if error.remedy else away
        case errors.Forbidden():
            return f"{_ended(error)} Ask the human; do not look for another way."
        case _:  # the error's own text is enough
            return _ended(error)


def unwrap_reading(reading: Reading[T]) -> T:
    """Return what was read from LinkedIn. Raises ToolFailed where nothing was."""
    match reading.result:
        case Refused(status, _, code, text):
            words = ": ".join(word for word in (code, text) if word)
            raise ToolFailed(f"LinkedIn refused this with {status}{f' ({words})' if words else ''}. Do not repeat it.")
        case Throttled():
            until = f" It is held until {iso_z(reading.hold_until)}" if reading.hold_until else " It is held"
            raise ToolFailed(f"LinkedIn throttles this account.{until}: leave it alone, and tell the human.")
        case SessionDead():
            raise ToolFailed(f"LinkedIn no longer takes this account's session. {CONNECT}.")
        case Unreadable(why, protocol_moved):
            remedy = (
                "LinkedIn's protocol may have moved: ask the human to run `confrere doctor`"
                if protocol_moved
                else "You can try once more in a few minutes"
            )
            raise ToolFailed(f"LinkedIn could not be read: {why}. {remedy}.")
        case _:
            return reading.result


def _ended(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if text.endswith((".", "!", "?")) else text + "."


def _hold(error: errors.AccountHeld) -> str:
    if error.resets_at >= UNTIL_RELEASED:
        return f"{_ended(error)} Only the human can do that: tell them."
    return (
        f"LinkedIn throttles this account. It is held until {iso_z(error.resets_at)}: do nothing with it "
        "before then, do not turn to another account for the same work, and tell the human."
    )
