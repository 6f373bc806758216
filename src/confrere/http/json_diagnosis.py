"""Explains to people why a body is not a JSON object. Only rejected bodies come here, so it may be slow.

Nothing of the body is quoted: it can hold a message's text.
"""

import codecs
import json
import math
import re
from typing import NoReturn

_BASE = "must be a JSON object"
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_FORM_BODY = re.compile(r"\s*(?:--|[\w.%+\[\]-]+=)")
_OTHER_UNICODE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"{\0", b"\0{", b"\0\0")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class _NoSuchNumber(Exception):
    pass


def explain(body: bytes, content_type: str) -> str:
    """Return a clause: what the body must be, and what it is instead."""
    if not body.strip():
        return f"{_BASE}, but is empty"
    if body.startswith(_OTHER_UNICODE):
        return f"{_BASE} in UTF-8, but is in UTF-16 or UTF-32"
    try:
        text = body.decode()
    except UnicodeDecodeError as fault:
        line = body.count(b"\n", 0, fault.start) + 1
        return f"{_BASE} in UTF-8; the byte {fault.start + 1}, in line {line}, is in another encoding"
    if not text.lstrip().startswith(("{", "[", '"')) and (_is_form(content_type) or _FORM_BODY.match(text)):
        return f"{_BASE}, but is form-encoded: send JSON, with Content-Type: application/json"
    try:
        value = json.loads(text, parse_constant=_reject_number, parse_float=_finite)
    except json.JSONDecodeError as fault:
        return f"{_BASE}, but {_syntax_fault(text, fault)}"
    except _NoSuchNumber:
        return f"{_BASE}, but has a number that JSON does not know, such as NaN or Infinity"
    except RecursionError:
        return f"{_BASE}, but is nested too deeply"
    except ValueError:
        return f"{_BASE}, but has a number with too many digits"
    return explain_value(value)


def explain_value(value: object) -> str:
    """Return such a clause for valid JSON that is not an object, or not one that can be used."""
    match value:
        case dict():
            if _LONE_SURROGATE.search(json.dumps(value, ensure_ascii=False)):
                return f"{_BASE} in UTF-8, but has half a character: a surrogate without its other half"
            return _BASE
        case list():
            return f"{_BASE}, not a list: make a request for each of its elements"
        case str():
            if _is_object(value):
                return f"{_BASE}, but is a JSON string with an object in it: it was encoded twice"
            return f"{_BASE}, not a string"
        case None:
            return f"{_BASE}, not null"
        case _:
            return f"{_BASE}, not a number, true or false"


def _syntax_fault(text: str, fault: json.JSONDecodeError) -> str:
    where = f"at line {fault.lineno}, column {fault.colno}"
    found = text[fault.pos : fault.pos + 1]
    before = text[: fault.pos].rstrip()
    match found:
        case "\n" | "\r" if fault.msg.startswith("Invalid control"):
            return f"has a line break within a string {where}: write it as \\n"
        case "\t" if fault.msg.startswith("Invalid control"):
            return f"has a tab within a string {where}: write it as \\t"
        case _ if fault.msg.startswith("Invalid control"):
            return f"has a control character within a string {where}: write it as \\u00XX"
        case _ if fault.msg.startswith("Invalid \\"):
            return f"has a backslash {where} that escapes nothing: write a backslash as \\\\"
        case _ if fault.msg.startswith("Extra data"):
            return f"goes on after its end {where}"
        case _ if fault.msg.startswith("Unterminated string"):
            return f"ends within the string that begins {where}: is it cut off, or a quote not escaped?"
        case "":
            return f"ends too early, {where}: is it cut off?"
        case "}" | "]" if before.endswith(","):
            return f"has a comma too many before the bracket {where}"
        case "," if fault.msg.startswith("Illegal trailing comma"):
            return f"has a comma too many {where}"
        case "'":
            return f'has a single quote {where}: JSON takes double quotes, and a Windows prompt needs them as \\"'
        case "\u2018" | "\u2019" | "\u201c" | "\u201d":
            return f'has a typographic quote {where}: JSON takes only "'
        case "/" | "#":
            return f"has a comment {where}, which JSON does not know"
        case _ if "property name" in fault.msg:
            return f'has a name without double quotes {where}; a Windows prompt needs them as \\"'
        case _:
            return f'is not valid {where}: is a double quote within a string not written as \\", or a comma missing?'


def _is_form(content_type: str) -> bool:
    return content_type.lower().startswith(_FORM_TYPES)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _NoSuchNumber
    return number


def _reject_number(_text: str) -> NoReturn:
    raise _NoSuchNumber
