"""Groups, members, conversations, and the two sends with a chat signal; whole bodies."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.group import Group, GroupMember, MembershipStatus, MembersQuery, Relationship
from confrere.domain.keys import Scope
from confrere.domain.limits import Action
from confrere.domain.outcome import NotSent, Refused, SessionDead, Throttled
from confrere.domain.urns import GroupId
from tests.contract.api.conftest import GROUP, RECIPIENT, SEND_PATH, Api
from tests.contract.api.openapi import DOCUMENT, complain
from tests.contract.api.shape import assert_answer, read_shaped
from tests.fakes.upstream import BROWSER, ODILE, THREAD, group_member

MEMBERS = "/linkedin/groups/members"
BY_URL = "/linkedin/groups/members-by-url"
OLDER = "/linkedin/group-members"
GROUPS = "/linkedin/groups"
EXISTS = "/linkedin/conversations/exists/"
WITH_TYPING = f"{SEND_PATH}-with-typing"
WITH_ACK = f"{SEND_PATH}-with-ack"
GROUP_URL = f"https://www.linkedin.com/groups/{GROUP}/"
BODIES = {MEMBERS: {"groupId": GROUP}, BY_URL: {"groupUrl": GROUP_URL}, OLDER: {"groupId": GROUP}}
MESSAGE = f"urn:li:msg_message:({ODILE.profile_urn},2-MTc3MzQ3ODg0NA==)"

GROUP_FORM = "must be 1 to 19 digits, urn:li:fsd_group:<digits> or the URL of a group"
URL_FORM = "groupUrl must be the URL of a group: https://www.linkedin.com/groups/<digits>/"
STATUSES_FORM = "membershipStatuses must be a list of OWNER, MANAGER, MEMBER, REQUEST_PENDING, INVITE_PENDING"
TYPED_FORM = "typeaheadQuery must be a string of at most 200 characters without NUL"
ACCOUNT_FORM = "accountId must be 24 hexadecimal digits, the id of an account of this workspace"
MISSING_ANY = "groupUrl, groupUrn, or groupId is required"
DIFFERENT = "groupUrl, groupUrn and groupId must name the same group"
URNS_FORM = "messageUrns must be a list of at most 100 message URNs: urn:li:msg_message:(urn:li:fsd_profile:<id>,<id>)"

BASTIEN = GroupMember(
    profile_urn=RECIPIENT,
    entity_urn=f"urn:li:fsd_groupMembership:(urn:li:fsd_group:{GROUP},{RECIPIENT})",
    public_id="bastien-exemple",
    first_name="Bastien",
    last_name="Exemple",
    headline="Head of Procurement",
    picture="https://media.example/1",
    follower_count=512,
    status="OWNER",
    relationship=Relationship.CONNECTION,
    premium=True,
    verified=True,
    creator=True,
)
NAMELESS = GroupMember(profile_urn=None, entity_urn=None)


def refused(error: str) -> dict[str, object]:
    """Return the body of a refusal."""
    return {"success": False, "error": error}


def failed(error: str) -> dict[str, object]:
    """Return the body of a failure."""
    return {"error": error, "success": False}


def assert_members_quota(response: aiohttp.ClientResponse, used: int, limit: int = 1_000) -> None:
    """Check that the five rate limit headers are those of GROUP_MEMBERS."""
    answer = {name: response.headers[f"X-RateLimit-{name}"] for name in ("Action", "Limit", "Used", "Remaining")}
    assert answer == {
        "Action": "GROUP_MEMBERS",
        "Limit": str(limit),
        "Used": str(used),
        "Remaining": str(limit - used),
    }


def request_schema(path: str) -> Any:
    """Return the documented schema of the path's request."""
    return DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]


async def spend(api: Api, count: int) -> None:
    """Use this many of the day's member reads."""
    await api.services.store.take_units(
        api.account.id, Action.GROUP_MEMBERS, limit=1_000, count=count, now=datetime.now(UTC)
    )


# ---- members ----------------------------------------------------------------------------------------------------


