"""Parsers of requests that browsers, their developer tools and cookie extensions copy or export.

Formats: cURL for bash and cmd, PowerShell, fetch(), request headers, HAR, JSON of cookie extensions, cookies.txt and a
Cookie header. Source: curl's documentation for cookies.txt; what Chrome and Firefox put on the clipboard, attested for
cURL. PowerShell, fetch() and Chrome's two-line headers are assumed, until each has been copied from a browser.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from confrere.linkedin.session.cookies import CSRF_COOKIE, SESSION_COOKIE
from confrere.linkedin.session.curl_command import split_command


class Form(StrEnum):
    """The format of a copied text."""

    CURL = "cURL"
    POWERSHELL = "PowerShell"
    FETCH = "fetch"
    JSON = "JSON"
    HEADERS = "headers"
    COOKIES = "cookies"


@dataclass(frozen=True, slots=True)
class CopiedRequest:
    """A request's headers by lower-case name, perhaps only its cookie. Its repr shows none, as all are secret."""

    headers: Mapping[str, str] = field(repr=False)
    urls: Sequence[str] = field(default=(), repr=False)


class Incomplete(ValueError):
    """The end of the copied text is missing."""


MAX_CHARACTERS: Final = {Form.HEADERS: 100_000, Form.CURL: 2_000_000, Form.POWERSHELL: 2_000_000, Form.FETCH: 2_000_000}
MAX_JSON_CHARACTERS: Final = 100_000_000
"""More, because a HAR holds every answer of a page."""

_LINKEDIN_DOMAIN = re.compile(r"\.?(?:[a-z0-9-]+\.)*linkedin\.com", re.ASCII | re.IGNORECASE)

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
    | dict.fromkeys("\u2018\u2019\u201a\u201b", "'")
    | {"\xa0": " ", "\u200b": ""}
)
"""Word processors and chats replace quotes and blanks by these characters."""

_OPTION_NAMES = {"-H": "--header", "-b": "--cookie", "-A": "--user-agent"}
_OPTIONS_WITH_VALUE = frozenset(
    {"--cookie", "--header", "--url", "--user-agent", "-A", "-H", "-b"}
    | {"--data", "--data-ascii", "--data-binary", "--data-raw", "--data-urlencode", "--form", "-F", "-d"}
    | {"--connect-timeout", "--max-time", "--output", "--proxy", "--referer", "--request", "--resolve", "--user"}
    | {"-X", "-e", "-m", "-o", "-u", "-x"}
)

_PS_TEXT = r'"((?:[^"`]|`.|"")*)"'
_PS_COOKIE = re.compile(rf"Net\.Cookie\(\s*{_PS_TEXT}\s*,\s*{_PS_TEXT}", re.DOTALL)
_PS_AGENT = re.compile(rf"UserAgent(?:\s*=)?\s*{_PS_TEXT}", re.DOTALL)
_PS_HEADER = re.compile(rf"^[ \t]*{_PS_TEXT}\s*=\s*{_PS_TEXT}", re.DOTALL | re.MULTILINE)
_PS_URL = re.compile(rf"-Uri\s+{_PS_TEXT}", re.DOTALL)
_PS_COMMAND = re.compile(r"(?=^\$session\s*=\s*New-Object)", re.MULTILINE)
_PS_ESCAPE = re.compile(r'`(.)|""|\$\(\[char\](\d{1,6})\)', re.DOTALL)

_FETCH = re.compile(r"\bfetch\(\s*")
_COMMA = re.compile(r"\s*,\s*")
_AGENT_NAME = re.compile(r"user[-_]?agent", re.IGNORECASE)
_HEADER = re.compile(r"[ \t]*:?([A-Za-z][\w-]*):[ \t]*(\S.*)")
_COOKIE_LINE = re.compile(r"[\w.-]+=[^\s;]*;?", re.ASCII)
_HEADER_NAME = re.compile(r"[ \t]*:?([A-Za-z][\w-]*):?[ \t]*", re.ASCII)


def read_copied(text: str) -> tuple[Form, list[CopiedRequest]]:
    """Parse the requests in a text. Raises Incomplete, and OverflowError with the longest length that is accepted."""
    text = text.strip("\ufeff \t\r\n")
    if text[:1] in ("{", "["):
        if len(text) > MAX_JSON_CHARACTERS:
            raise OverflowError(MAX_JSON_CHARACTERS)
        return Form.JSON, list(_parse_json(text))
    form, parse = _detect_form(text := _strip_prompt(text))
    if len(text) > MAX_CHARACTERS[form]:
        raise OverflowError(MAX_CHARACTERS[form])
    text = text.translate(_TYPOGRAPHY)
    requests = list(parse(text))
    if form is Form.HEADERS and not requests:
        return Form.COOKIES, list(_parse_cookies(text))
    return form, requests


