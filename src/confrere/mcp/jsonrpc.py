"""Validation of JSON-RPC messages before the SDK reads them, because the SDK's errors quote the message."""

from typing import Any

import msgspec

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INVALID_PARAMS = -32602

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class MalformedMessage(Exception):
    """The message is not one JSON-RPC request, notification or response. The text never quotes it.

    answer_to:  the id for the error response; None where the message has no usable id.
    """

    def __init__(self, code: int, text: str, answer_to: int | str | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.answer_to = answer_to

    def to_json(self) -> bytes:
        """Encode the JSON-RPC error that answers the message."""
        error = {"code": self.code, "message": str(self)}
        return msgspec.json.encode({"jsonrpc": "2.0", "id": self.answer_to, "error": error})


def check_message(content: bytes) -> bytes:
    """Validate a message; return it without a byte order mark. Raises MalformedMessage."""
    content = content.removeprefix(_BYTE_ORDER_MARK)
    message = _decode(content)
    if isinstance(message, list):
        raise MalformedMessage(INVALID_REQUEST, "Batches are not served; send one JSON-RPC request at a time")
    if isinstance(message, str):
        raise MalformedMessage(
            INVALID_REQUEST, "The message is JSON in a JSON string; send the request itself, not quoted"
        )
    if not isinstance(message, dict):
        raise MalformedMessage(INVALID_REQUEST, "The message must be one JSON-RPC request, a JSON object")
    _check_envelope(message)
    return content


def _decode(content: bytes) -> Any:
    if not content.strip():
        raise MalformedMessage(PARSE_ERROR, "The message is empty; send one JSON-RPC request")
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Without its cause: the library's text can quote the message.
        raise MalformedMessage(PARSE_ERROR, "The message is not JSON in UTF-8; send one JSON-RPC request") from None


def _check_envelope(message: dict[str, Any]) -> None:
    if message.get("jsonrpc") != "2.0":
        raise MalformedMessage(INVALID_REQUEST, 'jsonrpc must be "2.0"')
    answer_to = message.get("id")
    if "id" in message and (isinstance(answer_to, bool) or not isinstance(answer_to, int | str)):
        raise MalformedMessage(INVALID_REQUEST, "id must be a string or a whole number")
    if "method" not in message and ("result" in message or "error" in message):
        return  # a response, for which no request was made
    if not isinstance(message.get("method"), str):
        raise MalformedMessage(INVALID_REQUEST, "method must be a string", answer_to)
    params = message.get("params", {})
    if not isinstance(params, dict):
        raise MalformedMessage(INVALID_PARAMS, "params must be an object", answer_to)
    if message["method"] == "tools/call":
        _check_call(params, answer_to)


def _check_call(params: dict[str, Any], answer_to: int | str | None) -> None:
    if not isinstance(params.get("name"), str):
        raise MalformedMessage(INVALID_PARAMS, "params.name must be the name of a tool", answer_to)
    if not isinstance(params.get("arguments"), dict | None):
        raise MalformedMessage(INVALID_PARAMS, "params.arguments must be an object, not JSON in a string", answer_to)
