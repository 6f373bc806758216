"""`/console/audit`: who did what."""

import re
from typing import Final

from confrere.console.origins import PATH
from confrere.console.page import Page
from confrere.domain.errors import InvalidField
from confrere.http.answer import Answer
from confrere.services import Services

PAGE_ROWS: Final = 50
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


async def show(page: Page, services: Services) -> Answer:
    """List the entries of the audit log, newest first."""
    assert page.user is not None
    workspace_id, text = page.user.workspace_id, page.query.text("before")
    if text is not None and not _NUMBER.fullmatch(text):
        raise InvalidField("before", "must be the number of an entry")
    before = None if text is None else int(text)
    entries = await services.audit.list_audit(workspace_id, before=before, count=PAGE_ROWS + 1)
    older = f"{PATH}/audit?before={entries[PAGE_ROWS - 1].number}" if len(entries) > PAGE_ROWS else None
    names = {user.id: user.name for user in await services.logins.list_users(workspace_id)}
    return page.render("audit.html", entries=entries[:PAGE_ROWS], names=names, is_first=before is None, older=older)
