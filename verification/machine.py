"""A state machine that runs the real store beside a simple model, with all that can happen to sends, in any order.

Three stores are open on one database, as three processes have them. The model knows what LinkedIn has and what each
caller was answered; after each step the store must agree with it.
"""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from confrere.domain.errors import KeyInUse, QuotaUsedUp
from confrere.domain.ids import new_origin_token, new_send_id
from confrere.domain.limits import Action, window_start
from confrere.domain.message import MessageText
from confrere.domain.outcome import HOLDS_UNIT, Accepted, NotSent, Outcome, OutcomeName, Refused, Unknown
from confrere.domain.reservation import Claim, InFlightElsewhere, Repeats, Reserved, Settlement
from confrere.domain.send import SendFilter
from confrere.domain.send_request import SendRequest
from confrere.domain.session import Member, Session
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.store import SqlStore, Vault, open_store
from verification.stepping import write_deferred

LIMIT = 3
LEASE = timedelta(seconds=60)
GAP = timedelta(minutes=2)
PROCESSES = 3

_SESSION = Session({"li_at": "cookie", "JSESSIONID": '"ajax:1"'}, "Mozilla/5.0")
_UNCERTAIN = frozenset({OutcomeName.IN_FLIGHT, OutcomeName.UNKNOWN})
_NOTHING_SENT = frozenset({OutcomeName.NOT_SENT, OutcomeName.REFUSED})
_REPLIES: dict[str, tuple[Outcome, bool]] = {
    "accepted": (Accepted("urn:message", "urn:thread"), True),
    "accepted, answer lost": (Unknown("no answer"), True),
    "lost": (Unknown("no answer"), False),
    "refused": (Refused(403, "Forbidden", None, None), False),
    "not sent": (NotSent("no connection"), False),
}


@dataclass
class Attempt:
    """A send in flight, as its process knows it."""

    claim: Claim
    process: int
    result: Outcome | None = None
    caller_waits: bool = True


@dataclass
class Intention:
    """A client's message: whether the client may repeat it, and whether it knows the end."""

    text: str
    key: str | None
    open: bool = False
    reported_sent: bool = False


