"""The endpoints about the workspace's pacing; an account's own is part of the account."""

from confrere.api.errors import Answer
from confrere.api.request import Request
from confrere.api.v1.shapes import pacing_shape
from confrere.sending import Product


async def read_pacing(request: Request, product: Product) -> Answer:
    """`GET /pacing`: the rules that hold for every account, and for every key."""
    assert request.caller is not None
    return Answer(200, pacing_shape(await product.pacing.read(request.caller.workspace_id, None)))


async def replace_pacing(request: Request, product: Product) -> Answer:
    """`PUT /pacing`: these rules and no others."""
    assert request.caller is not None
    pacing = await product.pacing.replace(request.caller.workspace_id, None, await request.fields())
    return Answer(200, pacing_shape(pacing))
