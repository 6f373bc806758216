"""Pacing on SQL: the rules of workspaces and accounts, and gate 6 of a reservation, which compares a claim with them.

The gate is one script for both engines. It runs only for an account that has rules, in the transaction that takes the
unit, and one claim of an account at a time: so several processes cannot break a rule together.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from confrere.domain.audit import AuditAction, describe_changes
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import first_send_id_at, new_send_id, send_ids_after
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, Action, window_start
from confrere.domain.pacing import (
    Breach,
    GroupContacts,
    LimitName,
    Pacing,
    Sent,
    find_breach,
    first_contact_limit,
    group_share,
    longest_gap,
    share_of,
)
from confrere.domain.pacing_json import show_pacing
from confrere.domain.sending_hours import find_common_opening
from confrere.ports import Pacings
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.pacing_json import pacing_from_json, pacing_to_json, rules_of
from confrere.store.reservation_decision import ClaimRow, Decision, DecisionName
from confrere.store.rows import from_micros, to_micros
from confrere.store.script import Query, Script, first, only

_CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""By how much the clocks that minted the ids of sends may differ from each other."""


class SqlPacing(Pacings):
    """The port on SQL."""

    def __init__(self, engine: Engine, trail: Trail) -> None:
        self._engine = engine
        self._trail = trail

    async def read_pacing(self, workspace_id: str, account_id: str | None) -> Pacing:
        if account_id is None:
            row = first(await self._engine.read("read_workspace_pacing", workspace_id))
            return Pacing() if row is None else replace(pacing_from_json(row[0]), calls_per_minute=row[1])
        row = first(await self._engine.read("read_account_pacing", workspace_id, account_id))
        if row is None:
            raise _no_account()
        return pacing_from_json(row[0])

    async def change_pacing(
        self, workspace_id: str, account_id: str | None, change: Callable[[Pacing], Pacing], now: datetime
    ) -> Pacing:
        script = _change_workspace if account_id is None else partial(_change_account, account_id)
        return await self._engine.transact(partial(script, workspace_id, change, now, self._trail.recorder()))

    async def foresee_breach(
        self, account_id: str, recipient: str, now: datetime, group_id: str | None = None
    ) -> Breach | None:
        return await self._engine.transact(partial(_check_ahead, account_id, recipient, group_id, now))

    async def count_group_contacts(self, workspace_id: str, group_id: str, now: datetime) -> int:
        [counted] = await self._engine.read("count_group_contacts", *_in_month(workspace_id, group_id, now))
        return int(counted[0])

    async def read_sent(self, account_id: str, now: datetime) -> Sent:
        day, month = (to_micros(window_start(each, now)) for each in (Action.MESSAGE, Action.GROUP_FIRST_CONTACT))
        daily_limit, used, _, text = only(await self._engine.read("read_account_quota", account_id, day))
        after = first_send_id_at(now - longest_gap(rules_of(text)) - _CLOCKS_DIFFER)
        recent = await self._engine.read_many("list_recent", account_id, after, MESSAGES_PER_DAY_CEILING)
        contacts = first(await self._engine.read("read_window", account_id, Action.GROUP_FIRST_CONTACT.value, month))
        limit = min(daily_limit, MESSAGES_PER_DAY_CEILING)
        return Sent([from_micros(row[0]) for row in recent], used, limit, contacts[0] if contacts else 0)


def check_pacing(claim: ClaimRow, account_id: str) -> Script[Decision | None]:
    """Decide gate 6: TOO_FAST where a rule of the account would be broken, otherwise None."""
    yield Query("lock_pace", (account_id,))
    daily_limit, used, last_taken_at, text = only((yield Query("read_account_quota", (account_id, claim.day))))
    now = from_micros(claim.now)
    rules = rules_of(text)
    group_recipient = claim.recipient if claim.group_id else None
    sent = yield from _read_sent(account_id, group_recipient, claim.send_id, now, daily_limit, used, rules)
    if claim.group_id and group_share(rules) is not None:
        yield Query("lock_group", (claim.workspace_id, claim.group_id))
        sent = yield from _with_group(sent, rules, claim.workspace_id, claim.recipient, claim.group_id, now)
    breach = find_breach(rules, sent, now)
    if breach is None:
        return None
    if breach.name in (LimitName.MESSAGE, LimitName.WARM_UP):
        yield Query("record_quota_event", (account_id, claim.day, breach.limit, claim.now))
    return Decision(
        DecisionName.TOO_FAST,
        account_id,
        daily_limit=daily_limit,
        used=used,
        last_taken_at=last_taken_at,
        rules=text,
        breach=breach,
    )


def _check_ahead(account_id: str, recipient: str, group_id: str | None, now: datetime) -> Script[Breach | None]:
    day = to_micros(window_start(Action.MESSAGE, now))
    daily_limit, used, _, text = only((yield Query("read_account_quota", (account_id, day))))
    rules = rules_of(text)
    sent = yield from _read_sent(account_id, recipient, new_send_id(), now, daily_limit, used, rules)
    if group_id is not None and group_share(rules) is not None:
        [workspace_id] = only((yield Query("read_workspace_of", (account_id,))))
        sent = yield from _with_group(sent, rules, workspace_id, recipient, group_id, now)
    return find_breach(rules, sent, now)