async def test_members(api: Api) -> None:
    """A page of members is complete, with null, false or empty for what LinkedIn does not report."""
    api.upstream.places = [BASTIEN, None, NAMELESS]
    response = await api.http.post(MEMBERS, json={"groupId": GROUP})
    body: dict[str, object] = {
        "success": True,
        "accountId": api.account.id,
        "groupId": GROUP,
        "members": [
            {
                "profileId": "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o",
                "profileUrn": RECIPIENT,
                "entityUrn": f"urn:li:fsd_groupMembership:(urn:li:fsd_group:{GROUP},{RECIPIENT})",
                "publicIdentifier": "bastien-exemple",
                "firstName": "Bastien",
                "lastName": "Exemple",
                "fullName": "Bastien Exemple",
                "headline": "Head of Procurement",
                "profilePicture": "https://media.example/1",
                "profileUrl": "https://www.linkedin.com/in/bastien-exemple/",
                "followerCount": 512,
                "membershipStatus": "OWNER",
                "relationshipStatus": "CONNECTION",
                "isPremium": True,
                "isVerified": True,
                "badges": ["premium", "verified", "creator"],
                "creator": True,
            },
            {
                "profileId": None,
                "profileUrn": None,
                "entityUrn": None,
                "publicIdentifier": None,
                "firstName": None,
                "lastName": None,
                "fullName": None,
                "headline": None,
                "profileUrl": None,
                "membershipStatus": None,
                "relationshipStatus": None,
                "isPremium": False,
                "isVerified": False,
                "badges": [],
                "creator": False,
            },
        ],
        "pagination": {"start": 0, "count": 3, "total": 3},
        "hasMore": False,
        "count": 2,
    }
    await assert_answer(response, 200, body)
    assert_members_quota(response, used=2)


async def test_a_total_below_what_is_on_the_page_ends_nothing(api: Api) -> None:
    """A total smaller than the page itself is reported as null, with `hasMore` true."""
    api.upstream.total = 3
    page = await (await api.http.post(MEMBERS, json={"groupId": GROUP})).json()
    assert (page["pagination"], page["hasMore"]) == ({"start": 0, "count": 50, "total": None}, True)


async def test_members_by_url(api: Api) -> None:
    """Members can be read by a group's URL, which the answer repeats as it was given."""
    api.upstream.places = [group_member(0)]
    url = f"https://linkedin.com/groups/{GROUP}/members/?a=b"
    by_id = await (await api.http.post(MEMBERS, json={"groupId": GROUP})).json()
    response = await api.http.post(BY_URL, json={"groupUrl": url})
    await assert_answer(response, 200, {**by_id, "groupUrl": url})
    assert_members_quota(response, used=2)


@pytest.mark.parametrize(
    "group",
    [
        {"groupId": GROUP},
        {"groupId": 12345678},
        {"groupUrn": f"urn:li:fsd_group:{GROUP}"},
        {"groupUrl": GROUP_URL},
        {"groupUrl": GROUP_URL, "groupUrn": f"urn:li:fsd_group:{GROUP}", "groupId": GROUP},
        {"groupId": None, "groupUrn": "", "groupUrl": GROUP_URL},
    ],
)
async def test_group_members_in_the_older_shape(api: Api, group: dict[str, object]) -> None:
    """The older request accepts each form of a group, and reads ten places by default."""
    api.upstream.places = [BASTIEN, None, *(group_member(number) for number in range(30))]
    asked = {**group, "membershipStatuses": ["OWNER", "MEMBER", "OWNER"], "typeaheadQuery": " bas "}
    if group.get("groupUrn") != "":
        assert complain(request_schema(OLDER), asked) == []
    response = await api.http.post(OLDER, json=asked)
    answer = json.loads(await response.read())
    assert answer["members"][1:] == [
        {
            "profileId": f"ACoAAmember{number}",
            "name": f"Bastien Exemple {number}",
            "headline": "Head of Procurement",
            "profileUrl": f"https://www.linkedin.com/in/member-{number}/",
            "membershipStatus": "MEMBER",
        }
        for number in range(8)
    ]
    body: dict[str, object] = {
        "success": True,
        "groupId": GROUP,
        "accountId": api.account.id,
        "members": [
            {
                "profileId": "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o",
                "name": "Bastien Exemple",
                "headline": "Head of Procurement",
                "profileUrl": "https://www.linkedin.com/in/bastien-exemple/",
                "profilePicture": "https://media.example/1",
                "membershipStatus": "OWNER",
            },
            *answer["members"][1:],
        ],
        "pagination": {"start": 0, "count": 10, "returned": 9},
        "filters": {"membershipStatuses": ["OWNER", "MEMBER"], "typeaheadQuery": "bas"},
        "message": "Found 9 group members",
    }
    await assert_answer(response, 200, body)
    assert_members_quota(response, used=9)
    wanted = MembersQuery(GroupId(GROUP), (MembershipStatus.OWNER, MembershipStatus.MEMBER), "bas")
    assert api.upstream.asked_members == [wanted]


