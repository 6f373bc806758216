"""Reading a group's members from the sandbox, page by page."""

from collections.abc import Iterator
from typing import Any

from tests.contract.sandbox.browser import Browser, encoded

Json = dict[str, Any]
ALL = "OWNER,MANAGER,MEMBER"


def members(
    browser: Browser, group_id: str, *, start: int = 0, count: int = 10, typed: str = "''", statuses: str = ALL
) -> Json:
    """A page of a group's members."""
    variables = (
        f"(groupUrn:{encoded(f'urn:li:fsd_group:{group_id}')},filters:List(),typeaheadQuery:{encoded(typed)},"
        f"start:{start},count:{count},membershipStatuses:List({statuses}))"
    )
    seen = browser.query("voyagerGroupsDashGroupMemberships", variables, path="graphql")
    assert seen.status == 200, seen
    page: Json = seen.json()["data"]["groupsDashGroupMembershipsByTypeahead"]
    return page


def every_element(browser: Browser, group_id: str, *, count: int = 100, **wanted: str) -> Iterator[Json | None]:
    """All elements of a group's list, page by page."""
    start, total = 0, 1
    while start < total:
        page = members(browser, group_id, start=start, count=count, **wanted)
        assert page["paging"]["start"] == start
        total = page["paging"]["total"]
        yield from page["elements"]
        start += count
