"""Sessions from what a person copies out of a logged-in browser."""

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from confrere.domain.errors import InvalidField
from confrere.domain.paste import PasteContents
from confrere.domain.session import Session
from confrere.linkedin.session.cookies import CSRF_COOKIE, SESSION_COOKIE
from confrere.linkedin.session.copied import CopiedRequest, Form, Incomplete, read_copied
from confrere.linkedin.upstream_url import parse_upstream

HOW_TO_COPY = (
    "in the browser in which you are logged in to LinkedIn open the developer tools (F12), tab Network, reload, "
    "right-click a request to www.linkedin.com, choose Copy, Copy as cURL, and paste all of it"
)

PAGE_HEADERS = ("accept-language", "x-li-lang", "x-li-page-instance", "x-li-track")
"""The copied headers that a session keeps and its requests send."""

_INCOMPLETE = f"must be the whole of what was copied: its end is missing, or it was changed; {HOW_TO_COPY}"
_COMMANDS = (Form.CURL, Form.POWERSHELL, Form.FETCH)
_WITHOUT_COOKIES = {
    Form.FETCH: 'a copied fetch() leaves cookies out, but for "Copy as fetch (Node.js)"',
    Form.JSON: "a HAR has cookies only where it was saved with sensitive data",
    Form.COOKIES: "document.cookie leaves it out",
}
_LINKEDIN_HOST = re.compile(r"(?:[a-z0-9-]+\.)?linkedin\.com", re.ASCII)
_SENDABLE = re.compile(r"[\x20-\x7e]*", re.ASCII)

_QUOTES_BEFORE = re.compile(r"\A(?:[\"'`^\\]|%22|%27)+")
_QUOTES_BEHIND = re.compile(r"(?:[\"'`^\\]|%22|%27)+\Z")
_LONGEST_COOKIE = 4_096
"""Browsers store no longer ones."""

_COOKIE_VALUE = re.compile(r"(?!.*%2[27])[A-Za-z0-9._~%+/=:-]+", re.ASCII | re.IGNORECASE)
_HTML_QUOTES = re.compile(r"&(?:quot|#0{0,5}34|#x0{0,5}22);", re.IGNORECASE)
_ESCAPED_CSRF = re.compile(rf"{CSRF_COOKIE}=\\{{1,4}}\"")


def read_paste(text: str, *, user_agent: str | None = None) -> Session:
    """Make a session from a text in any of the formats of `copied`.

    user_agent:  of the browser that the cookies come from, where the text does not hold it.
    Raises:      InvalidField, which names what is missing and how to copy it, and never holds a value.
    """
    try:
        form, requests = read_copied(text)
    except OverflowError as error:
        raise InvalidField("session", f"must be at most {error.args[0]:,} characters long; {HOW_TO_COPY}") from error
    except Incomplete as error:
        raise InvalidField("session", _INCOMPLETE) from error
    if not requests and form in _COMMANDS:
        raise InvalidField("session", _INCOMPLETE)
    own = [one for one in requests if all(map(_is_linkedin, one.urls)) and (one.urls or form not in _COMMANDS)]
    if requests and not own:
        raise InvalidField("session", f"must be a request to www.linkedin.com: {HOW_TO_COPY}")
    request = _choose_request(own, form)
    return _make_session(request.headers, read_cookies(request.headers["cookie"]), user_agent)


def describe_paste(text: str, *, user_agent: str | None = None) -> PasteContents:
    """Return what `read_paste` finds in a text, whether or not that is enough. It has no value of a cookie in it."""
    try:
        form, requests = read_copied(text)
    except (OverflowError, Incomplete):
        return PasteContents(None, has_user_agent=bool(user_agent))
    own = [one for one in requests if all(map(_is_linkedin, one.urls))]
    found = [(read_cookies(one.headers.get("cookie", "")), one.headers) for one in own]
    cookies, headers = max(found, key=lambda pair: (SESSION_COOKIE in pair[0], len(pair[0])), default=({}, {}))
    return PasteContents(
        form=form,
        requests=len(own),
        cookies=len(cookies),
        has_login=SESSION_COOKIE in cookies,
        has_csrf=CSRF_COOKIE in cookies,
        has_user_agent=bool(headers.get("user-agent") or user_agent),
        headers=sum(1 for name in PAGE_HEADERS if headers.get(name)),
    )