async def test_what_is_asked_of_linkedin_is_what_the_caller_asks(api: Api) -> None:
    """LinkedIn is asked for the caller's page, by default fifty places from the first; null counts as absent."""
    everybody = MembersQuery(GroupId(GROUP))
    nothing = dict.fromkeys(("accountId", "count", "start", "membershipStatuses", "typeaheadQuery"))
    for more in ({}, nothing, {"membershipStatuses": [], "typeaheadQuery": "", "accountId": "", "unknown": [1]}):
        assert complain(request_schema(MEMBERS), {"groupId": GROUP, **more}) == []
        async with api.http.post(MEMBERS, json={"groupId": GROUP, **more}) as response:
            assert response.status == 200
    more = {"count": 7, "start": 3, "accountId": api.account.id.upper()}
    async with api.http.post(BY_URL, json={"groupUrl": GROUP_URL, **more}) as response:
        assert (await response.json())["pagination"] == {"start": 3, "count": 7, "total": 120}
    assert api.upstream.asked_members == [everybody] * 4
    assert api.upstream.pages == [(0, 50), (0, 50), (0, 50), (3, 7)]


async def test_public_clients_get_each_member_once(api: Api) -> None:
    """A client that adds `count` to `start` while `hasMore` is true gets each member once."""
    api.upstream.places = [None if number % 40 in (17, 33) else group_member(number) for number in range(930)]
    api.upstream.most_places = 40
    found: list[str] = []
    start, has_more = 0, True
    while has_more:
        response = await api.http.post(MEMBERS, json={"groupId": GROUP, "start": start, "count": 50})
        page = await response.json()
        assert_members_quota(response, used=len(found) + page["count"])
        found += [member["profileUrn"] for member in page["members"]]
        assert page["pagination"] == {"start": start, "count": min(50, 930 - start), "total": 930}
        has_more = page["hasMore"]
        start += 50
    assert found == [place.profile_urn for place in api.upstream.places if place]


async def test_a_page_beyond_what_is_left_is_what_is_left(api: Api) -> None:
    """A page is cut to what is left of the day; the next request gets the error of a used-up quota."""
    api.upstream.places = [group_member(number) for number in range(2_000)]
    await spend(api, 980)
    async with api.http.post(MEMBERS, json={"groupId": GROUP}) as response:
        page = await response.json()
    assert (page["count"], page["pagination"], page["hasMore"]) == (20, {"start": 0, "count": 20, "total": 2_000}, True)
    assert api.upstream.pages == [(0, 20)]
    assert_members_quota(response, used=1_000)
    for path, body in BODIES.items():
        response = await api.http.post(path, json=body)
        await assert_answer(response, 429, failed("Rate limit exceeded for GROUP_MEMBERS: 1000/1000 used"))
        assert_members_quota(response, used=1_000)
        midnight = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        left = (midnight - datetime.now(UTC)).total_seconds()
        assert abs(int(response.headers["Retry-After"]) - left) < 5
    assert len(api.upstream.pages) == 1
    async with api.http.get(f"/linkedin/account/{api.account.id}/quota") as response:
        quotas = {quota["feature"]: quota for quota in (await response.json())["quotas"]}
    assert quotas["GROUP_MEMBERS"]["limitReached"] is True


