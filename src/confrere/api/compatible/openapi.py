"""The endpoint that describes the API."""

from confrere.api.request import ApiRequest
from confrere.domain.keys import Caller
from confrere.http.answer import Answer
from confrere.services import Services


async def read_openapi(_caller: Caller, _request: ApiRequest, _services: Services) -> Answer:
    """`GET /openapi.json`."""
    from confrere.api.reference import document  # which reads the route tables

    return Answer(200, document())
