"""Sends, quota units and idempotency keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.limits import Quota
from confrere.domain.outcome import OutcomeName
from confrere.domain.reservation import Claim, Reservation, Settled, Settlement
from confrere.domain.send import DayCount, History, Send, SendFilter
from confrere.domain.urns import ProfileUrn


class Ledger(Protocol):
    """Sends, quota units and idempotency keys: one port because they share their transactions."""

    async def reserve(self, claim: Claim) -> Reservation:
        """Claim the key, take the unit and write the row, in one durable transaction, or change nothing.

        A plain message, without a group, is no first contact; all else holds for it, too.
        First the clocks: ClockWrong where the claim's window comes before one that the account has used, or where this
        process's clock differs from the store's other witness of the time by more than a minute.
        Then in this order: the idempotency key (KeyInUse, KeyReused, Repeats); without a key, an identical earlier send
        (same workspace, account, recipient, group and text, by a keyed hash) whose answer reached nobody (Repeats,
        InFlightElsewhere); the account (InvalidField accountId if it is not of the workspace; AccountDisabled;
        NoSession); the do-not-contact list (writes a `refused` row that takes no unit, keeps the key for it, returns
        OptedOut); the hold (AccountHeld); the account's rules of pacing (TooFast); the quota (QuotaUsedUp). An earlier
        send reaches nobody when it ended `unknown`, when its caller disconnected before the answer was written, or when
        its process died before recording that it was; within REPEAT_WINDOW of its end, and until a certain outcome of
        it has been delivered to a repeat. While another process has not recorded which of these is the case:
        InFlightElsewhere. A row `in_flight` whose process is dead or whose lease is over is made `unknown` on sight. A
        key whose send ended `not_sent`, `throttled` or `session_dead` is free, as is one older than IDEMPOTENCY_WINDOW.
        """
        ...

    async def settle(self, settlement: Settlement) -> Settled:
        """Write the outcome and all that follows from it, in one durable transaction.

        From `in_flight` or `unknown` to anything certain; `in_flight` to `unknown`; from `not_sent` only to
        `accepted` (a late witness), taking its unit again whatever the limit; `accepted` never changes. A unit is
        given back in the window it was taken from. Frees the idempotency key where nothing was sent; holds the
        account when throttled; makes it ERROR when the session that was used has ended.
        """
        ...

    def mark_caller_gone(self, send_id: str) -> None:
        """Record that the caller disconnected before its answer was written. Written at once; claims made here know it.

        Idempotent; ignores an id without a send.
        """
        ...

    def mark_answered(self, send_id: str, reported: OutcomeName) -> None:
        """Record that the answer was handed to the caller's connection. Written soon, together with others.

        reported:  the outcome in that answer, which reconciling may have overtaken: an uncertain one answers nothing.
        """
        ...

    async def read_send(self, workspace_id: str, send_id: str) -> Send:
        """Return one row. Raises NotFound."""
        ...

    async def read_text(self, workspace_id: str, send_id: str) -> str:
        """Return the message's text, decrypted. Raises NotFound."""
        ...

    async def list_sends(
        self, account_id: str, which: SendFilter, *, before_id: str | None, count: int
    ) -> Sequence[Send]:
        """List an account's sends, newest first, older than the row `before_id` where it is given."""
        ...

    async def search_sends(
        self, workspace_id: str, which: SendFilter, *, before_id: str | None, count: int
    ) -> Sequence[Send]:
        """List as `list_sends` does, over all accounts of the workspace."""
        ...

    async def count_sends_by_day(self, workspace_id: str, since: datetime) -> Sequence[DayCount]:
        """Count the workspace's sends that were made since then by UTC day, account and outcome."""
        ...

    async def list_last_refusals(self, workspace_id: str) -> Sequence[Send]:
        """Return the newest refused send of each account that has any."""
        ...

    async def count_unknown_by_account(self, workspace_id: str) -> Mapping[str, int]:
        """Count the sends whose outcome is unknown, of each account that has any."""
        ...

    async def read_history(self, workspace_id: str, send_id: str) -> tuple[Send, History]:
        """Return one row with its history. Raises NotFound."""
        ...

    async def find_identical(
        self, workspace_id: str, account_id: str, *, recipient: str, group_id: str, text: str, now: datetime
    ) -> Send | None:
        """Return the earlier send that such a claim, without a key, would repeat now. Writes nothing."""
        ...

    async def find_recipient(self, account_id: str, conversation_urn: str) -> str | None:
        """Return the profile URN to which plain messages into this conversation went; None where there were none."""
        ...

    async def list_sends_to(self, account_id: str, recipient: ProfileUrn) -> Sequence[Send]:
        """Return the account's messages to this person that were, or may have been, sent, oldest first."""
        ...

    async def claim_unknown(self, now: datetime, *, count: int) -> Sequence[Send]:
        """Return `unknown` rows that are due to be searched for in LinkedIn, each claimed by one caller only.

        First makes `unknown` of every `in_flight` row whose process is dead or whose lease is over. A claimed row is
        due again later: after two minutes at first, then twice as long each time, up to six hours.
        """
        ...

    async def record_absent(self, send_id: str, now: datetime) -> None:
        """Record that LinkedIn was read at `now` without the message; the first such time is kept."""
        ...

    async def read_quotas(self, account_id: str, now: datetime) -> Sequence[Quota]:
        """Return the state of every action's quota in its window that holds `now`, in the order of `Action`."""
        ...

    async def count_unknown(self) -> int:
        """Count the rows that are `unknown`."""
        ...
