"""Code samples of an operation in three languages, made from one description of the call so that none is missing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

SERVER = "http://127.0.0.1:8080"
"""Where a server listens unless told otherwise; the reference page puts its own address in its place."""

KEY = "<your_api_key>"
TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as a sample shows it. `path` with its query; `sends`: whether it deserves an Idempotency-Key.

    body, table:  what is sent, as JSON or as CSV.
    """

    method: str
    path: str
    body: Mapping[str, object] | None = None
    table: str | None = None
    needs_key: bool = True
    sends: bool = False
    answers_json: bool = True
    shown_headers: tuple[str, ...] = ()


def samples(call: Call) -> list[dict[str, object]]:
    """The value of `x-codeSamples`: curl, Python, JavaScript."""
    return [
        {"lang": "shell", "label": "curl", "source": _curl(call)},
        {"lang": "python", "label": "Python", "source": _python(call)},
        {"lang": "javascript", "label": "JavaScript", "source": _javascript(call)},
    ]


def _curl(call: Call) -> str:
    lines = [f"curl -X {call.method} {_quoted(SERVER + call.path)}"]
    if call.needs_key:
        lines.append(f"-H 'Authorization: Bearer {KEY}'")
    if call.body is not None:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {_quoted(json.dumps(call.body, ensure_ascii=False, separators=(',', ':')))}")
    if call.table is not None:
        lines.append("-H 'Content-Type: text/csv'")
        lines.append(f"--data-binary {_quoted(call.table)}")
    return " \\\n".join(lines)


def _quoted(text: str) -> str:
    """`text` in single quotes, for a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def _python(call: Call) -> str:
    headers = []
    if call.needs_key:
        headers.append(f'"Authorization": "Bearer {KEY}"')
    if call.sends:
        headers.append('"Idempotency-Key": str(uuid.uuid4())')
    if call.table is not None:
        headers.append('"Content-Type": "text/csv"')
    arguments = [_text(SERVER + call.path)]
    if headers:
        arguments.append(f"headers={{{', '.join(headers)}}}")
    if call.body is not None:
        arguments.append(f"json={_python_object(call.body)}")
    if call.table is not None:
        arguments.append(f"data={_text(call.table)}")
    arguments.append(f"timeout={TIMEOUT_SECONDS}")
    shown = "response.json()" if call.answers_json else "response.text"
    lines = [
        *(["import uuid", ""] if call.sends else []),
        "import requests",
        "",
        f"response = requests.{call.method.lower()}(",
        *(f"    {argument}," for argument in arguments),
        ")",
        f"print(response.status_code, {shown})",
        *(f'print("{name}:", response.headers["{name}"])' for name in call.shown_headers),
    ]
    return "\n".join(lines)


def _python_object(body: Mapping[str, object]) -> str:
    items = [f"        {_text(name)}: {_python_value(value)}," for name, value in body.items()]
    return "\n".join(["{", *items, "    }"])


def _python_value(value: object) -> str:
    return _text(value) if isinstance(value, str) else repr(value)


def _javascript(call: Call) -> str:
    headers = []
    if call.needs_key:
        headers.append(f'"Authorization": "Bearer {KEY}"')
    if call.body is not None:
        headers.append('"Content-Type": "application/json"')
    if call.table is not None:
        headers.append('"Content-Type": "text/csv"')
    if call.sends:
        headers.append('"Idempotency-Key": crypto.randomUUID()')
    options = [f"  method: {_text(call.method)},"] if call.method != "GET" else []
    if headers:
        options += ["  headers: {", *(f"    {header}," for header in headers), "  },"]
    if call.body is not None:
        options += ["  body: JSON.stringify({"]
        options += [f"    {name}: {json.dumps(value, ensure_ascii=False)}," for name, value in call.body.items()]
        options += ["  }),"]
    if call.table is not None:
        options.append(f"  body: {_text(call.table)},")
    target = _text(SERVER + call.path)
    begin = [f"const response = await fetch({target}, {{", *options, "});"] if options else []
    shown = "response.json()" if call.answers_json else "response.text()"
    lines = [
        *(begin or [f"const response = await fetch({target});"]),
        f"console.log(response.status, await {shown});",
        *(f'console.log("{name}:", response.headers.get("{name}"));' for name in call.shown_headers),
    ]
    return "\n".join(lines)


def _text(text: str) -> str:
    """A string literal that Python and JavaScript read alike."""
    return json.dumps(text, ensure_ascii=False)
