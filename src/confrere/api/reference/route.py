"""The route of the OpenAPI document."""

import asyncio

from confrere.api.request import ApiRequest
from confrere.api.route import Route
from confrere.domain.keys import Caller
from confrere.http.answer import Answer
from confrere.services import Services


async def _read_openapi(_caller: Caller, _request: ApiRequest, _services: Services) -> Answer:
    return Answer(200, await asyncio.to_thread(_document))


def _document() -> bytes:
    from confrere.api.reference.document import document  # with all examples: 4 MB, which few processes need

    return document()


ROUTE = Route("GET", "/linkedin/openapi.json", None, None, _read_openapi)
"""Serves the document. Not in the compatible API's table, which the document is made from."""
