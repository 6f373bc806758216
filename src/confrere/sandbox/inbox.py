"""`/inbox`: a page that shows a member's messages.

The page is rendered on the server and escaped, so that no message becomes markup; its script only fetches the page
again and replaces what changed.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from confrere.sandbox.actions import BadInput, find_member
from confrere.sandbox.answers import Answer, assumed
from confrere.sandbox.conversations import Conversation, Message
from confrere.sandbox.loopback_only import SAME_ORIGIN
from confrere.sandbox.request import Request
from confrere.sandbox.sandbox import Sandbox
from confrere.sandbox.world import EXAMPLE_PROFILE_ID

PAGE = assumed("inbox", "ours: the page at /inbox, which LinkedIn does not have")

LISTED_MEMBERS: Final = 30
SHOWN_THREADS: Final = 30
SHOWN_MESSAGES: Final = 50

_ASSETS: Final = Path(__file__).parent / "assets"
_FILES: Final = {"/inbox.css": b"text/css; charset=utf-8", "/inbox.js": b"text/javascript; charset=utf-8"}
_POLICY: Final = (
    b"content-security-policy",
    (
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
)


class Inbox:
    """The handler of the page and its two files."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def answer(self, request: Request) -> Answer:
        """Answer a request whose path begins with /inbox."""
        if request.method not in ("GET", "HEAD"):
            return PAGE.json({"error": "no such method"}, status=405, headers=((b"allow", b"GET"),))
        if content_type := _FILES.get(request.path):
            return PAGE.raw(_read(request.path), content_type, headers=SAME_ORIGIN)
        if request.path != "/inbox":
            return PAGE.json({"error": "no such path"}, status=404)
        try:
            member = find_member(self._sandbox, _member_of(request), "member")
        except BadInput as bad:
            return PAGE.json({"error": str(bad), "field": bad.field}, status=400)
        headers = (_POLICY, (b"cache-control", b"no-store"), *SAME_ORIGIN)
        return PAGE.raw(self._page(member).encode(), b"text/html; charset=utf-8", headers=headers)

    def _page(self, member: int) -> str:
        person = self._sandbox.world.profile(member)
        threads = [thread for thread in self._sandbox.conversations.of_member(member) if thread.messages]
        threads.sort(key=lambda thread: thread.messages[-1].at_ms, reverse=True)
        shown = "".join(self._thread(thread, member) for thread in threads[:SHOWN_THREADS])
        return _TEMPLATE.format(
            name=escape(self._name(member)),
            headline=escape(person.headline),
            urn=escape(person.urn),
            members="".join(self._link(other, member) for other in self._listed(member)),
            threads=shown or _EMPTY,
        )

    def _listed(self, member: int) -> list[int]:
        """Return the members to choose from: the current one, the example recipient, and recent recipients."""
        example = self._sandbox.world.number_of(EXAMPLE_PROFILE_ID)
        lately = (message.recipient for message in reversed(self._sandbox.conversations.sent))
        return _first_different([member, *([] if example is None else [example]), *lately], LISTED_MEMBERS)

    def _link(self, member: int, shown: int) -> str:
        profile = self._sandbox.world.profile(member)
        count = len(self._sandbox.conversations.sent_between(None, member))
        current = ' aria-current="page"' if member == shown else ""
        return (
            f'<li><a href="/inbox?member={profile.profile_id}"{current}>'
            f"<span>{escape(self._name(member))}</span>{f'<b>{count}</b>' if count else ''}</a></li>"
        )

    def _thread(self, thread: Conversation, member: int) -> str:
        other = thread.other(member)
        group = None if thread.group_id is None else self._sandbox.world.group(thread.group_id)
        through = f"through the group <em>{escape(group.name)}</em>" if group else "a conversation"
        visible = self._sandbox.conversations.visible(thread)
        return (
            f'<section class="thread"><h2>{escape(self._name(other))}</h2>'
            f'<p class="soft">{escape(self._sandbox.world.profile(other).headline)} · {through}</p>'
            f"<ol>{''.join(self._message(message, member) for message in visible[-SHOWN_MESSAGES:])}</ol>"
            f"{self._forms(thread, member)}</section>"
        )

    def _forms(self, thread: Conversation, member: int) -> str:
        """Return the forms by which a member answers an account: accept or decline its request, and reply."""
        other, world = thread.other(member), self._sandbox.world
        if world.account_of(other) is None:
            return ""
        request = ""
        if thread.state == "PENDING" and thread.creator == other:
            request = _REQUEST.format(member=world.profile_urn(member), account=world.profile_urn(other))
        return request + _REPLY.format(urn=self._sandbox.views.conversation_urn(thread, other))

    def _message(self, message: Message, member: int) -> str:
        at = datetime.fromtimestamp(message.at_ms / 1000, UTC)
        side = "own" if message.sender == member else "theirs"
        kind = "" if message.kind == "text" else f"[{message.kind}] "
        return (
            f'<li class="{side}"><p dir="auto">{kind}{escape(message.text)}</p>'
            f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at:%d %b %Y, %H:%M:%S} UTC</time></li>'
        )

    def _name(self, member: int) -> str:
        return " ".join(self._sandbox.world.names_of(member))


def _member_of(request: Request) -> str:
    return parse_qs(request.query).get("member", [EXAMPLE_PROFILE_ID])[-1]


def _first_different(numbers: Iterable[int], count: int) -> list[int]:
    found: dict[int, None] = {}
    for number in numbers:
        found[number] = None
        if len(found) == count:
            break
    return list(found)


@cache
def _read(path: str) -> bytes:
    return (_ASSETS / path.removeprefix("/")).read_bytes()


_EMPTY: Final = """<section class="thread empty"><h2>No messages yet</h2>
<p class="soft">Send one, and it appears here within a second.</p></section>"""

_REQUEST: Final = """<form class="request" data-member="{member}" data-account="{account}">
<span>A message request.</span> <button value="ACCEPTED">Accept</button>
<button value="DECLINED">Decline</button></form>"""

_REPLY: Final = """<form class="reply" data-conversation="{urn}">
<textarea name="text" rows="2" aria-label="Reply" placeholder="Reply as this member"></textarea>
<select name="kind" aria-label="Kind"><option>text</option><option>image</option><option>voice</option>
<option>file</option><option>share</option></select> <button>Reply</button></form>"""

_TEMPLATE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{name}: inbox in the sandbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/inbox.css">
<script type="module" src="/inbox.js"></script>
</head>
<body>
<p class="banner">Sandbox: invented people. Nothing here has left this machine.</p>
<main>
<nav aria-label="Members"><h2>Whose inbox</h2><ul>{members}</ul></nav>
<article>
<header><h1>{name}</h1><p class="soft">{headline}</p><p class="urn"><code>{urn}</code></p></header>
{threads}
</article>
</main>
</body>
</html>
"""