async def test_many_readers_get_no_more_than_the_day_has(api: Api) -> None:
    """A hundred concurrent readers get exactly the thousand members of the day."""
    api.upstream.places = [group_member(number) for number in range(10_000)]

    async def read(number: int) -> int:
        async with api.http.post(MEMBERS, json={"groupId": GROUP, "start": number * 50}) as response:
            assert response.status in (200, 429)
            return len((await response.json()).get("members", ()))

    assert sum(await asyncio.gather(*(read(number) for number in range(100)))) == 1_000


# ---- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        (MEMBERS, {}, "groupId is required"),
        (MEMBERS, {"groupId": " "}, "groupId is required"),
        (MEMBERS, {"groupId": "logistics"}, f"groupId {GROUP_FORM}"),
        (MEMBERS, {"groupId": True}, f"groupId {GROUP_FORM}"),
        (MEMBERS, {"groupId": [GROUP]}, f"groupId {GROUP_FORM}"),
        (MEMBERS, {"groupId": GROUP, "count": 0}, "count must be a whole number from 1 to 100"),
        (MEMBERS, {"groupId": GROUP, "count": 101}, "count must be a whole number from 1 to 100"),
        (MEMBERS, {"groupId": GROUP, "count": "50"}, "count must be a whole number from 1 to 100"),
        (MEMBERS, {"groupId": GROUP, "count": True}, "count must be a whole number from 1 to 100"),
        (MEMBERS, {"groupId": GROUP, "start": -1}, "start must be a whole number from 0 to 10000000"),
        (MEMBERS, {"groupId": GROUP, "start": 0.5}, "start must be a whole number from 0 to 10000000"),
        (MEMBERS, {"groupId": GROUP, "membershipStatuses": "OWNER"}, STATUSES_FORM),
        (MEMBERS, {"groupId": GROUP, "membershipStatuses": ["owner"]}, STATUSES_FORM),
        (MEMBERS, {"groupId": GROUP, "membershipStatuses": [["OWNER"]]}, STATUSES_FORM),
        (MEMBERS, {"groupId": GROUP, "typeaheadQuery": 5}, TYPED_FORM),
        (MEMBERS, {"groupId": GROUP, "typeaheadQuery": "x" * 201}, TYPED_FORM),
        (MEMBERS, {"groupId": GROUP, "typeaheadQuery": "a\0"}, TYPED_FORM),
        (MEMBERS, {"groupId": GROUP, "accountId": "abc"}, ACCOUNT_FORM),
        (MEMBERS, {"groupId": GROUP, "accountId": "0" * 24}, "accountId must be an account of this workspace"),
        (MEMBERS, [], "The body must be a JSON object, not a list: make a request for each of its elements"),
        (BY_URL, {}, "groupUrl is required"),
        (BY_URL, {"groupId": GROUP}, "groupUrl is required"),
        (BY_URL, {"groupUrl": GROUP}, URL_FORM),
        (BY_URL, {"groupUrl": 5}, URL_FORM),
        (BY_URL, {"groupUrl": "https://www.linkedin.com/in/bastien"}, URL_FORM),
        (BY_URL, {"groupUrl": f"https://evil.example/groups/{GROUP}"}, URL_FORM),
        (OLDER, {}, MISSING_ANY),
        (OLDER, {"groupUrn": "urn:li:page:5"}, f"groupUrn {GROUP_FORM}"),
        (OLDER, {"groupUrl": GROUP}, URL_FORM),
        (OLDER, {"groupId": "5", "groupUrl": GROUP_URL}, DIFFERENT),
    ],
)
async def test_wrong_fields_are_named_with_what_they_must_be(api: Api, path: str, body: Any, error: str) -> None:
    """A wrong field gets a 400 and uses no quota; the documented schema rejects it too, where it can."""
    if error not in ("accountId must be an account of this workspace", DIFFERENT, MISSING_ANY):
        assert complain(request_schema(path), body) != []
    response = await api.http.post(path, json=body)
    await assert_answer(response, 400, refused(error))
    assert response.headers["X-RateLimit-Action"] == "GROUP_MEMBERS"
    assert api.upstream.pages == []
    assert (await api.services.accounts.read_quota("default", None, Action.GROUP_MEMBERS)).used == 0


