"""The operations that manage API keys."""

from datetime import UTC, datetime

from confrere.api.code_samples import Call
from confrere.api.operations.shared_examples import NOW, Example, Node, Operation, Parameter
from confrere.api.v1.bodies import ManagedKeyPage, key_shape, new_key_shape
from confrere.api.v1.keys import MAX_NAME
from confrere.api.v1.operations.shared_examples import KEY_ID, managed, refused
from confrere.domain import errors
from confrere.domain.keys import ApiKey, Scope
from confrere.http.answer import Answer

_KEY = ApiKey(
    id=KEY_ID,
    workspace_id="default",
    name="crm",
    visible_part="confrere_4fKq…",
    scopes=frozenset({Scope.SEND}),
    created_at=NOW,
    expires_at=datetime(2027, 3, 14, tzinfo=UTC),
    revoked_at=None,
    last_used_at=None,
)

_REQUEST: Node = {
    "title": "CreateKeyRequest",
    "description": "What the key is for, and what it may do.",
    "type": "object",
    "properties": {
        "name": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_NAME,
            "description": "What it is for; only you see it.",
            "examples": ["crm"],
        },
        "scopes": {
            "type": ["array", "null"],
            "items": {"type": "string", "enum": [str(scope) for scope in Scope]},
            "description": "`read`; `send`, which includes `read`; `admin`, which includes both. By default `send`.",
            "examples": [["send"]],
        },
        "expiresAt": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "When it ends, with its time zone; absent: never, or when the key ends that makes it.",
            "examples": ["2027-03-14T00:00:00Z"],
        },
    },
    "required": ["name"],
}

_LIST = managed(
    "GET",
    "/keys",
    "listKeys",
    "List API keys",
    "What is kept of all keys, revoked ones too, newest first, on one page. A key itself is told only when it is made.",
    Example("keys", "The keys", Answer(200, ManagedKeyPage(items=[key_shape(_KEY)], next_cursor=None))),
    call=Call("GET", "/v1/keys"),
)
_CREATE = managed(
    "POST",
    "/keys",
    "createKey",
    "Create an API key",
    "Makes a key and tells it, this once: only its hash is kept. It can do no more than the key that you make it with, "
    "and lives no longer.",
    Example(
        "created",
        "The key; keep it now",
        Answer(201, new_key_shape(_KEY, "confrere_<the key, told this once>")),
    ),
    refused(
        "name",
        "It has no name",
        errors.InvalidField("name", f"must be a string of 1 to {MAX_NAME} printable characters"),
    ),
    refused("scopes", "There is no such scope", errors.InvalidField("scopes", f"must be a list of {', '.join(Scope)}")),
    refused("expired", "It would be of no use", errors.InvalidField("expiresAt", "must lie in the future")),
    call=Call("POST", "/v1/keys", {"name": "crm", "scopes": ["send"]}),
    request=_REQUEST,
)
_REVOKE = managed(
    "DELETE",
    "/keys/{keyId}",
    "revokeKey",
    "Revoke an API key",
    "From now on it is worth nothing, at once and for ever. What is kept of it stays in the list.",
    Example("revoked", "It is revoked, or was before", Answer(204, None)),
    refused("unknownKey", "The workspace has no such key", errors.NotFound("There is no such key in this workspace")),
    call=Call("DELETE", f"/v1/keys/{KEY_ID}", answers_json=False),
    parameters=(
        Parameter(
            "keyId",
            "path",
            "The key's id, from `GET /v1/keys`.",
            {"type": "string", "pattern": "^[0-9a-f]{24}$"},
            KEY_ID,
        ),
    ),
)

OPERATIONS: tuple[Operation, ...] = (_LIST, _CREATE, _REVOKE)