def _detect_form(text: str) -> tuple[Form, Any]:
    if re.match(r"curl(?:\.exe)?\s", text):
        return Form.CURL, _parse_curl
    if re.match(r"\$session\b|Invoke-(?:WebRequest|RestMethod)\b", text):
        return Form.POWERSHELL, _parse_powershell
    if re.match(r"(?:(?:const|let|var)\s+\w+\s*=\s*)?(?:await\s+)?fetch\(", text):
        return Form.FETCH, _parse_fetch
    return Form.HEADERS, _parse_headers


def _strip_prompt(text: str) -> str:
    """Remove the Markdown fence or the shell prompt around a command."""
    text = re.sub(r"\A```\w*\s*\n?|\n?```\Z", "", text).strip()
    return re.sub(r"\A(?:\$|PS [^\n>]*>|[A-Z]:\\[^\n>]*>|>)\s+(?=curl|\$session|Invoke)", "", text)


def _parse_curl(text: str) -> Iterator[CopiedRequest]:
    try:
        words = split_command(text)
    except ValueError as error:
        raise Incomplete from error
    urls: list[str] = []
    headers: dict[str, str] = {}
    for option, value in [*_curl_options(words[1:]), ("curl", "")]:
        if option == "curl":
            yield CopiedRequest(headers, urls)
            urls, headers = [], {}
        elif option == "--url":
            urls.append(value)
        elif option == "--header":
            name, _, content = value.partition(":")
            headers.setdefault(name.strip().lower(), content.strip())
        elif option in ("--cookie", "--user-agent"):
            headers.setdefault(option.removeprefix("--"), value.strip())


def _curl_options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each option with its value; the URL as `--url`, and `curl` where the next command begins."""
    rest = iter(words)
    for word in rest:
        long, equals, attached = word.partition("=")
        if word in ("curl", "curl.exe"):
            yield "curl", ""
        elif word in (";", "&", "&&", "|"):
            continue
        elif not word.startswith("-"):
            yield "--url", word
        elif word in _OPTIONS_WITH_VALUE:
            yield _OPTION_NAMES.get(word, word), next(rest, "")
        elif equals and long in _OPTIONS_WITH_VALUE:
            yield long, attached
        elif word[:2] in _OPTION_NAMES:
            yield _OPTION_NAMES[word[:2]], word[2:]


def _parse_powershell(text: str) -> Iterator[CopiedRequest]:
    for command in _PS_COMMAND.split(text):
        urls = [_ps_text(url) for url in _PS_URL.findall(command)]
        if not urls:
            continue
        headers = {_ps_text(name).lower(): _ps_text(value) for name, value in _PS_HEADER.findall(command)}
        if agent := _PS_AGENT.search(command):
            headers.setdefault("user-agent", _ps_text(agent[1]))
        if cookies := {_ps_text(name): _ps_text(value) for name, value in _PS_COOKIE.findall(command)}:
            headers["cookie"] = _cookie_header(cookies)
        yield CopiedRequest(headers, urls)


def _ps_text(quoted: str) -> str:
    return _PS_ESCAPE.sub(lambda found: found[1] or (chr(min(int(found[2]), 0x10FFFF)) if found[2] else '"'), quoted)


def _parse_fetch(text: str) -> Iterator[CopiedRequest]:
    """Parse the URL and the options, which both browsers write as JSON."""
    decoder, place = json.JSONDecoder(), 0
    while found := _FETCH.search(text, place):
        place = found.end()
        try:
            url, place = decoder.raw_decode(text, place)
            between = _COMMA.match(text, place)
            options, place = decoder.raw_decode(text, between.end()) if between else ({}, place)
        except (ValueError, RecursionError):
            continue
        if isinstance(url, str) and isinstance(options, dict):
            yield CopiedRequest(_header_map(options.get("headers")), [url])


def _parse_json(text: str) -> Iterator[CopiedRequest]:
    """Parse every request of a HAR or of Firefox's network tab, and every list of cookies."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Incomplete from error
    fields = _string_fields(document) if isinstance(document, dict) else {}
    agents = [value for name, value in fields.items() if _AGENT_NAME.fullmatch(name)]
    for request in _requests_in(document):
        yield CopiedRequest({**({"user-agent": agents[0]} if agents else {}), **request.headers}, request.urls)


