"""The operations that manage API keys."""

from datetime import UTC, datetime

from confrere.api.reference import schemas
from confrere.api.reference.operation import Example, Operation, Parameter
from confrere.api.reference.schemas import array, nullable, text
from confrere.api.reference.shared_examples import KEY_ID, NOW
from confrere.api.v1.bodies import ManagedKeyPage, key_shape, new_key_shape
from confrere.api.v1.keys import MAX_NAME
from confrere.domain.errors import InvalidField, NotFound
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
_SCOPES = "`read`; `send`, which includes `read`; `admin`, which includes both. By default `send`."
_EXPIRES = "When it ends, with its time zone; absent: never, or when the key ends that makes it."
_REQUEST = schemas.request(
    "CreateKeyRequest",
    "What the key is for, and what it may do.",
    {
        "name": text("What it is for; only you see it.", min_length=1, max_length=MAX_NAME, example="crm"),
        "scopes": nullable(array(text(one_of=list(Scope)), _SCOPES, examples=[["send"]])),
        "expiresAt": nullable(text(_EXPIRES, format="date-time", example="2027-03-14T00:00:00Z")),
    },
    "name",
)

OPERATIONS = (
    Operation(
        "GET",
        "/v1/keys",
        "listKeys",
        "List API keys",
        "What is kept of all keys, revoked ones too, newest first, on one page. A key itself is told only when it is "
        "made.",
        [Example("keys", "The keys", ManagedKeyPage(items=[key_shape(_KEY)], next_cursor=None))],
    ),
    Operation(
        "POST",
        "/v1/keys",
        "createKey",
        "Create an API key",
        "Makes a key and tells it, this once: only its hash is kept. It can do no more than the key that you make it "
        "with, and lives no longer.",
        [
            Example(
                "created",
                "The key; keep it now",
                Answer(201, new_key_shape(_KEY, "confrere_<the key, told this once>")),
            ),
            Example(
                "name",
                "It has no name",
                InvalidField("name", f"must be a string of 1 to {MAX_NAME} printable characters"),
            ),
            Example(
                "scopes", "There is no such scope", InvalidField("scopes", f"must be a list of {', '.join(Scope)}")
            ),
            Example("expired", "It would be of no use", InvalidField("expiresAt", "must lie in the future")),
        ],
        request=_REQUEST,
        body={"name": "crm", "scopes": ["send"]},
    ),
    Operation(
        "DELETE",
        "/v1/keys/{keyId}",
        "revokeKey",
        "Revoke an API key",
        "From now on it is worth nothing, at once and for ever. What is kept of it stays in the list.",
        [
            Example("revoked", "It is revoked, or was before", Answer(204, None)),
            Example("unknownKey", "The workspace has no such key", NotFound("There is no such key in this workspace")),
        ],
        parameters=(Parameter("keyId", "path", "The key's id, from `GET /v1/keys`.", schemas.ID, KEY_ID),),
    ),
)
