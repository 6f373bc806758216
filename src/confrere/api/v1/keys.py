"""The endpoints that manage API keys."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from confrere.api.request import ApiRequest
from confrere.api.v1.bodies import ManagedKeyPage, key_shape, new_key_shape
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import is_key_id
from confrere.domain.keys import Caller, Scope, parse_key_name
from confrere.http.answer import Answer
from confrere.http.body_fields import choices
from confrere.http.query_params import parse_time
from confrere.services import Services


class WantedKey(NamedTuple):
    """What a caller wants of a new key."""

    name: str
    scopes: Collection[Scope]
    expires_at: datetime | None


def read_wanted_key(fields: dict[str, Any], now: datetime) -> WantedKey:
    """Read the body of a request for a key. Raises InvalidField."""
    scopes = choices(fields, "scopes", default=(Scope.SEND,))
    return WantedKey(parse_key_name(fields.get("name")), scopes, _end(fields, now))


async def list_keys(caller: Caller, _request: ApiRequest, services: Services) -> Answer:
    """`GET /keys`: list all of them, revoked ones too."""
    keys = await services.keys.list_all(caller.workspace_id)
    return Answer(200, ManagedKeyPage(items=[key_shape(key) for key in keys], next_cursor=None))


async def create_key(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /keys`: create a key, shown this once. It can do no more than the caller's own, and expires no later."""
    wanted = read_wanted_key(await request.json_object(), services.clock())
    kept, key = await services.keys.create(
        caller.workspace_id, name=wanted.name, scopes=wanted.scopes, expires_at=wanted.expires_at, by=caller
    )
    return Answer(201, new_key_shape(kept, key))


async def revoke_key(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`DELETE /keys/{id}`: revoke it, effective at once; its row stays."""
    key_id = request.path_params["key_id"]
    if not is_key_id(key_id):
        raise NotFound("There is no such key in this workspace")
    await services.keys.revoke(caller.workspace_id, key_id)
    return Answer(204, None)


def _end(fields: dict[str, Any], now: datetime) -> datetime | None:
    value = fields.get("expiresAt")
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidField("expiresAt", "must be an ISO 8601 time such as 2026-01-31T09:00:00Z")
    end = parse_time(value, "expiresAt")
    if end <= now:
        raise InvalidField("expiresAt", "must lie in the future")
    return end