def _read_sent(
    account_id: str,
    recipient: str | None,
    send_id: str,
    now: datetime,
    daily_limit: int,
    used: int,
    rules: Sequence[Pacing],
) -> Script[Sent]:
    """Read the counts and times of the account that these rules compare with.

    recipient:  None for a plain message, which is no first contact through a group.
    send_id:    of the message to send.
    """
    recent: list[datetime] = []
    first_contacts: int | None = None
    if any(rule.writes_per_minute or rule.min_gap for rule in rules):
        # Found along the ids: they grow with time, and are indexed anyway.
        after = send_ids_after(send_id, longest_gap(rules) + _CLOCKS_DIFFER)
        rows = yield Query("list_recent", (account_id, after, MESSAGES_PER_DAY_CEILING))
        recent = [from_micros(row[0]) for row in rows]
    counts_first = recipient is not None and first_contact_limit(rules) is not None
    if counts_first and not (yield Query("was_contacted", (account_id, recipient))):
        month = to_micros(window_start(Action.GROUP_FIRST_CONTACT, now))
        row = first((yield Query("read_window", (account_id, Action.GROUP_FIRST_CONTACT.value, month))))
        first_contacts = row[0] if row else 0
    return Sent(recent, used, min(daily_limit, MESSAGES_PER_DAY_CEILING), first_contacts)


def _with_group(
    sent: Sent, rules: Sequence[Pacing], workspace_id: str, recipient: str, group_id: str, now: datetime
) -> Script[Sent]:
    """Add the group's first contacts, where this would be one, and LinkedIn has shown how many members there are."""
    percent = group_share(rules)
    known = first((yield Query("read_known_group", (workspace_id, group_id))))
    members = None if known is None else known[1]
    if percent is None or members is None or (yield Query("was_contacted_by_any", (workspace_id, recipient))):
        return sent
    [used] = only((yield Query("count_group_contacts", _in_month(workspace_id, group_id, now))))
    return replace(sent, group_contacts=GroupContacts(used, share_of(members, percent)))


def _in_month(workspace_id: str, group_id: str, now: datetime) -> tuple[str, str, int, str]:
    month = window_start(Action.GROUP_FIRST_CONTACT, now)
    return workspace_id, group_id, to_micros(month), first_send_id_at(month - _CLOCKS_DIFFER)


def _change_workspace(
    workspace_id: str, change: Callable[[Pacing], Pacing], now: datetime, audit: Recorder
) -> Script[Pacing]:
    yield Query("ensure_workspace", (workspace_id,))
    text, calls = only((yield Query("lock_workspace", (workspace_id,))))
    before = replace(pacing_from_json(text), calls_per_minute=calls)
    pacing = change(before)
    for (own,) in (yield Query("list_account_pacings", (workspace_id,))):
        _check_hours(pacing, pacing_from_json(own), "those of each account", now)
    about_sends = pacing_to_json(replace(pacing, calls_per_minute=None))
    yield Query("change_workspace_pacing", (workspace_id, about_sends, pacing.calls_per_minute))
    yield Query("spread_pacing", (workspace_id, None))
    yield from _record_change(audit, workspace_id, None, before, pacing)
    return pacing


def _change_account(
    account_id: str, workspace_id: str, change: Callable[[Pacing], Pacing], now: datetime, audit: Recorder
) -> Script[Pacing]:
    rows = yield Query("lock_workspace", (workspace_id,))
    row = first((yield Query("read_account_pacing", (workspace_id, account_id))))
    if not rows or row is None:
        raise _no_account()
    before = pacing_from_json(row[0])
    pacing = change(before)
    _check_hours(pacing, pacing_from_json(rows[0][0]), "those of the workspace", now)
    yield Query("change_account_pacing", (account_id, pacing_to_json(pacing)))
    yield Query("spread_pacing", (workspace_id, account_id))
    yield from _record_change(audit, workspace_id, account_id, before, pacing)
    return pacing


def _record_change(
    audit: Recorder, workspace_id: str, account_id: str | None, before: Pacing, after: Pacing
) -> Script[None]:
    if detail := describe_changes(show_pacing(before), show_pacing(after)):
        yield from audit.append(workspace_id, AuditAction.PACING_CHANGED, account_id, detail=detail)


def _check_hours(pacing: Pacing, other: Pacing, whose: str, now: datetime) -> None:
    """Reject sending hours of workspace and account that never overlap, since they would block every send."""
    hours = [one.sending_hours for one in (pacing, other) if one.sending_hours is not None]
    if find_common_opening(hours, now) is None:
        raise InvalidField("sendingHours", f"must have hours in common with {whose}: both apply")


def _no_account() -> NotFound:
    return NotFound("There is no such account in this workspace")
