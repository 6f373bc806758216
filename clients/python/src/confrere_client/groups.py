"""Groups and their members."""

from collections.abc import Mapping, Sequence

from confrere_client.arguments import check_group, check_optional_text, check_whole_number, read_texts
from confrere_client.calls import Call, read_answered
from confrere_client.models import GroupPage, Member, MemberPage
from confrere_client.pages import MemberPages, Pages
from confrere_client.resource import E, Resource, listing, method

MEMBERS_PAGE = 50


class Groups(Resource[E]):
    """Groups and their members."""

    @method
    def list(
        self, *, account_id: str | None = None, start: int | None = None, count: int | None = None
    ) -> Call[GroupPage]:
        """List the groups that the account is in."""
        query = {"accountId": account_id, "start": start, "count": count}
        return Call("GET", "/groups", read_answered(GroupPage), query)

    @method
    def members(
        self,
        group_id: str | int,
        *,
        start: int = 0,
        count: int = MEMBERS_PAGE,
        membership_statuses: Sequence[str] | None = None,
        typeahead_query: str | None = None,
        account_id: str | None = None,
    ) -> Call[MemberPage]:
        """List one page of a group's members. Each member counts against the quota `GROUP_MEMBERS`.

        membership_statuses:  any of `OWNER`, `MANAGER`, `MEMBER`; None: all three.
        typeahead_query:      only members whose names begin with it.
        """
        group = {"groupId": group_id}
        return list_members(group, start, count, membership_statuses, typeahead_query, account_id)

    @method
    def members_by_url(
        self,
        group_url: str,
        *,
        start: int = 0,
        count: int = MEMBERS_PAGE,
        membership_statuses: Sequence[str] | None = None,
        typeahead_query: str | None = None,
        account_id: str | None = None,
    ) -> Call[MemberPage]:
        """List one page of members by the group's URL. The arguments are those of `members`."""
        group = {"groupUrl": group_url}
        return list_members(group, start, count, membership_statuses, typeahead_query, account_id)

    @listing
    def iter_members(
        self,
        group_id: str | int,
        *,
        start: int = 0,
        count: int = MEMBERS_PAGE,
        membership_statuses: Sequence[str] | None = None,
        typeahead_query: str | None = None,
        account_id: str | None = None,
    ) -> Pages[MemberPage, Member]:
        """Iterate over a group's members; a page is requested when the one before it is used up."""

        def request_page(place: int) -> Call[MemberPage]:
            group = {"groupId": group_id}
            return list_members(group, place, count, membership_statuses, typeahead_query, account_id)

        return MemberPages(request_page, start=start, count=count)


def list_members(
    group: Mapping[str, str | int],
    start: int,
    count: int,
    membership_statuses: Sequence[str] | None = None,
    typeahead_query: str | None = None,
    account_id: str | None = None,
) -> Call[MemberPage]:
    """List one page of a group's members. group: its `groupId` or `groupUrl`. Raises InvalidRequest."""
    for name, value in group.items():
        check_group({"groupId": "group_id", "groupUrl": "group_url"}[name], value)
    check_whole_number("start", start)
    check_whole_number("count", count)
    check_optional_text("typeahead_query", typeahead_query)
    check_optional_text("account_id", account_id)
    body = {
        **group,
        "count": count,
        "start": start,
        "membershipStatuses": read_texts("membership_statuses", membership_statuses),
        "typeaheadQuery": typeahead_query,
        "accountId": account_id,
    }
    path = "/groups/members-by-url" if "groupUrl" in group else "/groups/members"
    return Call("POST", path, read_answered(MemberPage), body=body)
