from datetime import UTC, datetime
from typing import Any

import pytest

from confrere.domain.account import Account
from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import ContentKind, Participant, ThreadMessage
from confrere.domain.outcome import Throttled
from confrere.domain.reply import Reply
from confrere.domain.urns import ProfileUrn
from tests.fakes.runtime import FakeRuntime
from tests.unit.cli.conftest import Confrere

BASTIEN = ProfileUrn("urn:li:fsd_profile:ACoAABastien")
ANSWER = "Gladly.\nCall me on Thursday"
AT = datetime(2026, 3, 14, 9, tzinfo=UTC)


def record(runtime: FakeRuntime, account: Account, number: int = 1, **changes: Any) -> Reply:
    """Record a reply, and return it."""
    values: dict[str, Any] = {
        "id": f"{number:032x}",
        "workspace_id": "default",
        "account_id": account.id,
        "recipient": BASTIEN,
        "name": "Bastien\nExemple",
        "conversation_urn": f"urn:li:msg_conversation:({account.profile_urn},2-x)",
        "message_urn": f"urn:{number}",
        "send_id": "f" * 32,
        "text": ANSWER,
        "kinds": (),
        "received_at": AT,
        "may_want_out": False,
        "opted_out": False,
    }
    reply = Reply(**values | changes)
    assert runtime.do(lambda services: services.store.record_reply(reply, AT))
    return reply


def test_replies_are_listed_with_what_they_need(confrere: Confrere, runtime: FakeRuntime, account: Account) -> None:
    """A line each, the last recorded first, whatever strangers have written into name and text."""
    record(runtime, account, 1)
    record(runtime, account, 2, may_want_out=True, text="Do not contact my assistant")
    record(runtime, account, 3, opted_out=True, text="stop")
    record(runtime, account, 4, text=None, kinds=(ContentKind.IMAGE, ContentKind.QUOTE), name=None)
    ran = confrere("replies", "list")
    for line, state in zip(ran.out.splitlines()[-4:], ["open", "opted out", "may want out", "open"], strict=True):
        assert state in line
    assert "[image, quote]" in ran.out
    assert "Bastien Exemple" in ran.out
    assert "Gladly. Call me on Thursday" in ran.out
    listed = confrere("replies", "list", "--limit", "3", "--json").json
    assert ([one["id"][-1] for one in listed["replies"]], listed["hasMore"]) == (["4", "3", "2"], True)
    assert [one["id"][-1] for one in confrere("replies", "list", "--may-want-out", "--json").json["replies"]] == ["2"]
    of_account = confrere("replies", "list", "--account", account.id, "--open", "--json").json
    assert len(of_account["replies"]) == 4


def test_a_reply_is_shown_and_handled(confrere: Confrere, runtime: FakeRuntime, account: Account) -> None:
    """With its text; who has handled it is recorded, and can be taken back."""
    reply = record(runtime, account, may_want_out=True)
    shown = confrere("replies", "show", reply.id)
    assert ANSWER in shown.out
    assert f"confrere do-not-contact add {BASTIEN}" in shown.err
    handled = confrere("replies", "handled", reply.id, "--json").json
    assert (handled["handled"], handled["handledBy"], handled["text"]) == (True, "cli", ANSWER)
    assert "by cli" in confrere("replies", "show", reply.id).out
    assert confrere("replies", "list", "--open").err == "There are no such replies.\n"
    assert confrere("replies", "handled", reply.id, "--undo").out == "The reply is open.\n"
    assert confrere("replies", "list", "--handled", "--json").json == {"replies": [], "hasMore": False}


def test_a_conversation_is_shown_from_its_beginning(confrere: Confrere, runtime: FakeRuntime, account: Account) -> None:
    """As LinkedIn shows it; a text of several lines cannot imitate another message."""
    reply = record(runtime, account)
    owner = Participant(ProfileUrn(account.profile_urn))
    runtime.upstream.threads[reply.conversation_urn] = [
        ThreadMessage("urn:1", owner, "Hello", (), 1_773_478_840_000),
        ThreadMessage("urn:2", Participant(BASTIEN, "Bastien", "Exemple"), ANSWER, (), 1_773_478_900_000),
        ThreadMessage(
            "urn:3", Participant(BASTIEN, "Bastien", "Exemple"), None, (ContentKind.VOICE,), 1_773_478_960_000
        ),
    ]
    ran = confrere("replies", "conversation", reply.id)
    assert ran.out.splitlines() == [
        "2026-03-14 09:00 UTC  You",
        "    Hello",
        "",
        "2026-03-14 09:01 UTC  Bastien Exemple",
        "    Gladly.",
        "    Call me on Thursday",
        "",
        "2026-03-14 09:02 UTC  Bastien Exemple",
        "    [voice]",
        "",
    ]
    last = confrere("replies", "conversation", reply.id, "--limit", "1", "--json").json
    assert ([one["messageUrn"] for one in last["messages"]], last["hasMore"]) == (["urn:3"], True)
    assert runtime.upstream.marked_seen == []


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (Unreadable("no answer"), 1, "LinkedIn could not be read: no answer"),
        (Throttled(429, 60), 3, "LinkedIn throttles this account"),
    ],
)
def test_a_conversation_that_cannot_be_read_is_an_error(
    confrere: Confrere, runtime: FakeRuntime, account: Account, said: Any, code: int, words: str
) -> None:
    """With LinkedIn's reason and the exit code of other reads."""
    reply = record(runtime, account)
    runtime.upstream.next_reads = [said]
    ran = confrere("replies", "conversation", reply.id)
    assert (ran.code, words in ran.err) == (code, True)


@pytest.mark.parametrize("command", [("show",), ("handled",), ("conversation",)])
def test_an_unknown_reply_is_not_found(confrere: Confrere, command: tuple[str, ...]) -> None:
    """The error says where the ids are."""
    ran = confrere("replies", *command, "0" * 32)
    assert (ran.code, "`confrere replies list` shows the replies' ids" in ran.err) == (1, True)


def test_an_unknown_filter_is_an_error(confrere: Confrere, account: Account) -> None:
    """A campaign that does not exist is not an empty list, and an account's id has a form."""
    assert (confrere("replies", "list", "--campaign", "0" * 32).code, account.enabled) == (1, True)
    assert "--account must be 24" in confrere("replies", "list", "--account", "x").err
