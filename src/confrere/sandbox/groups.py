"""Reading groups: the viewer's own, one in detail, and its members page by page."""

from typing import Any, Final

from confrere.sandbox.answers import NORMALIZED, Answer, Kind, Refused, assumed, attested
from confrere.sandbox.graphql import BAD_QUERY, Found, Query, Variables, collection, forbid
from confrere.sandbox.profiles import view_profile
from confrere.sandbox.request import Request
from confrere.sandbox.restli import SyntaxFault, decode, parse_strings
from confrere.sandbox.sandbox import Sandbox
from confrere.sandbox.views import normalize
from confrere.sandbox.world import Group, plain_words

Json = dict[str, Any]

GROUPS_PATH: Final = "/voyager/api/voyagerGroupsDashGroups"

MY_GROUPS = attested("viewer-groups", "the viewer's groups; only `entityUrn` and `name` are attested")
ONE_GROUP = assumed("group-detail", "one group; its fields are published nowhere")
MEMBERS = attested("group-members", "a page of a group's members; attested: the field, paging.total, nulls in the page")

OWNER_POSITION: Final = 1
MANAGER_POSITIONS: Final = (2, 3)
LONGEST_PAGE: Final = 100

_STATUSES: Final = frozenset({"OWNER", "MANAGER", "MEMBER", "REQUEST_PENDING", "INVITE_PENDING"})
_SPECIAL: Final = {"OWNER": (OWNER_POSITION,), "MANAGER": MANAGER_POSITIONS}

# Of every 40 places in a list of members, one is a null element and one an element whose profile is null.
_PERIOD: Final = 40
_NULL_ELEMENT: Final = 17
_NULL_PROFILE: Final = 33
_REAL_IN_PERIOD: Final = _PERIOD - 2
_HIDDEN_MEMBERS_NUMBER: Final = 500_000_000


def membership_status(position: int) -> str:
    """Return the membership status at this initial position in the group."""
    if position == OWNER_POSITION:
        return "OWNER"
    return "MANAGER" if position in MANAGER_POSITIONS else "MEMBER"


def place_in_list(standing: int) -> int:
    """Convert an index among the real members to one in the list, which includes nulls."""
    full, rest = divmod(standing, _REAL_IN_PERIOD)
    return full * _PERIOD + rest + (rest >= _NULL_ELEMENT) + (rest >= _NULL_PROFILE - 1)


def standing_before(place: int) -> int:
    """Convert an index in the list, which includes nulls, to the number of real members before it."""
    full, rest = divmod(place, _PERIOD)
    return full * _REAL_IN_PERIOD + rest - (rest > _NULL_ELEMENT) - (rest > _NULL_PROFILE)


# ---- the viewer's groups, and one in detail


def my_groups(sandbox: Sandbox, request: Request) -> Answer:
    """`q=member`: list the groups that the viewer is in. Raises Refused.

    Source: LinkedIn web client, attested once: path, parameters, `entityUrn`, `name`, an empty page at the end.
    """
    statuses, start, count = _listing(sandbox, request)
    world, people = sandbox.world, sandbox.people
    mine = [
        group
        for group in world.groups()
        if people.in_group(request.member, group) and _status_of(sandbox, request.member, group) in statuses
    ]
    elements = [_describe(sandbox, request.member, group) for group in mine[start : start + count]]
    paging = {"start": start, "count": count, "total": len(mine), "links": []}
    return _rest_answer(request, MY_GROUPS, {"elements": elements, "paging": paging})


def _listing(sandbox: Sandbox, request: Request) -> tuple[list[str], int, int]:
    """Parse the parameters of the listing. Raises Refused."""
    raw = request.raw_parameters()
    try:
        statuses = parse_strings(raw.get("membershipStatuses", "List(MEMBER,MANAGER,OWNER)"))
        profile_urn = decode(raw.get("profileUrn", ""))
        start, count = int(raw.get("start", "0")), int(raw.get("count", "10"))
    except (SyntaxFault, ValueError) as error:
        raise _refuse(request) from error
    if raw.get("q") != "member" or not _STATUSES.issuperset(statuses) or start < 0 or count < 1:
        raise _refuse(request)
    if profile_urn != sandbox.world.profile_urn(request.member):
        raise forbid(request)
    return statuses, start, min(count, LONGEST_PAGE)


def one_group(sandbox: Sandbox, request: Request) -> Answer:
    """Read one group. Raises Refused."""
    group = sandbox.world.group_of_urn(_last_of_path(request))
    if group is None:
        raise forbid(request)
    described = _describe(sandbox, request.member, group)
    described["rules"] = "Be kind. No advertising."
    return _rest_answer(request, ONE_GROUP, described)


def _last_of_path(request: Request) -> str:
    """Return the URN at the end of the path. Raises Refused."""
    try:
        return decode(request.path.rpartition("/")[2])
    except SyntaxFault as error:
        raise _refuse(request) from error


def _rest_answer(request: Request, kind: Kind, value: Json) -> Answer:
    if request.normalized:
        return kind.json(normalize(value), content_type=NORMALIZED)
    return kind.json(value)


def _describe(sandbox: Sandbox, viewer: int, group: Group) -> Json:
    """A group. Source: `entityUrn` and `name` attested, the rest assumed."""
    return {
        "_type": "com.linkedin.voyager.dash.groups.Group",
        "entityUrn": group.urn,
        "name": group.name,
        "memberCount": sandbox.people.member_count(group),
        "description": f"A group about {group.name.lower()}.",
        "logo": None,
        "viewerGroupMembership": {"status": _status_of(sandbox, viewer, group)},
    }


