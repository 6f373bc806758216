"""Endpoints of LinkedIn's earlier web clients, most of which answer with an error today."""

import re
from typing import Final

from confrere.sandbox.answers import Answer, assumed, attested
from confrere.sandbox.request import Request
from confrere.sandbox.sandbox import Sandbox

GONE = attested("retired-profile", "a legacy profile read: 410, its body unknown")
LEGACY_MESSAGING = attested(
    "retired-messaging", "legacy messaging: 403, 500 or 400, as the switch `legacy_messaging` is"
)
LEGACY_MEMBERS = assumed("retired-group-members", "the legacy read of a group's members: 410")
HIGHLIGHTS = assumed(
    "profile-highlights", "shared groups of a profile: the read is attested, its answer's shape is not"
)

_HIGHLIGHTS_PATH: Final = re.compile(r"/voyager/api/identity/profiles/([^/]+)/highlights")


def legacy_profile(sandbox: Sandbox, request: Request) -> Answer:
    """`/identity/profiles/…`: 410, except for the highlights."""
    if found := _HIGHLIGHTS_PATH.fullmatch(request.path):
        return _highlights(sandbox, request, found[1])
    body = {"status": 410, "message": "This resource is no longer available"}
    return GONE.error(body, status=410, normalized=request.normalized)


def _highlights(sandbox: Sandbox, request: Request, public_identifier: str) -> Answer:
    """List the groups that the viewer shares with a member."""
    world, people = sandbox.world, sandbox.people
    number = world.number_of_public_identifier(public_identifier)
    shared = (
        []
        if number is None
        else [
            group
            for group in world.groups()
            if people.in_group(number, group) and people.in_group(request.member, group)
        ]
    )
    elements = [{"sharedGroupsHighlightUrn": f"urn:li:fs_sharedGroupsHighlight:{group.group_id}"} for group in shared]
    return HIGHLIGHTS.json({"elements": elements})


def legacy_messaging(sandbox: Sandbox, request: Request) -> Answer:
    """`/messaging/conversations…`: refused. Source: LinkedIn web client, attested statuses; the choice is a switch."""
    status = int(sandbox.people.switches.legacy_messaging)
    return LEGACY_MESSAGING.error({"status": status}, status=status, normalized=request.normalized)


def legacy_members(_: Sandbox, request: Request) -> Answer:
    """`/groups/groups/…/members`: 410."""
    return LEGACY_MEMBERS.error({"status": 410}, status=410, normalized=request.normalized)
