"""`/console/sends`: the ledger, with filters, page by page."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from confrere.console.origins import PATH
from confrere.console.page import Page
from confrere.domain.account import Account
from confrere.domain.errors import InvalidField
from confrere.domain.ids import is_record_id
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import SendFilter
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.http.answer import Answer
from confrere.http.query_params import parse_time
from confrere.services import Services

PAGE_ROWS: Final = 50
_FILTERS: Final = ("account", "outcome", "recipient", "group", "since", "until")


async def show(page: Page, services: Services) -> Answer:
    """List what matches the filters, newest first; a filter that cannot be used is named, and nothing is listed."""
    assert page.user is not None
    accounts = page.visible(await services.accounts.search(page.user.workspace_id))
    given = {name: (page.query.text(name) or "").strip() for name in _FILTERS}
    problem, sends = None, []
    try:
        before_id = _before(page.query.text("before"))
        account_id, which = _account(page, accounts, given["account"]), _filter(given)
    except InvalidField as fault:
        problem = f"{fault}."
    else:
        if accounts:
            sends = list(
                await services.history.search(
                    page.user.workspace_id, account_id, which, before_id=before_id, count=PAGE_ROWS + 1
                )
            )
    older = None
    if len(sends) > PAGE_ROWS:
        kept = {name: value for name, value in given.items() if value}
        older = f"{PATH}/sends?{urlencode({**kept, 'before': sends[PAGE_ROWS - 1].id})}"
    return page.render(
        "sends.html",
        status=422 if problem else 200,
        sends=sends[:PAGE_ROWS],
        people=await services.members.find_people(page.user.workspace_id, [one.recipient for one in sends]),
        accounts=accounts,
        account_of={account.id: account for account in accounts},
        sees_all=page.user.rights.accounts is None,
        given=given,
        is_filtered=any(given.values()),
        is_first=page.query.text("before") is None,
        older=older,
        problem=problem,
    )


def _account(page: Page, accounts: list[Account], text: str) -> str | None:
    """Return the account to list; None for all, which only those who see all may list at once."""
    assert page.user is not None
    if text:
        if any(account.id == text for account in accounts):
            return text
        raise InvalidField("account", "must be one of the accounts in the list")
    return None if page.user.rights.accounts is None or not accounts else accounts[0].id


def _filter(given: dict[str, str]) -> SendFilter:
    outcome = given["outcome"] or None
    if outcome is not None and outcome not in set(OutcomeName):
        raise InvalidField("outcome", f"must be one of {', '.join(OutcomeName)}")
    return SendFilter(
        outcome=None if outcome is None else OutcomeName(outcome),
        group_id=str(GroupId.parse(given["group"])) if given["group"] else None,
        recipient=str(ProfileUrn.parse(given["recipient"], field="recipient")) if given["recipient"] else None,
        since=_time(given["since"], "since"),
        until=_time(given["until"], "until"),
    )


def _time(text: str, field: str) -> datetime | None:
    """Return the time that the browser's field gives without a zone, which is UTC here."""
    if not text:
        return None
    has_zone = text.endswith("Z") or "+" in text
    return parse_time(text if has_zone else f"{text}Z" if "T" in text else f"{text}T00:00Z", field)


def _before(text: str | None) -> str | None:
    if text is not None and not is_record_id(text):
        raise InvalidField("before", "must be the id of a send")
    return text
