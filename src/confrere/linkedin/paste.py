"""What a person can copy from their logged-in browser, made into a session."""

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from confrere.domain.errors import InvalidField
from confrere.domain.session import Session
from confrere.linkedin.address import parse_upstream
from confrere.linkedin.commandline import split_command
from confrere.linkedin.cookies import CSRF_COOKIE, SESSION_COOKIE
from confrere.linkedin.headers import PAGE_HEADERS

MAX_CHARACTERS = 100_000

HOW_TO_COPY = (
    "in the browser in which you are logged in to LinkedIn open the developer tools (F12), tab Network, reload, "
    "right-click a request to www.linkedin.com, choose Copy, Copy as cURL, and paste all of it"
)

_OPTION_NAMES = {"-H": "--header", "-b": "--cookie", "-A": "--user-agent"}
_OPTIONS_WITH_VALUE = frozenset(
    {"--cookie", "--header", "--url", "--user-agent", "-A", "-H", "-b"}
    | {"--data", "--data-ascii", "--data-binary", "--data-raw", "--data-urlencode", "--form", "-F", "-d"}
    | {"--connect-timeout", "--max-time", "--output", "--proxy", "--referer", "--request", "--resolve", "--user"}
    | {"-X", "-e", "-m", "-o", "-u", "-x"}
)
_HEADER_LINE = re.compile(r"^[ \t]*([A-Za-z][A-Za-z0-9-]*):(.*)$", re.MULTILINE)
_LINKEDIN_HOST = re.compile(r"(?:[a-z0-9-]+\.)?linkedin\.com", re.ASCII)
_SENDABLE = re.compile(r"[\x20-\x7e]*", re.ASCII)


def read_paste(text: str, *, user_agent: str | None = None) -> Session:
    """The session in `text`: "Copy as cURL" (bash or cmd), copied request headers, or a bare Cookie header.

    user_agent:  of the browser that the cookies come from, where the text does not hold it.
    Raises:      InvalidField, which says what is missing and how to copy it, and never a value.
    """
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        raise InvalidField("session", f"must be at most {MAX_CHARACTERS:,} characters long; {HOW_TO_COPY}")
    if re.match(r"curl(?:\.exe)?\s", text):
        headers = _read_curl(text)
    elif re.match(r"\$session\b|Invoke-WebRequest\b|fetch\(", text):
        raise InvalidField("session", f"must be copied as cURL, not as PowerShell or fetch: {HOW_TO_COPY}")
    else:
        headers = _read_header_lines(text)
    return _make_session(headers, user_agent)


def _make_session(headers: Mapping[str, str], user_agent: str | None) -> Session:
    agent = headers.get("user-agent") or (user_agent or "").strip()
    cookies = _read_cookies(headers.get("cookie", ""))
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        if cookies.get(name, "").strip('"') in ("", "delete me"):
            raise InvalidField("cookie", f"must hold {name}, which shows that you are logged in: {HOW_TO_COPY}")
    if not agent:
        raise InvalidField(
            "userAgent", "is missing: it must be that of the same browser; type navigator.userAgent into its console"
        )
    kept = {name: headers[name] for name in PAGE_HEADERS if headers.get(name)}
    if not _is_json_object(kept.get("x-li-track", "{}")):
        del kept["x-li-track"]
    for field, value in (("cookie", headers["cookie"]), ("userAgent", agent), *kept.items()):
        if not _SENDABLE.fullmatch(value):
            raise InvalidField(field, f"must be ASCII text in one line, as the browser sends it: {HOW_TO_COPY}")
    return Session(cookies, agent, kept)


def _read_curl(text: str) -> dict[str, str]:
    try:
        words = split_command(text)
    except ValueError as error:
        raise InvalidField("session", f"must be the whole cURL command, its end is missing: {HOW_TO_COPY}") from error
    urls: list[str] = []
    headers: dict[str, str] = {}
    for option, value in _read_options(words[1:]):
        if option == "--url":
            urls.append(value)
        elif option == "--header":
            name, _, content = value.partition(":")
            headers.setdefault(name.strip().lower(), content.strip())
        elif option in ("--cookie", "--user-agent"):
            headers.setdefault(option.removeprefix("--"), value.strip())
    if not urls or not all(map(_is_linkedin, urls)):
        raise InvalidField("session", f"must be a request to www.linkedin.com: {HOW_TO_COPY}")
    return headers


def _read_options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Option and value of each; a word that is no option is the URL."""
    rest = iter(words)
    for word in rest:
        long, equals, attached = word.partition("=")
        if not word.startswith("-"):
            yield "--url", word
        elif word in _OPTIONS_WITH_VALUE:
            yield _OPTION_NAMES.get(word, word), next(rest, "")
        elif equals and long in _OPTIONS_WITH_VALUE:
            yield long, attached
        elif word[:2] in _OPTION_NAMES:
            yield _OPTION_NAMES[word[:2]], word[2:]


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


def _read_header_lines(text: str) -> dict[str, str]:
    """Copied request headers, one per line, `Cookie:` among them; else the text is the cookies themselves."""
    headers: dict[str, str] = {}
    for name, value in _HEADER_LINE.findall(text):
        headers.setdefault(name.lower(), value.strip())
    return headers if "cookie" in headers else {"cookie": text}


def _read_cookies(header: str) -> dict[str, str]:
    """Name to value, quotes kept; of several of one name the first, which browsers put first for its longer path."""
    cookies: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals and name:
            cookies.setdefault(name.strip(), value.strip())
    return cookies


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
