"""`/console/replies`: what people have answered, the conversation beside it, and what to do about it."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from confrere.console.choices import explain_unread
from confrere.console.errors import words_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.send_once import send_once
from confrere.domain.account import Account
from confrere.domain.campaigns.way_out import stop_word_in
from confrere.domain.conversation import ThreadMessage
from confrere.domain.errors import ConfrereError, Forbidden, InvalidField, KeyInUse, KeyReused, NotFound
from confrere.domain.ids import is_record_id, parse_campaign_id, parse_idempotency_key
from confrere.domain.keys import Scope
from confrere.domain.message import MAX_CHARACTERS, MessageText
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import Accepted, NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.domain.reply import Reply, ReplyFilter
from confrere.domain.urns import ConversationUrn, ProfileUrn
from confrere.http.answer import Answer
from confrere.inbox import MessagesPage
from confrere.sending import SendRequest
from confrere.services import Services

PAGE_ROWS: Final = 30
THREAD_ROWS: Final = 50
STATES: Final = {"open": "Open", "handled": "Handled", "out": "May want out"}
DONE: Final = {
    "answered": "LinkedIn has your answer. Mark the reply as handled when nothing is left to do about it.",
    "unknown": "LinkedIn may have your answer, or not: it is searched for there. Do not send it again.",
    "handled": "The reply is handled.",
    "open": "The reply is open again.",
    "listed": "Nobody here writes to them any more, in no campaign and from no account.",
    "unlisted": "They are off the do-not-contact list, and may be written to again.",
    "seen": "The conversation is marked as read; they can see that.",
    "unseen": "LinkedIn did not mark the conversation as read. Try again later.",
}
"""What an action has done, by the word that it leaves in the address."""

_FILTERS: Final = ("state", "account", "campaign", "person")
_MILLISECONDS: Final = re.compile(r"[0-9]{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opened:
    """The reply that is open beside the list.

    sent:      the text that it answers.
    stop_word: why it may want out; None where it does not.
    messages:  of the conversation, oldest first, as LinkedIn shows them; None where it was not asked.
    unread:    why LinkedIn could not be read.
    older:     where the messages before them are; None where there are none.
    """

    reply: Reply
    account: Account
    sent: str
    opt_out: OptOut | None
    stop_word: str | None
    handled_by: str | None
    messages: Sequence[ThreadMessage] | None = None
    unread: str | None = None
    older: str | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """An answer that was not sent: its text, why, and the field at fault."""

    text: str = ""
    problem: str | None = None
    key: str = field(default_factory=lambda: secrets.token_hex(16))


async def show(page: Page, services: Services) -> Answer:
    """List what matches the filters, the last recorded first."""
    return await _render(page, services, None)


async def show_one(page: Page, services: Services) -> Answer:
    """Show one reply beside the list, without asking LinkedIn; a poll renews the list only."""
    opened = None if page.is_live else await _open(page, services, await _reply(page, services))
    return await _render(page, services, opened)


async def show_conversation(page: Page, services: Services) -> Answer:
    """Show one reply with its conversation, read from LinkedIn. Nothing is marked as read by that."""
    assert page.user is not None
    reply = await _reply(page, services)
    before = page.query.text("before")
    if before is not None and not _MILLISECONDS.fullmatch(before):
        raise InvalidField("before", "must be a time in milliseconds since 1970")
    messages, unread, older = None, None, None
    try:
        reading = await services.replies.read_conversation(
            page.user.workspace_id, reply.id, before_ms=int(before) if before else None, count=THREAD_ROWS
        )
    except ConfrereError as fault:
        unread = words_of(fault)
    else:
        if isinstance(reading.result, MessagesPage):
            messages = tuple(reversed(reading.result.messages))
            if reading.result.older_before_ms is not None:
                older = f"{PATH}/replies/{reply.id}/conversation?before={reading.result.older_before_ms}"
        else:
            unread = explain_unread(reading, services.clock(), if_refused="Look at it in your browser.")
    return await _render(page, services, await _open(page, services, reply, messages, unread, older))


async def answer(page: Page, services: Services) -> Answer:
    """Send a plain message into the conversation. The form's key makes it one message however often it arrives."""
    assert page.user is not None
    if not page.user.rights.may(Scope.SEND):
        raise Forbidden(Scope.SEND)
    reply, text = await _reply(page, services), page.form.get("text", "")
    target = await services.replies.find_target(page.user.workspace_id, reply.id)
    try:
        request = SendRequest(
            request_id=page.request_id,
            workspace_id=page.user.workspace_id,
            account_id=target.account_id,
            recipient=target.recipient,
            group_id=None,
            text=MessageText.parse(text.replace("\r\n", "\n"), field="text"),
            idempotency_key=parse_idempotency_key(page.form.get("key", ""), field="key"),
            conversation_urn=target.conversation_urn,
        )
        result = await send_once(services, request)
    except KeyInUse:
        return _done(page, reply, "unknown")
    except KeyReused:
        problem = "This form has sent another text already. Look at the conversation before you send this one, too."
    except ConfrereError as fault:
        problem = words_of(fault)
    else:
        match result.outcome:
            case Accepted():
                return _done(page, reply, "answered")
            case Unknown():
                return _done(page, reply, "unknown")
            case outcome:
                problem = _why_not_sent(outcome)
    return await _render(page, services, await _open(page, services, reply), Typed(text, problem))


