import asyncio
import os
import signal
from pathlib import Path

import pytest

from confrere.domain.account import Account
from confrere.domain.attempt import Attempt, OutgoingMessage
from confrere.domain.errors import StoreUnavailable
from confrere.domain.outcome import NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.domain.session import Session
from confrere.sending import CallerConnection, GroupSender, SendRequest, SendResult
from tests.fakes.runtime import NOON, FakeRuntime
from tests.fakes.upstream import BASTIEN as EXEMPLE
from tests.unit.cli.conftest import Confrere, Ran

RECIPIENT = "urn:li:fsd_profile:ACoAABastien"
TEXT = "Hello fellow group member!"

pytestmark = pytest.mark.usefixtures("account")


def send(confrere: Confrere, *options: str, text: str = TEXT) -> Ran:
    """Send to Bastien."""
    return confrere("send", "--to", RECIPIENT, "--group", "12345678", "--message", text, *options)


def test_once_an_accepted_message_is_reported(runtime: FakeRuntime, confrere: Confrere) -> None:
    """An accepted message is sent once, byte for byte; output, ledger and quota agree."""
    ran = send(confrere, text=" Hello\n fellow ✓ ")
    assert ran.code == 0
    assert ran.out.startswith("Sent: LinkedIn accepted the message (send ")
    assert "1 of 150 messages used today" in ran.err
    (seen,) = runtime.upstream.seen
    assert (seen.text, seen.recipient_urn, seen.group_urn) == (
        " Hello\n fellow ✓ ", RECIPIENT, "urn:li:fsd_group:12345678",
    )  # fmt: skip


