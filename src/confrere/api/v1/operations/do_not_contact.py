"""The operations that manage the list of people who are never written to."""

from confrere.api.code_samples import Call
from confrere.api.operations.shared_examples import CURSOR, NOW, PROFILE_PATTERN, Example, Node, Operation, Parameter
from confrere.api.v1.bodies import ListedPersonPage, PeopleAdded, PeopleImported, SkippedLine, person_shape
from confrere.api.v1.do_not_contact import COLUMNS, MAX_PEOPLE, MAX_SOURCE, MAX_TABLE_BYTES, bad_rows, people_lines
from confrere.api.v1.errors import INVALID_FIELD, Fault, ManyFaults
from confrere.api.v1.operations.shared_examples import BAD_CURSOR, LIMIT, OPTED_OUT, managed, refused
from confrere.api.v1.paging import CSV, to_cursor
from confrere.domain import errors
from confrere.domain.csv_table import write_rows
from confrere.domain.opt_out import OptOut
from confrere.domain.opt_out_csv import MAX_REASON, REASON_FORM, BadRow, People, Row
from confrere.domain.urns import PROFILE_FORM, ProfileUrn
from confrere.http.answer import Answer

_FORM = f"recipientProfileUrn {PROFILE_FORM}"
_PERSON = OptOut(OPTED_OUT, "asked on the phone", "api", NOW)
_ROW = Row(ProfileUrn(OPTED_OUT), "asked on the phone")
_TABLE = f"recipientProfileUrn,reason\n{OPTED_OUT},asked on the phone\nACoAAB7mWq0Bz4kLr2cVn8dYt5xHsPfUeGoJi1A,\n"

_REQUEST: Node = {
    "title": "DoNotContactRequest",
    "description": "One person in `recipientProfileUrn`, or many in `recipientProfileUrns`: one of the two is needed.",
    "type": "object",
    "properties": {
        "recipientProfileUrn": {
            "type": "string",
            "pattern": PROFILE_PATTERN,
            "description": "One person: `urn:li:fsd_profile:<id>` or a bare `ACoAA…` id.",
            "examples": [OPTED_OUT],
        },
        "recipientProfileUrns": {
            "type": "array",
            "items": {"type": "string", "pattern": PROFILE_PATTERN},
            "minItems": 1,
            "maxItems": MAX_PEOPLE,
            "description": "Many.",
        },
        "reason": {
            "type": ["string", "null"],
            "maxLength": MAX_REASON,
            "description": "Why, for your own records.",
            "examples": ["asked on the phone"],
        },
        "source": {
            "type": ["string", "null"],
            "maxLength": MAX_SOURCE,
            "description": "Who or what adds them; by default `api`.",
            "examples": ["crm"],
        },
    },
}
_IMPORT_REQUEST: Node = {
    "title": "DoNotContactTable",
    "description": "CSV in UTF-8 or UTF-16, with commas, semicolons, tabs or bars. Its first row names the columns: "
    f"`recipientProfileUrn`, and perhaps `reason`; others are ignored. At most {MAX_TABLE_BYTES >> 20} MiB.",
    "type": "string",
}

