"""`/console/sandbox`: what LinkedIn's side sees, answering as a member, and faults to try. In the sandbox only."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.demo.http_calls import SandboxRefused
from confrere.demo.sandbox_control import MemberInbox
from confrere.domain.errors import InvalidField
from confrere.domain.urns import ProfileUrn
from confrere.http.answer import Answer
from confrere.services import Services

RECENT: Final = 8
"""Recipients to choose from."""

MAX_ANSWER: Final = 2_000


class Fault(NamedTuple):
    """What one button does: a fault of the sandbox, or None for one that ends sessions."""

    words: str
    effect: str
    fault: Mapping[str, Any] | None


FAULTS: Final[Mapping[str, Fault]] = {
    "lost_answer": Fault(
        "Lose the answer to the next message",
        "LinkedIn takes it, and the connection breaks: the outcome is unknown until it is found there",
        {"match": {"path": "createMessage"}, "effect": "reset_after_accept"},
    ),
    "throttle": Fault(
        "Throttle the next message",
        "LinkedIn answers 429: nothing is sent, and the account is put on hold",
        {"match": {"path": "createMessage"}, "effect": "status", "status": 429},
    ),
    "dead_session": Fault(
        "End the session", "LinkedIn no longer takes the cookies: the account stops, and campaigns pause", None
    ),
}


async def show(page: Page, _services: Services) -> Answer:
    """Show the inbox of a member: the one that is asked for, or the latest recipient."""
    return await _page(page, page.query.text("member"))


async def answer(page: Page, _services: Services) -> Answer:
    """Write to an account as a member."""
    sandbox, member = page.require_sandbox(), page.form.get("member", "")
    text = page.form.get("text", "").strip()
    if not 1 <= len(text) <= MAX_ANSWER:
        return await _page(page, member, problem=f"The answer must have 1 to {MAX_ANSWER:,} characters.")
    try:
        sender = str(ProfileUrn.parse(member, field="member"))
        account = str(ProfileUrn.parse(page.form.get("account", ""), field="account"))
        await sandbox.reply(sender=sender, account=account, text=text)
    except (InvalidField, SandboxRefused) as fault:
        return await _page(page, member, problem=f"The {fault}." if isinstance(fault, InvalidField) else f"{fault}.")
    return redirect(f"{PATH}/sandbox?member={quote(sender)}")


async def add_fault(page: Page, services: Services) -> Answer:
    """Have LinkedIn fail in one of the ways."""
    sandbox, wanted = page.require_sandbox(), FAULTS.get(page.form.get("fault", ""))
    if wanted is None:
        raise InvalidField("fault", f"must be one of {', '.join(FAULTS)}")
    if wanted.fault is not None:
        await sandbox.add_fault(wanted.fault)
    else:
        accounts = await services.accounts.search(page.workspace_id)
        await sandbox.act(*[{"action": "kill_session", "account": account.profile_urn} for account in accounts])
    return _back(page)


async def set_back(page: Page, services: Services) -> Answer:
    """Remove all faults, revive and connect all sessions, and end all holds."""
    sandbox, accounts = page.require_sandbox(), await services.accounts.search(page.workspace_id)
    await sandbox.clear_faults()
    await sandbox.act(*[{"action": "revive_session", "account": account.profile_urn} for account in accounts])
    ours = {account.profile_urn for account in accounts}
    for session in await sandbox.list_sessions():
        if session.profile_urn in ours:
            account = await services.accounts.connect_pasted(
                page.workspace_id, session.cookie, user_agent=session.user_agent
            )
            await services.accounts.update(page.workspace_id, account.id, release_hold=True)
    return _back(page)


def _back(page: Page) -> Answer:
    member = page.form.get("member", "")
    return redirect(f"{PATH}/sandbox" + (f"?member={quote(member)}" if member else ""))


async def _page(page: Page, member: str | None, problem: str | None = None) -> Answer:
    sandbox = page.require_sandbox()
    recent = list(await sandbox.list_recipients())[:RECENT]
    wanted = [*([member] if member else []), *[one for one in recent if one != member]]
    inboxes = [one for one in await asyncio.gather(*map(_inbox_of(page), wanted)) if one is not None]
    if member and (not inboxes or inboxes[0].member.profile_urn != member) and problem is None:
        problem = "The sandbox has no such member."
    return page.render(
        "sandbox.html",
        status=422 if problem else 200,
        inbox=inboxes[0] if inboxes else None,
        people=[one.member for one in inboxes],
        faults=FAULTS,
        pending=_pending(await sandbox.list_faults()),
        problem=problem,
        typed=page.form.get("text", "") if problem else "",
        max_answer=MAX_ANSWER,
    )


def _inbox_of(page: Page) -> Any:
    async def read(member: str) -> MemberInbox | None:
        try:
            return await page.require_sandbox().read_inbox(member)
        except SandboxRefused:
            return None

    return read


def _pending(faults: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the words of the pending faults; of those that others have added, the effect."""
    known = {fault.fault["effect"]: fault.words for fault in FAULTS.values() if fault.fault is not None}
    return [known.get(fault["effect"], fault["effect"]) for fault in faults]
