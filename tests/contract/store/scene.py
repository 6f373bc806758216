"""A store with a clock of its own, and short helpers for the tests."""

import asyncio
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from confrere.domain.account import Account
from confrere.domain.ids import new_origin_token, new_send_id
from confrere.domain.keys import ApiKey, Scope, hash_key, visible_part
from confrere.domain.limits import Action, Quota
from confrere.domain.message import MessageText
from confrere.domain.outcome import Accepted, NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.domain.reservation import Claim, Repeats, Reservation, Reserved, Settled, Settlement
from confrere.domain.send import Send
from confrere.domain.send_request import SendRequest
from confrere.domain.session import Member, Session
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.store import SqlStore
from confrere.store.postgresql.engine import PostgresqlEngine
from confrere.store.sqlite.engine import SqliteEngine

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
COOKIE = "AQEDAR-a-very-secret-cookie"
TEXT = "Dear fellow member, this text is nobody else's business."

REQUEST = SendRequest(
    request_id="request-1",
    workspace_id="default",
    account_id=None,
    recipient=ProfileUrn("urn:li:fsd_profile:ACoAArecipient"),
    group_id=GroupId("42"),
    text=MessageText(TEXT),
)
_REQUEST_FIELDS = {field.name for field in fields(SendRequest)}

ACCEPTED = Accepted("urn:li:msg_message:1", "urn:li:msg_conversation:1")
REFUSED = Refused(403, "Forbidden", "NOT_IN_GROUP", "The viewer may not write to this member")
THROTTLED = Throttled(429, 3600)
SESSION_DEAD = SessionDead("LinkedIn asked to log in")
NOT_SENT = NotSent("no connection")
UNKNOWN = Unknown("LinkedIn did not answer in time")

CERTAIN: list[Outcome] = [ACCEPTED, REFUSED]
NOTHING_SENT: list[Outcome] = [THROTTLED, SESSION_DEAD, NOT_SENT]
EVERY_OUTCOME: list[Outcome] = [*CERTAIN, *NOTHING_SENT, UNKNOWN]


def session(cookie: str = COOKIE) -> Session:
    """Build a browser's session."""
    return Session({"li_at": cookie, "JSESSIONID": '"ajax:1"'}, "Mozilla/5.0", {"x-li-lang": "en_US"})


def member(number: int = 1, **changes: Any) -> Member:
    """Build the member of an account."""
    return replace(
        Member(f"urn:li:fsd_profile:ACoAA{number:04}", f"First{number}", f"Last{number}", f"public-{number}"), **changes
    )


def stored_key(key: str, **changes: Any) -> ApiKey:
    """Build an API key as it is stored."""
    return ApiKey(
        **{
            "id": hash_key(key)[:24],
            "workspace_id": "default",
            "name": "crm",
            "visible_part": visible_part(key),
            "scopes": frozenset({Scope.SEND, Scope.READ}),
            "created_at": NOON,
            "expires_at": None,
            "revoked_at": None,
            "last_used_at": None,
            **changes,
        }
    )


async def written(store: SqlStore) -> None:
    """Wait until the store has written everything that it writes in the background."""
    async with asyncio.timeout(30):
        while _has_deferred_writes(store):
            await asyncio.sleep(0.01)


def _has_deferred_writes(store: SqlStore) -> bool:
    engine = store.engine
    if isinstance(engine, SqliteEngine):
        return bool(engine._writer._deferred) or engine._writer._is_busy
    assert isinstance(engine, PostgresqlEngine)
    return engine._deferred._writing is not None


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """Return its time."""
        return self.now


@dataclass
class Scene:
    """A store with, mostly, one account; the clock stands still unless a test moves it."""

    store: SqlStore
    now: datetime = NOON
    account: Account | None = None
    people: int = field(default=0)

    async def connect(self, number: int = 1, workspace_id: str = "default", **settings: Any) -> Account:
        """Connect an account with these settings."""
        account = await self.store.connect_account(workspace_id, session(), member(number), self.now)
        if settings:
            account = await self.store.update_account(workspace_id, account.id, **settings)
        return account

    def claim(self, **changes: Any) -> Claim:
        """Build a claim of the same text for the same person, with these changes of the claim or of its request."""
        of_request = {name: changes.pop(name) for name in set(changes) & _REQUEST_FIELDS}
        request = replace(REQUEST, **of_request)
        return replace(Claim(request, new_send_id(), new_origin_token(), self.now, self.now + LEASE), **changes)

    def to_another(self, **changes: Any) -> Claim:
        """Build a claim for a person who has not been written to."""
        self.people += 1
        return self.claim(recipient=f"urn:li:fsd_profile:ACoAAperson{self.people}", **changes)

    async def reserve(self, claim: Claim | None = None, store: SqlStore | None = None, **changes: Any) -> Claim:
        """Reserve, check that it succeeded, and return the claim."""
        claim = claim or self.claim(**changes)
        reservation = await (store or self.store).reserve(claim)
        assert isinstance(reservation, Reserved), reservation
        return claim

    async def settle(
        self, claim: Claim | str, outcome: Outcome, store: SqlStore | None = None, **changes: Any
    ) -> Settled:
        """Settle at the scene's present time."""
        send_id = claim if isinstance(claim, str) else claim.send_id
        return await (store or self.store).settle(Settlement(send_id, outcome, self.now, **changes))

    async def send(self, outcome: Outcome, store: SqlStore | None = None, **changes: Any) -> Claim:
        """Reserve and settle, without answering a caller."""
        claim = await self.reserve(store=store, **changes)
        await self.settle(claim, outcome, store)
        return claim

    async def answer(self, claim: Claim, store: SqlStore | None = None) -> None:
        """Record the caller's answer and wait until it is written."""
        store = store or self.store
        store.mark_answered(claim.send_id, (await self.row(claim)).outcome)
        await written(store)

    async def row(self, claim: Claim) -> Send:
        """Return the row."""
        return await self.store.read_send(claim.request.workspace_id, claim.send_id)

    async def quota(self, action: Action = Action.MESSAGE, account_id: str | None = None) -> Quota:
        """Return one quota of the default account."""
        if account_id is None:
            account_id = (await self.store.read_account("default", None)).id
        quotas = await self.store.read_quotas(account_id, self.now)
        return {quota.action: quota for quota in quotas}[action]

    async def used(self) -> int:
        """Return the messages used today."""
        return (await self.quota()).used

    def later(self, **by: float) -> datetime:
        """Move the clock."""
        self.now += timedelta(**by)
        return self.now


def repeats(reservation: Reservation, claim: Claim, *, keyed: bool = False) -> Send:
    """Check that the reservation is a repeat of that claim."""
    assert isinstance(reservation, Repeats), reservation
    assert reservation.send.id == claim.send_id
    assert reservation.keyed is keyed
    return reservation.send