@pytest.mark.parametrize("path", BODIES)
async def test_every_answer_has_the_headers_of_group_members(api: Api, path: str) -> None:
    """Every answer has the headers of GROUP_MEMBERS, 401 and 405 with zeros; the scope `read` is enough."""
    async with aiohttp.ClientSession(api.url) as stranger:
        response = await stranger.post(path, json=BODIES[path])
        await assert_answer(response, 401, {"error": "Unauthorized - Invalid credentials"})
        assert_members_quota(response, used=0, limit=0)
    response = await api.http.get(path)
    await assert_answer(response, 405, refused("GET is not allowed here; use POST"))
    assert_members_quota(response, used=0, limit=0)
    _, key = await api.services.keys.create("default", name="reader", scopes=[Scope.READ])
    response = await api.http.post(path, json=BODIES[path], headers={"Authorization": f"Bearer {key}"})
    assert response.status == 200
    response = await api.http.post(path, data=b"{")
    assert (response.status, response.headers["X-RateLimit-Action"]) == (400, "GROUP_MEMBERS")


def asks() -> list[Any]:
    """Every read of LinkedIn: method, path, body, the beginning of its error, and the action in its headers."""
    members = "Error fetching group members: "
    return [
        *(pytest.param("POST", path, body, members, "GROUP_MEMBERS", id=path) for path, body in BODIES.items()),
        pytest.param("GET", GROUPS, None, "Error fetching groups: ", "MESSAGE", id=GROUPS),
        pytest.param(
            "GET", EXISTS + RECIPIENT, None, "Error looking for the conversation: ", "MESSAGE", id="conversation"
        ),
    ]


@pytest.mark.parametrize(("method", "path", "body", "prefix", "action"), asks())
async def test_failures_of_linkedin_are_reported(
    api: Api, method: str, path: str, body: Any, prefix: str, action: str
) -> None:
    """An unreadable answer is a 500 with the reason, a throttle holds the account, and a dead session stops it."""

    async def ask(result: AccountProblem | Unreadable | None) -> aiohttp.ClientResponse:
        api.upstream.next_reads = [result] if result else []
        return await api.http.request(method, path, json=body)

    response = await ask(Unreadable("LinkedIn answered the query with an error"))
    await assert_answer(response, 500, failed(f"{prefix}LinkedIn answered the query with an error"))
    assert (response.headers["X-RateLimit-Action"], response.headers["X-RateLimit-Used"]) == (action, "0")
    for response in (await ask(Throttled(429, 600)), await ask(None)):
        answer = await read_shaped(response)
        error = f"Rate limit exceeded for {action}: LinkedIn throttles this account until {answer['holdUntil']}"
        await assert_answer(response, 429, {**failed(error), "holdUntil": answer["holdUntil"]})
        assert 590 <= int(response.headers["Retry-After"]) <= 600
    await api.services.accounts.update("default", api.account.id, release_hold=True)
    for response in (await ask(SessionDead("LinkedIn asks to log in")), await ask(None)):
        await assert_answer(response, 500, failed("Failed to get LinkedIn authentication credentials"))
        assert response.headers["X-RateLimit-Action"] == action
    async with api.http.get(f"/linkedin/account/{api.account.id}/status") as response:
        assert (await response.json())["status"] == "ERROR"


@pytest.mark.parametrize(("method", "path", "body", "prefix", "action"), asks()[:4])
async def test_a_read_that_linkedin_refuses_is_a_403(
    api: Api, method: str, path: str, body: Any, prefix: str, action: str
) -> None:
    """A refused read is a 403 with LinkedIn's own words, like a refused send."""
    api.upstream.next_reads = [Refused(403, "Forbidden", None, "You don't have access to this")]
    response = await api.http.request(method, path, json=body)
    details = {
        "status": 403,
        "statusText": "Forbidden",
        "data": {"code": None, "message": "You don't have access to this"},
    }
    error = f"{prefix}Request failed with status code 403"
    await assert_answer(response, 403, {**refused(error), "errorDetails": details})
    assert response.headers["X-RateLimit-Action"] == action


