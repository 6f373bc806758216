"""`/console/limits` and `/console/accounts/{id}/limits`: daily limit, rules of pacing and sending hours, as forms."""

import hashlib
import json
import re
from typing import Final

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect, zones
from confrere.console.rules import DAYS, LABELS, OF_WORKSPACE, TEXTS, WEEKDAY, form_of, read_form, weekdays_of
from confrere.domain.errors import InvalidField
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.pacing import Pacing
from confrere.domain.pacing_json import show_pacing
from confrere.http.answer import Answer
from confrere.services import Services

DONE: Final = {"limit": "The daily limit is changed; it counts from now on.", "rules": "The rules are changed."}
CHANGED_MEANWHILE: Final = (
    "Somebody has changed these rules since this page was opened. What you typed is below; compare it with the rules "
    "in another tab, and change them then"
)
_NUMBER: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


async def show(page: Page, services: Services) -> Answer:
    """Show limit and rules of an account, or the rules of all accounts."""
    return await _page(page, services)


async def change_limit(page: Page, services: Services) -> Answer:
    """Change how many messages a day the account may send."""
    assert page.user is not None
    account_id, text = page.account_id(), page.form.get("dailyLimit", "").strip()
    if not _NUMBER.fullmatch(text) or int(text) > MESSAGES_PER_DAY_CEILING:
        fault = InvalidField("dailyLimit", f"must be a whole number from 0 to {MESSAGES_PER_DAY_CEILING}")
        return await _page(page, services, fault)
    await services.accounts.update(page.user.workspace_id, account_id, daily_limit=int(text))
    return redirect(f"{_path(account_id)}?done=limit")


async def change_rules(page: Page, services: Services) -> Answer:
    """Replace the rules by those of the form; what is left empty is no rule. Refused where they have changed since."""
    assert page.user is not None
    workspace_id, account_id = page.user.workspace_id, _account_id(page)
    before = await services.pacing.read(workspace_id, account_id)
    if page.form.get("seen") != _digest(before):
        return await _page(page, services, InvalidField("", CHANGED_MEANWHILE), status=409)
    try:
        await services.pacing.replace(workspace_id, account_id, read_form(_typed(page), page.chosen(WEEKDAY)))
    except InvalidField as fault:
        return await _page(page, services, fault)
    return redirect(f"{_path(account_id)}?done=rules")


async def _page(page: Page, services: Services, fault: InvalidField | None = None, *, status: int = 422) -> Answer:
    assert page.user is not None
    workspace_id, account_id = page.user.workspace_id, _account_id(page)
    account = None if account_id is None else await services.accounts.read(workspace_id, account_id)
    own = await services.pacing.read(workspace_id, account_id)
    zone = None if account_id is None else await services.pacing.read_zone(workspace_id, account_id)
    shown, weekdays = form_of(own, zone or page.zone), weekdays_of(own)
    is_of_rules = fault is not None and "seen" in page.form
    if is_of_rules:
        shown, weekdays = _typed(page), page.chosen(WEEKDAY)
    limit = "" if account is None else str(account.daily_limit)
    return page.render(
        "limits.html",
        status=status if fault else 200,
        zone=zone,
        account=account,
        limit=page.form.get("dailyLimit", limit) if fault and not is_of_rules else limit,
        ceiling=MESSAGES_PER_DAY_CEILING,
        given=shown,
        weekdays=weekdays,
        days=DAYS,
        labels=LABELS,
        of_workspace=OF_WORKSPACE,
        zones=sorted(zones() | {shown.get("sendingHours.timeZone") or "UTC"}),
        seen=_digest(own),
        field=fault.field if fault else None,
        problem=_words(fault) if fault else None,
        done=DONE.get(page.query.text("done") or ""),
        action=_path(account_id),
    )


def _account_id(page: Page) -> str | None:
    return page.account_id() if "account_id" in page.path_params else None


def _path(account_id: str | None) -> str:
    return f"{PATH}/limits" if account_id is None else f"{PATH}/accounts/{account_id}/limits"


def _typed(page: Page) -> dict[str, str]:
    return {name: page.form.get(name, "") for name in TEXTS}


def _digest(pacing: Pacing) -> str:
    """Return by what a form recognises that the rules are still those that it showed."""
    return hashlib.sha256(json.dumps(show_pacing(pacing), sort_keys=True).encode()).hexdigest()[:16]


def _words(fault: InvalidField) -> str:
    """Return the error with the field's label in place of its name."""
    words = str(fault).removeprefix(fault.field).strip().replace("null takes the rule away", "empty is no rule")
    return f"{LABELS.get(fault.field, fault.field)} {words}.".strip()
