"""The operations about the server itself."""

from confrere.api.code_samples import Call
from confrere.api.compatible import bodies
from confrere.api.operations.shared_examples import BUG, SERVER, STORE_AWAY, Example, Operation, wrong_method
from confrere.domain.remedies import CONNECT_THOSE_IN_ERROR
from confrere.http.answer import Answer

READ_OPENAPI = Operation(
    method="GET",
    path="/linkedin/openapi.json",
    operation_id="readOpenapi",
    tag=SERVER,
    summary="Read this document",
    description="The OpenAPI 3.1 document of this API.",
    needs=None,
    call=Call("GET", "/linkedin/openapi.json", needs_key=False),
    examples=[wrong_method("POST", "GET, HEAD"), BUG],
)

READ_HEALTH = Operation(
    method="GET",
    path="/health",
    operation_id="readHealth",
    tag=SERVER,
    summary="Is the process alive",
    description="Answers as long as the process does.",
    needs=None,
    call=Call("GET", "/health", needs_key=False),
    in_api=False,
    examples=[Example("alive", "It is", Answer(200, bodies.Alive()))],
)

READ_READINESS = Operation(
    method="GET",
    path="/ready",
    operation_id="readReadiness",
    tag=SERVER,
    summary="Can it do its work",
    description="Whether the store answers and a worker lives. `accounts` says how many wait for a person because "
    "their sessions are dead: those keep nobody else from working, so the status stays 200.",
    needs=None,
    call=Call("GET", "/ready", needs_key=False),
    in_api=False,
    says={200: "It can", 503: "It cannot yet, or no longer; `checks` says why"},
    examples=[
        Example(
            "ready",
            "All is well",
            Answer(200, bodies.Readiness(status="ok", checks={"store": "ok", "worker": "ok", "accounts": "ok"})),
        ),
        Example(
            "needAttention",
            "It can, but accounts wait for a person",
            Answer(
                200,
                bodies.Readiness(
                    status="ok",
                    checks={
                        "store": "ok",
                        "worker": "ok",
                        "accounts": f"1 need attention, their sessions are dead: {CONNECT_THOSE_IN_ERROR}",
                    },
                ),
            ),
        ),
        Example(
            "noWorker",
            "No worker runs",
            Answer(
                503,
                bodies.Readiness(
                    status="not ready",
                    checks={
                        "store": "ok",
                        "worker": "no worker runs: unknown sends are not looked for",
                        "accounts": "ok",
                    },
                ),
            ),
        ),
        STORE_AWAY,
    ],
)

READ_METRICS = Operation(
    method="GET",
    path="/metrics",
    operation_id="readMetrics",
    tag=SERVER,
    summary="Read the metrics",
    description="Counters for Prometheus, in its text format. Nothing in them names a person, a key or a text. From "
    "another machine, or through a proxy, a key with the scope `read` is needed.",
    needs=None,
    call=Call("GET", "/metrics", needs_key=False, answers_json=False),
    in_api=False,
    text="text/plain",
    examples=[],
)
