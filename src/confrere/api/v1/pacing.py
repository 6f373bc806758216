"""The endpoints about the workspace's pacing; an account's own is part of the account."""

from confrere.api.request import ApiRequest
from confrere.api.v1.account_bodies import pacing_shape
from confrere.domain.keys import Caller
from confrere.http.answer import Answer
from confrere.services import Services


async def read_pacing(caller: Caller, _request: ApiRequest, services: Services) -> Answer:
    """`GET /pacing`: read the rules that apply to every account and key."""
    return Answer(200, pacing_shape(await services.pacing.read(caller.workspace_id, None)))


async def replace_pacing(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`PUT /pacing`: replace all rules."""
    pacing = await services.pacing.replace(caller.workspace_id, None, await request.json_object())
    return Answer(200, pacing_shape(pacing))
