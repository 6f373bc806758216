"""Code samples of an operation in three languages, made from one description of the call so that none is missing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SERVER = "http://127.0.0.1:8080"
"""Where a server listens by default; the reference page puts its own address in its place."""

KEY = "<your_api_key>"
TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as a sample shows it.

    path:   with its query.
    body:   sent as JSON; as CSV if it is a string.
    sends:  whether it needs an Idempotency-Key.
    """

    method: str
    path: str
    body: Mapping[str, object] | str | None
    needs_key: bool
    sends: bool
    answers_json: bool
    shown_headers: Sequence[str]

    @property
    def url(self) -> str:
        """The whole URL."""
        return SERVER + self.path

    @property
    def media_type(self) -> str | None:
        """The media type of the body; None where there is no body."""
        return None if self.body is None else "text/csv" if isinstance(self.body, str) else "application/json"


def samples(call: Call) -> list[dict[str, object]]:
    """Build the value of `x-codeSamples`: curl, Python, JavaScript."""
    return [
        {"lang": "shell", "label": "curl", "source": _curl(call)},
        {"lang": "python", "label": "Python", "source": _python(call)},
        {"lang": "javascript", "label": "JavaScript", "source": _javascript(call)},
    ]


def _curl(call: Call) -> str:
    lines = [f"curl -X {call.method} {_quoted(call.url)}"]
    if call.needs_key:
        lines.append(f"-H 'Authorization: Bearer {KEY}'")
    if call.media_type:
        lines.append(f"-H 'Content-Type: {call.media_type}'")
    if isinstance(call.body, str):
        lines.append(f"--data-binary {_quoted(call.body)}")
    elif call.body is not None:
        lines.append(f"-d {_quoted(json.dumps(call.body, ensure_ascii=False, separators=(',', ':')))}")
    return " \\\n".join(lines)


def _quoted(text: str) -> str:
    """Quote `text` with single quotes, for a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def _python(call: Call) -> str:
    headers = [f'"Authorization": "Bearer {KEY}"'] if call.needs_key else []
    if call.sends:
        headers.append('"Idempotency-Key": str(uuid.uuid4())')
    arguments = [_literal(call.url)]
    if isinstance(call.body, str):
        headers.append(f'"Content-Type": "{call.media_type}"')
        body = [f"data={_literal(call.body)}"]
    elif call.body is not None:
        items = [f"        {_literal(name)}: {_python_value(value)}," for name, value in call.body.items()]
        body = ["\n".join(["json={", *items, "    }"])]
    else:
        body = []
    if headers:
        arguments.append(f"headers={{{', '.join(headers)}}}")
    shown = "response.json()" if call.answers_json else "response.text"
    lines = [
        *(["import uuid", ""] if call.sends else []),
        "import requests",
        "",
        f"response = requests.{call.method.lower()}(",
        *(f"    {argument}," for argument in (*arguments, *body, f"timeout={TIMEOUT_SECONDS}")),
        ")",
        f"print(response.status_code, {shown})",
        *(f'print("{name}:", response.headers["{name}"])' for name in call.shown_headers),
    ]
    return "\n".join(lines)


def _python_value(value: object) -> str:
    return _literal(value) if isinstance(value, str) else repr(value)


def _javascript(call: Call) -> str:
    headers = [f'"Authorization": "Bearer {KEY}"'] if call.needs_key else []
    if call.media_type:
        headers.append(f'"Content-Type": "{call.media_type}"')
    if call.sends:
        headers.append('"Idempotency-Key": crypto.randomUUID()')
    options = [f"  method: {_literal(call.method)},"] if call.method != "GET" else []
    if headers:
        options += ["  headers: {", *(f"    {header}," for header in headers), "  },"]
    if isinstance(call.body, str):
        options.append(f"  body: {_literal(call.body)},")
    elif call.body is not None:
        options += ["  body: JSON.stringify({"]
        options += [f"    {name}: {json.dumps(value, ensure_ascii=False)}," for name, value in call.body.items()]
        options += ["  }),"]
    target = _literal(call.url)
    fetch = [f"await fetch({target}, {{", *options, "});"] if options else [f"await fetch({target});"]
    shown = "response.json()" if call.answers_json else "response.text()"
    lines = [
        f"const response = {fetch[0]}",
        *fetch[1:],
        f"console.log(response.status, await {shown});",
        *(f'console.log("{name}:", response.headers.get("{name}"));' for name in call.shown_headers),
    ]
    return "\n".join(lines)


def _literal(text: str) -> str:
    """Encode a string literal that Python and JavaScript parse alike."""
    return json.dumps(text, ensure_ascii=False)
