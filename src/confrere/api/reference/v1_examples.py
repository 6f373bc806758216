"""The answers of the management API by operation and name; the captions are in the data."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from confrere.api.reference.shared_examples import (
    ACCOUNT_ID,
    ANNA,
    BAD_CURSOR,
    GROUP,
    KEY_ID,
    MIDNIGHT,
    NO_SUCH_ACCOUNT,
    NO_SUCH_SEND,
    NOW,
    OPTED_OUT,
    OUTCOME_NAME,
    QUOTA,
    QUOTAS,
    RECIPIENT,
    REQUEST_NAME,
    RESERVED,
    SEND,
    TEXT,
    UNKNOWN_SEND,
    WORKSPACE_ID,
    Examples,
)
from confrere.api.v1.account_bodies import (
    ManagedAccountPage,
    SessionCheck,
    account_detail,
    account_shape,
    pacing_shape,
)
from confrere.api.v1.audit import AuditPage, audit_item, audit_lines
from confrere.api.v1.bodies import (
    ListedPersonPage,
    ManagedKeyPage,
    PeopleAdded,
    PeopleImported,
    SkippedLine,
    key_shape,
    new_key_shape,
    person_shape,
)
from confrere.api.v1.do_not_contact import COLUMNS as PEOPLE_COLUMNS
from confrere.api.v1.do_not_contact import bad_rows, people_lines
from confrere.api.v1.errors import INVALID_FIELD, Fault, ManyFaults, problem_for_read
from confrere.api.v1.groups import NOT_A_GROUP, KnownMemberPage, group_body, member_body
from confrere.api.v1.paging import CSV, JSON_LINES, to_cursor
from confrere.api.v1.people import UNKNOWN, person_body
from confrere.api.v1.replies import FLAG_FORM
from confrere.api.v1.send_bodies import LedgerPage, PreflightBody, send_detail, send_shape
from confrere.api.v1.sends import COLUMNS, FORMATS, preflight_body, sends_lines, sends_table
from confrere.api.v1.workspaces import OPERATOR_IS_APART, WorkspacePage, workspace_body
from confrere.domain import errors
from confrere.domain.account import NOT_RELEASED, Account, AccountStatus
from confrere.domain.attempt import Unreadable
from confrere.domain.audit import Actor, ActorKind, AuditAction, AuditEntry
from confrere.domain.audit_table import COLUMNS as AUDIT_COLUMNS
from confrere.domain.audit_table import write_entries
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.group import ListedMember, Relationship
from confrere.domain.keys import MAX_KEY_NAME, ApiKey, Scope
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, iso_z
from confrere.domain.opt_out import OptOut
from confrere.domain.opt_out_csv import REASON_FORM, BadRow, People, Row
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.pacing import Pacing, WarmUp
from confrere.domain.person import PERSON_FORM, Person
from confrere.domain.preflight import Check, CheckName, PreflightResult
from confrere.domain.send import History
from confrere.domain.sending_hours import SendingHours
from confrere.domain.urns import PROFILE_FORM, GroupId, ProfileUrn
from confrere.domain.workspaces import DEFAULT_WORKSPACE, MAX_WORKSPACE_NAME, Workspace
from confrere.http.answer import Answer
from confrere.sending import Reading
from confrere.sending.pacing import GroupShare


def _file(content: bytes, media_type: str) -> Answer:
    return Answer(200, content.decode(), headers=((b"content-disposition", b""),), media_type=media_type)


# ---- accounts and pacing ----------------------------------------------------------------------------------------

_ASKED_TO_LOG_IN = "LinkedIn asked to log in"
_NO_ANSWER = "LinkedIn did not answer in time"
_LOGGED_OUT = replace(ANNA, status=AccountStatus.ERROR, status_reason=_ASKED_TO_LOG_IN)
_ACCOUNT_RULES = Pacing(
    writes_per_minute=4,
    min_gap=timedelta(seconds=5),
    sending_hours=SendingHours("Europe/Berlin", frozenset(range(5)), 9 * 60, 18 * 60),
    first_contacts_per_month=15,
    warm_up=WarmUp(date(2026, 3, 2), first_day=5, growth=2),
)
_WORKSPACE_RULES = pacing_shape(Pacing(writes_per_minute=60, calls_per_minute=600))


def _detail(account: Account = ANNA) -> Answer:
    return Answer(200, account_detail(account, QUOTAS, _ACCOUNT_RULES, NOW))


def _checked(account: Account, why: str | None, *, alive: bool | None) -> SessionCheck:
    return SessionCheck(alive=alive, detail=why, account=account_shape(account, NOW))


# ---- keys, people -----------------------------------------------------------------------------------------------

_ENTRY = AuditEntry(
    "default",
    1,
    NOW,
    Actor(ActorKind.USER, KEY_ID, "192.0.2.7", REQUEST_NAME),
    AuditAction.ACCOUNT_LIMIT_CHANGED,
    ACCOUNT_ID,
    "dailyLimit 60 (was 150)",
)
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
_FIRST_WORKSPACE = Workspace(DEFAULT_WORKSPACE, DEFAULT_WORKSPACE, None)
_CLIENT = Workspace(WORKSPACE_ID, "Example Ltd", NOW)
NO_SUCH_WORKSPACE = NotFound("There is no such workspace")
_PERSON = Person(
    profile_urn=ProfileUrn(RECIPIENT),
    public_id="bastien-exemple",
    first_name="Bastien",
    last_name="Exemple",
    headline="Head of Procurement at Example Co",
)
_MEMBER = ListedMember(
    _PERSON, Relationship.NO_CONNECTION, NOW, is_written_to=False, is_opted_out=False, has_replied=False
)
_LISTED = OptOut(OPTED_OUT, "asked on the phone", "api", NOW)
_FORM = f"recipientProfileUrn {PROFILE_FORM}"


def _unread(said: Refused | Unreadable) -> Answer:
    return problem_for_read(Reading(ACCOUNT_ID, said, QUOTA), REQUEST_NAME, NOW)


# ---- sends ------------------------------------------------------------------------------------------------------

_DELIVERED = History(answer_delivered=True, looks=0, look_at=None, holds_unit=True, idempotency_key="order-4711-hello")
_SEARCHED = History(
    answer_delivered=False,
    looks=1,
    look_at=RESERVED - timedelta(minutes=7, seconds=37),
    holds_unit=True,
    idempotency_key=None,
)
_BOTH = [SEND, UNKNOWN_SEND]
_LISTED_SINCE = "the recipient is on the do-not-contact list since 2026-03-01T12:00:00Z"


def _preflight(checks: Mapping[CheckName, str], fails: CheckName | None, *untold: CheckName) -> PreflightBody:
    return preflight_body(
        PreflightResult(
            tuple(
                Check(name, ok=None if name in untold else name is not fails, detail=detail)
                for name, detail in checks.items()
            )
        )
    )


_CHECKS = {
    CheckName.FIELDS: "every field that was given has its form",
    CheckName.ACCOUNT: f"Anna Lindqvist ({ACCOUNT_ID}) is enabled, has a session and is not held",
    CheckName.DO_NOT_CONTACT: "the recipient is not on the do-not-contact list",
    CheckName.QUOTA: f"42 of 150 messages are used; they are counted anew at {iso_z(MIDNIGHT)}",
    CheckName.PACING: "no rule of pacing keeps it waiting",
    CheckName.RECENT_IDENTICAL: "there is no identical send whose answer reached nobody",
}
_LINKEDIN_CHECKS = {
    CheckName.SENDER_IN_GROUP: "the account is in the group, as MEMBER",
    CheckName.RECIPIENT_IN_GROUP: "LinkedIn finds members by name only: give recipientName to have it asked",
    CheckName.CONVERSATION: "there is no conversation with the recipient yet",
}

EXAMPLES: Mapping[str, Examples] = {
    "listManagedAccounts": {
        "accounts": ManagedAccountPage(items=[account_shape(ANNA, NOW)], next_cursor=None),
    },
    "connectAccount": {
        "connected": replace(_detail(), status=201, headers=((b"location", f"/v1/accounts/{ACCOUNT_ID}".encode()),)),
        "pasted": InvalidField(
            "pasted", 'must be what you copied from your browser: "Copy as cURL", or a Cookie header'
        ),
        "userAgent": InvalidField(
            "userAgent", "is missing: it must be that of the same browser; type navigator.userAgent into its console"
        ),
        "sessionRefused": errors.SessionNotTaken(_ASKED_TO_LOG_IN, SessionDead(_ASKED_TO_LOG_IN)),
        "linkedinThrottles": errors.SessionNotTaken("LinkedIn throttles this account", Throttled(429, 3600)),
        "linkedinUnreadable": errors.SessionNotTaken(_NO_ANSWER, None),
    },
    "readManagedAccount": {
        "account": _detail(),
        "stopped": _detail(_LOGGED_OUT),
        "unknownAccount": NO_SUCH_ACCOUNT,
    },
    "changeAccount": {
        "changed": _detail(replace(ANNA, daily_limit=80)),
        "dailyLimit": InvalidField("dailyLimit", f"must be from 0 to {MESSAGES_PER_DAY_CEILING}"),
        "unknownAccount": NO_SUCH_ACCOUNT,
    },
    "checkAccount": {
        "alive": _checked(ANNA, None, alive=True),
        "dead": _checked(_LOGGED_OUT, _ASKED_TO_LOG_IN, alive=False),
        "throttled": _checked(
            replace(ANNA, hold_until=NOW.replace(hour=10)), "LinkedIn throttles this account", alive=None
        ),
        "unknownAccount": NO_SUCH_ACCOUNT,
    },
    "releaseHold": {"released": _detail(), "unknownAccount": NO_SUCH_ACCOUNT},
    "endRestore": {
        "ended": _detail(),
        "notReleased": InvalidField("accountId", NOT_RELEASED),
        "unknownAccount": NO_SUCH_ACCOUNT,
    },
    "disconnectAccount": {"disconnected": Answer(204, None), "unknownAccount": NO_SUCH_ACCOUNT},
    "readPacing": {"pacing": _WORKSPACE_RULES},
    "replacePacing": {
        "replaced": _WORKSPACE_RULES,
        "timeZone": InvalidField(
            "sendingHours.timeZone", "must be the IANA name of a time zone, such as Europe/Berlin"
        ),
        "hoursApart": InvalidField("sendingHours", "must have hours in common with those of each account: both apply"),
    },
    "listWorkspaces": {
        "workspaces": WorkspacePage(items=[workspace_body(_FIRST_WORKSPACE), workspace_body(_CLIENT)], next_cursor=None)
    },
    "createWorkspace": {
        "created": Answer(201, workspace_body(_CLIENT)),
        "name": InvalidField("name", f"must be a string of 1 to {MAX_WORKSPACE_NAME} printable characters"),
    },
    "renameWorkspace": {
        "renamed": workspace_body(Workspace(WORKSPACE_ID, "Example GmbH", NOW)),
        "unknownWorkspace": NO_SUCH_WORKSPACE,
    },
    "createWorkspaceKey": {
        "created": Answer(201, new_key_shape(_KEY, "confrere_<the key, returned once>")),
        "scopes": InvalidField("scopes", OPERATOR_IS_APART),
        "unknownWorkspace": NO_SUCH_WORKSPACE,
    },
    "listAudit": {
        "page": AuditPage(items=[audit_item(_ENTRY)], next_cursor=None),
        "cursor": BAD_CURSOR,
        "action": InvalidField("action", f"must be one of {', '.join(AuditAction)}"),
        "actor": InvalidField("actor", f"must be the id of a user or key, or one of {', '.join(ActorKind)}"),
    },
    "exportAudit": {
        "csv": _file(write_rows([AUDIT_COLUMNS]) + write_entries([_ENTRY]), CSV),
        "jsonl": _file(audit_lines([_ENTRY]), JSON_LINES),
        "format": InvalidField("format", f"must be {' or '.join(FORMATS)}"),
    },
    "listKeys": {"keys": ManagedKeyPage(items=[key_shape(_KEY)], next_cursor=None)},
    "createKey": {
        "created": Answer(201, new_key_shape(_KEY, "confrere_<the key, returned once>")),
        "name": InvalidField("name", f"must be a string of 1 to {MAX_KEY_NAME} printable characters"),
        "scopes": InvalidField("scopes", f"must be a list of {', '.join(Scope)}"),
        "expired": InvalidField("expiresAt", "must lie in the future"),
    },
    "revokeKey": {
        "revoked": Answer(204, None),
        "unknownKey": NotFound("There is no such key in this workspace"),
    },
    "listDoNotContact": {
        "page": ListedPersonPage(items=[person_shape(_LISTED)], next_cursor=to_cursor(OPTED_OUT.encode())),
        "cursor": BAD_CURSOR,
    },
    "addDoNotContact": {
        "added": PeopleAdded(added=1, already_listed=0),
        "recipient": InvalidField("recipientProfileUrn", PROFILE_FORM),
        "oneOfMany": ManyFaults(
            INVALID_FIELD,
            "1 of 2 recipients cannot be used, so none was taken",
            [Fault(field="recipientProfileUrns[1]", detail=f"recipientProfileUrns[1] {PROFILE_FORM}")],
        ),
        "reason": InvalidField("reason", REASON_FORM),
    },
    "importDoNotContact": {
        "imported": PeopleImported(added=2, already_listed=0, skipped=0, errors=[]),
        "skipped": PeopleImported(added=1, already_listed=0, skipped=1, errors=[SkippedLine(line=3, detail=_FORM)]),
        "badRows": bad_rows(People([Row(ProfileUrn(OPTED_OUT), "asked on the phone")], [BadRow(3, _FORM)])),
        "noColumn": InvalidField(
            "The body", "has no column recipientProfileUrn; its first row must name the columns: recipientProfileUrn"
        ),
    },
    "exportDoNotContact": {"table": _file(write_rows([PEOPLE_COLUMNS]) + people_lines([_LISTED]), CSV)},
    "removeDoNotContact": {
        "removed": Answer(204, None),
        "recipientForm": InvalidField("recipient", PROFILE_FORM),
        "notListed": NotFound("This recipient is not on the do-not-contact list"),
    },
    "readGroup": {
        "group": group_body(GroupId(GROUP), GroupShare(37, 4_812, 2, 96, datetime(2026, 4, 1, tzinfo=UTC))),
        "notAGroup": NotFound(NOT_A_GROUP),
    },
    "listKnownMembers": {
        "page": KnownMemberPage(
            items=[member_body(_MEMBER)], next_cursor=to_cursor(_MEMBER.person.profile_urn.encode())
        ),
        "notAGroup": NotFound(NOT_A_GROUP),
        "unknownAccount": NO_SUCH_ACCOUNT,
        "relationship": InvalidField("relationship", f"must be one of {', '.join(Relationship)}"),
        "writtenTo": InvalidField("writtenTo", FLAG_FORM),
        "cursor": BAD_CURSOR,
    },
    "resolvePerson": {
        "person": person_body(ACCOUNT_ID, _PERSON),
        "profileUrl": InvalidField("profileUrl", PERSON_FORM),
        "unknownPerson": NotFound(UNKNOWN),
        "linkedinRefuses": _unread(Refused(403, "Forbidden", None, "This profile can't be accessed")),
        "sessionRefused": errors.NoSession(ACCOUNT_ID, QUOTA),
        "linkedinThrottles": errors.AccountHeld(QUOTA, NOW + timedelta(hours=1)),
        "linkedinUnreadable": _unread(Unreadable(_NO_ANSWER)),
    },
    "searchSends": {
        "page": LedgerPage(
            items=[send_shape(send) for send in _BOTH], next_cursor=to_cursor(bytes.fromhex(UNKNOWN_SEND.id))
        ),
        "outcomeName": OUTCOME_NAME,
        "cursor": BAD_CURSOR,
        "unknownAccount": NO_SUCH_ACCOUNT,
    },
    "exportSends": {
        "csv": _file(write_rows([COLUMNS]) + sends_table(_BOTH), CSV),
        "jsonl": _file(sends_lines(_BOTH), JSON_LINES),
        "format": InvalidField("format", f"must be {' or '.join(FORMATS)}"),
        "outcomeName": OUTCOME_NAME,
        "unknownAccount": NO_SUCH_ACCOUNT,
    },
    "readSendHistory": {
        "send": send_detail(SEND, _DELIVERED, None),
        "withText": send_detail(SEND, _DELIVERED, TEXT),
        "lookedFor": send_detail(UNKNOWN_SEND, _SEARCHED, None),
        "include": InvalidField("include", "must be text, or absent"),
        "unknownSend": NO_SUCH_SEND,
    },
    "checkSend": {
        "would": _preflight(_CHECKS, None),
        "optedOut": _preflight({**_CHECKS, CheckName.DO_NOT_CONTACT: _LISTED_SINCE}, CheckName.DO_NOT_CONTACT),
        "asked": _preflight({**_CHECKS, **_LINKEDIN_CHECKS}, None, CheckName.RECIPIENT_IN_GROUP),
        "askForm": InvalidField("askLinkedIn", "must be true or false"),
    },
}