def test_an_address_is_resolved_before_the_message_is_sent(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A profile's address is resolved once, and the person is named before they are written to."""
    for _ in range(2):
        ran = confrere(
            "send", "--to", "https://www.linkedin.com/in/bastien-exemple/", "--group", "42", "--message", "Hi"
        )
        assert ran.code == 0
        assert f"To {EXEMPLE.full_name}" in ran.err
    assert {seen.recipient_urn for seen in runtime.upstream.seen} == {EXEMPLE.profile_urn}
    assert len(runtime.upstream.asked_people) == 1


def test_nobody_is_written_to_by_an_unknown_address(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Where nobody has the name in the address, nothing is sent, and the error names the remedy."""
    ran = confrere("send", "--to", "linkedin.com/in/nobody", "--group", "42", "--message", "Hi")
    assert (ran.code, ran.out, runtime.upstream.seen) == (1, "", [])
    assert "LinkedIn knows no person of this name or id" in ran.err


def test_an_accepted_message_as_json(confrere: Confrere) -> None:
    """The JSON of a send is one object with the names of the HTTP API, without the text."""
    ran = send(confrere, "--json")
    assert list(ran.json) == [
        "success", "outcome", "sendId", "recipientProfileUrn", "groupId", "replayed", "quota",
    ]  # fmt: skip
    assert (ran.json["success"], ran.json["outcome"], ran.json["quota"]["used"]) == (True, "accepted", 1)
    assert TEXT not in ran.out + ran.err


@pytest.mark.parametrize(
    ("outcome", "code", "words"),
    [
        (Refused(403, "Forbidden", "UNAUTHORIZED_VIEWER", "not authorized"), 1, "refused it with 403"),
        (Refused(404, "Not Found", None, None), 1, "without a reason"),
        (Throttled(429, 3600), 3, "rests until 2026-03-14 13:00 UTC"),
        (SessionDead("LinkedIn asks to log in"), 1, "confrere accounts connect"),
        (NotSent("no connection"), 1, "Not sent, for certain: no connection"),
        (NotSent("LinkedIn answered 410", protocol_moved=True), 1, "confrere doctor"),
        (Unknown("no answer in time"), 4, "LinkedIn may have the message"),
    ],
)
def test_truth_every_outcome_is_reported(
    runtime: FakeRuntime, confrere: Confrere, outcome: Outcome, code: int, words: str
) -> None:
    """Each failed outcome has its text on standard error, its exit code and its JSON, and nothing claims success."""
    runtime.upstream.will(outcome)
    ran = send(confrere)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    if not isinstance(outcome, Throttled | SessionDead):
        runtime.upstream.will(outcome)
        document = send(confrere, "--json", text="other").json
        assert (document["success"], document["outcome"], document["exitCode"]) == (False, outcome.name, code)
        assert confrere("sends", "show", document["sendId"], "--json").json["outcome"] == outcome.name


def test_the_api_and_the_shell_report_a_refusal_alike(runtime: FakeRuntime, confrere: Confrere) -> None:
    """The JSON of a refusal has LinkedIn's own answer in errorDetails, like the API."""
    runtime.upstream.will(Refused(403, "Forbidden", "UNAUTHORIZED_VIEWER", "not authorized"))
    assert send(confrere, "--json").json["errorDetails"] == {
        "status": 403,
        "statusText": "Forbidden",
        "data": {"code": "UNAUTHORIZED_VIEWER", "message": "not authorized"},
    }


def test_quota_used_up_has_its_exit_code(runtime: FakeRuntime, confrere: Confrere, account: Account) -> None:
    """A used-up quota has its exit code and reset time, and LinkedIn is not asked."""
    assert confrere("accounts", "set-limit", account.id, "1").code == 0
    assert send(confrere).code == 0
    runtime.upstream.seen.clear()
    ran = send(confrere, "--json", text="another")
    assert ran.code == 3
    assert ran.json["resetAt"] == "2026-03-15T00:00:00Z"
    assert "1/1 used" in ran.err
    assert runtime.upstream.seen == []


def test_a_limit_of_zero_is_no_matter_of_waiting(runtime: FakeRuntime, confrere: Confrere, account: Account) -> None:
    """The error of a limit of zero names the command that raises it, and no time."""
    assert confrere("accounts", "set-limit", account.id, "0").code == 0
    ran = send(confrere, "--json")
    assert ran.code == 3
    assert "resetAt" not in ran.json
    assert "may send none" in ran.err
    assert "confrere accounts set-limit" in ran.err
    assert runtime.upstream.seen == []


def test_a_disabled_account_is_reported_with_the_remedy(
    runtime: FakeRuntime, confrere: Confrere, account: Account
) -> None:
    """The error of a disabled account names the command that enables it, and no JSON field."""
    assert confrere("accounts", "disable", account.id).code == 0
    ran = send(confrere)
    assert ran.code == 1
    assert f"The account {account.id} is disabled" in ran.err
    assert "confrere accounts enable" in ran.err
    assert "accountId" not in ran.err
    assert runtime.upstream.seen == []


@pytest.mark.parametrize("key", ["undefined", "${KEY}"])
def test_a_placeholder_is_no_idempotency_key(runtime: FakeRuntime, confrere: Confrere, key: str) -> None:
    """A placeholder as idempotency key is rejected by its option, and nothing is sent."""
    ran = send(confrere, "--idempotency-key", key)
    assert ran.code == 2
    assert "--idempotency-key must name this one message" in ran.err
    assert runtime.upstream.seen == []


def test_ids_are_read_as_people_paste_them(runtime: FakeRuntime, confrere: Confrere, account: Account) -> None:
    """Ids are accepted with surrounding blanks and in either case, and a group by its address."""
    options = ("--to", f" {RECIPIENT} ", "--group", "LinkedIn.com/groups?gid=12345678", "--message", "Hello")
    assert confrere("send", *options, "--account", f" {account.id.upper()} ").code == 0
    assert runtime.upstream.seen[0].group_urn == "urn:li:fsd_group:12345678"


def test_a_held_account_has_its_exit_code(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A held account has its exit code, and LinkedIn is not asked."""
    runtime.upstream.will(Throttled(429, 3600))
    send(confrere)
    ran = send(confrere, "--json", text="other")
    assert (ran.code, ran.json["holdUntil"]) == (3, "2026-03-14T13:00:00Z")
    assert runtime.upstream.seen == []


def test_somebody_on_the_list_is_not_written_to(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A send to a listed person does not reach LinkedIn, and the command that removes the entry is named."""
    confrere("do-not-contact", "add", RECIPIENT)
    ran = send(confrere)
    assert ran.code == 1
    assert f"confrere do-not-contact remove {RECIPIENT}" in ran.err
    assert runtime.upstream.seen == []
    confrere("do-not-contact", "remove", RECIPIENT)
    assert send(confrere).code == 0


def test_once_by_idempotency_key(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A second run with the same key prints the first outcome and sends nothing."""
    send(confrere, "--idempotency-key", "order-7")
    ran = send(confrere, "--idempotency-key", "order-7")
    assert ran.code == 0
    assert "nothing new was sent" in ran.out
    assert len(runtime.upstream.seen) == 1
    assert send(confrere, "--idempotency-key", "order-7", text="other").code == 1
    assert send(confrere, "--idempotency-key", "ä").code == 2


def test_a_new_command_after_an_answer_is_a_new_message(runtime: FakeRuntime, confrere: Confrere) -> None:
    """After a printed outcome, the same command sends a new message."""
    assert [send(confrere).code, send(confrere).code] == [0, 0]
    assert len(runtime.upstream.seen) == 2


def test_once_an_unknown_message_is_searched_for_before_it_is_sent_again(
    runtime: FakeRuntime, confrere: Confrere
) -> None:
    """After `unknown` the same command finds the message in LinkedIn and sends nothing."""
    runtime.upstream.will(Unknown("no answer in time"))
    assert send(confrere).code == 4
    runtime.upstream.next_searches = []
    ran = send(confrere, "--json")
    assert runtime.upstream.searches == 1
    assert ran.json["outcome"] == "unknown"
    assert runtime.upstream.seen == []


def test_once_an_interrupted_send_is_joined_by_its_repeat(
    runtime: FakeRuntime, confrere: Confrere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C lets the send finish; the same command then prints its outcome and sends nothing new."""
    ask = runtime.upstream.send_group_message

    async def interrupted(session: Session, message: OutgoingMessage) -> Attempt:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.05)
        return await ask(session, message)

    with monkeypatch.context() as patch:
        patch.setattr(runtime.upstream, "send_group_message", interrupted)
        ran = send(confrere)
    assert ran.code == 130
    assert "does not send it twice" in ran.err
    assert [one["outcome"] for one in confrere("sends", "list", "--json").json["sends"]] == ["accepted"]
    assert send(confrere).code == 0
    assert len(runtime.upstream.seen) == 1


class StorelessSender(GroupSender):
    """A sender whose store is unavailable."""

    async def send(self, request: SendRequest, caller: CallerConnection) -> SendResult:
        """Raise StoreUnavailable."""
        raise StoreUnavailable("sqlite: disk is full")


def test_an_unavailable_store_has_its_exit_code(confrere: Confrere, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unavailable store has exit code 5 and a hint."""
    monkeypatch.setattr("confrere.services.GroupSender", StorelessSender)
    ran = send(confrere)
    assert ran.code == 5
    assert "confrere doctor" in ran.err


def test_the_text_from_a_file_and_from_standard_input(runtime: FakeRuntime, confrere: Confrere, tmp_path: Path) -> None:
    """A text from a file or from standard input is sent byte for byte, with the last line end."""
    file = tmp_path / "text.txt"
    file.write_bytes("Grüße\r\n".encode())
    arguments = ["send", "--to", "ACoAABastien", "--group", "urn:li:fsd_group:1"]
    assert confrere(*arguments, "--message-file", str(file)).code == 0
    assert confrere(*arguments, given="Grüße\n").code == 0
    assert [message.text for message in runtime.upstream.seen] == ["Grüße\r\n", "Grüße\n"]


@pytest.mark.parametrize(
    ("options", "given", "named"),
    [
        (["--to", "Bastien Exemple", "--group", "1", "--message", "x"], None, "--to"),
        (["--to", RECIPIENT, "--group", "one", "--message", "x"], None, "--group"),
        (["--to", RECIPIENT, "--group", "1", "--message", " "], None, "--message"),
        (["--to", RECIPIENT, "--group", "1"], "", "Standard input"),
        (["--to", RECIPIENT, "--group", "1"], b"\xff", "Standard input"),
        (["--to", RECIPIENT, "--group", "1", "--message", "x" * 8001], None, "--message"),
        (["--to", RECIPIENT, "--group", "1", "--message", "x", "--message-file", "y"], None, "--message-file"),
        (["--to", RECIPIENT, "--group", "1", "--message-file", "/nowhere/text"], None, "/nowhere/text"),
        (["--to", RECIPIENT, "--group", "1", "--message", "x", "--account", "0" * 24], None, "--account"),
    ],
)
def test_what_cannot_be_sent_touches_nothing(
    runtime: FakeRuntime, confrere: Confrere, options: list[str], given: str | bytes | None, named: str
) -> None:
    """A wrong argument is named, with exit code 2 and without taking a unit."""
    ran = confrere("send", *options, given=given)
    assert (ran.code, ran.out) == (2, "")
    assert named in ran.err
    assert runtime.upstream.seen == []
    assert confrere("quota", "--json").json["quotas"][0]["used"] == 0


def test_the_ledger_is_listed_newest_first(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Sends are listed newest first, filtered by outcome, group, recipient and time, with a hint if there are more."""
    send(confrere, text="first")
    runtime.upstream.will(NotSent("no connection"))
    confrere("send", "--to", "ACoAAOther", "--group", "77", "--message", "second")
    listed = confrere("sends", "list", "--json").json
    assert [one["groupId"] for one in listed["sends"]] == ["77", "12345678"]
    assert listed["hasMore"] is False

    def count(*options: str) -> int:
        return len(confrere("sends", "list", "--json", *options).json["sends"])

    assert count("--outcome", "accepted") == count("--group", "77") == count("--to", RECIPIENT) == 1
    assert count("--since", "1h") == count("--since", "2026-03-14") == 2
    assert count("--until", "1h") == count("--since", "2026-03-15T00:00:00+01:00") == 0
    ran = confrere("sends", "list", "--limit", "1")
    assert "There are older ones" in ran.err
    assert "ACoAAOther" in ran.out
    assert "no connection" in ran.out
    assert "ACoAABastien" not in ran.out


def test_the_ledger_is_read_over_its_pages(confrere: Confrere, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list reads over the store's pages and shows each send once."""
    monkeypatch.setattr("confrere.cli.sends.PAGE", 2)
    for number in range(5):
        send(confrere, text=f"{number}")
    for limit, shown in ((3, 3), (4, 4), (5, 5), (50, 5)):
        listed = confrere("sends", "list", "--limit", str(limit), "--json").json
        assert len({one["id"] for one in listed["sends"]}) == len(listed["sends"]) == shown
        assert listed["hasMore"] is (limit < 5)


@pytest.mark.parametrize("options", [["--since", "yesterday"], ["--until", "2026-03-14T10:00"], ["--outcome", "lost"]])
def test_a_wrong_filter_is_named(confrere: Confrere, options: list[str]) -> None:
    """A wrong filter is rejected by name."""
    ran = confrere("sends", "list", *options)
    assert (ran.code, ran.out) == (2, "")
    assert options[0] in ran.err


def test_secrets_the_text_is_shown_only_where_asked_for(confrere: Confrere) -> None:
    """`sends show` prints the text only with `--with-text`, and without control characters."""
    send_id = send(confrere, "--json", text="Hello \x1b[31mred").json["sendId"]
    for options in ([], ["--json"]):
        assert "red" not in confrere("sends", "show", send_id, *options).out
    assert confrere("sends", "show", send_id, "--with-text").out.endswith("\nHello \ufffd[31mred\n")
    assert confrere("sends", "show", send_id, "--with-text", "--json").json["message"] == "Hello \x1b[31mred"


def test_an_unknown_send_is_not_found(confrere: Confrere) -> None:
    """For an unknown send the command that lists sends is named."""
    ran = confrere("sends", "show", "f" * 32)
    assert ran.code == 1
    assert "confrere sends list" in ran.err


def test_the_ledger_has_times_in_utc(confrere: Confrere) -> None:
    """Times are printed in UTC and marked as such."""
    send(confrere)
    assert NOON.strftime("%Y-%m-%d %H:%M UTC") in confrere("sends", "list").out
