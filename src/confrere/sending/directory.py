"""Reading LinkedIn for a caller: a group's members, the account's groups, a person, a conversation."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog

from confrere.domain.errors import StoreUnavailable
from confrere.domain.group import IN_THE_GROUP, Group, GroupMember, KnownGroup, MembersQuery, Page
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, Action, Quota
from confrere.domain.person import ConversationWith, Person, VanityName
from confrere.domain.reservation import TakenUnits
from confrere.domain.session import Session
from confrere.domain.urns import ProfileUrn
from confrere.ports import Clock, Store, Upstream
from confrere.sending.account_reads import AccountReads, Reading, ReadResult, in_time
from confrere.sending.background import BackgroundTasks
from confrere.telemetry import metrics

log = structlog.get_logger()

T = TypeVar("T")

KEPT_FOR = timedelta(days=30)
"""How long a person is known by the name in their address; it can change hands."""

MOST_READS = 4
"""The most reads for one page of ours: LinkedIn may return fewer entries at a time than it was asked for."""


class Directory:
    """Reads LinkedIn with an account's session, within quota; the account stops where LinkedIn objects.

    Every read goes on to its end even where its caller is cancelled, so that units are settled.
    """

    def __init__(
        self,
        *,
        store: Store,
        reads: AccountReads,
        upstream: Upstream,
        background: BackgroundTasks,
        clock: Clock,
    ) -> None:
        self._store = store
        self._reads = reads
        self._upstream = upstream
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

    async def read_known_group(self, workspace_id: str, group_id: str) -> KnownGroup:
        """Return the group as LinkedIn last showed it to some account; LinkedIn is not asked."""
        return await self._store.read_group(workspace_id, group_id)

    async def resolve_person(
        self, workspace_id: str, account_id: str | None, who: ProfileUrn | VanityName
    ) -> Reading[Person | None]:
        """Read a person's profile; None where LinkedIn knows nobody of this name or id. Raises as above.

        LinkedIn is asked about the name in an address once in KEPT_FOR.
        """
        return await self._background.finish(self._resolve_person(workspace_id, account_id, who))

    async def find_conversation(
        self, workspace_id: str, account_id: str | None, who: ProfileUrn | VanityName
    ) -> Reading[ConversationWith | None]:
        """Read the account's thread with this person; None where LinkedIn knows no such person. Raises as above."""
        return await self._background.finish(self._find_conversation(workspace_id, account_id, who))

    async def _read_members(
        self, workspace_id: str, account_id: str | None, which: MembersQuery, start: int, count: int
    ) -> Reading[Page[GroupMember]]:
        account, session, _ = await self._reads.admit(workspace_id, account_id, Action.GROUP_MEMBERS)
        taken = await self._store.take_units(
            account.id, Action.GROUP_MEMBERS, limit=GROUP_MEMBERS_PER_DAY, count=count, now=self._clock()
        )
        spent = 0
        try:
            result = await in_time(
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
                if not which.typed and which.statuses == IN_THE_GROUP:
                    await self._keep(workspace_id, KnownGroup(str(which.group_id), members=result.total))
        finally:
            quota = await self._settle(taken, spent)
        return await self._reads.finish("group_members", account, session, result, quota)

    async def _settle(self, taken: TakenUnits, spent: int) -> Quota:
        """Give back unused units. Where that fails they stay taken until their window ends."""
        try:
            return (await self._store.settle_units(taken, spent=spent, now=self._clock())).quota
        except StoreUnavailable as fault:
            log.warning("units_not_given_back", account_id=taken.account_id, reason=str(fault))
            return taken.quota

    async def _read_groups(
        self, workspace_id: str, account_id: str | None, start: int, count: int
    ) -> Reading[Page[Group]]:
        account, session, quota = await self._reads.admit(workspace_id, account_id, Action.MESSAGE)
        result = await in_time(
            _collect(
                lambda at, most: self._upstream.read_groups(session, account.profile_urn, start=at, count=most),
                start,
                count,
                most_items=count,
            )
        )
        if isinstance(result, Page):
            listed = [KnownGroup(one.group_id, one.name, one.member_count) for one in result.items if one.group_id]
            await self._keep(workspace_id, *listed)
        return await self._reads.finish("groups", account, session, result, quota)

    async def _keep(self, workspace_id: str, *groups: KnownGroup) -> None:
        """Keep what LinkedIn shows of groups. Where that fails it is kept at another read."""
        try:
            await self._store.keep_groups(workspace_id, groups)
        except StoreUnavailable as fault:
            log.warning("groups_not_kept", reason=str(fault))

    async def _resolve_person(
        self, workspace_id: str, account_id: str | None, who: ProfileUrn | VanityName
    ) -> Reading[Person | None]:
        account, session, quota = await self._reads.admit(workspace_id, account_id, Action.MESSAGE)
        result = await in_time(self._find_person(workspace_id, session, who))
        return await self._reads.finish("person", account, session, result, quota)

    async def _find_conversation(
        self, workspace_id: str, account_id: str | None, who: ProfileUrn | VanityName
    ) -> Reading[ConversationWith | None]:
        account, session, quota = await self._reads.admit(workspace_id, account_id, Action.MESSAGE)
        result = await in_time(self._conversation_with(workspace_id, session, account.profile_urn, who))
        return await self._reads.finish("conversation", account, session, result, quota)

    async def _find_person(
        self, workspace_id: str, session: Session, who: ProfileUrn | VanityName
    ) -> ReadResult[Person | None]:
        """Read the person, from the store where a name in an address was resolved before."""
        if not isinstance(who, VanityName):
            return await self._upstream.find_person(session, who)
        now = self._clock()
        known = await self._store.read_resolved_person(workspace_id, who, now - KEPT_FOR)
        if known is not None:
            return known
        found = await self._upstream.find_person(session, who)
        if isinstance(found, Person):
            await self._store.add_resolved_person(workspace_id, who, found, now)
        return found

    async def _conversation_with(
        self, workspace_id: str, session: Session, owner_urn: str, who: ProfileUrn | VanityName
    ) -> ReadResult[ConversationWith | None]:
        """Read the thread; where only a vanity name is known, read the person first."""
        if isinstance(who, VanityName):
            person = await self._find_person(workspace_id, session, who)
            if not isinstance(person, Person):
                return person
            who = person.profile_urn
        urn = await self._upstream.find_conversation(session, owner_urn, str(who))
        return ConversationWith(who, urn) if urn is None or isinstance(urn, str) else urn


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