class StoreMachine(RuleBasedStateMachine):
    """Runs random histories; subclasses choose the database with `fresh_url`."""

    vault = Vault([Vault.new_key()])
    number = 0

    def fresh_url(self) -> str:
        """Return the URL of a database, which another machine may have used before."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.now = datetime(2026, 3, 14, 23, 50, tzinfo=UTC)
        self.url = self.fresh_url()
        self.stores = [self.run(open_store(self.url, vault=self.vault, migrate=True)) for _ in range(PROCESSES)]
        self.attempts: list[Attempt] = []
        self.intentions: list[Intention] = []
        self.linkedin: dict[str, str] = {}
        self.absent_at: dict[str, datetime] = {}
        self.account_id = ""

    def run(self, work: Any) -> Any:
        """Run to its end."""
        return self.runner.run(work)

    @initialize()
    def connect(self) -> None:
        """Connect an account of this machine's own, with a low limit."""
        StoreMachine.number += 1
        member = Member(f"urn:li:fsd_profile:ACoAA{self.number:07}", "A", "B", f"a-{self.number}")
        account = self.run(self.stores[0].connect_account("default", _SESSION, member, self.now))
        self.account_id = account.id
        self.run(self.stores[0].update_account("default", account.id, daily_limit=LIMIT))

    @rule(process=st.integers(0, PROCESSES - 1), keyed=st.booleans())
    def send(self, process: int, *, keyed: bool) -> None:
        """A client sends a new message."""
        text = f"{self.number}.{len(self.intentions)}"
        intention = Intention(text, f"key-{text}" if keyed else None)
        self.intentions.append(intention)
        self._reserve(process, intention)

    @precondition(lambda self: any(intention.open for intention in self.intentions))
    @rule(process=st.integers(0, PROCESSES - 1), data=st.data())
    def repeat(self, process: int, data: st.DataObject) -> None:
        """A client whose message has an uncertain outcome repeats it at any process."""
        intention = data.draw(st.sampled_from([each for each in self.intentions if each.open]))
        self._reserve(process, intention)

    @precondition(lambda self: any(attempt.result is None for attempt in self.attempts))
    @rule(data=st.data(), reply=st.sampled_from(sorted(_REPLIES)))
    def attempt(self, data: st.DataObject, reply: str) -> None:
        """LinkedIn receives an attempt."""
        attempt = data.draw(st.sampled_from([each for each in self.attempts if each.result is None]))
        attempt.result, accepted = _REPLIES[reply]
        if self.now >= attempt.claim.lease_until:
            attempt.result = NotSent("the process slept past its lease")
        elif accepted:
            self.linkedin[attempt.claim.origin_token] = attempt.claim.request.text

    @precondition(lambda self: any(attempt.result is not None for attempt in self.attempts))
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        """A result is settled; then the caller is answered, unless it has disconnected."""
        attempt = data.draw(st.sampled_from([each for each in self.attempts if each.result is not None]))
        self.attempts.remove(attempt)
        assert attempt.result is not None
        store, claim = self.stores[attempt.process], attempt.claim
        self.run(
            store.settle(Settlement(claim.send_id, attempt.result, self.now, caller_gone=not attempt.caller_waits))
        )
        if attempt.caller_waits:
            self._report(self._intention(claim.request.text), store, claim.send_id, attempt.result.name)

    @precondition(lambda self: any(attempt.caller_waits for attempt in self.attempts))
    @rule(data=st.data())
    def disconnect(self, data: st.DataObject) -> None:
        """A caller disconnects, and its process records that."""
        attempt = data.draw(st.sampled_from([each for each in self.attempts if each.caller_waits]))
        attempt.caller_waits = False
        self._intention(attempt.claim.request.text).open = True
        self.run(_mark_caller_gone(self.stores[attempt.process], attempt.claim.send_id))
        if attempt.result is None:  # nothing has been asked of LinkedIn yet: nothing is sent for nobody
            attempt.result = NotSent("the caller disconnected before anything was sent")

    @rule(process=st.integers(0, PROCESSES - 1))
    def crash(self, process: int) -> None:
        """A process is killed with everything that it had in flight, and restarts."""
        for attempt in [each for each in self.attempts if each.process == process]:
            self.attempts.remove(attempt)
            self._intention(attempt.claim.request.text).open = True
        self.run(self.stores[process].close())
        self.stores[process] = self.run(open_store(self.url, vault=self.vault))

    @rule(process=st.integers(0, PROCESSES - 1))
    def reconcile(self, process: int) -> None:
        """A worker reconciles what is due."""
        store = self.stores[process]
        for send in self.run(store.claim_unknown(self.now, count=20)):
            if send.account_id == self.account_id:
                self._reconcile(store, send.id, send.origin_token, send.absent_at)

    @rule(seconds=st.sampled_from([1, 30, 61, 130, 300]))
    def wait(self, seconds: int) -> None:
        """Time passes, sometimes past midnight."""
        self.now += timedelta(seconds=seconds)

    @invariant()
    def agrees(self) -> None:
        """The store agrees with LinkedIn, and no unit is lost."""
        if not self.account_id:
            return
        rows = self.run(self.stores[0].list_sends(self.account_id, SendFilter(), before_id=None, count=1_000))
        by_token = {row.origin_token: row for row in rows}
        assert set(self.linkedin) <= set(by_token), "a message without a row"
        texts = list(self.linkedin.values())
        assert len(texts) == len(set(texts)), "a message was sent twice"
        under_way = {attempt.claim.origin_token for attempt in self.attempts}
        for token, row in by_token.items():
            if token not in under_way:
                assert not (row.outcome in _NOTHING_SENT and token in self.linkedin), f"{row.outcome}, but sent"
            assert not (row.outcome is OutcomeName.ACCEPTED and token not in self.linkedin), "accepted, but not sent"
        for window in {row.window_start for row in rows} | {window_start(Action.MESSAGE, self.now)}:
            quota = self.run(self.stores[0].read_quotas(self.account_id, window))[0]
            of_day = [row for row in rows if row.window_start == window]
            assert quota.used == sum(row.outcome in HOLDS_UNIT for row in of_day), "units and rows differ"
            assert quota.used <= LIMIT, "over the limit"
        for intention in self.intentions:
            assert not intention.reported_sent or intention.text in texts, "answered 200 without a message"

    def teardown(self) -> None:
        """Settle the open rows, which the next history would otherwise reconcile, and close the stores."""
        self.run(self._close_rows())
        for store in self.stores:
            with contextlib.suppress(Exception):
                self.run(store.close())
        self.runner.close()

    async def _close_rows(self) -> None:
        store = self.stores[0]
        for row in await store.list_sends(self.account_id, SendFilter(), before_id=None, count=1_000):
            if row.outcome in _UNCERTAIN:
                await store.settle(Settlement(row.id, NotSent("the history is over"), self.now))

    def _reserve(self, process: int, intention: Intention) -> None:
        store, wait_for_ids = self.stores[process], None
        intention.open = False
        for _ in range(4):
            claim = replace(self._claim(intention), wait_for_ids=wait_for_ids)
            try:
                reservation = self.run(store.reserve(claim))
            except (KeyInUse, QuotaUsedUp):
                intention.open = True
                return
            if isinstance(reservation, InFlightElsewhere):
                wait_for_ids = frozenset[str]()  # in vain: nothing changes while this one runs
                continue
            if isinstance(reservation, Reserved):
                self.attempts.append(Attempt(claim, process))
                return
            assert isinstance(reservation, Repeats)
            if self._join(store, intention, reservation):
                return
        raise AssertionError("a claim came to no end")

    def _join(self, store: SqlStore, intention: Intention, repeats: Repeats) -> bool:
        """Join the earlier send. Returns False where that was not sent, so that the client continues."""
        send = repeats.send
        if send.outcome is OutcomeName.UNKNOWN:
            self._reconcile(store, send.id, send.origin_token, send.absent_at)
            send = self.run(store.read_send("default", send.id))
        if send.outcome is OutcomeName.NOT_SENT:
            return False
        self._report(intention, store, send.id, send.outcome)
        return True

    def _reconcile(self, store: SqlStore, send_id: str, token: str, absent_at: datetime | None) -> None:
        if token in self.linkedin:
            self.run(store.settle(Settlement(send_id, Accepted(None, None), self.now)))
        elif absent_at is not None and self.now - absent_at >= GAP:
            self.run(store.settle(Settlement(send_id, NotSent("read twice"), self.now)))
        else:
            self.run(store.record_absent(send_id, self.now))

    def _report(self, intention: Intention, store: SqlStore, send_id: str, outcome: OutcomeName) -> None:
        self.run(_mark_answered(store, send_id, outcome))
        intention.open = outcome in _UNCERTAIN or outcome is OutcomeName.NOT_SENT
        intention.reported_sent = intention.reported_sent or outcome is OutcomeName.ACCEPTED

    def _claim(self, intention: Intention) -> Claim:
        request = SendRequest(
            request_id="request",
            workspace_id="default",
            account_id=self.account_id,
            recipient=ProfileUrn("urn:li:fsd_profile:ACoAARecipient"),
            group_id=GroupId("42"),
            text=MessageText(intention.text),
            idempotency_key=intention.key,
        )
        return Claim(request, new_send_id(), new_origin_token(), self.now, self.now + LEASE)

    def _intention(self, text: str) -> Intention:
        return next(each for each in self.intentions if each.text == text)


async def _mark_answered(store: SqlStore, send_id: str, outcome: OutcomeName) -> None:
    store.mark_answered(send_id, outcome)
    await write_deferred(store)


async def _mark_caller_gone(store: SqlStore, send_id: str) -> None:
    store.mark_caller_gone(send_id)
    await write_deferred(store)
