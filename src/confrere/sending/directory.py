"""Reading LinkedIn for a caller: a group's members, the account's groups, a person, a conversation."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

import structlog

from confrere.domain.account import Account, Condition
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.errors import AccountDisabled, AccountHeld, InvalidField, NoSession, NotFound, StoreUnavailable
from confrere.domain.group import Group, GroupMember, MembersQuery, Page
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, Action, Quota
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.person import ConversationWith, Person, VanityName
from confrere.domain.reservation import TakenUnits
from confrere.domain.session import Session
from confrere.domain.urns import ProfileUrn
from confrere.ports import Accounts, Clock, Ledger, Quotas, Upstream
from confrere.sending.account_guard import AccountGuard
from confrere.sending.background import BackgroundTasks
from confrere.telemetry import metrics

log = structlog.get_logger()

T = TypeVar("T")

READ_SECONDS = 20.0
"""The time for all reads of one call, since every answer of ours comes within 25 s."""

MOST_READS = 4
"""The most reads for one page of ours: LinkedIn may return fewer entries at a time than it was asked for."""

ReadResult: TypeAlias = T | Refused | AccountProblem | Unreadable


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """The result of a read.

    said:        what was read, or LinkedIn's refusal, or why it could not be read.
    quota:       the state after it, of the action that it spends; of MESSAGE where it spends nothing.
    hold_until:  aware UTC; how long the account is held, where LinkedIn throttled it.
    """

    account_id: str
    result: T | Refused | AccountProblem | Unreadable
    quota: Quota
    hold_until: datetime | None = None


class Directory:
    """Reads LinkedIn with an account's session, within quota; the account stops where LinkedIn objects.

    Every read goes on to its end even where its caller is cancelled, so that units are settled.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        quotas: Quotas,
        accounts: Accounts,
        upstream: Upstream,
        guard: AccountGuard,
        background: BackgroundTasks,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._quotas = quotas
        self._accounts = accounts
        self._upstream = upstream
        self._guard = guard
        self._background = background
        self._clock = clock

    async def read_members(
        self, workspace_id: str, account_id: str | None, which: MembersQuery, *, start: int, count: int
    ) -> Reading[Page[GroupMember]]:
        """Read the `count` places of LinkedIn's list of a group's members that begin at `start`, at most 1,000 a day.

        It covers fewer places only where the list ends, or where no more members are left of the day. The units are
        taken before LinkedIn is read, and what was not read is given back after.
        Raises InvalidField, NoSession, AccountHeld, QuotaUsedUp; StoreUnavailable.
        """
        return await self._background.finish(self._read_members(workspace_id, account_id, which, start, count))

    async def read_groups(
        self, workspace_id: str, account_id: str | None, *, start: int, count: int
    ) -> Reading[Page[Group]]:
        """Read the `count` places of LinkedIn's list of the account's groups that begin at `start`. Raises as above."""
        return await self._background.finish(self._read_groups(workspace_id, account_id, start, count))

    async def resolve_person(
        self, workspace_id: str, account_id: str | None, who: ProfileUrn | VanityName
    ) -> Reading[Person | None]:
        """Read a person's profile; None where LinkedIn knows nobody of this name or id. Raises as above."""
        return await self._background.finish(self._resolve_person(workspace_id, account_id, who))

    async def find_conversation(
        self, workspace_id: str, account_id: str | None, who: ProfileUrn | VanityName
    ) -> Reading[ConversationWith | None]:
        """Read the account's thread with this person; None where LinkedIn knows no such person. Raises as above."""
        return await self._background.finish(self._find_conversation(workspace_id, account_id, who))

    async def _read_members(
        self, workspace_id: str, account_id: str | None, which: MembersQuery, start: int, count: int
    ) -> Reading[Page[GroupMember]]:
        account, session, _ = await self._admit(workspace_id, account_id, Action.GROUP_MEMBERS)
        taken = await self._quotas.take_units(
            account.id, Action.GROUP_MEMBERS, limit=GROUP_MEMBERS_PER_DAY, count=count, now=self._clock()
        )
        spent = 0
        try:
            result = await _in_time(
                _collect(
                    lambda at, most: self._upstream.read_group_members(session, which, start=at, count=most),
                    start,
                    count,
                    most_items=taken.count,
                )
            )
            if isinstance(result, Page):
                spent = len(result.items)
                metrics.MEMBERS_READ.inc(spent)
        finally:
            quota = await self._settle(taken, spent)
        return await self._finish_read("group_members", account, session, result, quota)

    async def _settle(self, taken: TakenUnits, spent: int) -> Quota:
        """Give back unused units. Where that fails they stay taken until their window ends."""
        try:
            return (await self._quotas.settle_units(taken, spent=spent, now=self._clock())).quota
        except StoreUnavailable as fault:
            log.warning("units_not_given_back", account_id=taken.account_id, reason=str(fault))
            return taken.quota

    async def _read_groups(
        self, workspace_id: str, account_id: str | None, start: int, count: int
    ) -> Reading[Page[Group]]:
        account, session, quota = await self._admit(workspace_id, account_id, Action.MESSAGE)
        result = await _in_time(
            _collect(
                lambda at, most: self._upstream.read_groups(session, account.profile_urn, start=at, count=most),
                start,
                count,
                most_items=count,
            )
        )
        return await self._finish_read("groups", account, session, result, quota)

    async def _resolve_person(
        self, workspace_id: str, account_id: str | None, who: ProfileUrn | VanityName
    ) -> Reading[Person | None]:
        account, session, quota = await self._admit(workspace_id, account_id, Action.MESSAGE)
        result: ReadResult[Person | None] = await _in_time(self._upstream.find_person(session, who))
        return await self._finish_read("person", account, session, result, quota)

    async def _find_conversation(
        self, workspace_id: str, account_id: str | None, who: ProfileUrn | VanityName
    ) -> Reading[ConversationWith | None]:
        account, session, quota = await self._admit(workspace_id, account_id, Action.MESSAGE)
        result = await _in_time(self._conversation_with(session, account.profile_urn, who))
        return await self._finish_read("conversation", account, session, result, quota)

    async def _conversation_with(
        self, session: Session, owner_urn: str, who: ProfileUrn | VanityName
    ) -> ReadResult[ConversationWith | None]:
        """Read the thread; where only a vanity name is known, read the person first."""
        if isinstance(who, VanityName):
            person = await self._upstream.find_person(session, who)
            if not isinstance(person, Person):
                return person
            who = person.profile_urn
        urn = await self._upstream.find_conversation(session, owner_urn, str(who))
        return ConversationWith(who, urn) if urn is None or isinstance(urn, str) else urn

    async def _admit(self, workspace_id: str, account_id: str | None, action: Action) -> tuple[Account, Session, Quota]:
        """Return the account, its session, and the state of the action's quota. Raises as the public methods do."""
        try:
            account = await self._accounts.read_account(workspace_id, account_id)
        except NotFound as fault:
            if account_id is None:
                raise NoSession(None, None) from fault
            raise InvalidField("accountId", "must be an account of this workspace") from fault
        now = self._clock()
        quota = next(one for one in await self._ledger.read_quotas(account.id, now) if one.action is action)
        match account.condition(now):
            case Condition.DISABLED:
                raise AccountDisabled(account.id, quota)
            case Condition.HELD:
                assert account.hold_until is not None
                raise AccountHeld(quota, account.hold_until)
            case Condition.AVAILABLE:
                session = await self._accounts.read_session(account.id, account.session_version)
                if session is not None:
                    return account, session, quota
        raise NoSession(account.id, quota)

    async def _finish_read(
        self, what: str, account: Account, session: Session, result: ReadResult[T], quota: Quota
    ) -> Reading[T]:
        """Count the read, and hold, stop or probe the account where its result calls for that."""
        metrics.READS.labels(what, _name_of(result)).inc()
        hold_until = None
        match result:
            case SessionDead() | Throttled():
                hold_until = await self._guard.stop(account.id, result, session)
            case Refused(_, _, None, None):  # without a reason: LinkedIn may object to the account next
                self._guard.probe_later(account.id, session)
            case Unreadable(why, protocol_moved):
                if protocol_moved:
                    metrics.PROTOCOL_MOVED.inc()
                log.warning("linkedin_not_readable", what=what, account_id=account.id, reason=why)
        return Reading(account.id, result, quota, hold_until)