async def test_a_bug_in_a_read_is_the_fixed_500(api: Api) -> None:
    """A bug in a read is answered with the fixed 500 and uses no quota."""
    api.upstream.next_reads = [ZeroDivisionError()]
    response = await api.http.post(MEMBERS, json={"groupId": GROUP})
    await assert_answer(response, 500, failed("Internal server error"))
    assert_members_quota(response, used=0)


# ---- groups and conversations -----------------------------------------------------------------------------------


async def test_groups(api: Api) -> None:
    """A page of the account's groups is complete, uses no quota, and has the headers of MESSAGE."""
    api.upstream.groups = [
        Group(f"urn:li:fsd_group:{GROUP}", GROUP, "Logistics", 1288, "MEMBER", "https://media.example/1"),
        Group("urn:li:other:x", None, None, None, None, None),
        Group("urn:li:fsd_group:7", "7", "More", 1, "OWNER", None),
    ]
    response = await api.http.get(GROUPS, params={"count": "2", "accountId": api.account.id})
    body: dict[str, object] = {
        "success": True,
        "accountId": api.account.id,
        "groups": [
            {
                "groupId": GROUP,
                "groupUrn": f"urn:li:fsd_group:{GROUP}",
                "name": "Logistics",
                "memberCount": 1288,
                "membershipStatus": "MEMBER",
                "groupUrl": GROUP_URL,
                "logo": "https://media.example/1",
            },
            {
                "groupId": None,
                "groupUrn": "urn:li:other:x",
                "name": None,
                "memberCount": None,
                "membershipStatus": None,
                "groupUrl": None,
                "logo": None,
            },
        ],
        "pagination": {"start": 0, "count": 2, "total": 3},
        "hasMore": True,
    }
    await assert_answer(response, 200, body)
    assert response.headers["X-RateLimit-Action"] == "MESSAGE"
    async with api.http.get(GROUPS, params={"start": "2"}) as rest:
        page = await rest.json()
    assert ([group["groupId"] for group in page["groups"]], page["hasMore"]) == (["7"], False)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"count": "101"}, "count must be a whole number from 1 to 100"),
        ({"start": "x"}, "start must be a whole number from 0 to 10000000"),
        ({"accountId": "abc"}, ACCOUNT_FORM),
        ({"accountId": "0" * 24}, "accountId must be an account of this workspace"),
    ],
)
async def test_wrong_parameters_of_groups(api: Api, query: dict[str, str], error: str) -> None:
    """A wrong parameter gets a 400 that names it."""
    await assert_answer(await api.http.get(GROUPS, params=query), 400, refused(error))


@pytest.mark.parametrize("thread", [None, THREAD])
@pytest.mark.parametrize(
    "who",
    [
        RECIPIENT.rpartition(":")[2],
        RECIPIENT,
        RECIPIENT.replace(":", "%3A"),
        "bastien-exemple",
        "%20bastien-exemple",
    ],
)
async def test_a_conversation_exists_or_not(api: Api, who: str, thread: str | None) -> None:
    """A conversation can be queried by bare id, by URN in the path, or by vanity name."""
    api.upstream.conversation = thread
    response = await api.http.get(EXISTS + who)
    body: dict[str, object] = {
        "success": True,
        "hasConversation": thread is not None,
        "conversationUrn": thread,
        "profileUrn": RECIPIENT,
        "accountId": api.account.id,
    }
    await assert_answer(response, 200, body)
    assert response.headers["X-RateLimit-Action"] == "MESSAGE"
    assert len(api.upstream.asked_people) == ("bastien" in who)


