"""The operations that read groups and their members."""

from dataclasses import replace

from confrere.api.compatible.group_bodies import groups_body, members_body, members_by_url_body, older_members_body
from confrere.api.compatible.groups import (
    DEFAULT_COUNT,
    DEFAULT_COUNT_OLDER,
    GROUPS_ERROR,
    MAX_COUNT,
    MAX_START,
    MAX_TYPED,
    MEMBERS_ERROR,
    MISSING_ANY,
    MISSING_ID,
    MISSING_URL,
)
from confrere.api.reference import schemas
from confrere.api.reference.compatible.reads import ACCOUNT_IN_QUERY, reads_of_linkedin
from confrere.api.reference.operation import Example, Node, Operation, Parameter
from confrere.api.reference.schemas import array, integer, nullable, text
from confrere.api.reference.shared_examples import (
    ACCOUNT_FORM,
    ACCOUNT_ID,
    GROUP,
    MIDNIGHT,
    QUOTA,
    RECIPIENT,
    account_in_body,
)
from confrere.api.shared_bodies import Body
from confrere.domain import errors
from confrere.domain.group import IN_THE_GROUP, Group, GroupMember, MembershipStatus, MembersQuery, Page, Relationship
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, Action, Quota
from confrere.domain.urns import GROUP_FORM, GroupId
from confrere.http.answer import Answer

_GROUP_URL = f"https://www.linkedin.com/groups/{GROUP}/"
_GROUP_ID = GroupId(GROUP)
_USED = Quota(Action.GROUP_MEMBERS, GROUP_MEMBERS_PER_DAY, 96, MIDNIGHT)
_USED_UP = Quota(Action.GROUP_MEMBERS, GROUP_MEMBERS_PER_DAY, GROUP_MEMBERS_PER_DAY, MIDNIGHT)
_MEMBER = GroupMember(
    profile_urn=RECIPIENT,
    entity_urn=f"urn:li:fsd_groupMembership:(urn:li:fsd_group:{GROUP},{RECIPIENT})",
    public_id="bastien-exemple",
    first_name="Bastien",
    last_name="Exemple",
    headline="Head of Procurement at Example Co",
    picture="https://media.licdn.com/dms/image/v2/example/profile-displayphoto-shrink_400_400/0",
    follower_count=512,
    status=MembershipStatus.MEMBER,
    relationship=Relationship.NO_CONNECTION,
    premium=True,
)
_PAGE = Page((_MEMBER,), places=2, total=1288)
_GROUP = Group(
    urn=f"urn:li:fsd_group:{GROUP}",
    group_id=GROUP,
    name="Logistics and Procurement",
    member_count=1288,
    status=MembershipStatus.MEMBER,
    logo=None,
)

_BY_ID: Node = {
    **schemas.GROUP_OR_NUMBER,
    "description": "The group's id: its digits. `urn:li:fsd_group:<digits>` and the group's URL are taken too.",
    "examples": [GROUP],
}
_BY_URN: Node = {
    **schemas.GROUP,
    "description": "`urn:li:fsd_group:<digits>`.",
    "examples": [f"urn:li:fsd_group:{GROUP}"],
}
_BY_URL: Node = {**schemas.GROUP_URL, "description": "The URL of the group.", "examples": [_GROUP_URL]}

_GROUP_FORM = Example("groupForm", "The group's name is no id", errors.InvalidField("groupId", GROUP_FORM))
_URL_FORM = Example(
    "urlForm",
    "It is not the URL of a group",
    errors.InvalidField("groupUrl", "must be the URL of a group: https://www.linkedin.com/groups/<digits>/"),
)
_DIFFERENT_GROUPS = Example(
    "differentGroups",
    "The names given are of different groups",
    errors.InvalidField("groupUrl, groupUrn and groupId", "must name the same group"),
)


def _or_null(schema: Node) -> Node:
    return {"anyOf": [schema, {"type": "null"}]}


def _count_range(items: str) -> Example:
    must_be = f"must be a whole number from 1 to {MAX_COUNT}"
    return Example("countRange", f"A page has 1 to 100 {items}", errors.InvalidField("count", must_be))


def _examples(body: Body, missing: str, *own: Example) -> list[Example]:
    """The answers of an operation that reads members, in the order of their statuses."""
    return [
        Example("page", "One page", Answer(200, body, _USED)),
        Example(
            "missing",
            f"The {'URL' if missing == MISSING_URL else 'group'} is missing, null or blank",
            errors.MissingFields(missing),
        ),
        *own,
        _count_range("places"),
        Example(
            "statusName",
            "There is no such membership status",
            errors.InvalidField("membershipStatuses", f"must be a list of {', '.join(MembershipStatus)}"),
        ),
        ACCOUNT_FORM,
        Example("usedUp", "The account's day is used up", errors.QuotaUsedUp(_USED_UP)),
        *reads_of_linkedin(MEMBERS_ERROR, _USED),
    ]


