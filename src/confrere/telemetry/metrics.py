"""The process's Prometheus metrics. Label values come from fixed sets, and are never ids."""

from functools import cache

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

REQUESTS = Counter("confrere_http_requests", "Answers given over HTTP.", ["route", "status"])
REQUEST_SECONDS = Histogram(
    "confrere_http_request_seconds",
    "Seconds from a request's first byte to its answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 25),
)
SENDS = Counter("confrere_sends", "Attempts to send, by outcome.", ["outcome"])
PROTOCOL_MOVED = Counter(
    "confrere_linkedin_protocol_refusals", "Answers that show that LinkedIn does not understand our client."
)
REFUSED_LOCALLY = Counter("confrere_refusals", "Requests refused before LinkedIn was asked.", ["reason"])
JOINED = Counter("confrere_repeats_joined", "Repeats answered with the outcome of an earlier send.")
SENDS_IN_FLIGHT = Gauge("confrere_sends_in_flight", "Sends that this process is carrying out.")
UNKNOWN_SENDS = Gauge("confrere_sends_unknown", "Sends in the ledger whose outcome is unknown.")
SEARCHES = Counter("confrere_reconcile_looks", "Searches for a message in LinkedIn's conversations.", ["found"])
READS = Counter("confrere_linkedin_reads", "Reads of LinkedIn for a caller, by result.", ["what", "outcome"])
AGENT_CALLS = Counter("confrere_agent_calls", "Tools that agents have called.", ["tool", "result"])
MEMBERS_READ = Counter("confrere_group_members_read", "Members of groups that were read.")
SESSIONS_LOST = Counter("confrere_sessions_lost", "Accounts whose session LinkedIn no longer takes.")
ACCOUNTS = Gauge(
    "confrere_accounts",
    "Accounts by condition; error: the session is dead and a person has to connect it again.",
    ["status"],
)
PROBES = Counter("confrere_session_probes", "Probes of a session, by result.", ["found"])
ACCOUNTS_HELD = Counter("confrere_accounts_held", "Times that LinkedIn throttled an account.")
WEBHOOK_TRIES = Counter("confrere_webhook_tries", "Tries to deliver an event to a webhook, by result.", ["result"])
WEBHOOKS_DISABLED = Gauge("confrere_webhooks_disabled", "Webhooks that were disabled because they failed.")


def count_answer(route: str, status: int, seconds: float) -> None:
    """Count an HTTP answer, `seconds` after its request's first byte."""
    answers, durations = _request_series(route, status)
    answers.inc()
    durations.observe(seconds)


@cache
def _request_series(route: str, status: int) -> tuple[Counter, Histogram]:
    """Cache the series, since finding them by labels takes longer than counting."""
    return REQUESTS.labels(route, status), REQUEST_SECONDS.labels(route)


def count_outcome(outcome: str) -> None:
    """Count an attempt to send, by its outcome."""
    _sends_series(outcome).inc()


@cache
def _sends_series(outcome: str) -> Counter:
    return SENDS.labels(outcome)


def exposition() -> tuple[bytes, str]:
    """Return all metrics in the text format, and its content type."""
    return generate_latest(), CONTENT_TYPE_LATEST
