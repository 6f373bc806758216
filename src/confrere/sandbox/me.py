"""`GET /voyager/api/me`: the session's owner."""

from typing import Any

from confrere.sandbox.answers import NORMALIZED, Answer, attested
from confrere.sandbox.request import Request
from confrere.sandbox.sandbox import Sandbox
from confrere.sandbox.views import normalize

ME = attested("me", "the session is alive")
ME_NORMALIZED = attested("me-normalized", "the same in the normalized form; the `*miniProfile` reference is inferred")


def me(sandbox: Sandbox, request: Request) -> Answer:
    """Read the session's owner."""
    profile = sandbox.world.profile(request.member)
    mini_profile = {
        "firstName": profile.first_name,
        "lastName": profile.last_name,
        "occupation": profile.headline,
        "publicIdentifier": profile.public_identifier,
        "memorialized": False,
        "objectUrn": f"urn:li:member:{profile.number}",
        "entityUrn": f"urn:li:fs_miniProfile:{profile.profile_id}",
        "dashEntityUrn": profile.urn,
        "trackingId": "aW52ZW50ZWQwMDAwMDAwMQ==",
    }
    value: dict[str, Any] = {"plainId": profile.number, "premiumSubscriber": profile.premium}
    if request.normalized:
        mini_profile = {"_type": "com.linkedin.voyager.identity.shared.MiniProfile", **mini_profile}
        value = {"_type": "com.linkedin.voyager.common.Me", **value, "miniProfile": mini_profile}
        return ME_NORMALIZED.json(normalize(value), content_type=NORMALIZED)
    return ME.json({**value, "miniProfile": mini_profile})
