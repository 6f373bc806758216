"""Both clients against a real server, with the sandbox as the record of what the recipient saw."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from confrere_client import InvalidRequest, NotFound, OutcomeUnknown, Refused, Unauthorized
from confrere_client.conversations import SEND
from confrere_client.exchange import find_keyed_paths
from confrere_client.http import HttpAnswer
from confrere_client.messaging import SEND_GROUP, SEND_GROUP_WITH_ACK, SEND_GROUP_WITH_TYPING
from confrere_client.replies import ANSWER
from tests.contract.python_client.conftest import Either
from tests.contract.python_client.lossy import Loss, LossyLine
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

Connect = Callable[..., Either]
MESSAGE = {"path": "createMessage"}


@pytest.fixture
def either(connect: Connect, server: ServerProcess, site: Site) -> Either:
    """Open a client of the server."""
    return connect(server.url, site.key)


def send(sandbox: SandboxProcess, text: str, **more: Any) -> Callable[[Any], Any]:
    """Build a message to the sandbox's recipient."""
    return lambda client: client.messaging.send_group(
        recipient=sandbox.recipient, group_id=sandbox.group_id, message=text, **more
    )


def read(send_id: str) -> Callable[[Any], Any]:
    """Return one recorded send."""
    return lambda client: client.sends.get(send_id)


def test_a_message_arrives(either: Either, sandbox: SandboxProcess) -> None:
    """A message arrives byte for byte, within the quota that the answer reports."""
    text = " Grüße 👋\u200d\n\ttoo "
    sent = either(send(sandbox, text))
    assert [message["text"] for message in sandbox.messages()] == [text]
    assert (sent.rate_limit.action, sent.rate_limit.limit) == ("MESSAGE", 150)
    assert sent.rate_limit.used + sent.rate_limit.remaining == 150
    assert sent.rate_limit.reset_at > datetime.now(UTC)
    assert not sent.replayed


@pytest.mark.parametrize("effect", ["reset_after_accept", "truncate", "html", "reset_before_read"])
def test_an_answer_that_linkedin_lost(either: Either, sandbox: SandboxProcess, effect: str) -> None:
    """After `unknown` a repeat with the same key leaves one message, or the error is ambiguous."""
    accepted = effect in ("reset_after_accept", "truncate")
    sandbox.faults([{"match": MESSAGE, "effect": effect}])
    if accepted:
        assert either(send(sandbox, effect)).replayed
    else:
        with pytest.raises(OutcomeUnknown) as raised:
            either(send(sandbox, effect))
        assert raised.value.server_keeps_keys is True
        assert raised.value.status == 500
    assert len(sandbox.messages()) == accepted


@pytest.mark.parametrize("losses", [[Loss.ANSWER], [Loss.REQUEST], [Loss.ANSWER, Loss.REQUEST, Loss.ANSWER]])
def test_a_line_that_loses_things(
    connect: Connect, line: LossyLine, site: Site, sandbox: SandboxProcess, losses: list[Loss]
) -> None:
    """While requests and answers are lost, the message arrives once and the client reports success."""
    either = connect(line.url, site.key)
    line.losses = list(losses)
    either(send(sandbox, "through a bad line"))
    assert line.losses == []
    assert len(sandbox.messages()) == 1


def test_a_key_of_ones_own_names_the_send(
    either: Either, sandbox: SandboxProcess, connect: Connect, server: ServerProcess, site: Site
) -> None:
    """The same key from another client returns the first answer, and is rejected with another text."""
    key = f"order-{uuid.uuid4()}"
    first = either(send(sandbox, "ordered", idempotency_key=key))
    again = connect(server.url, site.key)(send(sandbox, "ordered", idempotency_key=key))
    assert (first.replayed, again.replayed, len(sandbox.messages())) == (False, True, 1)
    with pytest.raises(InvalidRequest) as refused:
        either(send(sandbox, "something else", idempotency_key=key))
    assert refused.value.status == 422


def test_a_refusal_is_not_repeated(either: Either, sandbox: SandboxProcess) -> None:
    """A refusal is not retried; it has LinkedIn's words and gives the unit back."""
    sandbox.act({"action": "block", "member": sandbox.recipient})
    with pytest.raises(Refused) as refused:
        either(send(sandbox, "blocked"))
    assert refused.value.status == 403
    assert refused.value.details
    assert refused.value.code == refused.value.details.code
    assert either.waits == []
    assert refused.value.rate_limit is not None


