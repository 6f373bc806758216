"""A preflight: the checks of a send that is not made, and their results."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from confrere.domain.message import MessageText
from confrere.domain.urns import GroupId, ProfileUrn


class CheckName(StrEnum):
    """The checks, in the order in which a send meets them."""

    FIELDS = "fields"
    ACCOUNT = "account"
    DO_NOT_CONTACT = "doNotContact"
    QUOTA = "quota"
    PACING = "pacing"
    RECENT_IDENTICAL = "recentIdentical"
    SENDER_IN_GROUP = "senderInGroup"
    RECIPIENT_IN_GROUP = "recipientInGroup"
    CONVERSATION = "conversation"


LINKEDIN_CHECKS = (CheckName.SENDER_IN_GROUP, CheckName.RECIPIENT_IN_GROUP, CheckName.CONVERSATION)
"""The checks for which LinkedIn is asked, in their order."""


@dataclass(frozen=True, slots=True)
class PreflightRequest:
    """The send to be checked. A field that is not valid is None here and named in `faults`.

    text:            None where no message was given either.
    names_account:   False where the field that names the account has the wrong form.
    recipient_name:  what the recipient's name begins with; LinkedIn finds members by nothing else.
    ask_linkedin:    whether LinkedIn may be asked.
    """

    workspace_id: str
    account_id: str | None
    recipient: ProfileUrn | None
    group_id: GroupId | None
    text: MessageText | None
    faults: Sequence[str] = ()
    names_account: bool = True
    recipient_name: str | None = None
    ask_linkedin: bool = False

    def __repr__(self) -> str:
        return f"<PreflightRequest to {self.recipient}>"


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check. `ok` None: it could not be decided."""

    name: CheckName
    ok: bool | None
    detail: str

    @classmethod
    def undecided(cls, name: CheckName, detail: str) -> "Check":
        """Return the result of a check that could not be decided."""
        return cls(name, None, detail)


@dataclass(frozen=True, slots=True)
class PreflightResult:
    """The results of all checks."""

    checks: Sequence[Check]

    @property
    def would_send(self) -> bool | None:
        """Whether a new message would go out; None where that cannot be decided."""
        states = {check.ok for check in self.checks}
        return False if False in states else None if None in states else True
