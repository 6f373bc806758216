"""What sending needs of the world, as protocols: LinkedIn on one side, the store on the other, and a clock.

The promises in these docstrings are what the contract suites under `tests/contract/` hold every implementation to.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.account import Account, AccountStatus
from confrere.domain.attempt import Attempt, Look, OutgoingMessage, Trouble, Unreadable
from confrere.domain.keys import ApiKey, Caller
from confrere.domain.limits import Quota
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import OutcomeName
from confrere.domain.reservation import Claim, Reservation, Settled, Settlement
from confrere.domain.send import Send, SendFilter
from confrere.domain.session import Member, Session

Clock = Callable[[], datetime]
"""The present moment, aware UTC."""


# ---- LinkedIn ---------------------------------------------------------------------------------------------------


class Upstream(Protocol):
    """LinkedIn's web protocol: a send is asked once, ever; a read may be repeated once; no redirect is followed."""

    async def send_group_message(self, session: Session, message: OutgoingMessage) -> Attempt:
        """Ask LinkedIn, once, to send. Never raises for what LinkedIn or the network does; that is an outcome."""
        ...

    async def find_message(
        self, session: Session, sender_urn: str, recipient_urn: str, origin_token: str, since: datetime
    ) -> Look:
        """Look for the token in the thread with the recipient, back to `since`."""
        ...

    async def read_member(self, session: Session) -> Member | Trouble | Unreadable:
        """Whose session this is (`/me`): the cheapest probe."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


# ---- the store --------------------------------------------------------------------------------------------------


class Ledger(Protocol):
    """Sends, quota units and idempotency keys: one room because they share their transactions."""

    async def reserve(self, claim: Claim) -> Reservation:
        """Claim the key, take the unit and write the row, in one durable transaction, or change nothing.

        In this order: the idempotency key (KeyInUse, KeyReused, Repeats); without a key, an identical earlier send
        (same workspace, account, recipient, group and text, by a keyed hash) whose answer reached nobody (Repeats,
        RunsBeside); the account (InvalidField accountId if it is not of the workspace or disabled; NoSession); the
        do-not-contact list (writes a `refused` row that takes no unit, keeps the key for it, raises OptedOut); the
        hold (AccountHeld); the quota (QuotaUsedUp). An earlier send reaches nobody when it ended `unknown`, when its
        caller hung up before the answer was written, or when its process died before saying that it was; within
        REPEAT_WINDOW of its end, and until a certain outcome of it has been delivered to a repeat. A row `in_flight`
        whose process is dead or whose lease is over is made `unknown` on sight. A key whose send ended `not_sent`,
        `throttled` or `session_dead` is free, as is one older than IDEMPOTENCY_WINDOW.
        """
        ...

    async def settle(self, settlement: Settlement) -> Settled:
        """Write the outcome and all that follows from it, in one durable transaction.

        From `in_flight` or `unknown` to anything certain; `in_flight` to `unknown`; from `not_sent` only to
        `accepted` (a late witness), taking its unit again whatever the limit; `accepted` never changes. A unit is
        given back in the window it was taken from. Frees the idempotency key where nothing was sent; holds the
        account when throttled; makes it ERROR when the session has ended.
        """
        ...

    async def mark_caller_gone(self, send_id: str) -> None:
        """The caller of this send hung up before its answer was written. Idempotent."""
        ...

    def mark_answered(self, send_id: str, told: OutcomeName) -> None:
        """The answer was handed to the caller's connection. Written soon, together with others.

        told:  what the caller heard, which reconciling may have overtaken: who heard `unknown` has no certain answer.
        """
        ...

    async def read_send(self, workspace_id: str, send_id: str) -> Send:
        """One row. Raises NotFound."""
        ...

    async def read_text(self, workspace_id: str, send_id: str) -> str:
        """The message's text, decrypted. Raises NotFound."""
        ...

    async def list_sends(
        self, account_id: str, which: SendFilter, *, before_id: str | None, count: int
    ) -> Sequence[Send]:
        """Newest first, older than the row `before_id` where it is given."""
        ...

    async def claim_looks(self, now: datetime, *, count: int) -> Sequence[Send]:
        """`unknown` rows that are due to be looked for in LinkedIn, each given to one caller only.

        First makes `unknown` of every `in_flight` row whose process is dead or whose lease is over. A claimed row is
        due again later: after two minutes at first, then twice as long each time, up to six hours.
        """
        ...

    async def note_absent(self, send_id: str, now: datetime) -> None:
        """LinkedIn was read at `now` without the message; the first such time is kept."""
        ...

    async def read_quotas(self, account_id: str, now: datetime) -> Sequence[Quota]:
        """The state of every action's quota in its window that holds `now`, in the order of `Action`."""
        ...

    async def count_unknown(self) -> int:
        """How many rows are `unknown`."""
        ...


