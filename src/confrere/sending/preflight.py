"""Whether a send would go through, without sending: every check that a send meets, and what LinkedIn says if asked."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from confrere.domain.account import Account, AccountStatus
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.errors import ConfrereError, NotFound, StoreUnavailable
from confrere.domain.group import GroupMember, MembersQuery, Page
from confrere.domain.limits import Action, iso_z
from confrere.domain.message import MessageText
from confrere.domain.outcome import UNCERTAIN, Refused, SessionDead, Throttled
from confrere.domain.pacing import LimitName
from confrere.domain.person import ConversationWith
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.ports import Clock, Store
from confrere.sending.directory import Directory

LINKEDIN_SECONDS = 20.0
"""How long all that is asked of LinkedIn may take: every answer of ours comes within 25 s."""

GROUPS_A_PAGE = 100
MAX_GROUP_PAGES = 3
NAMESAKES = 10
"""How many members are read whose names begin as the recipient's does; each costs a unit of GROUP_MEMBERS."""


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


ASKED = (CheckName.SENDER_IN_GROUP, CheckName.RECIPIENT_IN_GROUP, CheckName.CONVERSATION)
"""The checks for which LinkedIn is asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """A send that nobody has asked for yet. A field of the wrong form is None here and named in `faults`.

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
        return f"<Question to {self.recipient}>"


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check. `ok` None: it could not be decided."""

    name: CheckName
    ok: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """The results of all checks."""

    checks: Sequence[Check]

    @property
    def would_send(self) -> bool | None:
        """Whether a new message would go out; None where that cannot be decided."""
        states = {check.ok for check in self.checks}
        return False if False in states else None if None in states else True


class Preflight:
    """Checks everything that decides a send. It takes no unit of MESSAGE, writes no row and sends nothing."""

    def __init__(self, *, store: Store, directory: Directory, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock

    async def check(self, question: Question) -> Prospect:
        """Run all checks. Raises StoreUnavailable."""
        account, of_account = await self._account(question)
        checks = [
            _fields(question),
            of_account,
            await self._do_not_contact(question),
            await self._quota(account),
            await self._pacing(question, account),
        ]
        if question.text is not None:
            checks.append(await self._recent_identical(question, account))
        if question.ask_linkedin:
            is_refused = any(check.ok is False for check in checks)
            checks += await self._ask(question, None if is_refused else account)
            _, checks[1] = await self._account(question)  # LinkedIn may have objected to it meanwhile
        return Prospect(checks)

    async def _account(self, question: Question) -> tuple[Account | None, Check]:
        if not question.names_account:
            return None, _undecided(CheckName.ACCOUNT, "the account is not known")
        try:
            account = await self._store.read_account(question.workspace_id, question.account_id)
        except NotFound:
            named = "accountId must be an account of this workspace"
            detail = "no account is connected in this workspace" if question.account_id is None else named
            return None, Check(CheckName.ACCOUNT, ok=False, detail=detail)
        obstacles = _obstacles(account, self._clock())
        who = f"{account.first_name} {account.last_name} ({account.id})".strip()
        if obstacles:
            return account, Check(CheckName.ACCOUNT, ok=False, detail=f"{who} {' and '.join(obstacles)}")
        return account, Check(CheckName.ACCOUNT, ok=True, detail=f"{who} is enabled, has a session and is not held")

    async def _do_not_contact(self, question: Question) -> Check:
        if question.recipient is None:
            return _undecided(CheckName.DO_NOT_CONTACT, "the recipient is not known")
        found = await self._store.read_opt_out(question.workspace_id, str(question.recipient))
        if found is None:
            return Check(CheckName.DO_NOT_CONTACT, ok=True, detail="the recipient is not on the do-not-contact list")
        detail = f"the recipient is on the do-not-contact list since {iso_z(found.added_at)}"
        return Check(CheckName.DO_NOT_CONTACT, ok=False, detail=detail)

    async def _quota(self, account: Account | None) -> Check:
        if account is None:
            return _undecided(CheckName.QUOTA, "the account is not known")
        quotas = await self._store.read_quotas(account.id, self._clock())
        quota = next(one for one in quotas if one.action is Action.MESSAGE)
        if account.daily_limit == 0:
            return Check(CheckName.QUOTA, ok=False, detail="the daily limit of the account is 0: it may send none")
        detail = f"{quota.used} of {quota.limit} messages are used; they are counted anew at {iso_z(quota.resets_at)}"
        return Check(CheckName.QUOTA, ok=quota.remaining != 0, detail=detail)

    async def _pacing(self, question: Question, account: Account | None) -> Check:
        if account is None:
            return _undecided(CheckName.PACING, "the account is not known")
        breach = await self._store.foresee_breach(account.id, question.recipient or "", self._clock())
        if breach is None:
            return Check(CheckName.PACING, ok=True, detail="no rule of pacing keeps it waiting")
        if breach.name is LimitName.MESSAGE:
            return Check(CheckName.PACING, ok=True, detail="no rule of pacing keeps it waiting longer than the quota")
        detail = f"{breach.name}: {breach.used}/{breach.limit} used; it may go out at {iso_z(breach.opens_at)}"
        return Check(CheckName.PACING, ok=False, detail=detail)

    async def _recent_identical(self, question: Question, account: Account | None) -> Check:
        name = CheckName.RECENT_IDENTICAL
        if account is None or question.recipient is None or question.group_id is None or question.text is None:
            return _undecided(name, "account, recipient and group are not all known")
        earlier = await self._store.find_identical(
            question.workspace_id,
            account.id,
            recipient=str(question.recipient),
            group_id=str(question.group_id),
            text=str(question.text),
            now=self._clock(),
        )
        if earlier is None:
            return Check(name, ok=True, detail="there is no identical send whose answer reached nobody")
        if earlier.outcome in UNCERTAIN:
            detail = (
                f"the identical send {earlier.id}, whose outcome is {earlier.outcome}, would be joined: a message goes "
                "out only if LinkedIn certainly does not have it"
            )
            return _undecided(name, detail)
        detail = f"the answer of the identical send {earlier.id} reached nobody and would be given: {earlier.outcome}"
        return Check(name, ok=False, detail=detail)

    async def _ask(self, question: Question, account: Account | None) -> Sequence[Check]:
        """What LinkedIn says; what it does not say in time is not known."""
        if account is None or question.recipient is None or question.group_id is None:
            return [_undecided(name, "LinkedIn was not asked: see the checks before") for name in ASKED]
        checks: list[Check] = []
        try:
            async with asyncio.timeout(LINKEDIN_SECONDS):
                async for check in self._asked(question, account, question.recipient, question.group_id):
                    checks.append(check)  # noqa: PERF401 (what was checked stays where time runs out)
        except TimeoutError:
            checks += [_undecided(name, "LinkedIn did not answer in time") for name in ASKED[len(checks) :]]
        return checks

    async def _asked(
        self, question: Question, account: Account, recipient: ProfileUrn, group_id: GroupId
    ) -> AsyncIterator[Check]:
        """One after the other, in the order of `ASKED`."""
        yield await self._sender_in_group(account, group_id)
        yield await self._recipient_in_group(account, group_id, recipient, question.recipient_name)
        yield await self._conversation(account, recipient)

    async def _sender_in_group(self, account: Account, group_id: GroupId) -> Check:
        name, start, unnamed = CheckName.SENDER_IN_GROUP, 0, False
        for _ in range(MAX_GROUP_PAGES):
            try:
                reading = await self._directory.read_groups(
                    account.workspace_id, account.id, start=start, count=GROUPS_A_PAGE
                )
            except ConfrereError as refusal:
                return _explain_refusal(name, refusal)
            result = reading.result
            if not isinstance(result, Page):
                return _undecided(name, _explain(result))
            found = next((group for group in result.items if group.group_id == group_id), None)
            if found is not None:
                return Check(name, ok=True, detail=f"the account is in the group, as {found.status or 'a member'}")
            unnamed = unnamed or any(group.group_id is None for group in result.items)
            if result.is_last:
                if unnamed:
                    return _undecided(name, "LinkedIn lists groups of the account without saying which they are")
                return Check(name, ok=False, detail="LinkedIn does not list the group among the account's groups")
            start += result.places
        return _undecided(name, f"the group is not among the first {start} of the account's groups")

    async def _recipient_in_group(
        self, account: Account, group_id: GroupId, recipient: ProfileUrn, typed: str | None
    ) -> Check:
        name = CheckName.RECIPIENT_IN_GROUP
        if not typed:
            return _undecided(name, "LinkedIn finds members by name only: give recipientName to have it asked")
        try:
            reading = await self._directory.read_members(
                account.workspace_id, account.id, MembersQuery(group_id, typed=typed), start=0, count=NAMESAKES
            )
        except ConfrereError as refusal:
            return _explain_refusal(name, refusal)
        result = reading.result
        if not isinstance(result, Page):
            return _undecided(name, _explain(result))
        found: GroupMember | None = next((one for one in result.items if one.profile_urn == recipient), None)
        if found is not None:
            return Check(name, ok=True, detail=f"the recipient is in the group, as {found.status or 'a member'}")
        detail = f"not among the {len(result.items)} members that LinkedIn finds by this name, which proves nothing"
        return _undecided(name, detail)

    async def _conversation(self, account: Account, recipient: ProfileUrn) -> Check:
        name = CheckName.CONVERSATION
        try:
            reading = await self._directory.find_conversation(account.workspace_id, account.id, recipient)
        except ConfrereError as refusal:
            return _explain_refusal(name, refusal)
        result = reading.result
        if result is None or isinstance(result, ConversationWith):
            there_is = "there is a" if result and result.urn else "there is no"
            when = "already" if result and result.urn else "yet"
            return Check(name, ok=True, detail=f"{there_is} conversation with the recipient {when}")
        return _undecided(name, _explain(result))


def _fields(question: Question) -> Check:
    if question.faults:
        return Check(CheckName.FIELDS, ok=False, detail="; ".join(question.faults))
    return Check(CheckName.FIELDS, ok=True, detail="every field that was given has its form")


def _obstacles(account: Account, now: datetime) -> Sequence[str]:
    """What keeps the account from sending, as predicates."""
    obstacles = []
    if not account.enabled:
        obstacles.append("is disabled")
    if not account.has_session:
        obstacles.append("has no session: connect it again")
    elif account.status is AccountStatus.ERROR:
        why = account.status_reason or "its session ended"
        obstacles.append(f"has a session that LinkedIn does not take ({why}): connect it again")
    if account.hold_until is not None and account.is_held(now):
        obstacles.append(f"is throttled by LinkedIn and rests until {iso_z(account.hold_until)}")
    return obstacles


def _undecided(name: CheckName, detail: str) -> Check:
    return Check(name, ok=None, detail=detail)


def _explain_refusal(name: CheckName, refusal: ConfrereError) -> Check:
    """A refusal of ours kept LinkedIn from being asked. Raises StoreUnavailable, which is not about the send."""
    if isinstance(refusal, StoreUnavailable):
        raise refusal
    return _undecided(name, f"LinkedIn was not asked: {refusal}")


def _explain(result: Refused | AccountProblem | Unreadable) -> str:
    match result:
        case Refused(status):
            return f"LinkedIn refused the account this read with status {status}"
        case Throttled():
            return "LinkedIn throttles the account"
        case Unreadable(why):
            return f"LinkedIn could not be read: {why}"
        case SessionDead(why):
            return f"LinkedIn does not take the session: {why}"
        case _:
            assert_never(result)
