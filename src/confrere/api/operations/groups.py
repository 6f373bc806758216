"""The operations that read LinkedIn: a group's members, the account's groups, a conversation."""

from dataclasses import replace

from confrere.api.code_samples import Call
from confrere.api.compatible.errors import answer_for_failed_read, held_answer
from confrere.api.compatible.groups import (
    CONVERSATION_ERROR,
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
    NO_SUCH_PERSON,
    conversation_body,
    groups_body,
    members_body,
    members_by_url_body,
    older_members_body,
)
from confrere.api.operations.shared_examples import (
    ACCOUNT_ID,
    ACCOUNT_PATTERN,
    BODY_ENCODED,
    BODY_LARGE,
    BODY_LATE,
    BUG,
    BY_GROUP_ID,
    CONVERSATION_URN,
    GROUP,
    GROUP_PATTERN,
    GROUP_URL_PATTERN,
    GROUPS,
    LATE,
    MESSAGING,
    MIDNIGHT,
    NOT_JSON,
    NOW,
    QUOTA,
    RECIPIENT,
    STORE_AWAY,
    TOO_MANY_CALLS,
    UNAUTHORIZED,
    Example,
    Node,
    Operation,
    Parameter,
    lacks,
    read_examples,
    refused,
    wrong_method,
)
from confrere.domain import errors
from confrere.domain.attempt import Unreadable
from confrere.domain.group import IN_THE_GROUP, Group, GroupMember, MembershipStatus, MembersQuery, Page, Relationship
from confrere.domain.keys import Scope
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, Action, Quota
from confrere.domain.outcome import Refused
from confrere.domain.person import PERSON_FORM, ConversationWith
from confrere.domain.urns import GROUP_FORM, GroupId, ProfileUrn
from confrere.http.answer import Answer
from confrere.sending import Reading

GROUP_URL = f"https://www.linkedin.com/groups/{GROUP}/"

_GROUP_ID = GroupId(GROUP)
_USED = Quota(Action.GROUP_MEMBERS, GROUP_MEMBERS_PER_DAY, 96, MIDNIGHT)
_USED_UP = Quota(Action.GROUP_MEMBERS, GROUP_MEMBERS_PER_DAY, GROUP_MEMBERS_PER_DAY, MIDNIGHT)
_PAGE = Page(
    (
        GroupMember(
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
        ),
    ),
    places=2,
    total=1288,
)
_GROUPS_PAGE = Page(
    (
        Group(
            urn=f"urn:li:fsd_group:{GROUP}",
            group_id=GROUP,
            name="Logistics and Procurement",
            member_count=1288,
            status=MembershipStatus.MEMBER,
            logo=None,
        ),
    ),
    places=1,
    total=1,
    is_last=True,
)


def _unread(name: str, summary: str, said: Refused | Unreadable, prefix: str, quota: Quota) -> Example:
    return Example(name, summary, answer_for_failed_read(Reading(ACCOUNT_ID, said, quota), prefix, NOW))


def _reads_of_linkedin(prefix: str, quota: Quota) -> list[Example]:
    """What can come of asking LinkedIn."""
    refusal = Refused(403, "Forbidden", None, "You don't have access to this")
    old = "Request failed with status code 400: the query id voyagerExample.0123456789abcdef0123456789abcdef looks old"
    return [
        _unread("refused", "LinkedIn refuses the account this read", refusal, prefix, quota),
        Example(
            "held",
            "LinkedIn throttles the account; it rests until `holdUntil`",
            held_answer(NOW.replace(hour=10), quota, NOW),
        ),
        refused(
            "noCredentials",
            "The account has no session that LinkedIn takes; connect it again",
            errors.NoSession(ACCOUNT_ID, quota),
        ),
        _unread(
            "notRead",
            "LinkedIn could not be read, or not understood",
            Unreadable("LinkedIn did not answer in time"),
            prefix,
            quota,
        ),
        _unread(
            "oldQueryId",
            "LinkedIn's web client has moved on; the text says which id to renew, and where",
            Unreadable(f"{old}; put a newer one into the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names"),
            prefix,
            quota,
        ),
    ]


_ACCOUNT_FORM = refused(
    "accountForm",
    "The account's id is not of its form",
    errors.InvalidField("accountId", "must be 24 hexadecimal digits, the id of an account of this workspace"),
)


def _by_status(*examples: Example) -> list[Example]:
    return sorted(examples, key=lambda example: example.answer.status)


def _member_examples(*own: Example) -> list[Example]:
    """The answers of an endpoint that reads members, in the order of their statuses."""
    return _by_status(
        *own,
        refused(
            "countRange",
            "A page has 1 to 100 places",
            errors.InvalidField("count", f"must be a whole number from 1 to {MAX_COUNT}"),
        ),
        refused(
            "statusName",
            "There is no such membership status",
            errors.InvalidField("membershipStatuses", f"must be a list of {', '.join(MembershipStatus)}"),
        ),
        _ACCOUNT_FORM,
        NOT_JSON,
        UNAUTHORIZED,
        lacks(Scope.READ),
        wrong_method("GET", "POST"),
        BODY_LATE,
        BODY_LARGE,
        BODY_ENCODED,
        refused("usedUp", "The account's day is used up", errors.QuotaUsedUp(_USED_UP)),
        *_reads_of_linkedin(MEMBERS_ERROR, _USED),
        TOO_MANY_CALLS,
        LATE,
        BUG,
        STORE_AWAY,
    )