def _name_of(result: object) -> str:
    return (
        type(result).__name__.lower() if isinstance(result, Refused | SessionDead | Throttled | Unreadable) else "read"
    )


async def _in_time(reading: Awaitable[ReadResult[T]]) -> ReadResult[T]:
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await reading
    except TimeoutError:
        return Unreadable("LinkedIn did not answer in time")


async def _collect(
    read: Callable[[int, int], Awaitable[ReadResult[Page[T]]]], start: int, count: int, *, most_items: int
) -> ReadResult[Page[T]]:
    """Read `count` places from `start` on; fewer where the list ends, or when there are `most_items` items.

    LinkedIn is asked again for what it left out: callers go on at `start + count`, whatever it gives at a time.
    """
    whole: Page[T] = Page((), 0, None)
    for _ in range(MOST_READS):
        most = min(count - whole.places, most_items - len(whole.items))
        result = await read(start + whole.places, most)
        if not isinstance(result, Page):
            return result
        places = whole.places + result.places
        total = _believable(result.total, start + places if places else 0)
        is_last = result.is_last or (total is not None and start + places >= total)
        whole = Page(whole.items + result.items, places, total, is_last)
        if whole.is_last or whole.places >= count or len(whole.items) >= most_items:
            break
    return whole


def _believable(total: int | None, shown: int) -> int | None:
    """Return LinkedIn's total; None where it has already shown more places than that."""
    return None if total is not None and total < shown else total