class Accounts(Protocol):
    """The accounts of workspaces, and their sessions, encrypted at rest."""

    async def connect_account(self, workspace_id: str, session: Session, member: Member, now: datetime) -> Account:
        """Store the session; a member already known in the workspace keeps id and settings. The first is default."""
        ...

    async def list_accounts(self, workspace_id: str) -> Sequence[Account]:
        """All of them, the default first, then by name."""
        ...

    async def read_account(self, workspace_id: str, account_id: str | None) -> Account:
        """One, or the default one. Raises NotFound."""
        ...

    async def read_session(self, account_id: str, version: int) -> Session | None:
        """The session, decrypted, at least as new as `version`; None where there is none."""
        ...

    async def refresh_cookies(self, account_id: str, changed: Mapping[str, str]) -> None:
        """Merge the cookies into the stored session in one transaction, so that two processes lose nothing."""
        ...

    async def hold_account(self, account_id: str, until: datetime) -> None:
        """The account rests until then; a longer hold is never shortened."""
        ...

    async def set_status(self, account_id: str, status: AccountStatus, reason: str | None) -> None:
        """Say how the account is."""
        ...

    async def update_account(
        self,
        workspace_id: str,
        account_id: str,
        *,
        daily_limit: int | None = None,
        enabled: bool | None = None,
        make_default: bool = False,
        release_hold: bool = False,
    ) -> Account:
        """Change what is given. Raises NotFound."""
        ...

    async def disconnect_account(self, workspace_id: str, account_id: str) -> None:
        """Erase the session; the account and its ledger stay. Raises NotFound."""
        ...


class Keys(Protocol):
    """API keys by their hash."""

    async def find_caller(self, key_hash: str, now: datetime) -> Caller | None:
        """Whom the key speaks for; None if unknown, expired or revoked. Its last use is noted soon."""
        ...

    async def add_key(self, key: ApiKey, key_hash: str) -> None:
        """Keep it."""
        ...

    async def list_keys(self, workspace_id: str) -> Sequence[ApiKey]:
        """All, revoked ones too, newest first."""
        ...

    async def revoke_key(self, workspace_id: str, key_id: str, now: datetime) -> ApiKey:
        """From now on it is worth nothing. Raises NotFound."""
        ...


class DoNotContact(Protocol):
    """The people whom a workspace never writes to again."""

    async def add_opt_outs(self, workspace_id: str, opt_outs: Collection[OptOut]) -> int:
        """Keep them; those already there stay as they are. Returns how many are new."""
        ...

    async def remove_opt_out(self, workspace_id: str, recipient: str) -> None:
        """Raises NotFound."""
        ...

    async def list_opt_outs(self, workspace_id: str, *, after: str | None, count: int) -> Sequence[OptOut]:
        """In the order of the recipients' URNs, after `after` where it is given."""
        ...


class Vitals(Protocol):
    """Whether the store and the processes around it are well."""

    async def ping(self) -> None:
        """Raises StoreUnavailable."""
        ...

    async def beat(self, worker_id: str, now: datetime) -> None:
        """The worker lives."""
        ...

    async def last_beat(self) -> datetime | None:
        """When a worker last said that it lives."""
        ...


class Store(Ledger, Accounts, Keys, DoNotContact, Vitals, Protocol):
    """Everything that is kept, on one engine."""

    async def close(self) -> None:
        """Write what waits, then let go."""
        ...