_GROUP_FORM = refused(
    "groupForm",
    "The group's name is no id",
    errors.InvalidField("groupId", GROUP_FORM),
)
_URL_FORM = refused(
    "urlForm",
    "It is not the URL of a group",
    errors.InvalidField("groupUrl", "must be the URL of a group: https://www.linkedin.com/groups/<digits>/"),
)

_BY_ID: Node = {
    **BY_GROUP_ID,
    "description": "The group's id: its digits. `urn:li:fsd_group:<digits>` and the group's URL are taken too.",
}
_BY_URL: Node = {
    "type": "string",
    "pattern": GROUP_URL_PATTERN,
    "description": "The URL of the group.",
    "examples": [GROUP_URL],
}


def _or_null(schema: Node) -> Node:
    return {"anyOf": [schema, {"type": "null"}]}


def _request(title: str, description: str, default_count: int, **group: Node) -> Node:
    return {
        "title": title,
        "description": f"{description} Fields that are not listed are ignored.",
        "type": "object",
        "properties": {
            "accountId": {
                "type": ["string", "null"],
                "pattern": ACCOUNT_PATTERN,
                "description": "LinkedIn account ID to use. If not provided, uses the default account.",
            },
            **group,
            "count": {
                "type": ["integer", "null"],
                "minimum": 1,
                "maximum": MAX_COUNT,
                "description": f"How many places of the list to read; {default_count} unless given.",
            },
            "start": {
                "type": ["integer", "null"],
                "minimum": 0,
                "maximum": MAX_START,
                "description": "The place to begin at, 0 unless given; for the next page, add `count`.",
            },
            "membershipStatuses": {
                "type": ["array", "null"],
                "items": {"type": "string", "enum": [str(status) for status in MembershipStatus]},
                "description": f"Only members with one of these statuses; {', '.join(IN_THE_GROUP)} unless given.",
            },
            "typeaheadQuery": {
                "type": ["string", "null"],
                "maxLength": MAX_TYPED,
                "pattern": "^[^\\u0000]*$",
                "description": "Only members whose names begin so, as LinkedIn's own search has it.",
            },
        },
    }


LIST_GROUP_MEMBERS = Operation(
    method="POST",
    path="/linkedin/groups/members",
    operation_id="listGroupMembers",
    tag=GROUPS,
    summary="List a group's members",
    description=(
        f"One page of the members of a group that the account is in. Rate limit: {GROUP_MEMBERS_PER_DAY:,} members per "
        "day per account, counted in members returned.\n\n"
        "`start`, `count` and `total` of `pagination` speak of places in LinkedIn's list. Some places hold nobody who "
        "can be shown, so a page may have fewer members than places; read on with `start + count` until `hasMore` is "
        "false, and each member comes once.\n\n"
        "A page covers fewer places than asked for where the list ends, or where the day's last members are on it: "
        "then `pagination.count` says how many, and the next page is a 429."
    ),
    needs=Scope.READ,
    call=Call(
        "POST",
        "/linkedin/groups/members",
        {"groupId": GROUP, "count": DEFAULT_COUNT, "start": 0},
        shown_headers=("X-RateLimit-Remaining",),
    ),
    request={
        **_request("GroupMembersRequest", "One page of a group's members.", DEFAULT_COUNT, groupId=_BY_ID),
        "required": ["groupId"],
    },
    examples=_member_examples(
        Example("page", "One page", Answer(200, members_body(ACCOUNT_ID, GROUP, _PAGE, 0), _USED)),
        refused("missing", "The group is missing, null or blank", errors.MissingFields(MISSING_ID)),
        _GROUP_FORM,
    ),
)

LIST_GROUP_MEMBERS_BY_URL = replace(
    LIST_GROUP_MEMBERS,
    path="/linkedin/groups/members-by-url",
    operation_id="listGroupMembersByUrl",
    summary="List a group's members by its URL",
    description="The same, by the address of the group's page. It is answered with the URL that you sent.",
    call=replace(
        LIST_GROUP_MEMBERS.call,
        path="/linkedin/groups/members-by-url",
        body={"groupUrl": GROUP_URL, "count": DEFAULT_COUNT, "start": 0},
    ),
    request={
        **_request(
            "GroupMembersByUrlRequest", "One page of a group's members, by its URL.", DEFAULT_COUNT, groupUrl=_BY_URL
        ),
        "required": ["groupUrl"],
    },
    examples=_member_examples(
        Example(
            "page", "One page", Answer(200, members_by_url_body(ACCOUNT_ID, GROUP_URL, _GROUP_ID, _PAGE, 0), _USED)
        ),
        refused("missing", "The URL is missing, null or blank", errors.MissingFields(MISSING_URL)),
        _URL_FORM,
    ),
)