_LIST = managed(
    "GET",
    "/do-not-contact",
    "listDoNotContact",
    "List who is not contacted",
    "The people whom no account of the workspace writes to, in the order of their URNs, page by page.",
    Example(
        "page",
        "One page, and a cursor for the next",
        Answer(200, ListedPersonPage(items=[person_shape(_PERSON)], next_cursor=to_cursor(OPTED_OUT.encode()))),
    ),
    BAD_CURSOR,
    call=Call("GET", "/v1/do-not-contact?limit=20"),
    parameters=(LIMIT, CURSOR),
)
_ADD = managed(
    "POST",
    "/do-not-contact",
    "addDoNotContact",
    "Never contact somebody again",
    "One person or many. Who is on the list already stays there as they are. If one of them cannot be used, none is "
    "taken.",
    Example("added", "They are on the list", Answer(200, PeopleAdded(added=1, already_listed=0))),
    refused("recipient", "Nobody is named", errors.InvalidField("recipientProfileUrn", _FORM.partition(" ")[2])),
    refused(
        "oneOfMany",
        "One of many cannot be used",
        ManyFaults(
            INVALID_FIELD,
            "1 of 2 recipients cannot be used, so none was taken",
            [Fault(field="recipientProfileUrns[1]", detail=_FORM.replace("Urn ", "Urns[1] "))],
        ),
    ),
    refused("reason", "The reason is too long", errors.InvalidField("reason", REASON_FORM)),
    call=Call("POST", "/v1/do-not-contact", {"recipientProfileUrn": OPTED_OUT, "reason": "asked on the phone"}),
    request=_REQUEST,
)
_IMPORT = managed(
    "POST",
    "/do-not-contact/import",
    "importDoNotContact",
    "Import a table of people",
    "Adds everybody in a CSV table. It is read to its end before anything is written: if a row is bad, none is taken, "
    "unless you say `skipBad=true`. Should the store fail while it is written, import the same table again: who is on "
    "the list already stays there.",
    Example(
        "imported",
        "All rows were taken",
        Answer(200, PeopleImported(added=2, already_listed=0, skipped=0, errors=[])),
    ),
    Example(
        "skipped",
        "Bad rows were skipped",
        Answer(
            200,
            PeopleImported(added=1, already_listed=0, skipped=1, errors=[SkippedLine(line=3, detail=_FORM)]),
        ),
    ),
    refused("badRows", "Some rows are bad: nothing was taken", bad_rows(People([_ROW], [BadRow(3, _FORM)]))),
    refused(
        "noColumn",
        "The table does not say where the people are",
        errors.InvalidField(
            "The body",
            "has no column recipientProfileUrn; its first row must name the columns: recipientProfileUrn",
        ),
    ),
    call=Call("POST", "/v1/do-not-contact/import", table=_TABLE),
    parameters=(
        Parameter(
            "skipBad",
            "query",
            "Take the good rows even if there are bad ones.",
            {"type": "boolean", "default": False},
        ),
        Parameter("reason", "query", "For rows that give none.", {"type": "string", "maxLength": MAX_REASON}),
    ),
    request=_IMPORT_REQUEST,
    most_bytes=MAX_TABLE_BYTES,
)
_EXPORT = managed(
    "GET",
    "/do-not-contact/export",
    "exportDoNotContact",
    "Export who is not contacted",
    "The whole list as a CSV table, which can be imported again. It is written while it is read, so it may be of any "
    "length. A text that a spreadsheet would take for a formula has an apostrophe before it; an import takes it "
    "away again.",
    Example(
        "table",
        "The table",
        Answer(
            200,
            (write_rows([COLUMNS]) + people_lines([_PERSON])).decode(),
            headers=((b"content-disposition", b""),),
            media_type=CSV,
        ),
    ),
    call=Call("GET", "/v1/do-not-contact/export", answers_json=False),
)
_REMOVE = managed(
    "DELETE",
    "/do-not-contact/{recipient}",
    "removeDoNotContact",
    "Allow somebody to be contacted again",
    "Takes one person off the list.",
    Example("removed", "They may be written to again", Answer(204, None)),
    refused(
        "recipientForm",
        "That is nobody's URN",
        errors.InvalidField("recipient", _FORM.partition(" ")[2]),
    ),
    refused(
        "notListed", "They are not on the list", errors.NotFound("This recipient is not on the do-not-contact list")
    ),
    call=Call("DELETE", f"/v1/do-not-contact/{OPTED_OUT}", answers_json=False),
    parameters=(
        Parameter(
            "recipient",
            "path",
            "`urn:li:fsd_profile:<id>` or a bare `ACoAA…` id.",
            {"type": "string", "pattern": PROFILE_PATTERN},
            OPTED_OUT,
        ),
    ),
)

OPERATIONS: tuple[Operation, ...] = (_LIST, _ADD, _IMPORT, _EXPORT, _REMOVE)
