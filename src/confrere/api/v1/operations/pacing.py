"""The operations that set the workspace's pacing, and the form in which rules are written."""

from datetime import date, timedelta

from confrere.api.code_samples import Call
from confrere.api.operations.shared_examples import Example, Node, Operation
from confrere.api.v1.bodies import pacing_shape
from confrere.api.v1.operations.shared_examples import managed, refused
from confrere.domain import errors
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.pacing import LONGEST_GAP, Pacing, WarmUp
from confrere.domain.pacing_json import (
    LONGEST_REPEAT_WINDOW_SECONDS,
    MOST_CALLS_PER_MINUTE,
    MOST_FIRST_CONTACTS,
    show_pacing,
)
from confrere.domain.sending_hours import WEEKDAYS, SendingHours
from confrere.http.answer import Answer

RULES = Pacing(
    writes_per_minute=4,
    min_gap=timedelta(seconds=5),
    sending_hours=SendingHours("Europe/Berlin", frozenset(range(5)), 9 * 60, 18 * 60),
    first_contacts_per_month=15,
    warm_up=WarmUp(date(2026, 3, 2), first_day=5, growth=2),
)
_WORKSPACE = Pacing(writes_per_minute=60, calls_per_minute=600)


def _whole(least: int, most: int, description: str) -> Node:
    return {"type": ["integer", "null"], "minimum": least, "maximum": most, "description": description}


_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
_HOURS: Node = {
    "type": ["object", "null"],
    "description": "When to send, by the clock on a wall.",
    "properties": {
        "timeZone": {"type": "string", "description": "The IANA name of a time zone."},
        "weekdays": {
            "type": ["array", "null"],
            "items": {"type": "string", "enum": list(WEEKDAYS)},
            "minItems": 1,
            "description": "Every day by default. Hours that span midnight belong to the day they begin.",
        },
        "from": {"type": "string", "pattern": _TIME},
        "to": {"type": "string", "pattern": f"{_TIME}|^24:00$", "description": "Before `from` it is on the next day."},
    },
    "required": ["timeZone", "from", "to"],
    "additionalProperties": False,
}
_WARM_UP: Node = {
    "type": ["object", "null"],
    "description": "A daily limit that grows. Before `startsOn` nothing is sent.",
    "properties": {
        "startsOn": {"type": "string", "format": "date", "description": "A day in UTC."},
        "firstDay": {"type": "integer", "minimum": 1, "maximum": MESSAGES_PER_DAY_CEILING},
        "growthPerDay": _whole(0, MESSAGES_PER_DAY_CEILING, "How many more each day after it; 0 by default."),
    },
    "required": ["startsOn", "firstDay"],
    "additionalProperties": False,
}
PROPERTIES_OF_ACCOUNT: Node = {
    "writesPerMinute": _whole(1, MESSAGES_PER_DAY_CEILING, "Messages of an account in any 60 s."),
    "minGapSeconds": {
        "type": ["number", "null"],
        "minimum": 0.001,
        "maximum": LONGEST_GAP.total_seconds(),
        "description": "Between two messages of an account.",
    },
    "sendingHours": _HOURS,
    "firstContactsPerMonth": _whole(1, MOST_FIRST_CONTACTS, "First messages to a person through a group, in a month."),
    "warmUp": _WARM_UP,
}
_REQUEST: Node = {
    "title": "PacingRequest",
    "description": "All rules that there are from now on; what is absent or null is no such rule.",
    "type": "object",
    "properties": {
        **PROPERTIES_OF_ACCOUNT,
        "callsPerMinute": _whole(1, MOST_CALLS_PER_MINUTE, "Calls of a key in any 60 s, at each process."),
        "repeatWindowSeconds": _whole(
            0,
            LONGEST_REPEAT_WINDOW_SECONDS,
            "For so long after a 200, an identical send without an `Idempotency-Key` is answered with that 200 again, "
            "with `Idempotency-Replayed: true`, and nothing is sent. 0 is off.",
        ),
    },
    "additionalProperties": False,
}

_READ = managed(
    "GET",
    "/pacing",
    "readPacing",
    "Read the workspace's pacing",
    "The rules that make every account of the workspace slower than its daily limit. An account's own rules are in "
    "`GET /v1/accounts/{accountId}`; both apply, the stricter wins.",
    Example("pacing", "The rules", Answer(200, pacing_shape(_WORKSPACE))),
    call=Call("GET", "/v1/pacing"),
)
_REPLACE = managed(
    "PUT",
    "/pacing",
    "replacePacing",
    "Set the workspace's pacing",
    "These rules and no others, for every account of the workspace; an empty object takes all away. They hold from the "
    "next send on, in every process. A name that is not known is refused: a misspelt rule would be no rule.",
    Example("replaced", "The rules as they are now", Answer(200, pacing_shape(_WORKSPACE))),
    refused(
        "timeZone",
        "A value cannot be used",
        errors.InvalidField("sendingHours.timeZone", "must be the IANA name of a time zone, such as Europe/Berlin"),
    ),
    refused(
        "hoursApart",
        "An account's own hours would never be open at the same time",
        errors.InvalidField("sendingHours", "must have hours in common with those of each account: both apply"),
    ),
    call=Call("PUT", "/v1/pacing", show_pacing(_WORKSPACE)),
    request=_REQUEST,
)

OPERATIONS: tuple[Operation, ...] = (_READ, _REPLACE)
