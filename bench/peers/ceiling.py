"""The ceiling: an ASGI application that reads the body, asks LinkedIn and hands the answer on.

It knows no keys, stores nothing, checks nothing. Nothing in Python on the same server and client can do more with less.
Run: `uvicorn bench.peers.ceiling:app`; LINKEDIN_URL.
"""

import os
from typing import Any

import aiohttp
from yarl import URL

CREATE_MESSAGE = URL(
    os.environ["LINKEDIN_URL"] + "/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"
)
HEADERS = {"cookie": "li_at=AQED; JSESSIONID=ajax:1", "csrf-token": "ajax:1", "content-type": "application/json"}

_http: aiohttp.ClientSession | None = None


async def app(_scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Pass one request on."""
    global _http
    body = b""
    more = True
    while more:
        part = await receive()
        body += part.get("body", b"")
        more = part.get("more_body", False)
    if _http is None:
        connector = aiohttp.TCPConnector(limit=200)
        _http = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    async with _http.post(CREATE_MESSAGE, data=body, headers=HEADERS) as answer:
        content = await answer.read()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