async def test_a_conversation_with_an_unknown_person(api: Api) -> None:
    """An unknown person gets a 404 with one key, and the mailbox is not read."""
    api.upstream.conversation = THREAD
    response = await api.http.get(f"{EXISTS}nobody-at-all")
    await assert_answer(response, 404, {"error": "LinkedIn knows no person of this name or id"})


async def test_a_person_whom_linkedin_hides(api: Api) -> None:
    """A person whom LinkedIn does not show gets a 403 with LinkedIn's words."""
    api.upstream.next_reads = [Refused(403, "Forbidden", None, "This profile can't be accessed")]
    details = {
        "status": 403,
        "statusText": "Forbidden",
        "data": {"code": None, "message": "This profile can't be accessed"},
    }
    error = "Error looking for the conversation: Request failed with status code 403"
    body = {"success": False, "error": error, "errorDetails": details}
    await assert_answer(await api.http.get(f"{EXISTS}bastien-exemple"), 403, body)


@pytest.mark.parametrize("profile_id", ["Odile%20Sample", "urn:li:member:1", "%20", "ACoAA" + "x" * 100])
async def test_a_conversation_with_a_malformed_name(api: Api, profile_id: str) -> None:
    """A value that identifies no person gets a 400 that explains the accepted forms."""
    error = (
        "profileId must be the address of a profile (https://www.linkedin.com/in/<name>), the name in it, "
        "urn:li:fsd_profile:<id> or a bare ACoAA… profile id"
    )
    await assert_answer(await api.http.get(EXISTS + profile_id), 400, refused(error))


async def test_an_unknown_plan_is_left_out(api: Api) -> None:
    """An unknown `premiumType` is left out, since clients of the hosted API accept a text or no key."""
    api.upstream.member = replace(ODILE, premium=True)
    await api.services.accounts.connect("default", BROWSER)
    status = await (await api.http.get(f"/linkedin/account/{api.account.id}/status")).json()
    assert status["linkedinPlan"] == {"isPremium": True}


async def test_reads_need_a_key_of_the_workspace(api: Api) -> None:
    """A key of another workspace cannot read through this workspace's account."""
    _, key = await api.services.keys.create("another", name="stranger", scopes=[Scope.ADMIN])
    headers = {"Authorization": f"Bearer {key}"}
    response = await api.http.post(MEMBERS, json={"groupId": GROUP}, headers=headers)
    await assert_answer(response, 500, failed("Failed to get LinkedIn authentication credentials"))
    assert_members_quota(response, used=0, limit=0)
    named = {"groupId": GROUP, "accountId": api.account.id}
    response = await api.http.post(MEMBERS, json=named, headers=headers)
    await assert_answer(response, 400, refused("accountId must be an account of this workspace"))
    assert api.upstream.pages == []


# ---- sends with a signal --------------------------------------------------------------------------------------

SEND = {"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": "Hello fellow group member!"}


def sent(**more: object) -> dict[str, object]:
    """Return the 200 of the reference page, plus one field."""
    return {
        "success": True,
        "message": "Group context message sent successfully",
        "recipientProfileUrn": RECIPIENT,
        "groupId": GROUP,
        **more,
    }


async def test_send_with_typing(api: Api) -> None:
    """The 200 has `typingIndicatorSent`, which is true if there is a conversation."""
    response = await api.http.post(WITH_TYPING, json=SEND)
    await assert_answer(response, 200, sent(typingIndicatorSent=False))
    api.upstream.conversation = THREAD
    response = await api.http.post(WITH_TYPING, json={**SEND, "message": "again"})
    await assert_answer(response, 200, sent(typingIndicatorSent=True))
    assert response.headers["X-RateLimit-Used"] == "2"
    assert [message.text for message in api.upstream.seen] == [SEND["message"], "again"]


async def test_send_with_acknowledgment(api: Api) -> None:
    """The 200 has `acknowledgmentSent`, which is true if the request names messages."""
    response = await api.http.post(WITH_ACK, json={**SEND, "messageUrns": [MESSAGE]})
    await assert_answer(response, 200, sent(acknowledgmentSent=True))
    assert api.upstream.signals == [(MESSAGE,)]
    nothing: list[object] = [None, []]
    for urns in nothing:
        response = await api.http.post(WITH_ACK, json={**SEND, "messageUrns": urns, "message": f"{urns}"})
        await assert_answer(response, 200, sent(acknowledgmentSent=False))
    assert (len(api.upstream.signals), len(api.upstream.seen)) == (1, 3)


