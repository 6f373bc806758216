"""The operations that set the workspace's pacing, and the form in which rules are written."""

from datetime import date, timedelta

from confrere.api.reference import schemas
from confrere.api.reference.operation import Example, Node, Operation
from confrere.api.reference.schemas import array, integer, nullable, text
from confrere.api.v1.account_bodies import pacing_shape
from confrere.domain.errors import InvalidField
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.pacing import LONGEST_GAP, Pacing, WarmUp
from confrere.domain.pacing_json import (
    LONGEST_REPEAT_WINDOW_SECONDS,
    MOST_CALLS_PER_MINUTE,
    MOST_FIRST_CONTACTS,
    show_pacing,
)
from confrere.domain.sending_hours import WEEKDAYS, SendingHours

ACCOUNT_RULES = Pacing(
    writes_per_minute=4,
    min_gap=timedelta(seconds=5),
    sending_hours=SendingHours("Europe/Berlin", frozenset(range(5)), 9 * 60, 18 * 60),
    first_contacts_per_month=15,
    warm_up=WarmUp(date(2026, 3, 2), first_day=5, growth=2),
)
_WORKSPACE_RULES = Pacing(writes_per_minute=60, calls_per_minute=600)


def _rule(description: str, required: list[str], properties: Node) -> Node:
    return {
        "type": ["object", "null"],
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
_WEEKDAYS = "Every day by default. Hours that span midnight belong to the day they begin."
_HOURS = _rule(
    "When to send, by the clock on a wall.",
    ["timeZone", "from", "to"],
    {
        "timeZone": text("The IANA name of a time zone."),
        "weekdays": nullable(array(text(one_of=WEEKDAYS), _WEEKDAYS, minItems=1)),
        "from": text(pattern=_TIME),
        "to": text("Before `from` it is on the next day.", pattern=f"{_TIME}|^24:00$"),
    },
)
_WARM_UP = _rule(
    "A daily limit that grows. Before `startsOn` nothing is sent.",
    ["startsOn", "firstDay"],
    {
        "startsOn": text("A day in UTC.", format="date"),
        "firstDay": integer(1, MESSAGES_PER_DAY_CEILING),
        "growthPerDay": nullable(
            integer(0, MESSAGES_PER_DAY_CEILING, "How many more each day after it; 0 by default.")
        ),
    },
)
ACCOUNT_PROPERTIES: Node = {
    "writesPerMinute": nullable(integer(1, MESSAGES_PER_DAY_CEILING, "Messages of an account in any 60 s.")),
    "minGapSeconds": {
        "type": ["number", "null"],
        "minimum": 0.001,
        "maximum": LONGEST_GAP.total_seconds(),
        "description": "Between two messages of an account.",
    },
    "sendingHours": _HOURS,
    "firstContactsPerMonth": nullable(
        integer(1, MOST_FIRST_CONTACTS, "First messages to a person through a group, in a month.")
    ),
    "warmUp": _WARM_UP,
}
"""The rules that an account can have of its own."""
_REPEAT_WINDOW = integer(
    0,
    LONGEST_REPEAT_WINDOW_SECONDS,
    "For so long after a 200, an identical send without an `Idempotency-Key` is answered with that 200 again, "
    "with `Idempotency-Replayed: true`, and nothing is sent. 0 is off.",
)
_REQUEST = schemas.request(
    "PacingRequest",
    "All rules that there are from now on; what is absent or null is no such rule.",
    {
        **ACCOUNT_PROPERTIES,
        "callsPerMinute": nullable(integer(1, MOST_CALLS_PER_MINUTE, "Calls of a key in any 60 s, at each process.")),
        "repeatWindowSeconds": nullable(_REPEAT_WINDOW),
    },
)

OPERATIONS = (
    Operation(
        "GET",
        "/v1/pacing",
        "readPacing",
        "Read the workspace's pacing",
        "The rules that make every account of the workspace slower than its daily limit. An account's own rules are in "
        "`GET /v1/accounts/{accountId}`; both apply, the stricter wins.",
        [Example("pacing", "The rules", pacing_shape(_WORKSPACE_RULES))],
    ),
    Operation(
        "PUT",
        "/v1/pacing",
        "replacePacing",
        "Set the workspace's pacing",
        "These rules and no others, for every account of the workspace; an empty object takes all away. They hold from "
        "the next send on, in every process. A name that is not known is refused: a misspelt rule would be no rule.",
        [
            Example("replaced", "The rules as they are now", pacing_shape(_WORKSPACE_RULES)),
            Example(
                "timeZone",
                "A value cannot be used",
                InvalidField("sendingHours.timeZone", "must be the IANA name of a time zone, such as Europe/Berlin"),
            ),
            Example(
                "hoursApart",
                "An account's own hours would never be open at the same time",
                InvalidField("sendingHours", "must have hours in common with those of each account: both apply"),
            ),
        ],
        request={**_REQUEST, "additionalProperties": False},
        body=show_pacing(_WORKSPACE_RULES),
    ),
)
