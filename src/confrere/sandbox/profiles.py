"""Reads of a profile, by vanity name or id, and of its picture."""

import re
from typing import Any, Final

from confrere.sandbox.answers import NORMALIZED, Answer, Kind, Refused, assumed, attested
from confrere.sandbox.graphql import BAD_QUERY, collection
from confrere.sandbox.request import Request
from confrere.sandbox.sandbox import Sandbox
from confrere.sandbox.views import normalize

Json = dict[str, Any]

PROFILES_PATH: Final = "/voyager/api/identity/dash/profiles"
PICTURES_PATH: Final = "/dms/image/"

PROFILE = attested("profile", "a person by vanity name or id; attested: names, headline, publicIdentifier, entityUrn")
HIDDEN = attested("profile-hidden", "a person who blocks the viewer: 403, not visible")
NOBODY = assumed("profile-unknown", "nobody has this vanity name or id: an empty list")
PICTURE = assumed("profile-picture", "the picture of a profile: initials, for whoever asks")
NO_PICTURE = assumed("profile-picture-unknown", "nobody has this picture: 404")

_DECORATION: Final = re.compile(r"com\.linkedin\.voyager\.dash\.deco\.identity\.profile\.[A-Za-z]+-[0-9]+", re.ASCII)
_PICTURE: Final = re.compile(rf"{PICTURES_PATH}([A-Za-z0-9_-]+)/([0-9]{{2,3}})", re.ASCII)
_SIZES: Final = (100, 200, 400)


def find_profile(sandbox: Sandbox, request: Request) -> Answer:
    """`q=memberIdentity`: read the person with this vanity name or id. Raises Refused.

    Source: LinkedIn web client, attested: path, parameters, the normalized answer; without a decoration it answers too.
    """
    identity, decoration = request.parameter("memberIdentity"), request.parameter("decorationId")
    is_known = decoration is None or _DECORATION.fullmatch(decoration)
    if request.parameter("q") != "memberIdentity" or not identity or not is_known:
        raise Refused(BAD_QUERY.error({"status": 400}, status=400, normalized=request.normalized))
    world = sandbox.world
    number = world.number_of_public_identifier(identity) or world.number_of(identity)
    if number is None:
        return _listed(request, NOBODY, [])
    if sandbox.people.blocked(number, request.member):
        body = {
            "exceptionClass": "com.linkedin.voyager.common.VoyagerUserVisibleException",
            "message": "This profile can't be accessed",
            "status": 403,
        }
        raise Refused(HIDDEN.error(body, status=403, normalized=request.normalized))
    return _listed(request, PROFILE, [view_profile(sandbox, request, number)])


def _listed(request: Request, kind: Kind, elements: list[Json]) -> Answer:
    paging = {"start": 0, "count": 10, "total": len(elements), "links": []}
    value = collection(elements, paging=paging)
    return kind.json(normalize(value), content_type=NORMALIZED) if request.normalized else kind.json(value)


def view_profile(sandbox: Sandbox, request: Request, number: int) -> Json:
    """Return a profile as the viewer sees it. Source: name, headline and publicIdentifier attested, others assumed."""
    profile = sandbox.world.profile(number)
    connected = sandbox.people.connected(number, request.member)
    relation = "self" if number == request.member else "connection" if connected else "noConnection"
    picture = None
    if profile.has_picture:
        artifacts = [{"width": size, "height": size, "fileIdentifyingUrlPathSegment": str(size)} for size in _SIZES]
        root = f"{request.origin}{PICTURES_PATH}{profile.profile_id}/"
        picture = {"displayImageReference": {"vectorImage": {"rootUrl": root, "artifacts": artifacts}}}
    following = None
    if profile.follower_count is not None:
        following = {
            "_type": "com.linkedin.voyager.dash.feed.FollowingState",
            "entityUrn": f"urn:li:fsd_followingState:{profile.urn}",
            "followerCount": profile.follower_count,
        }
    return {
        "_type": "com.linkedin.voyager.dash.identity.profile.Profile",
        "entityUrn": profile.urn,
        "publicIdentifier": profile.public_identifier,
        "firstName": profile.first_name,
        "lastName": profile.last_name,
        "headline": profile.headline,
        "premium": profile.premium,
        "profilePicture": picture,
        "followingState": following,
        "memberRelationship": {"memberRelationshipUnion": {relation: {}}},
    }


def draw_picture(sandbox: Sandbox, request: Request) -> Answer:
    """Draw a member's initials on a colour derived from their number, as SVG."""
    found = _PICTURE.fullmatch(request.path)
    number = sandbox.world.number_of(found[1]) if found else None
    if found is None or number is None or not sandbox.world.profile(number).has_picture:
        return NO_PICTURE.error({"status": 404}, status=404, normalized=False)
    profile = sandbox.world.profile(number)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{found[2]}" height="{found[2]}" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" fill="hsl({number % 360} 45% 40%)"/><text x="50" y="65" fill="#fff" '
        'font-family="sans-serif" font-size="42" text-anchor="middle">'
        f"{profile.first_name[0]}{profile.last_name[0].upper()}</text></svg>"
    )
    return PICTURE.raw(svg.encode(), b"image/svg+xml", headers=((b"cache-control", b"no-store"),))