def _status_of(sandbox: Sandbox, member: int, group: Group) -> str | None:
    place = sandbox.world.place_of(member)
    if place is None or not sandbox.people.in_group(member, group):
        return None
    return membership_status(group.position(place))


# ---- the members of a group


def find_members(sandbox: Sandbox, request: Request, variables: Variables) -> Found:
    """The query `voyagerGroupsDashGroupMemberships`: a page of members, filtered by a search text.

    Source: LinkedIn web client, attested: the answer's field, null elements and profiles; once: variables and total.
    """
    known = {"groupUrn", "filters", "typeaheadQuery", "start", "count", "membershipStatuses"}
    statuses = frozenset(variables.texts("membershipStatuses", ["OWNER", "MANAGER", "MEMBER"]))
    if not variables.names() <= known or not statuses <= _STATUSES or variables.texts("filters", []):
        raise variables.refuse()
    group = sandbox.world.group_of_urn(variables.text("groupUrn"))
    if group is None or not sandbox.people.in_group(request.member, group):
        raise forbid(request)
    start, count = variables.number("start", 0), min(variables.number("count", 10), LONGEST_PAGE)
    typed = variables.text("typeaheadQuery", "")
    page = _Page(sandbox, request, group, statuses)
    if typed in ("", "''"):
        elements, total = page.of_all(start, start + count)
    else:
        elements, total = page.of_matching(plain_words(typed).split(), start, start + count)
    paging = {"start": start, "count": count, "total": total, "links": []}
    return Found(MEMBERS, "groupsDashGroupMembershipsByTypeahead", collection(elements, paging=paging))


class _Page:
    """The pages of a group's members with some statuses, as one viewer sees them."""

    def __init__(self, sandbox: Sandbox, request: Request, group: Group, statuses: frozenset[str]) -> None:
        self._sandbox = sandbox
        self._request = request
        self._group = group
        self._without = _positions_without(len(group), statuses)
        self._real_count = sandbox.people.member_count(group, without=self._without)

    def _standing(self, start: int, stop: int) -> list[tuple[int, int]]:
        return self._sandbox.people.positions(self._group, start, stop, without=self._without)

    def of_all(self, start: int, stop: int) -> tuple[list[Json | None], int]:
        """Return the entries start … stop of the list, nulls included, and the list's length."""
        total = place_in_list(self._real_count - 1) + 1 if self._real_count else 0
        places = range(start, min(stop, total))
        real = iter(self._standing(standing_before(places.start), standing_before(places.stop)) if places else ())
        elements: list[Json | None] = []
        for place in places:
            if place % _PERIOD == _NULL_ELEMENT:
                elements.append(None)
            elif place % _PERIOD == _NULL_PROFILE:
                elements.append(self._hidden(place))
            else:
                elements.append(self._member(*next(real)))
        return elements, total

    def of_matching(self, typed: list[str], start: int, stop: int) -> tuple[list[Json | None], int]:
        """Return the entries start … stop of the members whose names match every typed word, and their number."""
        world = self._sandbox.world
        matching = [
            (position, number)
            for position, number in self._standing(0, self._real_count)
            if _begins(typed, world.names_of(number))
        ]
        return [self._member(position, number) for position, number in matching[start:stop]], len(matching)

    def _hidden(self, place: int) -> Json:
        """Return an entry whose profile is hidden from the viewer."""
        profile_id = self._sandbox.world.profile_id(_HIDDEN_MEMBERS_NUMBER + place)
        return {
            "_type": "com.linkedin.voyager.dash.groups.GroupMembership",
            "entityUrn": f"urn:li:fsd_groupMembership:({self._group.urn},urn:li:fsd_profile:{profile_id})",
            "status": "MEMBER",
            "profile": None,
        }

    def _member(self, position: int, number: int) -> Json:
        """Return an entry. Source: `profile.publicIdentifier` attested, the rest assumed by analogy."""
        urn = self._sandbox.world.profile_urn(number)
        return {
            "_type": "com.linkedin.voyager.dash.groups.GroupMembership",
            "entityUrn": f"urn:li:fsd_groupMembership:({self._group.urn},{urn})",
            "status": membership_status(position),
            "profile": view_profile(self._sandbox, self._request, number),
        }


def _positions_without(length: int, statuses: frozenset[str]) -> frozenset[int]:
    """Return the positions in a group of this length whose members have none of these statuses."""
    special = {
        position: status for status, positions in _SPECIAL.items() for position in positions if position < length
    }
    if "MEMBER" in statuses:
        return frozenset(position for position, status in special.items() if status not in statuses)
    return frozenset(range(length)) - {position for position, status in special.items() if status in statuses}


def _begins(typed: list[str], names: tuple[str, str]) -> bool:
    words = f"{plain_words(names[0])} {plain_words(names[1])}".split()
    return all(any(word.startswith(each) for word in words) for each in typed)


def _refuse(request: Request) -> Refused:
    return Refused(BAD_QUERY.error({"status": 400}, status=400, normalized=request.normalized))


QUERIES: Final[dict[str, Query]] = {"voyagerGroupsDashGroupMemberships": find_members}
"""The queries of `/voyager/api/graphql` about groups."""
