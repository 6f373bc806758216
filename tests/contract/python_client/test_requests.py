"""The requests of templates, drafts, tables, replies and plain messages, and what repeats of them may do."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from confrere_client import (
    ConnectionFailed,
    InvalidRequest,
    NotSent,
    OutcomeUnknown,
    Refused,
    ServerError,
)
from tests.contract.python_client.conftest import Either
from tests.contract.python_client.scripted import SILENCE, Scripted, ScriptedServer

Connect = Callable[..., Either]
ID = "0" * 32
URN = "urn:li:fsd_profile:ACoAA1"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
COUNTS = dict.fromkeys(("waiting", "held", "inFlight", "unknown", "sent", "replied", "refused", "skipped"), 0)
CAMPAIGN = {
    "id": ID,
    "name": "Spring",
    "status": "draft",
    "accountId": "a",
    "groupId": "7",
    "audienceId": ID,
    "spread": True,
    "skipExistingConversations": True,
    "counts": COUNTS,
    "createdAt": "2026-03-14T12:00:00Z",
}
TEMPLATE = {
    "id": ID,
    "name": "Hi",
    "text": "Hi {{ firstName }}",
    "version": 2,
    "variables": ["firstName"],
    "createdAt": "2026-03-14T12:00:00Z",
    "changedAt": "2026-03-14T12:00:00Z",
}
REPLY = {
    "id": ID,
    "accountId": "a",
    "campaignId": None,
    "sendId": ID,
    "recipientProfileUrn": URN,
    "name": "Anna",
    "conversationUrn": "urn:c",
    "messageUrn": "urn:m",
    "text": None,
    "kinds": ["image"],
    "receivedAt": "2026-03-14T12:00:00Z",
    "mayWantOut": False,
    "optedOut": False,
    "handled": True,
}
PLAIN_SENT = {
    "success": True,
    "recipientProfileUrn": URN,
    "sentMessage": {"messageUrn": "urn:m", "conversationUrn": "urn:c"},
}
AUDIENCE = {
    "id": ID,
    "name": "A",
    "groupId": "7",
    "source": "group",
    "status": "collecting",
    "count": 2,
    "createdAt": "2026-03-14T12:00:00Z",
}


def page(*items: object, cursor: str | None = None) -> dict[str, object]:
    """Return the body of a page."""
    return {"items": list(items), "nextCursor": cursor}


def problem(status: int, kind: str, detail: str = "Because", **fields: object) -> Scripted:
    """Return an answer of the management API's errors."""
    body = {"type": f"urn:problem-type:confrere:{kind}", "title": "?", "status": status, "detail": detail, **fields}
    return Scripted(status, body, {"Content-Type": "application/problem+json"})


