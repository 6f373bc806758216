"""`/console/audit`: who did what."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from urllib.parse import urlencode

from confrere.console.origins import PATH
from confrere.console.page import Page
from confrere.console.route import PageRoute
from confrere.console.words import action_words
from confrere.domain.audit import (
    ActorKind,
    AuditAction,
    AuditEntry,
    AuditFilter,
    AuditSubject,
    Named,
    parse_action,
    parse_actor,
    parse_subject,
)
from confrere.domain.audit_table import COLUMNS, write_entries
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField
from confrere.http.answer import Answer, Chunks
from confrere.http.query_params import parse_time
from confrere.http.router import Router
from confrere.services import Services

PAGE_ROWS: Final = 50
_EXPORTED_AT_ONCE: Final = 500
_FILTERS: Final = ("actor", "action", "subject", "since")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_SHOWN_DIGITS: Final = 12
_PAGES: Final[Mapping[AuditSubject, str]] = {
    AuditSubject.USER: "users",
    AuditSubject.KEY: "keys",
    AuditSubject.ACCOUNT: "accounts/{}",
    AuditSubject.CAMPAIGN: "campaigns/{}",
    AuditSubject.TEMPLATE: "templates/{}",
    AuditSubject.AUDIENCE: "audiences/{}",
    AuditSubject.REPLY: "replies/{}",
    AuditSubject.WEBHOOK: "webhooks/{}",
}
"""Where each kind of subject is shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the page shows it. path: of what it was done to; None where there is no such page."""

    entry: AuditEntry
    actor: str
    subject: str | None
    path: str | None


async def show(page: Page, services: Services) -> Answer:
    """List what matches the filters, newest first; a filter that cannot be used is named, and nothing is listed."""
    assert page.user is not None
    workspace_id = page.user.workspace_id
    given = _given(page)
    field, problem, entries = None, None, []
    try:
        before = _before(page.query.text("before"))
        which = _filter(given)
    except InvalidField as fault:
        field, problem = fault.field, f"{fault}."
    else:
        entries = list(
            await services.audit.list_audit(workspace_id, which, before=before, count=PAGE_ROWS + 1),
        )
    kept = {name: value for name, value in given.items() if value}
    older = None
    if len(entries) > PAGE_ROWS:
        older = f"{PATH}/audit?{urlencode({**kept, 'before': entries[PAGE_ROWS - 1].number})}"
    names = await services.audit_names.find(workspace_id, entries[:PAGE_ROWS])
    visible = {name: one for name, one in names.items() if one.account_id is None or page.may_see(one.account_id)}
    return page.render(
        "audit.html",
        status=422 if problem else 200,
        rows=[_row(entry, visible) for entry in entries[:PAGE_ROWS]],
        users=await services.logins.list_users(workspace_id),
        keys=await services.keys.list_all(workspace_id),
        kinds=list(ActorKind),
        actions=sorted(AuditAction, key=action_words),
        given=given,
        field=field,
        problem=problem,
        is_filtered=bool(kept),
        is_first=page.query.text("before") is None,
        older=older,
        export=f"{PATH}/audit/export{'?' if kept else ''}{urlencode(kept)}",
    )


async def export(page: Page, services: Services) -> Answer:
    """Send all entries that match the filters as a CSV file, which is read while it is written. Raises InvalidField."""
    assert page.user is not None
    workspace_id, which = page.user.workspace_id, _filter(_given(page))
    first = await services.audit.list_audit(workspace_id, which, before=None, count=_EXPORTED_AT_ONCE)
    await services.audit.record(workspace_id, AuditAction.EXPORTED, detail="audit log")

    async def parts() -> AsyncGenerator[bytes, None]:
        entries = first
        yield write_rows([COLUMNS]) + write_entries(entries)
        while len(entries) == _EXPORTED_AT_ONCE:
            before = entries[-1].number
            entries = await services.audit.list_audit(workspace_id, which, before=before, count=_EXPORTED_AT_ONCE)
            yield write_entries(entries)

    headers = ((b"content-disposition", b'attachment; filename="audit.csv"'),)
    return Answer(200, Chunks(parts()), headers=headers, media_type="text/csv; charset=utf-8")


def _given(page: Page) -> dict[str, str]:
    return {name: (page.query.text(name) or "").strip() for name in _FILTERS}


def _filter(given: Mapping[str, str]) -> AuditFilter:
    return AuditFilter(
        parse_actor(given["actor"] or None, "By"),
        parse_action(given["action"] or None, "Action"),
        parse_subject(given["subject"] or None, "About"),
        _time(given["since"]),
    )


def _time(text: str) -> datetime | None:
    """Return the beginning of the day that the browser's field gives, in UTC."""
    return parse_time(text if "T" in text else f"{text}T00:00Z", "From") if text else None


def _before(text: str | None) -> int | None:
    if text is not None and not _NUMBER.fullmatch(text):
        raise InvalidField("before", "must be the number of an entry")
    return None if text is None else int(text)


def _row(entry: AuditEntry, names: Mapping[str, Named]) -> Row:
    actor, subject = entry.actor, entry.subject
    by = names[actor.id].name if actor.id is not None and actor.id in names else actor.id or ""
    if subject is None:
        return Row(entry, by, None, None)
    if _HASH.fullmatch(subject):
        return Row(entry, by, f"Person {subject[:_SHOWN_DIGITS]}", f"{PATH}/audit?{urlencode({'subject': subject})}")
    if subject not in names:
        return Row(entry, by, subject, None)
    return Row(entry, by, names[subject].name, _path(entry.action.subject, subject))


def _path(kind: AuditSubject, subject: str) -> str | None:
    """Return the path of the page that shows it; None where no page does."""
    path = f"{PATH}/{_PAGES[kind].format(subject)}" if kind in _PAGES else ""
    match = _router().find(path)
    return path if match is not None and "GET" in match.routes else None


@cache
def _router() -> Router[PageRoute]:
    from confrere.console.routes import ROUTES  # here: the table imports this module

    return Router(ROUTES)
