"""The operations that manage the list of people who are never written to."""

from confrere.api.reference import schemas
from confrere.api.reference.operation import Example, Operation, Parameter
from confrere.api.reference.schemas import array, nullable, text
from confrere.api.reference.shared_examples import BAD_CURSOR, CURSOR, NOW, OPTED_OUT, exported, limit
from confrere.api.v1.bodies import ListedPersonPage, PeopleAdded, PeopleImported, SkippedLine, person_shape
from confrere.api.v1.do_not_contact import COLUMNS, MAX_PEOPLE, MAX_SOURCE, MAX_TABLE_BYTES, bad_rows, people_lines
from confrere.api.v1.errors import INVALID_FIELD, Fault, ManyFaults
from confrere.api.v1.paging import CSV, DEFAULT_PAGE, MAX_PAGE, to_cursor
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.opt_out import OptOut
from confrere.domain.opt_out_csv import MAX_REASON, REASON_FORM, BadRow, People, Row
from confrere.domain.urns import PROFILE_FORM, ProfileUrn
from confrere.http.answer import Answer

_FORM = f"recipientProfileUrn {PROFILE_FORM}"
_PERSON = OptOut(OPTED_OUT, "asked on the phone", "api", NOW)
_ROW = Row(ProfileUrn(OPTED_OUT), "asked on the phone")
_TABLE = f"recipientProfileUrn,reason\n{OPTED_OUT},asked on the phone\nACoAAB7mWq0Bz4kLr2cVn8dYt5xHsPfUeGoJi1A,\n"
_ONE = "`urn:li:fsd_profile:<id>` or a bare `ACoAA…` id."

_REQUEST = schemas.request(
    "DoNotContactRequest",
    "One person in `recipientProfileUrn`, or many in `recipientProfileUrns`: one of the two is needed.",
    {
        "recipientProfileUrn": {
            **schemas.PROFILE,
            "description": f"One person: {_ONE}",
            "examples": [OPTED_OUT],
        },
        "recipientProfileUrns": array(schemas.PROFILE, "Many.", minItems=1, maxItems=MAX_PEOPLE),
        "reason": nullable(text("Why, for your own records.", max_length=MAX_REASON, example="asked on the phone")),
        "source": nullable(text("Who or what adds them; by default `api`.", max_length=MAX_SOURCE, example="crm")),
    },
)
_TABLE_REQUEST = text(
    "CSV in UTF-8 or UTF-16, with commas, semicolons, tabs or bars. Its first row names the columns: "
    f"`recipientProfileUrn`, and perhaps `reason`; others are ignored. At most {MAX_TABLE_BYTES >> 20} MiB."
)
_SKIP_BAD = "Take the good rows even if there are bad ones."

OPERATIONS = (
    Operation(
        "GET",
        "/v1/do-not-contact",
        "listDoNotContact",
        "List who is not contacted",
        "The people whom no account of the workspace writes to, in the order of their URNs, page by page.",
        [
            Example(
                "page",
                "One page, and a cursor for the next",
                ListedPersonPage(items=[person_shape(_PERSON)], next_cursor=to_cursor(OPTED_OUT.encode())),
            ),
            BAD_CURSOR,
        ],
        parameters=(limit("items", DEFAULT_PAGE, MAX_PAGE), CURSOR),
        query="limit=20",
    ),
    Operation(
        "POST",
        "/v1/do-not-contact",
        "addDoNotContact",
        "Never contact somebody again",
        "One person or many. Who is on the list already stays there as they are. If one of them cannot be used, none "
        "is taken.",
        [
            Example("added", "They are on the list", PeopleAdded(added=1, already_listed=0)),
            Example("recipient", "Nobody is named", InvalidField("recipientProfileUrn", PROFILE_FORM)),
            Example(
                "oneOfMany",
                "One of many cannot be used",
                ManyFaults(
                    INVALID_FIELD,
                    "1 of 2 recipients cannot be used, so none was taken",
                    [Fault(field="recipientProfileUrns[1]", detail=f"recipientProfileUrns[1] {PROFILE_FORM}")],
                ),
            ),
            Example("reason", "The reason is too long", InvalidField("reason", REASON_FORM)),
        ],
        request=_REQUEST,
        body={"recipientProfileUrn": OPTED_OUT, "reason": "asked on the phone"},
    ),
    Operation(
        "POST",
        "/v1/do-not-contact/import",
        "importDoNotContact",
        "Import a table of people",
        "Adds everybody in a CSV table. It is read to its end before anything is written: if a row is bad, none is "
        "taken, unless you say `skipBad=true`. Should the store fail while it is written, import the same table again: "
        "who is on the list already stays there.",
        [
            Example("imported", "All rows were taken", PeopleImported(added=2, already_listed=0, skipped=0, errors=[])),
            Example(
                "skipped",
                "Bad rows were skipped",
                PeopleImported(added=1, already_listed=0, skipped=1, errors=[SkippedLine(line=3, detail=_FORM)]),
            ),
            Example("badRows", "Some rows are bad: nothing was taken", bad_rows(People([_ROW], [BadRow(3, _FORM)]))),
            Example(
                "noColumn",
                "The table does not say where the people are",
                InvalidField(
                    "The body",
                    "has no column recipientProfileUrn; its first row must name the columns: recipientProfileUrn",
                ),
            ),
        ],
        parameters=(
            Parameter("skipBad", "query", _SKIP_BAD, {"type": "boolean", "default": False}),
            Parameter("reason", "query", "For rows that give none.", text(max_length=MAX_REASON)),
        ),
        request={**_TABLE_REQUEST, "title": "DoNotContactTable"},
        body=_TABLE,
    ),
    Operation(
        "GET",
        "/v1/do-not-contact/export",
        "exportDoNotContact",
        "Export who is not contacted",
        "The whole list as a CSV table, which can be imported again. It is written while it is read, so it may be of "
        "any length. A text that a spreadsheet would take for a formula has an apostrophe before it; an import takes "
        "it away again.",
        [exported("table", "The table", write_rows([COLUMNS]) + people_lines([_PERSON]), CSV)],
    ),
    Operation(
        "DELETE",
        "/v1/do-not-contact/{recipient}",
        "removeDoNotContact",
        "Allow somebody to be contacted again",
        "Takes one person off the list.",
        [
            Example("removed", "They may be written to again", Answer(204, None)),
            Example("recipientForm", "That is nobody's URN", InvalidField("recipient", PROFILE_FORM)),
            Example(
                "notListed", "They are not on the list", NotFound("This recipient is not on the do-not-contact list")
            ),
        ],
        parameters=(Parameter("recipient", "path", _ONE, schemas.PROFILE, OPTED_OUT),),
    ),
)
