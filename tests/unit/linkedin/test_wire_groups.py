import json
from typing import Any

import pytest

from confrere.domain.attempt import Unreadable
from confrere.domain.group import Group, GroupMember, MembersPage, Page, Relationship
from confrere.linkedin.wire.groups import decode_groups, decode_members
from confrere.linkedin.wire.messages import encode_acknowledgement, encode_typing

FIELD = "groupsDashGroupMembershipsByTypeahead"
URN = "urn:li:fsd_profile:ACoAADWk6QIB2xjTFB3PTfYceNpmH0Y-5Ppwn0E"
MEMBERSHIP = f"urn:li:fsd_groupMembership:(urn:li:fsd_group:98765432,{URN})"
NOT_UNDERSTOOD = Unreadable("LinkedIn's answer could not be understood")
FAILED = Unreadable("LinkedIn answered the query with an error")

Json = dict[str, Any]


def profile(**more: object) -> Json:
    """Build LinkedIn's profile of a person with the attested fields and more."""
    return {"entityUrn": URN, "publicIdentifier": "bastien-exemple-0002", **more}


def element(person: object = None, **more: object) -> Json:
    """Build an element of the list."""
    return {"entityUrn": MEMBERSHIP, "status": "MEMBER", "profile": person, **more}


def plain(*elements: object, total: object = 1288) -> bytes:
    """Build the answer with inline objects."""
    return json.dumps({"data": {FIELD: {"paging": {"total": total}, "elements": elements}}}).encode()


def decode(body: bytes, count: int = 50) -> MembersPage:
    """Decode its page."""
    page = decode_members(body, FIELD, count)
    assert not isinstance(page, Unreadable)
    return page


def only(person: Json, **more: object) -> GroupMember:
    """Decode the only member of the answer."""
    (member,) = decode(plain(element(person, **more))).items
    return member


def test_a_member_with_the_attested_fields_alone() -> None:
    """A member with the attested fields alone has None or False for the others."""
    assert only(profile()) == GroupMember(URN, MEMBERSHIP, "bastien-exemple-0002", status="MEMBER")
    assert only({}) == GroupMember(URN, MEMBERSHIP, status="MEMBER")
    assert only({"entityUrn": URN}, entityUrn=None, status=None) == GroupMember(URN, URN)


def test_a_member_with_every_field() -> None:
    """A member with every field is read completely."""
    sizes = [
        {"width": 100, "fileIdentifyingUrlPathSegment": "100_100/1"},
        None,
        {"width": 400, "fileIdentifyingUrlPathSegment": "400_400/1"},
    ]
    vector = {"rootUrl": "https://media.example/", "artifacts": sizes}
    member = only(
        profile(
            firstName="Bastien",
            lastName="Exemple",
            headline="Invented headline",
            premium=True,
            showVerificationBadge=True,
            creator=True,
            followingState={"followerCount": 512},
            profilePicture={"displayImageReference": {"vectorImage": vector}},
            memberRelationship={"memberRelationshipUnion": {"connection": None, "noConnection": {}}},
        ),
        status="OWNER",
    )
    assert member == GroupMember(
        profile_urn=URN,
        entity_urn=MEMBERSHIP,
        public_id="bastien-exemple-0002",
        first_name="Bastien",
        last_name="Exemple",
        headline="Invented headline",
        picture="https://media.example/400_400/1",
        follower_count=512,
        status="OWNER",
        relationship=Relationship.NO_CONNECTION,
        premium=True,
        verified=True,
        creator=True,
    )
    assert member.full_name == "Bastien Exemple"
    assert member.profile_id == "ACoAADWk6QIB2xjTFB3PTfYceNpmH0Y-5Ppwn0E"
    assert member.profile_url == "https://www.linkedin.com/in/bastien-exemple-0002/"
    assert member.badges == ("premium", "verified", "creator")


@pytest.mark.parametrize(
    "odd",
    [
        {"firstName": 5, "premium": "yes", "followingState": [], "profilePicture": "none", "memberRelationship": 1},
        {"followerCount": -1, "profilePicture": {"displayImageReference": None}, "memberRelationship": {}},
        {"profilePicture": {"displayImageReference": {"vectorImage": {"rootUrl": "x", "artifacts": []}}}},
        {"firstName": "", "lastName": None, "memberRelationship": {"memberRelationshipUnion": {"other": {}}}},
        {"followerCount": True, "profilePicture": {"rootUrl": "x", "artifacts": None}},
    ],
)
def test_a_field_of_another_form_does_not_cost_the_member(odd: Json) -> None:
    """A field of another type counts as missing and does not cost the member."""
    assert only(profile(**odd)) == GroupMember(URN, MEMBERSHIP, "bastien-exemple-0002", status="MEMBER")


@pytest.mark.parametrize(
    ("union", "meant"),
    [
        ({"self": {}}, Relationship.SELF),
        ({"connection": {}}, Relationship.CONNECTION),
        ({"*connection": "urn:li:fsd_connection:1"}, Relationship.CONNECTION),
        ({"noConnection": {"memberDistance": "DISTANCE_2"}}, Relationship.NO_CONNECTION),
        ({}, None),
    ],
)
def test_a_relationship_is_the_member_of_the_union_that_is_there(union: Json, meant: Relationship | None) -> None:
    """The relationship is the member of the union that is present, inline or by reference."""
    assert only(profile(memberRelationship={"memberRelationshipUnion": union})).relationship is meant