REQUESTS: list[tuple[Callable[[Any], Any], object, str, str, object]] = [
    (
        lambda client: client.templates.create(name="Hi", text="Hi {{ firstName }}"),
        TEMPLATE,
        "POST",
        "/v1/templates",
        {"name": "Hi", "text": "Hi {{ firstName }}"},
    ),
    (lambda client: client.templates.list(), page(TEMPLATE), "GET", "/v1/templates", None),
    (lambda client: client.templates.get(ID), TEMPLATE, "GET", f"/v1/templates/{ID}", None),
    (
        lambda client: client.templates.update(ID, text="Hi"),
        TEMPLATE,
        "PATCH",
        f"/v1/templates/{ID}",
        {"text": "Hi"},
    ),
    (
        lambda client: client.templates.preview(ID, audience_id=ID, recipient=URN),
        {"text": "Hi Anna", "blankVariables": [], "characters": 7},
        "POST",
        f"/v1/templates/{ID}/preview",
        {"audienceId": ID, "recipientProfileUrn": URN},
    ),
    (lambda client: client.templates.delete(ID), None, "DELETE", f"/v1/templates/{ID}", None),
    (
        lambda client: client.audiences.collect(name="A", group_id=7, headline_contains="cold", max_people=50),
        AUDIENCE,
        "POST",
        "/v1/audiences",
        {"name": "A", "groupId": "7", "source": {"type": "group", "headlineContains": "cold", "max": 50}},
    ),
    (
        lambda client: client.audiences.import_csv(name="A", group_id="7", csv="urn\nx", mapping={"person": "urn"}),
        AUDIENCE,
        "POST",
        "/v1/audiences",
        {
            "name": "A",
            "groupId": "7",
            "source": {"type": "csv", "csv": "urn\nx", "mapping": {"person": "urn"}},
        },
    ),
    (
        lambda client: client.audiences.add_people(ID, [URN]),
        {"added": 1, "alreadyIn": 0},
        "POST",
        f"/v1/audiences/{ID}/people",
        {"recipientProfileUrns": [URN]},
    ),
    (lambda client: client.audiences.delete(ID), None, "DELETE", f"/v1/audiences/{ID}", None),
    (
        lambda client: client.campaigns.update(ID, template_id=ID, at_once=True, uncapped=True),
        CAMPAIGN,
        "PATCH",
        f"/v1/campaigns/{ID}",
        {"templateId": ID, "startsAt": None, "dailyCap": None},
    ),
    (
        lambda client: client.campaigns.texts(ID, page_size=2),
        page({"recipientProfileUrn": URN, "name": "", "text": "Hi", "skipReason": None}),
        "GET",
        f"/v1/campaigns/{ID}/texts?limit=2",
        None,
    ),
    (
        lambda client: client.campaigns.add_people(ID, recipients=[URN]),
        {"added": 0, "alreadyIn": [URN]},
        "POST",
        f"/v1/campaigns/{ID}/people",
        {"recipientProfileUrns": [URN]},
    ),
    (
        lambda client: client.campaigns.hold(ID, URN, until=NOON),
        {"recipientProfileUrn": URN, "heldUntil": "2026-03-14T12:00:00Z", "campaigns": 2},
        "POST",
        f"/v1/campaigns/{ID}/people/urn%3Ali%3Afsd_profile%3AACoAA1/hold",
        {"until": "2026-03-14T12:00:00+00:00"},
    ),
    (
        lambda client: client.campaigns.release(ID, "ACoAA1"),
        {"recipientProfileUrn": URN, "heldUntil": None, "campaigns": 2},
        "POST",
        f"/v1/campaigns/{ID}/people/ACoAA1/release",
        None,
    ),
    (
        lambda client: client.why_not_yet(campaign_id=ID, recipient="ACoAA1"),
        {"whyNot": {"reason": "held", "until": None, "remedy": "Wait"}},
        "GET",
        f"/v1/why-not-yet?campaignId={ID}&recipientProfileUrn=ACoAA1",
        None,
    ),
    (
        lambda client: client.replies.list(may_want_out=True, handled=False),
        page(REPLY),
        "GET",
        "/v1/replies?mayWantOut=true&handled=false",
        None,
    ),
    (lambda client: client.replies.get(ID), REPLY, "GET", f"/v1/replies/{ID}", None),
    (
        lambda client: client.replies.handled(ID, is_handled=False),
        REPLY,
        "POST",
        f"/v1/replies/{ID}/handled",
        {"handled": False},
    ),
    (
        lambda client: client.replies.conversation(ID),
        page(
            {
                "messageUrn": "urn:m",
                "senderProfileUrn": URN,
                "senderName": "Anna",
                "isSentByAccount": False,
                "text": "Hi",
                "kinds": [],
                "sentAt": "2026-03-14T12:00:00Z",
            }
        ),
        "GET",
        f"/v1/replies/{ID}/conversation?limit=50",
        None,
    ),
    (
        lambda client: client.replies.answer(ID, text="Thank you for the answer", idempotency_key="k"),
        PLAIN_SENT,
        "POST",
        f"/v1/replies/{ID}/answer",
        {"text": "Thank you for the answer"},
    ),
    (
        lambda client: client.conversations.send(message="Thank you", recipient=URN, idempotency_key="k"),
        PLAIN_SENT,
        "POST",
        "/linkedin/conversations/send",
        {"message": "Thank you", "recipientProfileUrn": URN},
    ),
]


@pytest.mark.parametrize(("use", "answer", "verb", "path", "body"), REQUESTS)
def test_each_method_makes_its_request(
    connect: Connect,
    scripted: ScriptedServer,
    use: Callable[[Any], Any],
    answer: object,
    verb: str,
    path: str,
    body: object,
) -> None:
    """The request is that of the API's description, and the documented answer is understood."""
    scripted.will_answer(Scripted(204 if answer is None else 200, "" if answer is None else answer))
    result = connect(scripted.url)(use)
    [asked] = scripted.asked
    assert (asked.method, asked.path) == (verb, path)
    assert (asked.body if asked.content else None) == body
    assert (result is None) == (answer is None)


