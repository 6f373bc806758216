"""Collects audiences from groups: the worker reads the members' list page by page, over days if need be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

import structlog

from confrere.domain.attempt import Unreadable
from confrere.domain.campaigns.collecting import PAGE, PAGE_PAUSE
from confrere.domain.campaigns.collection import Collection, CollectionFault, people_among
from confrere.domain.errors import AccountHeld, InvalidField, NoSession, QuotaUsedUp
from confrere.domain.group import Group, GroupMember, MembersQuery, Page
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.ports import ClaimedCollection, Clock, CollectedPage, Store
from confrere.sending.account_reads import Reading
from confrere.sending.background import BackgroundTasks
from confrere.sending.directory import Directory

log = structlog.get_logger()

COLLECTION_LEASE: Final = timedelta(minutes=2)
"""Two reads of at most 20 s each, and writing the page."""

MOST_COLLECTIONS: Final = 8
"""Audiences of one worker at once, each of another account."""

_POLL: Final = timedelta(minutes=1)
"""How soon an account is compared again that somebody has to connect or enable; that asks LinkedIn nothing."""

_RECHECK: Final = timedelta(minutes=15)
"""How soon at the latest a hold is compared with again: it may be released meanwhile."""

_RETRY: Final = timedelta(minutes=5)
"""How soon a page is read again that could not be read."""

_RETRY_REFUSED: Final = timedelta(hours=6)
"""How soon LinkedIn is asked again for a list that it refused to the account, which may join the group meanwhile."""


@dataclass(frozen=True, slots=True)
class _PutOff:
    until: datetime
    fault: CollectionFault | None = None


class AudienceCollector:
    """The worker's part of audiences."""

    def __init__(self, *, store: Store, directory: Directory, background: BackgroundTasks, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._background = background
        self._clock = clock
        self._running = 0

    async def run_due(self) -> int:
        """Read the next page of audiences that are due, in the background. Returns of how many."""
        room = MOST_COLLECTIONS - self._running
        if room <= 0:
            return 0
        now = self._clock()
        claims = await self._store.claim_collections(now, count=room, lease_until=now + COLLECTION_LEASE)
        for claimed in claims:
            self._running += 1
            self._background.start(self._run(claimed))
        return len(claims)

    async def purge(self) -> None:
        """Delete the people of audiences that were deleted."""
        while await self._store.purge_audiences(self._clock()):
            pass

    async def _run(self, claimed: ClaimedCollection) -> None:
        try:
            read = await self._read(claimed)
            if isinstance(read, _PutOff):
                await self._store.put_collection_off(claimed, until=read.until, fault=read.fault)
                return
            now = self._clock()
            audience = await self._store.add_collected_page(claimed, read, next_at=now + PAGE_PAUSE, now=now)
        finally:
            self._running -= 1
        if audience is None:
            log.warning("collected_page_dropped", audience_id=claimed.audience.id, reason="the lease was lost")
        elif audience.collection is not None and audience.collection.next_at is None:
            log.info("audience_collected", audience_id=audience.id, people=audience.count)

    async def _read(self, claimed: ClaimedCollection) -> CollectedPage | _PutOff:
        """Read the next page, and before the first one the group's name."""
        audience = claimed.audience
        collection = audience.collection
        assert collection is not None
        try:
            if audience.group_name is None and collection.places_read == 0:
                groups = await self._directory.read_groups(
                    audience.workspace_id, collection.account_id, start=0, count=PAGE
                )
                if not isinstance(groups.result, Page):
                    return self._after(groups)
                await self._name_group(claimed, groups.result)
            reading = await self._directory.read_members(
                audience.workspace_id,
                collection.account_id,
                MembersQuery(audience.group_id, collection.filters.statuses),
                start=collection.places_read,
                count=_places_wanted(collection, audience.count),
            )
        except QuotaUsedUp as limit:
            return _PutOff(limit.resets_at)
        except AccountHeld as limit:
            return _PutOff(min(limit.resets_at, self._clock() + _RECHECK))
        except (NoSession, InvalidField):
            return _PutOff(self._clock() + _POLL)
        if not isinstance(reading.result, Page):
            return self._after(reading)
        return _collected(reading.result, collection)

    async def _name_group(self, claimed: ClaimedCollection, groups: Page[Group]) -> None:
        audience = claimed.audience
        name = next((group.name for group in groups.items if group.group_id == audience.group_id), None)
        if name is not None:
            await self._store.name_group(audience.workspace_id, audience.group_id, name)

    def _after(self, reading: Reading[Page[Group]] | Reading[Page[GroupMember]]) -> _PutOff:
        """Return how long to wait after a read that LinkedIn objected to; the account is stopped or held already."""
        now = self._clock()
        match reading.result:
            case Throttled():
                return _PutOff(min(reading.hold_until or now + _RECHECK, now + _RECHECK))
            case SessionDead():
                return _PutOff(now + _POLL)
            case Refused():
                return _PutOff(now + _RETRY_REFUSED, CollectionFault.REFUSED)
            case Unreadable(_, protocol_moved):
                fault = CollectionFault.PROTOCOL_MOVED if protocol_moved else CollectionFault.UNREADABLE
                return _PutOff(now + _RETRY, fault)
            case Page():
                raise AssertionError("the page was read")
            case _:
                assert_never(reading.result)


def _places_wanted(collection: Collection, count: int) -> int:
    """No more than are wanted, where everybody who is read is taken: each costs a unit."""
    filters = collection.filters
    return PAGE if filters.most is None or not filters.takes_all else max(1, min(PAGE, filters.most - count))


def _collected(page: Page[GroupMember], collection: Collection) -> CollectedPage:
    people = people_among(page.items)
    return CollectedPage(
        members=[person for _, person in people],
        people=[person for member, person in people if collection.filters.take(member)],
        places=page.places,
        total=page.total,
        is_last=page.is_last,
        relationships={one.profile_urn: member.relationship for member, one in people if member.relationship},
    )
