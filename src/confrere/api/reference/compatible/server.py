"""The operations about the server itself. No key is needed."""

from confrere.api.health import Alive, Readiness
from confrere.api.reference.operation import Example, Operation
from confrere.domain.errors import StoreUnavailable
from confrere.domain.remedies import CONNECT_THOSE_IN_ERROR
from confrere.http.answer import Answer


def _readiness(name: str, summary: str, status: int = 200, **checks: str) -> Example:
    body = Readiness(
        status="ok" if status == 200 else "not ready",
        checks={"store": "ok", "worker": "ok", "accounts": "ok", **checks},
    )
    return Example(name, summary, Answer(status, body))


OPERATIONS = (
    Operation(
        "GET",
        "/linkedin/openapi.json",
        "readOpenapi",
        "Read this document",
        "The OpenAPI 3.1 document of this API.",
        [],
    ),
    Operation(
        "GET",
        "/health",
        "readHealth",
        "Is the process alive",
        "Answers as long as the process does.",
        [Example("alive", "It is", Alive())],
    ),
    Operation(
        "GET",
        "/ready",
        "readReadiness",
        "Can it do its work",
        "Whether the store answers and a worker lives. `accounts` says how many wait for a person because "
        "their sessions are dead: those keep nobody else from working, so the status stays 200.",
        [
            _readiness("ready", "All is well"),
            _readiness(
                "needAttention",
                "It can, but accounts wait for a person",
                accounts=f"1 need attention, their sessions are dead: {CONNECT_THOSE_IN_ERROR}",
            ),
            _readiness("noWorker", "No worker runs", 503, worker="no worker runs: unknown sends are not looked for"),
            Example("storeUnavailable", "The store is away; nothing was sent", StoreUnavailable()),
        ],
        status_texts={200: "It can", 503: "It cannot yet, or no longer; `checks` says why"},
    ),
    Operation(
        "GET",
        "/metrics",
        "readMetrics",
        "Read the metrics",
        "Counters for Prometheus, in its text format. Nothing in them names a person, a key or a text. From "
        "another machine, or through a proxy, a key with the scope `read` is needed.",
        [],
        text="text/plain",
    ),
)