async def mark_handled(page: Page, services: Services) -> Answer:
    """Record that it is handled, or open again."""
    assert page.user is not None
    reply, handled = await _reply(page, services), page.form.get("handled") != "no"
    await services.replies.mark_handled(page.user.workspace_id, reply.id, by=page.user.id, handled=handled)
    return _done(page, reply, "handled" if handled else "open")


async def list_person(page: Page, services: Services) -> Answer:
    """Put the person on the do-not-contact list; the reply is handled with it."""
    assert page.user is not None
    if not page.user.rights.may(Scope.SEND):
        raise Forbidden(Scope.SEND)
    reply, workspace_id = await _reply(page, services), page.user.workspace_id
    await services.do_not_contact.add(
        workspace_id, [reply.recipient], reason=_reason(reply), source=f"console, {page.user.name}"[:100]
    )
    await services.replies.mark_handled(workspace_id, reply.id, by=page.user.id)
    return _done(page, reply, "listed")


async def unlist_person(page: Page, services: Services) -> Answer:
    """Undo `list_person`. What came onto the list by another way is taken off by owners only. Raises Forbidden."""
    assert page.user is not None
    reply, workspace_id = await _reply(page, services), page.user.workspace_id
    entry = await services.do_not_contact.find(workspace_id, reply.recipient)
    if entry is None or not _may_unlist(page, reply, entry):
        raise Forbidden(Scope.ADMIN)
    await services.do_not_contact.remove(workspace_id, reply.recipient)
    await services.replies.mark_handled(workspace_id, reply.id, by=page.user.id, handled=False)
    return _done(page, reply, "unlisted")


async def mark_seen(page: Page, services: Services) -> Answer:
    """Mark the conversation as read at LinkedIn, which the person can see."""
    assert page.user is not None
    if not page.user.rights.may(Scope.SEND):
        raise Forbidden(Scope.SEND)
    reply = await _reply(page, services)
    reading = await services.mailbox.mark_seen(
        page.user.workspace_id, reply.account_id, ConversationUrn(reply.conversation_urn)
    )
    return _done(page, reply, "seen" if isinstance(reading.result, Account) else "unseen")


async def _render(page: Page, services: Services, opened: Opened | None, typed: Typed | None = None) -> Answer:
    """Render the list, and the open reply beside it; a filter that cannot be used is named, and nothing is listed."""
    assert page.user is not None
    workspace_id, rights = page.user.workspace_id, page.user.rights
    accounts = page.visible(await services.accounts.search(workspace_id))
    given = {name: (page.query.text(name) or "").strip() for name in _FILTERS}
    kept = {name: value for name, value in given.items() if value}
    if rights.accounts is not None and not given["account"] and accounts:
        given["account"] = accounts[0].id  # all at once are for those who see all accounts
    problem, replies = None, []
    try:
        which, before_id = _filter(given, accounts), _before(page)
    except InvalidField as fault:
        problem = f"{fault}."
    else:
        if accounts:
            replies = list(
                await services.replies.list_page(workspace_id, which, before_id=before_id, count=PAGE_ROWS + 1)
            )
    older = None
    if len(replies) > PAGE_ROWS:
        older = f"{PATH}/replies?{urlencode({**kept, 'before': replies[PAGE_ROWS - 1].id})}"
    query = f"?{urlencode(kept)}" if kept else ""
    return page.render(
        "replies.html",
        status=422 if problem or (typed and typed.problem) else 200,
        replies=replies[:PAGE_ROWS],
        opened=opened,
        typed=typed or Typed(),
        most=MAX_CHARACTERS,
        accounts=accounts,
        account_of={account.id: account for account in accounts},
        campaigns=await services.campaigns.list_names(workspace_id) if rights.may(Scope.READ) else {},
        sees_all=rights.accounts is None,
        states=STATES,
        given=given,
        query=query,
        is_filtered=bool(kept),
        is_first=page.query.text("before") is None,
        older=older,
        problem=problem,
        done=DONE.get(page.query.text("done") or ""),
        may_unlist=opened is not None
        and opened.opt_out is not None
        and _may_unlist(page, opened.reply, opened.opt_out),
    )


