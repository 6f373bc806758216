"""LinkedIn's web protocol: the upstream that messages are sent to, and what people copy from their browser."""

from confrere.linkedin.client import LinkedInClient
from confrere.linkedin.paste import HOW_TO_COPY, read_paste
from confrere.linkedin.protocol import WebProtocol, load_protocol
from confrere.linkedin.upstream_url import parse_upstream

__all__ = ["HOW_TO_COPY", "LinkedInClient", "WebProtocol", "load_protocol", "parse_upstream", "read_paste"]