def test_wrong_requests(either: Either, sandbox: SandboxProcess, connect: Connect, server: ServerProcess) -> None:
    """Each wrong request raises its own error with the request id."""
    with pytest.raises(InvalidRequest, match="are required") as invalid:
        either(send(sandbox, "  "))
    assert invalid.value.request_id
    with pytest.raises(Unauthorized):
        connect(server.url, "confrere_wrong")(lambda client: client.accounts.list())
    with pytest.raises(NotFound):
        either(lambda client: client.sends.get("0" * 32))


def test_accounts(either: Either, site: Site) -> None:
    """The account is returned with its state and quotas as the server reports them."""
    [account] = either(lambda client: client.accounts.list())
    assert account.id == site.account_ids[0]
    assert either(lambda client: client.accounts.list(q="nobody of this name")) == ()
    status = either(lambda client: client.accounts.status())
    assert status == either(lambda client: client.accounts.status(account.id))
    assert (status.id, status.platform, status.has_tokens) == (account.id, "linkedin", True)
    quotas = either(lambda client: client.accounts.quota(account.id))
    assert {quota.feature for quota in quotas} == {"MESSAGE", "GROUP_MEMBERS", "GROUP_FIRST_CONTACT"}
    assert quotas[0].limit == 150


def test_the_ledger(either: Either, sandbox: SandboxProcess, site: Site) -> None:
    """Sends are iterated newest first over pages, filtered, and read one by one; their repr hides the text."""
    began = datetime.now(UTC) - timedelta(seconds=1)
    for number in range(3):
        either(send(sandbox, f"entry {number}"))
    account = site.account_ids[0]
    found = either(lambda client: client.accounts.sends(account, since=began, page_size=2))[:3]
    texts = [either(read(row.id)).message for row in found]
    assert texts == ["entry 2", "entry 1", "entry 0"]
    assert {(row.outcome, row.account_id, row.message) for row in found} == {("accepted", account, None)}
    assert "entry" not in repr(either(read(found[0].id)))
    assert either(lambda client: client.accounts.sends(account, outcome="throttled")) == []
    assert either(lambda client: client.accounts.sends(account, until=began - timedelta(days=1))) == []


def test_groups_and_members(either: Either, sandbox: SandboxProcess) -> None:
    """The account's groups, one page of them, and every member once can be read."""
    page = either(lambda client: client.groups.list())
    assert sandbox.group_id in [group.group_id for group in page.groups]
    first = either(lambda client: client.groups.members(sandbox.group_id, count=20))
    assert first.has_more
    assert first.rate_limit.action == "GROUP_MEMBERS"
    by_url = either(
        lambda client: client.groups.members_by_url(f"https://www.linkedin.com/groups/{sandbox.group_id}/", count=20)
    )
    assert by_url.members == first.members
    everybody = either(lambda client: client.groups.iter_members(sandbox.group_id, count=60))
    urns = [member.profile_urn for member in everybody]
    assert len(urns) == len(set(urns)) > 100
    assert sandbox.recipient in urns
    assert everybody[: len(first.members)] == list(first.members)


def test_conversations_and_chat_signals(either: Either, sandbox: SandboxProcess) -> None:
    """A conversation exists only after the first message, and typing is shown in it."""
    profile_id = sandbox.recipient.rpartition(":")[2]
    assert not either(lambda client: client.conversations.exists(profile_id))
    message = {"recipient": sandbox.recipient, "group_id": sandbox.group_id}
    first = either(lambda client: client.messaging.send_group_with_typing(**message, message="first"))
    assert first.typing_indicator_sent is False
    assert either(lambda client: client.conversations.exists(profile_id))
    second = either(lambda client: client.messaging.send_group_with_typing(**message, message="second"))
    assert second.typing_indicator_sent is True
    third = either(lambda client: client.messaging.send_group_with_ack(**message, message="third"))
    assert third.acknowledgment_sent is False
    assert [seen["text"] for seen in sandbox.messages()] == ["first", "second", "third"]


def test_health(either: Either) -> None:
    """The health check succeeds."""
    assert either(lambda client: client.health()).status == "ok"


def test_the_server_documents_keys_wherever_it_sends(server: ServerProcess) -> None:
    """The server's description documents the header at each path that sends, on which retries depend."""
    reply = server.call("GET", "/linkedin/openapi.json")
    described = find_keyed_paths(HttpAnswer(reply.status, reply.headers, reply.content))
    assert described == {SEND_GROUP, SEND_GROUP_WITH_TYPING, SEND_GROUP_WITH_ACK, SEND, ANSWER}
