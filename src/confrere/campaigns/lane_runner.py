"""Sends the messages of campaigns: accounts in their lanes, one message of an account at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

import structlog

from confrere.domain.account import Condition
from confrere.domain.attempt import Unreadable
from confrere.domain.campaigns.campaign import (
    Campaign,
    CampaignPerson,
    Lane,
    PauseCause,
    PersonDeclined,
    SkipReason,
    Turn,
    WaitReason,
)
from confrere.domain.campaigns.pace import spread_turn
from confrere.domain.errors import (
    AccountDisabled,
    Draining,
    InvalidField,
    LimitIsZero,
    LimitReached,
    NoSession,
    NotFound,
)
from confrere.domain.limits import Action, window_end
from confrere.domain.outcome import Accepted, NotSent, OutcomeName, Refused, SessionDead, Throttled, Unknown
from confrere.domain.send_request import SendRequest
from confrere.ports import Clock, Store, Upstream
from confrere.sending.account_guard import AccountGuard
from confrere.sending.background import BackgroundTasks
from confrere.sending.caller import CallerConnection, SendResult
from confrere.sending.send import GroupSender

log = structlog.get_logger()

LANE_LEASE: Final = timedelta(minutes=4)
"""A turn ends within about two minutes: 20 s for a read, 20 s for a send, 60 s to settle it."""

MOST_LANES: Final = 32
"""Lanes of one worker at once."""

_STAY: Final = timedelta(seconds=90)
"""How long a lane takes turn after turn before it is released to be claimed again."""

_POLL: Final = timedelta(minutes=1)
"""How soon a lane is due again in which nobody can be written to, but some are unknown, or a fault may pass."""

_RECHECK: Final = timedelta(minutes=15)
"""How soon at the latest a limit is compared with again: it may be raised, or a hold released, meanwhile."""

_PUT_OFF: Final = timedelta(minutes=5)
"""How long somebody waits about whom LinkedIn could not be read, while others are written to."""

_SENDS_LOOKED_AT: Final = 20
"""Sends to one person among which a message that began their conversation is looked for."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """When the lane is due again, None where nothing is left to do; and the campaign that had its turn."""

    following: Turn | None
    campaign_id: str | None = None


class LaneRunner:
    """The worker's part of campaigns."""

    def __init__(
        self,
        *,
        store: Store,
        sender: GroupSender,
        upstream: Upstream,
        guard: AccountGuard,
        background: BackgroundTasks,
        clock: Clock,
    ) -> None:
        self._store = store
        self._sender = sender
        self._upstream = upstream
        self._guard = guard
        self._background = background
        self._clock = clock
        self._running = 0

    async def start_scheduled(self) -> None:
        """Let campaigns run whose time has come."""
        for campaign_id in await self._store.start_scheduled(self._clock()):
            log.info("campaign_started", campaign_id=campaign_id)

    async def run_due(self) -> int:
        """Claim lanes that are due, as far as there is room, and run them in the background. Returns how many."""
        room = MOST_LANES - self._running
        if room <= 0 or self._sender.is_draining:
            return 0
        now = self._clock()
        lanes = await self._store.claim_lanes(now, count=room, lease_until=now + LANE_LEASE)
        for lane in lanes:
            self._running += 1
            self._background.start(self._run(lane))
        return len(lanes)

    async def _run(self, lane: Lane) -> None:
        """Take turns until the account has to wait; then release the lane."""
        last, until = lane.last_campaign_id, self._clock() + _STAY
        turn: Turn | None = None
        try:
            while True:
                turn = Turn(self._clock() + _POLL)  # where it fails
                taken = await self._take_turn(lane, last)
                turn, last = taken.following, taken.campaign_id or last
                now = self._clock()
                if turn is None or turn.at > now or now >= until:
                    break
        except Draining:
            turn = Turn(self._clock())
        finally:
            self._running -= 1
            await self._store.release_lane(lane, turn, last_campaign_id=last)

    async def _take_turn(self, lane: Lane, last_campaign_id: str | None) -> _Taken:
        """Write to one person of the next campaign that has one, or find out when there will be."""
        now = self._clock()
        later: list[datetime] = []
        for campaign in _in_turn(await self._store.list_running_campaigns(lane.account_id), last_campaign_id):
            person = await self._store.pick_person(campaign.id, now)
            if person is None:
                if not await self._store.finish_campaign(campaign.id, now):
                    due_at = await self._store.next_due_at(campaign.id)
                    later.append(now + _POLL if due_at is None else min(due_at, now + _POLL))
                continue
            left = None
            if campaign.daily_cap is not None:
                left = campaign.daily_cap - await self._store.count_sent_today(campaign, now)
            if left is not None and left <= 0:
                later.append(min(window_end(Action.MESSAGE, now), now + _RECHECK))
                continue
            return _Taken(await self._write_to(campaign, person, left), campaign.id)
        return _Taken(Turn(min(later)) if later else None)

    async def _write_to(self, campaign: Campaign, person: CampaignPerson, left: int | None) -> Turn | None:
        """Send the person's message. Returns when the account may send the next one; None: not until it is woken."""
        try:
            if campaign.skip_existing_conversations:
                skipped_until = await self._skip_if_known(campaign, person)
                if skipped_until is not None:
                    return Turn(skipped_until)
            result = await self._send(campaign, person)
        except PersonDeclined as refusal:
            if refusal.reason is None:  # it may have been paused; if not, others come first
                await self._store.put_person_off(person, self._clock() + _PUT_OFF)
            return Turn(self._clock())
        except LimitReached as limit:
            return Turn(min(limit.resets_at, self._clock() + _RECHECK))
        except LimitIsZero as limit:
            return Turn(min(limit.quota.resets_at, self._clock() + _RECHECK))
        except (NoSession, AccountDisabled, InvalidField, NotFound):
            await self._pause_account(campaign.account_id)
            return None
        return await self._next_turn(campaign, result, left)

    async def _send(self, campaign: Campaign, person: CampaignPerson) -> SendResult:
        caller = CallerConnection()
        request = SendRequest(
            request_id=person.id,
            workspace_id=campaign.workspace_id,
            account_id=campaign.account_id,
            recipient=person.recipient,
            group_id=campaign.group_id,
            text=await self._store.read_person_text(campaign.workspace_id, person.id),
            campaign_person_id=person.id,
        )
        result = await self._sender.send(request, caller)
        self._sender.record_answered(caller)
        return result

    async def _next_turn(self, campaign: Campaign, result: SendResult, left: int | None) -> Turn | None:
        now = self._clock()
        match result.outcome:
            case Accepted() | Refused() | Unknown():
                return await self._next_after_answer(campaign, result, left)
            case Throttled(_, hold_seconds):
                return Turn(result.hold_until or now + timedelta(seconds=hold_seconds))
            case SessionDead():
                await self._pause_account(campaign.account_id)
                return None
            case NotSent():
                return Turn(now + _POLL)
            case _:
                assert_never(result.outcome)

    async def _next_after_answer(self, campaign: Campaign, result: SendResult, left: int | None) -> Turn:
        """After the last message of the campaign's day, the rest of the account's day is its other campaigns'."""
        now, remaining = self._clock(), result.quota.remaining or 0
        if remaining == 0:
            return Turn(result.quota.resets_at)
        if not campaign.spread:
            return Turn(now)
        rules = [
            await self._store.read_pacing(campaign.workspace_id, account_id)
            for account_id in (None, campaign.account_id)
        ]
        more = remaining if left is None or left <= 1 else min(remaining, left - 1)
        return Turn(spread_turn(rules, more, now), WaitReason.SPREAD)

    async def _skip_if_known(self, campaign: Campaign, person: CampaignPerson) -> datetime | None:
        """Ask LinkedIn whether there is a conversation already; None where the message may be sent.

        Not asked of an account that cannot send now: the send itself finds out why.
        """
        account = await self._store.read_account(campaign.workspace_id, campaign.account_id)
        now = self._clock()
        if account.condition(now) is not Condition.AVAILABLE:
            return None
        breach = await self._store.foresee_breach(account.id, str(person.recipient), now, str(campaign.group_id))
        session = await self._store.read_session(account.id, account.session_version)
        if breach is not None or session is None:
            return None
        found = await self._upstream.find_conversation(session, account.profile_urn, str(person.recipient))
        match found:
            case None:
                return None
            case str():
                await self._store.skip_person(person, await self._why_known(person), self._clock())
                return self._clock()
            case Unreadable(why):
                log.warning("conversation_not_readable", account_id=account.id, reason=why)
                await self._store.put_person_off(person, self._clock() + _PUT_OFF)
                return self._clock() + _POLL
            case SessionDead():
                await self._guard.stop(account.id, found, session)
                await self._pause_account(account.id)
                return self._clock()  # to find that nothing runs any more
            case Throttled():
                return await self._guard.stop(account.id, found, session) or found.until(self._clock())
            case _:
                assert_never(found)

    async def _why_known(self, person: CampaignPerson) -> SkipReason:
        """Return why there is a conversation: a message of ours began it, such as one that was sent first to try."""
        sends = await self._store.list_sends_of_person(
            person.workspace_id, person.recipient, person_id=None, count=_SENDS_LOOKED_AT
        )
        is_ours = any(send.outcome is OutcomeName.ACCEPTED for send in sends)
        return SkipReason.ALREADY_WRITTEN_TO if is_ours else SkipReason.CONVERSATION_EXISTS

    async def _pause_account(self, account_id: str) -> None:
        """A person has to act: none of the account's campaigns goes on by itself."""
        paused = await self._store.pause_account(account_id, PauseCause.ACCOUNT_ERROR)
        log.error("campaigns_paused", account_id=account_id, cause=PauseCause.ACCOUNT_ERROR, campaigns=paused)


def _in_turn(campaigns: Sequence[Campaign], last_campaign_id: str | None) -> list[Campaign]:
    """Those after the one that had its turn, then from the beginning."""
    return sorted(campaigns, key=lambda one: (last_campaign_id is not None and one.id <= last_campaign_id, one.id))
