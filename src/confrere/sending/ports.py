"""What sending needs of the world, as protocols: LinkedIn on one side, the store on the other, and a clock.

The promises in these docstrings are what the contract suites under `tests/contract/` hold every implementation to.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from confrere.domain.account import Account, AccountStatus, Condition
from confrere.domain.attempt import AccountProblem, Attempt, Look, OutgoingMessage, Unreadable
from confrere.domain.group import GroupsPage, MembersPage, MembersQuery
from confrere.domain.keys import ApiKey, Caller
from confrere.domain.limits import Action, Quota
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import OutcomeName, Refused
from confrere.domain.pacing import Breach, Pacing
from confrere.domain.person import Person, VanityName
from confrere.domain.reservation import Claim, Reservation, Settled, Settlement, TakenUnits
from confrere.domain.send import History, Send, SendFilter
from confrere.domain.session import Member, Session
from confrere.domain.urns import ProfileUrn

Clock = Callable[[], datetime]
"""The present moment, aware UTC."""


class PasteReader(Protocol):
    """Reads what a person copied from their logged-in browser."""

    def __call__(self, text: str, *, user_agent: str | None = None) -> Session:
        """The session in it. user_agent: of that browser, where the text lacks it. Raises InvalidField."""
        ...


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

    async def read_member(self, session: Session) -> Member | AccountProblem | Unreadable:
        """Whose session this is (`/me`): the cheapest probe."""
        ...

    async def find_conversation(
        self, session: Session, owner_urn: str, other_urn: str
    ) -> str | AccountProblem | Unreadable | None:
        """The URN of the thread with this person in the owner's mailbox; None where there is none."""
        ...

    async def find_person(
        self, session: Session, who: ProfileUrn | VanityName
    ) -> Person | Refused | AccountProblem | Unreadable | None:
        """Read the profile of this person; None where LinkedIn knows nobody of this name or id."""
        ...

    async def read_group_members(
        self, session: Session, wanted: MembersQuery, *, start: int, count: int
    ) -> MembersPage | Refused | AccountProblem | Unreadable:
        """At most `count` places of LinkedIn's list of a group's members, from the place `start` on."""
        ...

    async def read_groups(
        self, session: Session, profile_urn: str, *, start: int, count: int
    ) -> GroupsPage | Refused | AccountProblem | Unreadable:
        """At most `count` places of LinkedIn's list of the groups that the session's owner is in."""
        ...

    async def send_typing(self, session: Session, conversation_urn: str) -> bool | AccountProblem:
        """Show the other side of the thread that the account is typing; whether LinkedIn took it."""
        ...

    async def acknowledge(self, session: Session, message_urns: tuple[str, ...]) -> bool | AccountProblem:
        """Say that these messages have been received; whether LinkedIn took it."""
        ...

    def on_cookies(self, keep: Callable[[Session, Mapping[str, str]], None]) -> None:
        """Tell `keep` what LinkedIn sets for a session with a read; what it sets with a send is in the attempt."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


# ---- the store --------------------------------------------------------------------------------------------------


class Ledger(Protocol):
    """Sends, quota units and idempotency keys: one room because they share their transactions."""

    async def reserve(self, claim: Claim) -> Reservation:
        """Claim the key, take the unit and write the row, in one durable transaction, or change nothing.

        First the clocks: ClockWrong where the claim's window comes before one that the account has used, or where this
        process's clock differs from the store's other witness of the time by more than a minute.
        Then in this order: the idempotency key (KeyInUse, KeyReused, Repeats); without a key, an identical earlier send
        (same workspace, account, recipient, group and text, by a keyed hash) whose answer reached nobody (Repeats,
        InFlightElsewhere); the account (InvalidField accountId if it is not of the workspace; AccountDisabled;
        NoSession); the do-not-contact list (writes a `refused` row that takes no unit, keeps the key for it, raises
        OptedOut); the hold (AccountHeld); the account's rules of pacing (TooFast); the quota (QuotaUsedUp). An earlier
        send reaches nobody when it ended `unknown`, when its caller hung up before the answer was written, or when its
        process died before saying that it was; within REPEAT_WINDOW of its end, and until a certain outcome of it has
        been delivered to a repeat. While another process has not said which of it is the case: InFlightElsewhere. A row
        `in_flight` whose process is dead or whose lease is over is made `unknown` on sight. A key whose send ended
        `not_sent`, `throttled` or `session_dead` is free, as is one older than IDEMPOTENCY_WINDOW.
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
        """The caller of this send hung up before its answer was written. Written at once; claims made here know it.

        Idempotent; says nothing about a send that there is not.
        """
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

    async def search_sends(
        self, workspace_id: str, which: SendFilter, *, before_id: str | None, count: int
    ) -> Sequence[Send]:
        """The same over all accounts of the workspace."""
        ...

    async def read_history(self, workspace_id: str, send_id: str) -> tuple[Send, History]:
        """One row, and what it knows beside. Raises NotFound."""
        ...

    async def find_identical(
        self, workspace_id: str, account_id: str, *, recipient: str, group_id: str, text: str, now: datetime
    ) -> Send | None:
        """The earlier send that such a claim, without a key, would repeat now. Writes nothing."""
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