def _requests_in(node: object) -> Iterator[CopiedRequest]:
    """Yield requests in the document's order, skipping responses, which hold cookies that LinkedIn sets."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            cookies = _cookie_list(node)
            if SESSION_COOKIE in cookies:
                yield CopiedRequest({"cookie": _cookie_header(cookies)})
            else:
                stack += reversed(node)
        elif isinstance(node, dict):
            if request := _as_request(node):
                yield request
            else:
                stack += [value for name, value in reversed(node.items()) if name != "response"]


def _as_request(node: dict[str, Any]) -> CopiedRequest | None:
    """Return an object as a request, if it has headers, or itself is headers or cookies by name."""
    if isinstance(node.get(SESSION_COOKIE), str):
        cookie_fields = {name: value for name, value in _string_fields(node).items() if not _AGENT_NAME.fullmatch(name)}
        return CopiedRequest({"cookie": _cookie_header(cookie_fields)})
    headers = _header_map(node.get("headers")) or _header_map(node)
    cookies = node.get("cookies")
    if headers and "cookie" not in headers and isinstance(cookies, list) and (found := _cookie_list(cookies)):
        headers["cookie"] = _cookie_header(found)
    if "cookie" not in headers:
        return None
    url = node.get("url")
    return CopiedRequest(headers, [url] if isinstance(url, str) else [])


def _header_map(given: object) -> dict[str, str]:
    """Return headers by lower-case name, from an object or from a list of names and values."""
    if isinstance(given, list):
        return {name.lower(): value for name, value in _named_values(given)}
    return {name.lower(): value for name, value in _string_fields(given).items()} if isinstance(given, dict) else {}


def _string_fields(given: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _cookie_list(given: Sequence[Any]) -> dict[str, str]:
    """Return LinkedIn's cookies from a list of objects with name, value and perhaps domain."""
    own = [
        one
        for one in given
        if isinstance(one, dict) and _LINKEDIN_DOMAIN.fullmatch(str(one.get("domain") or "linkedin.com"))
    ]
    return dict(_named_values(own))


def _named_values(given: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for one in given:
        if isinstance(one, dict) and isinstance(name := one.get("name"), str) and isinstance(one.get("value"), str):
            yield name, one["value"]


def _parse_headers(text: str) -> Iterator[CopiedRequest]:
    """Parse `Name: value` lines, or Chrome's form: the name in one line, the value in the next."""
    headers: dict[str, str] = {}
    pending_name = ""
    for line in text.splitlines():
        found = _HEADER.fullmatch(line)
        if pending_name and not (pending_name.endswith(":") and found and line.startswith(f"{found[1]}: ")):
            headers.setdefault(pending_name.rstrip(":"), line.strip())
            pending_name = ""
        elif found:
            pending_name = ""
            headers.setdefault(found[1].lower(), found[2].strip())
        elif name := _HEADER_NAME.fullmatch(line):
            pending_name = name[0].strip().lower().lstrip(":")
    if "cookie" in headers:
        host = headers.get("authority") or headers.get("host")
        scheme = "https" if host and "linkedin" in host else "http"  # a sandbox on a loopback address has no TLS
        yield CopiedRequest(headers, [f"{scheme}://{host}/"] if host else [])


def _parse_cookies(text: str) -> Iterator[CopiedRequest]:
    """Parse cookies.txt, rows of the developer tools' table of cookies, or a Cookie header without its name."""
    cookies: dict[str, str] = {}
    for line in text.splitlines():
        cells = re.split(r"\t| {2,}", line.strip())
        if len(cells) >= 6 and cells[1] in ("TRUE", "FALSE"):
            if _LINKEDIN_DOMAIN.fullmatch(cells[0].removeprefix("#HttpOnly_")):
                cookies.setdefault(cells[5], cells[6] if len(cells) > 6 else "")
        elif len(cells) >= 2 and (cells[0] in (SESSION_COOKIE, CSRF_COOKIE) or cookies):
            cookies.setdefault(cells[0], cells[1])
    if not cookies and all(_COOKIE_LINE.fullmatch(line) for line in text.split()):
        text = "; ".join(line.rstrip(";") for line in text.split())
    yield CopiedRequest({"cookie": _cookie_header(cookies) if cookies else text})


def _cookie_header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