def _choose_request(requests: Sequence[CopiedRequest], form: Form) -> CopiedRequest:
    """Choose one with both cookies, preferably with a user agent; in an export the newest. Raises InvalidField."""
    candidates = [(one, read_cookies(one.headers.get("cookie", ""))) for one in requests]
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        candidates = [
            (one, cookies) for one, cookies in candidates if cookies.get(name, "").strip('"') not in ("", "delete me")
        ]
        if not candidates:
            why = _WITHOUT_COOKIES.get(form) if name == SESSION_COOKIE else None
            raise InvalidField(
                "cookie",
                f"must hold {name}, which shows that you are logged in{f', and {why}' if why else ''}: {HOW_TO_COPY}",
            )
    if form is not Form.JSON and len({cookies[SESSION_COOKIE] for _, cookies in candidates}) > 1:
        raise InvalidField("session", f"must be one account's, and several are in it: {HOW_TO_COPY}")
    if form is Form.JSON:
        candidates.reverse()
    return next((one for one, _ in candidates if one.headers.get("user-agent")), candidates[0][0])


def _make_session(headers: Mapping[str, str], cookies: Mapping[str, str], user_agent: str | None) -> Session:
    _check_sendable("cookie", headers["cookie"])
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        if not _COOKIE_VALUE.fullmatch(cookies[name].strip('"')):
            raise InvalidField(
                "cookie", f"must hold {name} as the browser sends it, without quotes or blanks in it: {HOW_TO_COPY}"
            )
    agent = (headers.get("user-agent") or user_agent or "").strip().strip("\"'")
    if not agent:
        raise InvalidField(
            "userAgent", "is missing: it must be that of the same browser; type navigator.userAgent into its console"
        )
    _check_sendable("userAgent", agent)
    kept = {name: headers[name] for name in PAGE_HEADERS if headers.get(name)}
    if not _is_json_object(kept.get("x-li-track", "{}")):
        del kept["x-li-track"]
    for name, value in kept.items():
        _check_sendable(name, value)
    return Session(cookies, agent, kept)


def _check_sendable(field: str, value: str) -> None:
    if not _SENDABLE.fullmatch(value.strip()):
        raise InvalidField(field, f"must be ASCII text in one line, as the browser sends it: {HOW_TO_COPY}")


def read_cookies(header: str) -> dict[str, str]:
    """Return values by name, quotes kept; of several with one name the first, which has the longest path.

    Escapes that other programs put around quotes (backslashes, apostrophes, `%22`, `&quot;`) are removed, because
    LinkedIn would reject the csrf token of each send.
    """
    header = _HTML_QUOTES.sub('"', header).strip()
    if _ESCAPED_CSRF.search(header):
        header = re.sub(r"\\{1,4}\"", '"', header)
    if header[:1] in ("'", '"'):
        header = header[1:].removesuffix(header[0])
    cookies: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals and name:
            cookies.setdefault(name.strip(), value.strip())
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        if name in cookies:
            cookies[name] = _strip_quotes(cookies[name], keeps_quotes=name == CSRF_COOKIE)
    return cookies


def _strip_quotes(value: str, *, keeps_quotes: bool) -> str:
    if len(value) > _LONGEST_COOKIE:
        return value
    plain = _QUOTES_BEHIND.sub("", _QUOTES_BEFORE.sub("", value))
    plain = re.sub(r"\Aajax%3a", "ajax:", plain, flags=re.IGNORECASE)
    return f'"{plain}"' if keeps_quotes and plain != value else plain


def _is_linkedin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        return False
    if parts.scheme == "https" and _LINKEDIN_HOST.fullmatch(parts.netloc.lower()):
        return True
    try:
        parse_upstream(origin)
    except ValueError:
        return False
    return True


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