def _filter(given: dict[str, str], accounts: Sequence[Account]) -> ReplyFilter:
    if given["state"] and given["state"] not in STATES:
        raise InvalidField("state", f"must be one of {', '.join(STATES)}")
    if given["account"] and all(account.id != given["account"] for account in accounts):
        raise InvalidField("account", "must be one of the accounts in the list")
    person = given["person"]
    is_bare = bool(person) and ":" not in person and "/" not in person
    return ReplyFilter(
        campaign_id=parse_campaign_id(given["campaign"] or None, field="campaign"),
        account_id=given["account"] or None,
        may_want_out=True if given["state"] == "out" else None,
        handled={"handled": True, "open": False, "out": False}.get(given["state"]),
        recipient=ProfileUrn.parse(f"urn:li:fsd_profile:{person}" if is_bare else person, field="person")
        if person
        else None,
    )


def _before(page: Page) -> str | None:
    text = page.query.text("before")
    if text is None or page.path_params:
        return None
    if not is_record_id(text):
        raise InvalidField("before", "must be the id of a reply")
    return text


async def _reply(page: Page, services: Services) -> Reply:
    """Return the reply in the path. Raises NotFound, also where its account is not one of the user's."""
    assert page.user is not None
    reply_id = page.path_params["reply_id"]
    if is_record_id(reply_id):
        reply = await services.replies.read(page.user.workspace_id, reply_id)
        if page.may_see(reply.account_id):
            return reply
    raise NotFound("There is no such reply in this workspace")


async def _open(
    page: Page,
    services: Services,
    reply: Reply,
    messages: Sequence[ThreadMessage] | None = None,
    unread: str | None = None,
    older: str | None = None,
) -> Opened:
    assert page.user is not None
    workspace_id = page.user.workspace_id
    _, sent = await services.history.read(workspace_id, reply.send_id)
    return Opened(
        reply,
        await services.accounts.read(workspace_id, reply.account_id),
        sent,
        await services.do_not_contact.find(workspace_id, reply.recipient),
        stop_word_in(reply.text) if reply.may_want_out and reply.text else None,
        await _name_of(services, workspace_id, reply.handled_by),
        messages,
        unread,
        older,
    )


async def _name_of(services: Services, workspace_id: str, who: str | None) -> str | None:
    """Return the name of a user, or what a reply is marked with otherwise: the id of a key, or `cli`."""
    if who is None:
        return None
    users = await services.logins.list_users(workspace_id)
    return next((user.name for user in users if user.id == who), who)


def _reason(reply: Reply) -> str:
    return f"By a person, from reply {reply.id}"


def _may_unlist(page: Page, reply: Reply, entry: OptOut) -> bool:
    assert page.user is not None
    rights = page.user.rights
    return rights.may(Scope.ADMIN) or (rights.may(Scope.SEND) and entry.reason == _reason(reply))


def _done(page: Page, reply: Reply, what: str) -> Answer:
    """Lead back to the reply, among the same others."""
    kept = {name: value for name in _FILTERS if (value := (page.query.text(name) or "").strip())}
    return redirect(f"{PATH}/replies/{reply.id}?{urlencode({**kept, 'done': what})}")


def _why_not_sent(outcome: Outcome) -> str:
    match outcome:
        case Refused(status, _, code, text):
            words = text or code or f"status {status}"
            return f"It was not sent. The refusal: {words}."
        case Throttled():
            return "It was not sent: LinkedIn throttles this account. Let it rest until the hold ends."
        case SessionDead(why):
            return f"It was not sent: LinkedIn no longer takes the account's session ({why}). Connect it again."
        case NotSent(why):
            return f"It was not sent: {why}. Send it again."
        case _:
            return "It was not sent."