@pytest.mark.parametrize(
    "urns", ["x", [5], ["urn:li:msg_message:1"], [MESSAGE, None], [MESSAGE] * 101, {"0": MESSAGE}, [MESSAGE + "x"]]
)
async def test_message_urns_must_be_such(api: Api, urns: object) -> None:
    """A wrong message URN gets a 400 and sends nothing; missing fields are reported first."""
    assert complain(request_schema(WITH_ACK), {**SEND, "messageUrns": urns}) != []
    await assert_answer(await api.http.post(WITH_ACK, json={**SEND, "messageUrns": urns}), 400, refused(URNS_FORM))
    required = "recipientProfileUrn, groupId, and message are required"
    await assert_answer(await api.http.post(WITH_ACK, json={"messageUrns": urns}), 400, refused(required))
    assert api.upstream.seen == []


@pytest.mark.parametrize("path", [WITH_TYPING, WITH_ACK])
async def test_every_other_answer_is_that_of_a_send(api: Api, path: str) -> None:
    """Refusals, failures and a used-up day have the bodies of a plain send, without the extra field."""
    send_error = "Error sending group context message: "
    api.upstream.will(Refused(403, "Forbidden", "UNAUTHORIZED_VIEWER", "The viewer is not authorized"))
    details = {
        "status": 403,
        "statusText": "Forbidden",
        "data": {"code": "UNAUTHORIZED_VIEWER", "message": "The viewer is not authorized"},
    }
    body: dict[str, object] = {
        "success": False,
        "message": f"{send_error}Request failed with status code 403",
        "recipientProfileUrn": RECIPIENT,
        "groupId": GROUP,
        "errorDetails": details,
    }
    await assert_answer(await api.http.post(path, json=SEND), 403, body)
    api.upstream.will(NotSent("no connection"))
    body = {"error": f"{send_error}no connection", "success": False, "outcome": "not_sent"}
    await assert_answer(await api.http.post(path, json=SEND), 500, body)
    await api.services.accounts.update("default", api.account.id, daily_limit=0)
    may_send_none = failed(
        "Rate limit exceeded for MESSAGE: 0/0 used; the daily limit of this account is 0, so it may send none until "
        "the limit is raised"
    )
    response = await api.http.post(path, json=SEND)
    await assert_answer(response, 429, may_send_none)
    assert "Retry-After" not in response.headers
    _, key = await api.services.keys.create("default", name="reader", scopes=[Scope.READ])
    response = await api.http.post(path, json=SEND, headers={"Authorization": f"Bearer {key}"})
    lacks = "This API key lacks the scope 'send'; create one that has it"
    await assert_answer(response, 403, refused(lacks))


async def test_one_key_stands_for_one_message_on_all_three_paths(api: Api) -> None:
    """An idempotency key stands for one message on all three paths; a replay reports that no signal was sent."""
    api.upstream.conversation = THREAD
    headers = {"Idempotency-Key": "order-7"}
    response = await api.http.post(WITH_TYPING, json=SEND, headers=headers)
    await assert_answer(response, 200, sent(typingIndicatorSent=True))
    response = await api.http.post(WITH_TYPING, json=SEND, headers=headers)
    await assert_answer(response, 200, sent(typingIndicatorSent=False))
    assert response.headers["Idempotency-Replayed"] == "true"
    response = await api.http.post(SEND_PATH, json=SEND, headers=headers)
    await assert_answer(response, 200, sent())
    assert response.headers["Idempotency-Replayed"] == "true"
    response = await api.http.post(WITH_ACK, json={**SEND, "message": "other"}, headers=headers)
    assert response.status == 422
    assert (len(api.upstream.seen), len(api.upstream.signals)) == (1, 1)
