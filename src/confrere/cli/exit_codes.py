"""The exit codes, and the table that gives each error its code, text and remedy."""

import errno
from enum import IntEnum
from typing import Any

from confrere.cli.runtime import SetupError
from confrere.cli.times import format_time
from confrere.domain import errors, remedies
from confrere.domain.account import UNTIL_RELEASED
from confrere.domain.campaigns.audience import AudienceInUse, AudienceNotReady
from confrere.domain.campaigns.campaign import ContentChanged, WrongStatus
from confrere.domain.campaigns.saved_template import TemplateInUse
from confrere.domain.limits import Action, iso_z
from confrere.domain.remedies import IS_DATABASE_RUNNING
from confrere.domain.webhooks import DeliveryInProgress, WebhookDisabled


class ExitCode(IntEnum):
    """The meaning of each exit code."""

    OK = 0
    NOT_DONE = 1
    USAGE = 2
    LIMIT = 3
    UNKNOWN = 4
    STORE = 5
    BUG = 70
    OUTPUT = 74
    INTERRUPTED = 130


MEANING = {
    ExitCode.OK: "done",
    ExitCode.NOT_DONE: "not done: refused, not found, not sent, or `doctor` found something",
    ExitCode.USAGE: "a wrong argument or setting; nothing was touched",
    ExitCode.LIMIT: "a limit: the day's quota, a rule of pacing, or LinkedIn throttles the account",
    ExitCode.UNKNOWN: "LinkedIn may have the message; its fate is not known yet",
    ExitCode.STORE: "the store does not answer",
    ExitCode.BUG: "a fault in confrere itself",
    ExitCode.OUTPUT: "the result could not be written to standard output; what was asked may have been done",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
}


class CommandFailed(Exception):
    """A command failed. Text and remedy are sentences for people, without a full stop.

    more:  further fields of the JSON error object.
    """

    def __init__(
        self,
        text: str,
        remedy: str | None = None,
        *,
        code: ExitCode = ExitCode.NOT_DONE,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.remedy = remedy
        self.code = code
        self.more = more or {}


def explain(fault: errors.ConfrereError | SetupError) -> CommandFailed:
    """Convert an error to text, remedy and exit code."""
    match fault:
        case SetupError():
            code = ExitCode.STORE if isinstance(fault.__cause__, errors.StoreUnavailable) else ExitCode.USAGE
            return CommandFailed(str(fault), code=code)
        case errors.AccountDisabled() | errors.LimitIsZero():
            return _explain_setting(fault)
        case (
            errors.SessionNotTaken()
            | errors.NotFound()
            | errors.Forbidden()
            | WrongStatus()
            | ContentChanged()
            | AudienceInUse()
            | AudienceNotReady()
            | TemplateInUse()
            | WebhookDisabled()
            | DeliveryInProgress()
        ):
            return CommandFailed(str(fault))
        case errors.InvalidField():
            return CommandFailed(str(fault).strip(), code=ExitCode.USAGE)
        case errors.Unauthorized():
            return CommandFailed("The API key is not good", "`confrere keys create` makes a new one")
        case errors.KeyInUse():
            return CommandFailed("The first send with this idempotency key is still running", "Repeat it later")
        case errors.KeyReused():
            return CommandFailed("This idempotency key was used for another message", "Use a new key for a new message")
        case errors.NoSession(account_id=None):
            return CommandFailed("No LinkedIn account is connected", "Connect one: `confrere accounts connect`")
        case errors.NoSession():
            return CommandFailed(
                "The account has no LinkedIn session that can be used", "Connect it again: `confrere accounts connect`"
            )
        case errors.AccountHeld():
            return CommandFailed(
                *_describe_hold(fault),
                code=ExitCode.LIMIT,
                more={"holdUntil": iso_z(fault.resets_at)},
            )
        case errors.LimitReached():
            rules, left = "`confrere pacing show` shows the rules", "`confrere quota` shows what is left"
            see = rules if isinstance(fault, errors.TooFast) else left
            members = fault.quota is not None and fault.quota.action is Action.GROUP_MEMBERS
            more = "More members can be read" if members else "More can be sent"
            return CommandFailed(
                str(fault),
                f"{more} from {format_time(fault.resets_at)}; {see}",
                code=ExitCode.LIMIT,
                more={"resetAt": iso_z(fault.resets_at)},
            )
        case errors.Draining():
            return CommandFailed("The process is stopping and begins nothing new", "Repeat this")
        case errors.StoreUnavailable():
            return CommandFailed(
                str(fault) if fault.remedy else f"The store does not answer: {fault}",
                fault.remedy or f"{IS_DATABASE_RUNNING} `confrere doctor` checks it",
                code=ExitCode.STORE,
            )
        case _:  # errors of the store's configuration carry their own remedy
            return CommandFailed(str(fault), code=ExitCode.USAGE)


def _explain_setting(fault: errors.AccountDisabled | errors.LimitIsZero) -> CommandFailed:
    """Explain an error that comes from what the operator has set for the account."""
    match fault:
        case errors.AccountDisabled(account_id=account_id):
            remedy = f"`confrere accounts enable {account_id}` enables it"
            return CommandFailed(f"The account {account_id} is disabled", remedy)
        case errors.LimitIsZero():
            text = "The account's daily limit is 0, so it may send none"
            return CommandFailed(text, "`confrere accounts set-limit` raises it", code=ExitCode.LIMIT)


def explain_address(fault: SetupError, port: str) -> CommandFailed | None:
    """Explain why a server could not listen; None for any other error."""
    cause = fault.__cause__
    match cause.errno if isinstance(cause, OSError) else None:
        case errno.EADDRINUSE:
            text, remedy = f"Port {port} is in use", "Stop what uses it, or choose another: `--port 0` picks a free one"
        case errno.EACCES:
            text, remedy = f"This user may not listen on port {port}", "Choose one from 1024 upwards with `--port`"
        case errno.EADDRNOTAVAIL:
            text, remedy = "The address to listen on is not one of this machine", "Choose another with `--host`"
        case _:
            return None
    return CommandFailed(text, remedy, code=ExitCode.USAGE)


def _describe_hold(fault: errors.AccountHeld) -> tuple[str, str]:
    """Return the problem and its remedy."""
    if fault.resets_at >= UNTIL_RELEASED:
        return "This account is held since a backup was restored", remedies.RELEASE_ACCOUNT
    until = format_time(fault.resets_at)
    return f"LinkedIn throttles this account; it rests until {until}", "Leave it alone until then, and send less"