def test_places_without_a_member_are_skipped_and_counted() -> None:
    """Nulls, null profiles and foreign elements count as places without a member."""
    page = decode(plain(None, element(None), element(profile()), 5, {}, element(profile(), entityUrn=None)))
    assert [member.entity_urn for member in page.items] == [MEMBERSHIP, URN]
    assert (page.places, page.total, page.is_last) == (6, 1288, False)


def test_the_end_of_the_list() -> None:
    """An empty page is the last one, and the total may be missing."""
    assert decode(plain(total=None)) == Page((), 0, None, is_last=True)
    assert decode(plain(element(profile()), total="many")).total is None
    assert decode(json.dumps({"data": {FIELD: {"elements": []}}}).encode()).total is None


def test_no_more_places_are_taken_than_were_asked_for() -> None:
    """No more places are read than were requested, since each member was paid for."""
    page = decode(plain(*[element(profile())] * 5), count=3)
    assert (len(page.items), page.places) == (3, 3)


def test_the_normalized_form() -> None:
    """In the normalized form references are resolved by name, and a dangling one is a place without a member."""
    body = {
        "data": {
            "data": {
                f"*{FIELD}": "urn:collection",
            }
        },
        "included": [
            {"entityUrn": "urn:collection", "*elements": [MEMBERSHIP, None, "urn:gone"], "paging": {"total": 3}},
            {"entityUrn": MEMBERSHIP, "status": "MANAGER", "*profile": URN},
            profile(firstName="Bastien"),
            None,
            {"entityUrn": 5},
        ],
    }
    page = decode(json.dumps(body).encode())
    assert [(member.first_name, member.status) for member in page.items] == [("Bastien", "MANAGER")]
    assert (page.places, page.total) == (3, 3)
    inline = {"data": {"data": {FIELD: {"*elements": [MEMBERSHIP]}}}, "included": body["included"]}
    assert decode(json.dumps(inline).encode()).items == page.items


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", NOT_UNDERSTOOD),
        (b"[]", NOT_UNDERSTOOD),
        (b"{}", NOT_UNDERSTOOD),
        (b'{"data": null}', NOT_UNDERSTOOD),
        (b'{"data": {"another": {"elements": []}}}', NOT_UNDERSTOOD),
        (b'{"data": {"%s": {"elements": null}}}' % FIELD.encode(), NOT_UNDERSTOOD),
        (b'{"data": {"%s": null}}' % FIELD.encode(), NOT_UNDERSTOOD),
        (b"[" * 10_000, NOT_UNDERSTOOD),
        (b'"\xff"', NOT_UNDERSTOOD),
        (b'{"data": null, "errors": [{"message": "Exception"}]}', FAILED),
        (b'{"data": {"data": null, "errors": [{}]}, "included": []}', FAILED),
        (b'{"data": {"%s": {"elements": []}}, "errors": [{}]}' % FIELD.encode(), FAILED),
    ],
)
def test_an_unreadable_answer_is_no_empty_page(body: bytes, why: Unreadable) -> None:
    """A GraphQL error in a 200 is unreadable, and not an empty page."""
    assert decode_members(body, FIELD, 10) == why


def test_errors_that_are_empty_are_none() -> None:
    """An empty list of errors beside data counts as no error."""
    body = json.dumps({"errors": [], "data": {FIELD: {"elements": [element(profile())]}}}).encode()
    assert len(decode(body).items) == 1


def test_groups_plain_and_normalized() -> None:
    """Groups are read with name and URN, and with the other fields if they are present."""
    full = {
        "entityUrn": "urn:li:fsd_group:98765432",
        "name": "Logistics",
        "memberCount": 1288,
        "viewerGroupMembership": {"status": "OWNER"},
        "logo": {"vectorImage": {"rootUrl": "https://media.example/", "artifacts": [{"width": 1}]}},
    }
    elements = [full, None, {"entityUrn": "urn:li:fsd_group:7"}, {"name": "nameless"}, {"entityUrn": "urn:li:other:x"}]
    page = decode_groups(json.dumps({"elements": elements, "paging": {"total": 9}}).encode(), 10)
    assert not isinstance(page, Unreadable)
    assert page.items == (
        Group("urn:li:fsd_group:98765432", "98765432", "Logistics", 1288, "OWNER", "https://media.example/"),
        Group("urn:li:fsd_group:7", "7", None, None, None, None),
        Group("urn:li:other:x", None, None, None, None, None),
    )
    assert [group.url for group in page.items][::2] == ["https://www.linkedin.com/groups/98765432/", None]
    assert (page.places, page.total) == (5, 9)
    normalized = {"data": {"*elements": [full["entityUrn"]], "paging": {}}, "included": [full]}
    again = decode_groups(json.dumps(normalized).encode(), 10)
    assert not isinstance(again, Unreadable)
    assert again.items == page.items[:1]


def test_the_small_bodies_are_the_web_client_s() -> None:
    """The bodies of chat signals equal the web client's."""
    assert json.loads(encode_typing("urn:c")) == {"conversationUrn": "urn:c"}
    assert json.loads(encode_acknowledgement(("urn:m",), 7)) == {
        "messageUrns": ["urn:m"],
        "clientId": "voyager-web",
        "deliveryMechanism": "SYNC",
        "clientConsumedAt": 7,
    }
