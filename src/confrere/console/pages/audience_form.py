"""`/console/audiences/new`: an audience of a pasted list, or of a table that is pasted or uploaded."""

import asyncio
import csv
import io
import re
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import urlencode

from confrere.campaigns import AudienceContent
from confrere.campaigns.audiences import parse_name
from confrere.campaigns.checks import OnProgress
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.campaigns.audience import Audience
from confrere.domain.campaigns.audience_csv import KNOWN_COLUMNS, PERSON
from confrere.domain.errors import InvalidField
from confrere.domain.urns import GroupId
from confrere.http.answer import Answer
from confrere.services import Services

LABELS: Final = {
    "name": "Name",
    "groupId": "Group",
    "people": "People",
    "csv": "People",
    "mapping": "The column of the people",
}

MOST_SHOWN: Final = 100
"""Bad rows that are listed."""

_PERSON_COLUMNS: Final = frozenset(name.lower() for name in KNOWN_COLUMNS[PERSON])
_LINE: Final = re.compile(r"in line ([0-9]+)")
_SEPARATORS: Final = ",;\t|"


async def show(page: Page, services: Services) -> Answer:
    """Show the form. then=campaign: a campaign is made for it afterwards. group: chosen before."""
    typed = {"then": page.query.text("then") or "", "group": page.query.text("group") or ""}
    return await _form(page, services, typed)


async def make(page: Page, services: Services) -> Answer:
    """Look through the people; make the audience where that is asked for, and nobody would be left out unsaid."""
    assert page.user is not None
    typed = {**page.form, "people": await _people(page)}
    content: AudienceContent | None = None
    try:
        group_id = _group(typed)
        content = await _read(page, services, group_id, typed)
        if "dry" in page.form:
            return await _form(page, services, typed, content=content)
        name = parse_name(typed.get("name", ""))
        if content.people and content.bad_row_count and typed.get("bad_rows") != str(content.bad_row_count):
            return await _form(page, services, typed, content=content, asks=True)
        write = partial(_write, services, page.user.workspace_id, name, group_id, content)
        key = (page.user.workspace_id, "audience", name, group_id, typed["people"], typed.get("column"))
        audience = await services.long_tasks.write(key, write, wait_seconds=page.seconds_left)
    except InvalidField as fault:
        return await _form(page, services, typed, content=content, fault=fault)
    if typed.get("then") == "campaign":
        return redirect(f"{PATH}/campaigns/new?{urlencode({'audience': audience.id})}")
    return redirect(f"{PATH}/audiences/{audience.id}")


async def _write(
    services: Services, workspace_id: str, name: str, group_id: GroupId, content: AudienceContent, _report: OnProgress
) -> Audience:
    return await services.audiences.create_from_table(workspace_id, name=name, group_id=group_id, content=content)


async def _people(page: Page) -> str:
    """Return what was pasted, or what was uploaded, which then stands in the field."""
    file = page.files.get("file", b"")
    if not file.strip():
        return page.form.get("people", "")
    return await asyncio.to_thread(_decoded, file)


def _decoded(file: bytes) -> str:
    """Return a file as a text; what cannot be decoded is left for `AudienceTable` to name its line."""
    if file[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return file.decode("utf-16", "replace")
    if file[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return ""
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError:
        return file.decode("cp1252", "replace")  # what Excel saves in Western Europe without being told otherwise


def _group(typed: dict[str, str]) -> GroupId:
    given = (typed.get("group_other", "") or typed.get("group", "")).strip()
    if not given:
        raise InvalidField("groupId", "must be chosen, or given by its address")
    return GroupId.parse(given)


async def _read(page: Page, services: Services, group_id: GroupId, typed: dict[str, str]) -> AudienceContent:
    """Read a table; a list without column names becomes one of a single column. Raises InvalidField."""
    assert page.user is not None
    people = typed["people"]
    if not people.strip():
        kind = 'a CSV file, not a workbook of Excel: save it as "CSV UTF-8"' if page.files.get("file") else "given"
        raise InvalidField("people", f"must be {kind}")
    is_table, column = _is_table(people), typed.get("column", "").strip()
    mapping = {PERSON: column} if is_table and column else None if is_table else {PERSON: PERSON}
    table = people if is_table else await asyncio.to_thread(_as_table, people)
    content = await services.audiences.read_table(
        page.user.workspace_id, group_id, io.BytesIO(table.encode()), mapping=mapping, name="people"
    )
    if is_table:
        return content
    # A list has no line of column names before it.
    bad = [
        replace(row, line=row.line - 1, error=_LINE.sub(lambda found: f"in line {int(found[1]) - 1}", row.error))
        for row in content.bad_rows
    ]
    return replace(content, bad_rows=bad)


def _is_table(people: str) -> bool:
    """Whether the first line names columns: it holds a separator, or nothing but a known name of the people's column.

    An address of a profile may hold a comma; then it begins with http.
    """
    first = people.strip().partition("\n")[0].strip()
    names = {first.strip('"').lower()}
    for separator in _SEPARATORS:
        names |= {cell.strip(' "\r').lower() for cell in first.split(separator)}
    if names & _PERSON_COLUMNS:
        return True
    return any(separator in first for separator in _SEPARATORS) and not first.startswith(("http", "urn:", "www."))


def _as_table(people: str) -> str:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([[PERSON], *([line.strip().rstrip(",;")] for line in people.splitlines())])
    return written.getvalue()


async def _form(
    page: Page,
    services: Services,
    typed: dict[str, str],
    *,
    content: AudienceContent | None = None,
    fault: InvalidField | None = None,
    asks: bool = False,
) -> Answer:
    assert page.user is not None
    groups = await services.audiences.list_groups(page.user.workspace_id)
    problem = None
    if fault is not None:
        problem = f"{LABELS.get(fault.field, fault.field)} {str(fault).removeprefix(f'{fault.field} ')}."
    return page.render(
        "audience_form.html",
        status=422 if fault or asks else 200,
        typed=typed,
        groups=groups,
        field=fault.field if fault else None,
        problem=problem,
        content=content,
        asks=asks,
        most_shown=MOST_SHOWN,
    )
