"""LinkedIn's web protocol: the upstream that messages are sent to, and sessions made from what a browser copies.

`client` makes the calls, `answers` classifies what comes back, `message_search` finds a message again.
`http/` holds the connections, `wire/` LinkedIn's own words, `session/` cookies and copied requests.
"""

from confrere.linkedin.client import LinkedInClient
from confrere.linkedin.session.paste import HOW_TO_COPY, describe_paste, read_paste
from confrere.linkedin.upstream_url import parse_upstream
from confrere.linkedin.wire.protocol import WebProtocol, load_protocol

__all__ = [
    "HOW_TO_COPY",
    "LinkedInClient",
    "WebProtocol",
    "describe_paste",
    "load_protocol",
    "parse_upstream",
    "read_paste",
]