def test_answers_are_values(connect: Connect, scripted: ScriptedServer) -> None:
    """Fields that an answer lacks are None, mappings and nested lists are read, and texts are in no repr."""
    check = {
        "wouldSend": 2,
        "skipped": {"do_not_contact": 1},
        "texts": {"shortest": "Hi Anna", "longest": "Hi Bartholomew"},
        "warnings": [
            {
                "name": "odd_names",
                "text": "Some names are odd",
                "count": 1,
                "examples": [
                    {
                        "recipientProfileUrn": URN,
                        "name": "MEIER, ANNA",
                        "faults": ["comma"],
                        "firstName": "Anna",
                        "lastName": "Meier",
                    }
                ],
            }
        ],
        "forecast": {
            "endsOn": "2026-03-16",
            "sendingDays": 2,
            "perDay": [{"date": "2026-03-15", "count": 1}, {"date": "2026-03-16", "count": 1}],
            "summary": "about 2 sending days",
        },
        "contentHash": "f" * 64,
    }
    table = {
        "count": 1,
        "fields": {"person": "urn"},
        "columns": ["city"],
        "skipped": 1,
        "errors": [{"line": 3, "reason": "no"}],
    }
    scripted.will_answer(Scripted(200, check), Scripted(200, table), Scripted(200, CAMPAIGN), Scripted(200, REPLY))
    either = connect(scripted.url)
    checked = either(lambda client: client.campaigns.check(ID))
    assert checked.skipped == {"do_not_contact": 1}
    assert checked.warnings[0].examples[0].first_name == "Anna"
    assert checked.forecast.per_day[1].date == checked.forecast.ends_on
    assert "Bartholomew" not in repr(checked)
    found = either(lambda client: client.audiences.check_csv(group_id=7, csv="urn,city\nx,y"))
    assert (found.fields, found.columns, found.errors[0].line) == ({"person": "urn"}, ("city",), 3)
    assert scripted.asked[-1].body["source"]["dryRun"] is True
    campaign = either(lambda client: client.campaigns.get(ID))
    assert (campaign.why_not, campaign.forecast, campaign.template_id, campaign.counts.waiting) == (None, None, None, 0)
    reply = either(lambda client: client.replies.get(ID))
    assert (reply.text, reply.kinds, reply.received_at, reply.handled_at) == (None, ("image",), NOON, None)


# ---- repeats --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [SILENCE, problem(503, "storeUnavailable"), problem(504, "notInTime")])
def test_a_start_whose_answer_is_lost_is_not_repeated(
    connect: Connect, scripted: ScriptedServer, fault: Scripted
) -> None:
    """What is not the same twice as once is requested once, and the error says that it may have been carried out."""
    scripted.will_answer(fault)
    with pytest.raises((ConnectionFailed, ServerError), match="it may have been carried out"):
        connect(scripted.url)(lambda client: client.campaigns.start(ID, content_hash="f" * 64))
    assert len(scripted.asked) == 1


@pytest.mark.parametrize("fault", [SILENCE, problem(503, "storeUnavailable"), problem(504, "notInTime")])
def test_a_pause_whose_answer_is_lost_is_repeated(connect: Connect, scripted: ScriptedServer, fault: Scripted) -> None:
    """A pause is repeated until it is answered, as reads are."""
    scripted.will_answer(fault, Scripted(200, {**CAMPAIGN, "status": "paused"}))
    assert connect(scripted.url)(lambda client: client.campaigns.pause(ID)).status == "paused"
    assert len(scripted.asked) == 2


DESCRIBED = Scripted(
    200,
    {
        "paths": {
            path: {"post": {"parameters": [{"name": "Idempotency-Key", "in": "header"}]}}
            for path in ("/v1/replies/{replyId}/answer", "/linkedin/conversations/send")
        }
    },
)


def answer_reply(client: Any) -> Any:
    """Answer a reply."""
    return client.replies.answer(ID, text="Thank you for the answer")


@pytest.mark.parametrize("fault", [SILENCE, problem(502, "outcomeUnknown"), problem(502, "notSent")])
@pytest.mark.parametrize(
    "use", [answer_reply, lambda client: client.conversations.send(message="Hi", conversation_urn="urn:c")]
)
def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    connect: Connect, scripted: ScriptedServer, fault: Scripted, use: Callable[[Any], Any]
) -> None:
    """Where the description has keys for the path, the same key gets the first outcome; else nothing is repeated."""
    scripted.description = DESCRIBED
    scripted.will_answer(fault, Scripted(200, PLAIN_SENT, {"Idempotency-Replayed": "true"}))
    sent = connect(scripted.url)(use)
    assert sent.replayed
    assert sent.sent_message.message_urn == "urn:m"
    assert {asked.headers["idempotency-key"] for asked in scripted.sends()} == {sent.idempotency_key}


def test_an_answer_is_not_repeated_without_keys(connect: Connect, scripted: ScriptedServer) -> None:
    """A server that does not document keys gets an ambiguous answer only once."""
    scripted.will_answer(SILENCE)
    with pytest.raises(OutcomeUnknown):
        connect(scripted.url)(answer_reply)
    assert len(scripted.sends()) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (problem(403, "messageRefused", "Thank you for the answer? No."), Refused),
        (problem(403, "recipientOptedOut"), Refused),
        (problem(403, "scopeMissing"), Refused),
        (problem(422, "sessionRefused"), NotSent),
        (problem(422, "keyReused"), InvalidRequest),
        (problem(400, "invalidField", field="text"), InvalidRequest),
    ],
)
def test_problems_of_an_answer_are_final(
    connect: Connect, scripted: ScriptedServer, fault: Scripted, kind: type[Exception]
) -> None:
    """What cannot be sent is not repeated; the error has the problem's kind and never the text of the message."""
    scripted.will_answer(fault)
    with pytest.raises(kind) as raised:
        connect(scripted.url)(answer_reply)
    assert len(scripted.asked) == 1
    assert raised.value.problem == fault.body["type"].rpartition(":")[2]  # type: ignore[attr-defined, index]
    assert "Thank you" not in str(raised.value)
