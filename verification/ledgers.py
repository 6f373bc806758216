"""Comparison of ledger and LinkedIn: what must hold of every row, unit and message after reconciling."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.sandbox_process import SandboxAccount, SandboxProcess
from tests.server_process import OpenServices, Site

from confrere.domain.limits import Action, window_start
from confrere.domain.outcome import HOLDS_UNIT, OutcomeName
from confrere.domain.send import Send, SendFilter
from confrere.linkedin import read_paste
from confrere.services import Services
from verification.report import Report

_NOTHING_SENT = frozenset({OutcomeName.REFUSED, OutcomeName.NOT_SENT, OutcomeName.THROTTLED, OutcomeName.SESSION_DEAD})
_MOST_ROWS = 100_000
_MOST_ROUNDS = 80
_ROUND = timedelta(minutes=11)

LINKEDIN_IS_DONE_SECONDS = 1.0
"""Within this time LinkedIn has finished what killed processes had requested. The two searches that prove absence
follow each other at once here, with only the clock moved between them: nothing may be under way any more."""


@dataclass(frozen=True)
class Book:
    """One account: its rows, its limit, and the units taken, by the start of their window."""

    account_id: str
    profile_urn: str
    daily_limit: int
    sends: Sequence[Send]
    used: dict[datetime, int]


def grow_accounts(sandbox: SandboxProcess, count: int) -> None:
    """Read `count` of the sandbox's accounts: it lists only three when it starts."""
    sandbox.accounts = [SandboxAccount.from_json(account) for account in sandbox.world(accounts=count)["accounts"]]


def recipients_of(sandbox: SandboxProcess, count: int) -> list[str]:
    """Return members of the demo group that are not accounts."""
    known = {account.profile_urn for account in sandbox.accounts}
    people = sandbox.world(group=sandbox.group_id, count=count + len(known))["recipients"]
    return [person["profileUrn"] for person in people if person["profileUrn"] not in known][:count]


async def reconnect(services: Services, account: SandboxAccount) -> None:
    """Connect the account again, as its owner does when its session has ended."""
    await services.accounts.connect("default", read_paste(account.cookie, user_agent=account.user_agent))


def reconcile_everything(site: Site, sandbox: SandboxProcess, *, ahead: timedelta = timedelta()) -> None:
    """End all faults, reconnect and release every account, and reconcile until nothing is unknown.

    ahead:  how far the worker's clock begins before the machine's.
    """
    sandbox.clear_faults()
    time.sleep(LINKEDIN_IS_DONE_SECONDS)

    async def work() -> None:
        now_ahead = ahead
        async with OpenServices(site.settings, clock=lambda: datetime.now(UTC) + now_ahead) as services:
            for account_id, known in zip(site.account_ids, sandbox.accounts, strict=False):
                await reconnect(services, known)
                await services.accounts.update("default", account_id, release_hold=True)
            for number in range(_MOST_ROUNDS):
                while await services.reconciler.reconcile_due(count=500):
                    pass
                if number and not await services.history.count_unknown():  # at first a lease may not be over
                    return
                now_ahead += _ROUND

    asyncio.run(work())


def read_books(site: Site) -> list[Book]:
    """Read the ledger of each of the site's accounts."""

    async def read() -> list[Book]:
        async with site.services() as services:
            return [await _read_book(services, account_id) for account_id in site.account_ids]

    return asyncio.run(read())


async def _read_book(services: Services, account_id: str) -> Book:
    account, sends = await services.history.list_of_account(
        "default", account_id, SendFilter(), before_id=None, count=_MOST_ROWS
    )
    windows = {send.window_start for send in sends} | {window_start(Action.MESSAGE, datetime.now(UTC))}
    used = {}
    for window in windows:
        quotas = await services.store.read_quotas(account_id, window)
        used[window] = next(quota.used for quota in quotas if quota.action is Action.MESSAGE)
    return Book(account_id, account.profile_urn, account.daily_limit, sends, used)


def compare(report: Report, books: Sequence[Book], messages: Sequence[dict[str, Any]], *, limits: bool = True) -> None:
    """Report every difference between the ledgers and LinkedIn.

    limits:  whether recipients may have seen no more than the limit; a suspended process is the one exception.
    """
    seen = Counter(message["originToken"] for message in messages)
    rows = {send.origin_token: send for book in books for send in book.sends}
    described = {message["originToken"]: f"{message['text']!r} of {message['sender']}" for message in messages}
    report.count_wrong("tokens seen twice", [described[token] for token, times in seen.items() if times > 1])
    report.count_wrong("lost rows", [described[token] for token in seen if token not in rows])
    report.count_wrong(
        "untrue rows", [_describe(send) for send in rows.values() if _is_untrue(send, send.origin_token in seen)]
    )
    open_rows = [send for send in rows.values() if send.outcome in (OutcomeName.UNKNOWN, OutcomeName.IN_FLIGHT)]
    report.count("left unknown", len(open_rows))
    over: list[str] = []
    wrong_units: list[str] = []
    for book in books:
        for window, used in book.used.items():
            of_day = [send for send in book.sends if send.window_start == window]
            seen_count = sum(seen[send.origin_token] for send in of_day)
            holding = sum(send.outcome in HOLDS_UNIT for send in of_day)
            where = f"account {book.account_id} on {window:%F}"
            if limits and seen_count > book.daily_limit:
                over.append(f"{where}: {seen_count} seen of {book.daily_limit}")
            if used != holding or used < seen_count:
                wrong_units.append(f"{where}: {used} used, {holding} rows hold a unit, {seen_count} seen")
    report.count_wrong("over quota", over)
    report.count_wrong("wrong units", wrong_units)


def _is_untrue(send: Send, is_seen: bool) -> bool:
    return (send.outcome in _NOTHING_SENT and is_seen) or (send.outcome is OutcomeName.ACCEPTED and not is_seen)


def _describe(send: Send) -> str:
    return f"{send.outcome} ({send.reason}) send {send.id} token {send.origin_token}"