class Units(Protocol):
    """Units of quotas that are spent by reading. They have no row of their own: a crash leaves them taken."""

    async def take_units(self, account_id: str, action: Action, *, limit: int, count: int, now: datetime) -> TakenUnits:
        """Take up to `count` units of the window that holds `now`, durably and never past `limit`.

        Raises QuotaUsedUp where none is left.
        """
        ...

    async def settle_units(self, taken: TakenUnits, *, spent: int, now: datetime) -> TakenUnits:
        """Give back what was not spent, into the window it was taken from; call it once.

        Returns the units that stay taken, with the state of the window that holds `now`.
        """
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

    async def refresh_cookies(
        self, account_id: str, changed: Mapping[str, str], *, session_version: int | None = None
    ) -> None:
        """Merge the cookies into the stored session in one transaction, so that two processes lose nothing.

        session_version:  of the session that LinkedIn set them for; one that was connected since is left alone.
        """
        ...

    async def hold_account(self, account_id: str, until: datetime) -> None:
        """The account rests until then; a longer hold is never shortened."""
        ...

    async def set_status(
        self, account_id: str, status: AccountStatus, reason: str | None, *, session_version: int | None = None
    ) -> bool:
        """Say how the account is; whether that was written.

        session_version:  of the session that shows it: an account that was connected since is left alone.
        """
        ...

    async def claim_probes(self, now: datetime, silence: timedelta, *, count: int) -> Sequence[Account]:
        """Accounts of which nothing was heard for about `silence` (see `probe_due_at`), each given to one caller only.

        Never one that is disabled, on hold, in ERROR or without a session. It counts as heard of from `now` on.
        """
        ...

    async def count_accounts(self, now: datetime) -> Mapping[Condition, int]:
        """How many accounts of all workspaces are in each condition."""
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


class Pacings(Protocol):
    """The rules that make accounts slower than their daily limit: of a workspace, of an account, or of both."""

    async def read_pacing(self, workspace_id: str, account_id: str | None) -> Pacing:
        """The account's own rules, or the workspace's where none is named. Raises NotFound."""
        ...

    async def change_pacing(
        self, workspace_id: str, account_id: str | None, change: Callable[[Pacing], Pacing], now: datetime
    ) -> Pacing:
        """Replace the rules by what `change` makes of them, in one transaction; every later claim is judged by them.

        Raises NotFound; InvalidField where the hours of a workspace and an account would never be open together.
        """
        ...

    async def foresee_breach(self, account_id: str, recipient: str, now: datetime) -> Breach | None:
        """What a send to this recipient would break now, the day's quota included. Writes nothing."""
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

    async def read_opt_out(self, workspace_id: str, recipient: str) -> OptOut | None:
        """This one, where it is there."""
        ...

    async def list_opt_outs(self, workspace_id: str, *, after: str | None, count: int) -> Sequence[OptOut]:
        """In the order of the recipients' URNs, after `after` where it is given."""
        ...


class Vitals(Protocol):
    """Whether the store and the processes around it are well."""

    async def ping(self) -> None:
        """Raises StoreUnavailable where the store cannot be read, or this process's last transaction failed."""
        ...

    async def beat(self, *, is_worker: bool) -> None:
        """Report that this process lives, and what its clock says, for the others to compare with theirs."""
        ...

    async def has_worker(self) -> bool:
        """Whether a worker lives: it has beaten within three beats. A beat of the future is none."""
        ...

    async def check_clock(self, *, with_accounts: bool = False) -> None:
        """Raises ClockWrong where this process's clock contradicts another one, or the windows that accounts used."""
        ...

    async def accept_clock(self) -> int:
        """Count units of days that have not come as used today, for how many accounts. Raises ClockWrong.

        For a person who knows that the clock is right now: no automatic rule can.
        """
        ...

    async def find_damage(self) -> Sequence[str]:
        """What is wrong with the database's files; reads all of them."""
        ...


class Store(Ledger, Units, Accounts, Pacings, Keys, DoNotContact, Vitals, Protocol):
    """Everything that is kept, on one engine."""

    async def close(self) -> None:
        """Write what waits, then let go."""
        ...