LIST_GROUP_MEMBERS_OLDER = replace(
    LIST_GROUP_MEMBERS,
    path="/linkedin/group-members",
    operation_id="listGroupMembersOlder",
    summary="List a group's members (older spelling)",
    description=(
        "The same read in an older shape; `POST /linkedin/groups/members` tells more. The group is named in any of "
        "three ways. `pagination.count` says how many places of LinkedIn's list the page covers, `returned` how many "
        "members it has: the list has ended when `count` is less than you asked for."
    ),
    call=replace(
        LIST_GROUP_MEMBERS.call,
        path="/linkedin/group-members",
        body={"groupUrl": GROUP_URL, "count": DEFAULT_COUNT_OLDER, "start": 0},
    ),
    request={
        **_request(
            "OlderGroupMembersRequest",
            "One page of a group's members. One of `groupUrl`, `groupUrn` and `groupId` is needed.",
            DEFAULT_COUNT_OLDER,
            groupUrl=_or_null(_BY_URL),
            groupUrn=_or_null(
                {
                    "type": "string",
                    "pattern": GROUP_PATTERN,
                    "description": "`urn:li:fsd_group:<digits>`.",
                    "examples": [f"urn:li:fsd_group:{GROUP}"],
                }
            ),
            groupId=_or_null(_BY_ID),
        ),
    },
    examples=_member_examples(
        Example(
            "page", "One page", Answer(200, older_members_body(ACCOUNT_ID, MembersQuery(_GROUP_ID), _PAGE, 0), _USED)
        ),
        refused("missing", "The group is missing, null or blank", errors.MissingFields(MISSING_ANY)),
        _GROUP_FORM,
        _URL_FORM,
        refused(
            "differentGroups",
            "The names given are of different groups",
            errors.InvalidField("groupUrl, groupUrn and groupId", "must name the same group"),
        ),
    ),
)

ACCOUNT_IN_QUERY = Parameter(
    "accountId",
    "query",
    "The account to read with; absent for the default one.",
    {"type": "string", "pattern": ACCOUNT_PATTERN},
)

LIST_GROUPS = Operation(
    method="GET",
    path="/linkedin/groups",
    operation_id="listGroups",
    tag=GROUPS,
    summary="List the account's groups",
    description="The groups that the account is in, as LinkedIn lists them. It spends nothing.",
    needs=Scope.READ,
    call=Call("GET", "/linkedin/groups"),
    parameters=(
        ACCOUNT_IN_QUERY,
        Parameter(
            "count",
            "query",
            "How many groups a page has.",
            {"type": "integer", "minimum": 1, "maximum": MAX_COUNT, "default": DEFAULT_COUNT},
        ),
        Parameter(
            "start",
            "query",
            "The place to begin at; for the next page, add `count`.",
            {"type": "integer", "minimum": 0, "maximum": MAX_START, "default": 0},
        ),
    ),
    examples=read_examples(
        Example("page", "One page", Answer(200, groups_body(ACCOUNT_ID, _GROUPS_PAGE, 0), QUOTA)),
        refused(
            "countRange",
            "A page has 1 to 100 groups",
            errors.InvalidField("count", f"must be a whole number from 1 to {MAX_COUNT}"),
        ),
        _ACCOUNT_FORM,
        *_reads_of_linkedin(GROUPS_ERROR, QUOTA),
    ),
)


def _exists(name: str, summary: str, urn: str | None) -> Example:
    body = conversation_body(ACCOUNT_ID, ConversationWith(ProfileUrn(RECIPIENT), urn))
    return Example(name, summary, Answer(200, body, QUOTA))


FIND_CONVERSATION = Operation(
    method="GET",
    path="/linkedin/conversations/exists/{profileId}",
    operation_id="findConversation",
    tag=MESSAGING,
    summary="Is there a conversation with this person",
    description=(
        "Looks in the account's own mailbox. It spends nothing. A vanity name is first looked up at LinkedIn, which "
        "is one read more."
    ),
    needs=Scope.READ,
    call=Call("GET", f"/linkedin/conversations/exists/{ProfileUrn(RECIPIENT).profile_id}"),
    parameters=(
        Parameter(
            "profileId",
            "path",
            "The person: their vanity name (what follows `/in/` in the address of their profile), a bare `ACoAA…` id, "
            "or `urn:li:fsd_profile:<id>`.",
            {
                "type": "string",
                "minLength": 1,
                "pattern": '^(urn:li:fsd_profile:[A-Za-z0-9_-]{1,64}|[^\\s/?#%&:;,()"<>@=\\\\]{1,100})$',
            },
            ProfileUrn(RECIPIENT).profile_id,
        ),
        ACCOUNT_IN_QUERY,
    ),
    examples=read_examples(
        _exists("exists", "There is one", CONVERSATION_URN),
        _exists("none", "There is none yet", None),
        refused("profileForm", "It can be the name of nobody", errors.InvalidField("profileId", PERSON_FORM)),
        _ACCOUNT_FORM,
        Example("unknownPerson", "LinkedIn knows nobody of this name", NO_SUCH_PERSON),
        *_reads_of_linkedin(CONVERSATION_ERROR, QUOTA),
    ),
)
