"""`/console/do-not-contact`: who is never written to; to search, add, take off, import and export."""

import asyncio
import io
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from confrere.campaigns.checks import OnProgress
from confrere.console.choices import account_of, explain_unread, person_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.pages.person import SOURCE
from confrere.domain.audit import AuditAction
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField, LimitReached, NoSession, NotFound
from confrere.domain.limits import iso_z
from confrere.domain.opt_out_csv import COLUMN, REASON, BadRow, People, parse_reason, read_people
from confrere.domain.person import Person, VanityName, parse_person
from confrere.domain.urns import ProfileUrn
from confrere.http.answer import Answer
from confrere.services import Services

PAGE_ROWS: Final = 50
MOST_LINES: Final = 200
"""Lines of an import that are listed; all are counted."""

MAX_SEARCH: Final = 200
IMPORT_SOURCE: Final = "console, import"
COLUMNS: Final = ("recipientProfileUrn", "reason", "source", "addedAt")
_EXPORT_BATCH: Final = 5_000

DONE: Final = {
    "added": "Added: no account of the workspace writes to this person any more.",
    "listed": "This person was on the list already; the entry stays as it was.",
    "removed": "Taken off the list: this person may be written to again.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What an import would do with a line. kind: the colour of the verdict."""

    number: int
    person: ProfileUrn | None
    verdict: str
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. lines: the first MOST_LINES of them, the bad ones first."""

    lines: list[Line]
    line_count: int
    new: int
    listed: int
    again: int
    bad: int


async def show(page: Page, services: Services) -> Answer:
    """List who is on the list, or those whom the search finds."""
    return await _page(page, services)


async def add(page: Page, services: Services) -> Answer:
    """Add the one person who is typed: a URN, the address of a profile, or the name in it."""
    assert page.user is not None
    typed = {"person": page.form.get("person", ""), "reason": page.form.get("reason", "")}
    try:
        reason = parse_reason(typed["reason"])
        recipient = await _find(page, services, typed["person"])
    except InvalidField as fault:
        return await _page(page, services, 422, problem=f"The {fault}.", field=fault.field, typed=typed)
    except (NotFound, NoSession, LimitReached) as fault:
        return await _page(page, services, 422, problem=f"{fault}.", field="person", typed=typed)
    added = await services.do_not_contact.add(page.user.workspace_id, [recipient], reason=reason, source=SOURCE)
    return redirect(f"{PATH}/do-not-contact?done={'added' if added else 'listed'}")


async def remove(page: Page, services: Services) -> Answer:
    """Take somebody off the list."""
    assert page.user is not None
    recipient = person_of(page.form.get("person", ""))
    await services.do_not_contact.remove(page.user.workspace_id, recipient)
    if page.form.get("back") == "person":
        return redirect(f"{PATH}/people/{recipient.profile_id}?done=unlisted")
    return redirect(f"{PATH}/do-not-contact?done=removed")


async def show_import(page: Page, _services: Services) -> Answer:
    """Show the form for a table."""
    return _import_page(page)


async def import_table(page: Page, services: Services) -> Answer:
    """Say what an import would do; with the button for it, do it, without the bad lines."""
    assert page.user is not None
    workspace_id, table = page.user.workspace_id, page.form.get("table", "")
    try:
        reason = parse_reason(page.form.get("reason", ""))
        people = await asyncio.to_thread(_read, table, reason)
    except InvalidField as fault:
        return _import_page(page, 422, problem=f"The {fault}.", field=fault.field)
    listed = await services.do_not_contact.find_listed(workspace_id, [row.recipient for row in people.good])
    plan = _plan(people, set(listed))
    if page.form.get("act") != "import":
        return _import_page(page, plan=plan)

    def add(report: OnProgress) -> Coroutine[Any, Any, int]:
        return services.do_not_contact.import_rows(workspace_id, people.good, source=IMPORT_SOURCE, on_progress=report)

    added = await services.long_tasks.write(
        (workspace_id, IMPORT_SOURCE, reason, table), add, total=len(people.good), wait_seconds=page.seconds_left
    )
    return _import_page(page, plan=plan, added=added)


async def export(page: Page, services: Services) -> Answer:
    """Answer with the whole list as a CSV table, which can be imported again."""
    assert page.user is not None
    workspace_id = page.user.workspace_id
    await services.audit.record(workspace_id, AuditAction.EXPORTED, detail="do-not-contact list")
    parts, after = [write_rows([COLUMNS])], None
    while batch := await services.do_not_contact.list_page(workspace_id, after=after, count=_EXPORT_BATCH):
        parts.append(write_rows((one.recipient, one.reason, one.source, iso_z(one.added_at)) for one in batch))
        after = batch[-1].recipient
    headers = ((b"content-disposition", b'attachment; filename="do-not-contact.csv"'),)
    return Answer(200, b"".join(parts), headers=headers, media_type="text/csv; charset=utf-8")


async def _find(page: Page, services: Services, text: str) -> ProfileUrn:
    """Return the person; LinkedIn is asked about the name in an address. Raises InvalidField, NotFound, NoSession."""
    assert page.user is not None
    who = parse_person(text, field="person")
    if not isinstance(who, VanityName):
        return who
    _, account = await account_of(page, services)
    if account is None:
        raise NotFound("No account of yours can ask LinkedIn who has this name; give the URN of the profile instead")
    reading = await services.directory.resolve_person(page.user.workspace_id, account.id, who)
    problem = explain_unread(reading, services.clock())
    if problem:
        raise NotFound(problem.rstrip("."))
    if not isinstance(reading.result, Person):
        raise NotFound("LinkedIn knows nobody of this name")
    return reading.result.profile_urn


def _read(table: str, reason: str | None) -> People:
    """Read a table with a head, or a list with one person a line. Raises InvalidField."""
    lines = table.strip("\ufeff\r\n\t ")
    if not lines:
        raise InvalidField("table", "must name at least one person")
    if COLUMN.lower() in lines.partition("\n")[0].lower():
        return read_people(io.BytesIO(lines.encode("utf-8", "replace")), reason, name="table")
    people = read_people(io.BytesIO(f"{COLUMN},{REASON}\n{lines}".encode("utf-8", "replace")), reason, name="table")
    people.good = [type(row)(row.recipient, row.reason, row.line - 1) for row in people.good]
    people.again = [type(row)(row.recipient, row.reason, row.line - 1) for row in people.again]
    people.bad = [BadRow(row.line - 1, row.error) for row in people.bad]
    return people


def _plan(people: People, listed: set[str]) -> Plan:
    bad = [Line(row.line, None, "Would be left out", "error", _why_bad(row)) for row in people.bad]
    good = [
        Line(row.line, row.recipient, "Is on the list already", "plain")
        if row.recipient in listed
        else Line(row.line, row.recipient, "Would be added", "available")
        for row in people.good
    ]
    again = [Line(row.line, row.recipient, "Stands in an earlier line already", "plain") for row in people.again]
    lines = bad[:MOST_LINES] + sorted(good + again, key=lambda line: line.number)
    count = people.bad_count + len(good) + len(again)
    return Plan(lines[:MOST_LINES], count, len(people.good) - len(listed), len(listed), len(again), people.bad_count)


def _why_bad(row: BadRow) -> str:
    """Return why the line names nobody; the advice for programs is left out."""
    text, is_vanity, _ = row.error.partition("; the name in")
    return f"{text}; whose address is all that is known can be added one at a time" if is_vanity else text


def _import_page(
    page: Page,
    status: int = 200,
    *,
    plan: Plan | None = None,
    added: int | None = None,
    problem: str | None = None,
    field: str | None = None,
) -> Answer:
    return page.render(
        "import_do_not_contact.html",
        status=status,
        plan=plan,
        added=added,
        table="" if added is not None else page.form.get("table", ""),
        reason=page.form.get("reason", ""),
        problem=problem,
        field=field,
    )


async def _page(
    page: Page,
    services: Services,
    status: int = 200,
    *,
    problem: str | None = None,
    field: str | None = None,
    typed: dict[str, str] | None = None,
) -> Answer:
    assert page.user is not None
    workspace_id, search = page.user.workspace_id, (page.query.text("q") or "").strip()[:MAX_SEARCH]
    last = page.query.text("after")
    after = str(person_of(last)) if last else None
    find = services.do_not_contact
    entries = (
        await find.search(workspace_id, search, after=after, count=PAGE_ROWS + 1)
        if search
        else await find.list_page(workspace_id, after=after, count=PAGE_ROWS + 1)
    )
    following = None
    if len(entries) > PAGE_ROWS:
        place = {"after": ProfileUrn(entries[PAGE_ROWS - 1].recipient).profile_id}
        following = f"{PATH}/do-not-contact?{urlencode({**({'q': search} if search else {}), **place})}"
    shown = entries[:PAGE_ROWS]
    return page.render(
        "do_not_contact.html",
        status=status,
        entries=shown,
        people=await services.members.find_people(workspace_id, [one.recipient for one in shown]),
        search=search,
        is_first=last is None,
        following=following,
        problem=problem,
        field=field,
        typed=typed or {},
        done=DONE.get(page.query.text("done") or ""),
    )
