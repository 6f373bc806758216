"""The endpoints about the workspace's pacing; an account's own is part of the account."""

from confrere.api.errors import Answer
from confrere.api.request import Request
from confrere.api.v1.shapes import pacing_shape
from confrere.services import Services


async def read_pacing(request: Request, services: Services) -> Answer:
    """`GET /pacing`: the rules that hold for every account, and for every key."""
    assert request.caller is not None
    return Answer(200, pacing_shape(await services.pacing.read(request.caller.workspace_id, None)))


async def replace_pacing(request: Request, services: Services) -> Answer:
    """`PUT /pacing`: these rules and no others."""
    assert request.caller is not None
    pacing = await services.pacing.replace(request.caller.workspace_id, None, await request.fields())
    return Answer(200, pacing_shape(pacing))