def _request(title: str, description: str, default_count: int, *required: str, **group: Node) -> Node:
    statuses = text(one_of=list(MembershipStatus))
    count = f"How many places of the list to read; {default_count} unless given."
    start = "The place to begin at, 0 unless given; for the next page, add `count`."
    only = f"Only members with one of these statuses; {', '.join(IN_THE_GROUP)} unless given."
    typed = "Only members whose names begin so, as LinkedIn's own search has it."
    properties: Node = {
        "accountId": account_in_body("LinkedIn account ID to use. If not provided, uses the default account."),
        **group,
        "count": nullable(integer(1, MAX_COUNT, count)),
        "start": nullable(integer(0, MAX_START, start)),
        "membershipStatuses": nullable(array(statuses, only)),
        "typeaheadQuery": nullable(text(typed, max_length=MAX_TYPED, pattern="^[^\\u0000]*$")),
    }
    return schemas.request(title, f"{description} Fields that are not listed are ignored.", properties, *required)


_LIST_MEMBERS = Operation(
    "POST",
    "/linkedin/groups/members",
    "listGroupMembers",
    "List a group's members",
    f"One page of the members of a group that the account is in. Rate limit: {GROUP_MEMBERS_PER_DAY:,} members per "
    "day per account, counted in members returned.\n\n"
    "`start`, `count` and `total` of `pagination` speak of places in LinkedIn's list. Some places hold nobody who "
    "can be shown, so a page may have fewer members than places; read on with `start + count` until `hasMore` is "
    "false, and each member comes once.\n\n"
    "A page covers fewer places than asked for where the list ends, or where the day's last members are on it: "
    "then `pagination.count` says how many, and the next page is a 429.",
    _examples(members_body(ACCOUNT_ID, GROUP, _PAGE, 0), MISSING_ID, _GROUP_FORM),
    request=_request("GroupMembersRequest", "One page of a group's members.", DEFAULT_COUNT, "groupId", groupId=_BY_ID),
    body={"groupId": GROUP, "count": DEFAULT_COUNT, "start": 0},
)
_LIST_MEMBERS_BY_URL = replace(
    _LIST_MEMBERS,
    path="/linkedin/groups/members-by-url",
    operation_id="listGroupMembersByUrl",
    summary="List a group's members by its URL",
    description="The same, by the address of the group's page. It is answered with the URL that you sent.",
    examples=_examples(members_by_url_body(ACCOUNT_ID, _GROUP_URL, _GROUP_ID, _PAGE, 0), MISSING_URL, _URL_FORM),
    request=_request(
        "GroupMembersByUrlRequest",
        "One page of a group's members, by its URL.",
        DEFAULT_COUNT,
        "groupUrl",
        groupUrl=_BY_URL,
    ),
    body={"groupUrl": _GROUP_URL, "count": DEFAULT_COUNT, "start": 0},
)
_LIST_MEMBERS_OLDER = replace(
    _LIST_MEMBERS,
    path="/linkedin/group-members",
    operation_id="listGroupMembersOlder",
    summary="List a group's members (older spelling)",
    description="The same read in an older shape; `POST /linkedin/groups/members` tells more. The group is named in "
    "any of three ways. `pagination.count` says how many places of LinkedIn's list the page covers, `returned` how "
    "many members it has: the list has ended when `count` is less than you asked for.",
    examples=_examples(
        older_members_body(ACCOUNT_ID, MembersQuery(_GROUP_ID), _PAGE, 0),
        MISSING_ANY,
        _GROUP_FORM,
        _URL_FORM,
        _DIFFERENT_GROUPS,
    ),
    request=_request(
        "OlderGroupMembersRequest",
        "One page of a group's members. One of `groupUrl`, `groupUrn` and `groupId` is needed.",
        DEFAULT_COUNT_OLDER,
        groupUrl=_or_null(_BY_URL),
        groupUrn=_or_null(_BY_URN),
        groupId=_or_null(_BY_ID),
    ),
    body={"groupUrl": _GROUP_URL, "count": DEFAULT_COUNT_OLDER, "start": 0},
)
_START = "The place to begin at; for the next page, add `count`."
_LIST_GROUPS = Operation(
    "GET",
    "/linkedin/groups",
    "listGroups",
    "List the account's groups",
    "The groups that the account is in, as LinkedIn lists them. It spends nothing.",
    [
        Example(
            "page",
            "One page",
            Answer(200, groups_body(ACCOUNT_ID, Page((_GROUP,), places=1, total=1, is_last=True), 0), QUOTA),
        ),
        _count_range("groups"),
        ACCOUNT_FORM,
        *reads_of_linkedin(GROUPS_ERROR, QUOTA),
    ],
    parameters=(
        ACCOUNT_IN_QUERY,
        Parameter("count", "query", "How many groups a page has.", integer(1, MAX_COUNT, default=DEFAULT_COUNT)),
        Parameter("start", "query", _START, integer(0, MAX_START, default=0)),
    ),
)

OPERATIONS = (_LIST_MEMBERS, _LIST_MEMBERS_BY_URL, _LIST_MEMBERS_OLDER, _LIST_GROUPS)
