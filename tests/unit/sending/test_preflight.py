"""The preflight predicts whether a send would succeed, without sending."""

from dataclasses import replace
from typing import Any

import pytest

from confrere.domain.account import Account
from confrere.domain.attempt import Unreadable
from confrere.domain.errors import StoreUnavailable
from confrere.domain.group import Group
from confrere.domain.limits import Action
from confrere.domain.message import MessageText
from confrere.domain.outcome import Refused, SessionDead, Throttled, Unknown
from confrere.domain.preflight import LINKEDIN_CHECKS, Check, CheckName, PreflightRequest, PreflightResult
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.sending import CallerConnection, SendRequest
from confrere.services import Services
from tests.fakes.upstream import THREAD, FakeUpstream
from tests.unit.sending.conftest import HandClock

QUESTION = PreflightRequest(
    workspace_id="default",
    account_id=None,
    recipient=ProfileUrn("urn:li:fsd_profile:ACoAAmember7"),
    group_id=GroupId("12345678"),
    text=MessageText("Hello"),
)
ASKING = replace(QUESTION, ask_linkedin=True, recipient_name="Bastien")
REQUEST = SendRequest(
    request_id="request",
    workspace_id="default",
    account_id=None,
    recipient=ProfileUrn("urn:li:fsd_profile:ACoAAmember7"),
    group_id=GroupId("12345678"),
    text=MessageText("Hello"),
)


async def run_checks(services: Services, question: PreflightRequest = QUESTION) -> dict[CheckName, Check]:
    """Run the checks and return them by their names."""
    return {check.name: check for check in (await services.preflight.check(question)).checks}


async def verdict(services: Services, question: PreflightRequest = QUESTION) -> bool | None:
    """Return whether it would succeed."""
    return (await services.preflight.check(question)).would_send


async def used(services: Services, action: Action) -> int:
    """Return the used units of the default account."""
    return (await services.accounts.read_quota("default", None, action)).used


@pytest.mark.parametrize(
    ("states", "would_send"),
    [([True, True], True), ([True, None], None), ([None, False], False), ([True, False], False)],
)
def test_one_failed_check_decides(states: list[bool | None], would_send: bool | None) -> None:
    """One failed check decides the result, and then one that is undecided."""
    checks = [Check(CheckName.QUOTA, ok=state, detail="") for state in states]
    assert PreflightResult(checks).would_send is would_send


async def test_what_would_go_through_does(services: Services, account: Account, upstream: FakeUpstream) -> None:
    """A send with no failed check would succeed; the preflight takes no unit and does not ask LinkedIn."""
    probes = upstream.probes
    assert await verdict(services) is True
    assert await used(services, Action.MESSAGE) == 0
    assert (upstream.seen, upstream.pages, upstream.probes) == ([], [], probes)
    await services.sender.send(REQUEST, CallerConnection())
    assert len(upstream.seen) == 1


async def test_without_an_account_nothing_goes_through(services: Services) -> None:
    """Without an account the send would fail, and checks that need one are undecided."""
    checks = await run_checks(services)
    assert checks[CheckName.ACCOUNT].ok is False
    assert (checks[CheckName.QUOTA].ok, checks[CheckName.RECENT_IDENTICAL].ok) == (None, None)
    assert await verdict(services) is False


async def test_each_problem_of_the_account_is_reported(
    services: Services, account: Account, upstream: FakeUpstream, clock: HandClock
) -> None:
    """A disabled, disconnected, logged-out or held account is reported, all causes at once."""
    await services.accounts.update("default", account.id, enabled=False)
    upstream.member = Throttled(429, 3600)
    await services.accounts.check_session("default", None)
    detail = (await run_checks(services))[CheckName.ACCOUNT].detail
    assert "is disabled and is throttled by LinkedIn and rests until 2026-03-14T13:00:00Z" in detail
    await services.accounts.update("default", account.id, enabled=True)
    clock.pass_time(hours=1)
    assert (await run_checks(services))[CheckName.ACCOUNT].ok is True
    upstream.member = SessionDead("LinkedIn asked to log in")
    await services.accounts.check_session("default", None)
    assert "LinkedIn asked to log in" in (await run_checks(services))[CheckName.ACCOUNT].detail
    await services.accounts.disconnect("default", account.id)
    assert "has no session" in (await run_checks(services))[CheckName.ACCOUNT].detail


async def test_who_is_not_to_be_contacted_is_not(services: Services, account: Account) -> None:
    """A person on the do-not-contact list fails the check, with the date of the entry."""
    assert QUESTION.recipient is not None
    await services.do_not_contact.add("default", [QUESTION.recipient], reason=None, source="test")
    check = (await run_checks(services))[CheckName.DO_NOT_CONTACT]
    assert (check.ok, "2026-03-14T12:00:00Z" in check.detail) == (False, True)


async def test_a_used_up_day_fails_the_check(services: Services, account: Account) -> None:
    """A used-up day fails the check, with the used units and the limit."""
    await services.accounts.update("default", account.id, daily_limit=1)
    assert (await run_checks(services))[CheckName.QUOTA].ok is True
    await services.sender.send(REQUEST, CallerConnection())
    check = (await run_checks(services))[CheckName.QUOTA]
    assert (check.ok, check.detail.startswith("1 of 1 messages are used")) == (False, True)


async def test_a_broken_pacing_rule_fails_the_check(services: Services, account: Account, clock: HandClock) -> None:
    """A broken pacing rule is reported with its time, unless the day's quota has a later one."""
    await services.pacing.change("default", None, {"minGapSeconds": 600})
    assert (await run_checks(services))[CheckName.PACING].ok is True
    await services.sender.send(REQUEST, CallerConnection())
    check = (await run_checks(services))[CheckName.PACING]
    assert (check.ok, check.detail) == (False, "MIN_GAP: 1/1 used; it may go out at 2026-03-14T12:10:00Z")
    await services.accounts.update("default", account.id, daily_limit=1)
    assert (await run_checks(services))[CheckName.PACING].ok is True
    clock.pass_time(days=1)
    assert (await run_checks(services))[CheckName.PACING].ok is True


async def test_an_identical_send_that_would_be_joined_is_reported(
    services: Services, account: Account, upstream: FakeUpstream, clock: HandClock
) -> None:
    """A send that an identical one would join is reported; its result is undecided while unknown."""
    upstream.will(Unknown("no answer in time"))
    sent = await services.sender.send(REQUEST, CallerConnection())
    check = (await run_checks(services))[CheckName.RECENT_IDENTICAL]
    assert (check.ok, sent.send_id in check.detail) == (None, True)
    for other in (
        replace(QUESTION, text=MessageText("Hello!")),
        replace(QUESTION, group_id=GroupId("1")),
        replace(QUESTION, recipient=ProfileUrn("urn:li:fsd_profile:ACoAAother")),
    ):
        assert (await run_checks(services, other))[CheckName.RECENT_IDENTICAL].ok is True
    assert CheckName.RECENT_IDENTICAL not in await run_checks(services, replace(QUESTION, text=None))
    clock.pass_time(minutes=10)
    assert (await run_checks(services))[CheckName.RECENT_IDENTICAL].ok is True


async def test_a_lost_answer_would_be_returned_again(services: Services, account: Account) -> None:
    """An outcome that reached nobody would be returned to the repeat, and nothing new be sent."""
    caller = CallerConnection()
    sending = await services.sender.send(REQUEST, caller)
    assert (await run_checks(services))[CheckName.RECENT_IDENTICAL].ok is True  # on its way to its own caller
    services.sender.record_disconnect(caller)
    await services.background.wait_until_idle()
    check = (await run_checks(services))[CheckName.RECENT_IDENTICAL]
    assert (check.ok, check.detail.endswith("accepted")) == (False, True)
    assert sending.send_id in check.detail


async def test_linkedin_is_asked_for_both_members_and_the_conversation(
    services: Services, account: Account, upstream: FakeUpstream
) -> None:
    """LinkedIn is asked for both members and the conversation; each read member uses a unit, and no message is used."""
    checks = await run_checks(services, ASKING)
    assert [checks[name].ok for name in LINKEDIN_CHECKS] == [True, True, True]
    assert "no conversation" in checks[CheckName.CONVERSATION].detail
    assert [query.typed for query in upstream.asked_members] == ["Bastien"]
    assert (await used(services, Action.GROUP_MEMBERS), await used(services, Action.MESSAGE)) == (10, 0)
    upstream.conversation = THREAD
    assert "already" in (await run_checks(services, ASKING))[CheckName.CONVERSATION].detail


async def test_a_group_that_the_account_is_not_in_decides(
    services: Services, account: Account, upstream: FakeUpstream
) -> None:
    """A missing group fails the check if LinkedIn's list is complete and all of its groups have a number."""
    upstream.groups = [Group(f"urn:li:fsd_group:{n}", str(n), "Other", 5, "MEMBER", None) for n in range(5)]
    assert (await run_checks(services, ASKING))[CheckName.SENDER_IN_GROUP].ok is False
    upstream.groups.append(Group("urn:li:group:x", None, None, None, None, None))
    assert (await run_checks(services, ASKING))[CheckName.SENDER_IN_GROUP].ok is None
    upstream.groups = [Group(f"urn:li:fsd_group:{n}", str(n), "Other", 5, "MEMBER", None) for n in range(400)]
    check = (await run_checks(services, ASKING))[CheckName.SENDER_IN_GROUP]
    assert (check.ok, "first 300" in check.detail) == (None, True)


async def test_who_is_not_found_by_name_may_still_be_there(services: Services, account: Account) -> None:
    """A person who is not found by name is undecided, and without a name LinkedIn is not asked."""
    stranger = replace(ASKING, recipient=ProfileUrn("urn:li:fsd_profile:ACoAAstranger"))
    assert (await run_checks(services, stranger))[CheckName.RECIPIENT_IN_GROUP].ok is None
    before = await used(services, Action.GROUP_MEMBERS)
    assert (await run_checks(services, replace(ASKING, recipient_name=None)))[CheckName.RECIPIENT_IN_GROUP].ok is None
    assert await used(services, Action.GROUP_MEMBERS) == before


async def test_linkedin_is_not_asked_about_what_has_failed(
    services: Services, account: Account, upstream: FakeUpstream
) -> None:
    """LinkedIn is not asked after a failed check, for a held account, or about a listed person."""
    assert ASKING.recipient is not None
    await services.do_not_contact.add("default", [ASKING.recipient], reason=None, source="test")
    checks = await run_checks(services, ASKING)
    assert [checks[name].ok for name in LINKEDIN_CHECKS] == [None, None, None]
    assert upstream.pages == []


@pytest.mark.parametrize(
    "failure",
    [
        Refused(403, "Forbidden", None, "no"),
        Unreadable("LinkedIn did not answer in time"),
        SessionDead("LinkedIn asked to log in"),
        Throttled(429, 3600),
    ],
)
async def test_what_linkedin_does_not_answer_is_undecided(
    services: Services, account: Account, upstream: FakeUpstream, failure: Any
) -> None:
    """What LinkedIn does not answer is undecided; an account problem stops the account and further queries."""
    upstream.next_reads = [failure]
    checks = await run_checks(services, ASKING)
    assert checks[CheckName.SENDER_IN_GROUP].ok is None
    stops = isinstance(failure, SessionDead | Throttled)
    assert checks[CheckName.ACCOUNT].ok is not stops
    assert (upstream.pages == []) is stops


async def test_members_that_are_used_up_are_not_read(services: Services, account: Account) -> None:
    """A used-up quota of member reads leaves the check undecided, and LinkedIn is not asked."""
    for _ in range(10):
        await services.directory.read_members("default", None, _members(), start=0, count=100)
    check = (await run_checks(services, ASKING))[CheckName.RECIPIENT_IN_GROUP]
    assert (check.ok, "GROUP_MEMBERS" in check.detail) == (None, True)


async def test_time_that_runs_out_leaves_the_rest_unknown(
    services: Services, account: Account, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the time runs out, finished checks are kept and the others are undecided."""
    import asyncio

    monkeypatch.setattr("confrere.sending.linkedin_checks.LINKEDIN_SECONDS", 0.05)
    upstream.gate = asyncio.Event()
    checks = await run_checks(services, ASKING)
    assert [checks[name].ok for name in LINKEDIN_CHECKS] == [True, None, None]
    assert checks[CheckName.CONVERSATION].detail == "LinkedIn did not answer in time"
    upstream.gate.set()


async def test_an_unavailable_store_is_no_result(
    services: Services, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unavailable store raises StoreUnavailable, also while LinkedIn is being asked."""

    async def away(*_: Any, **__: Any) -> Any:
        raise StoreUnavailable

    monkeypatch.setattr(services.directory, "read_groups", away)
    with pytest.raises(StoreUnavailable):
        await services.preflight.check(ASKING)


def test_the_repr_of_a_request_has_no_text() -> None:
    """The repr of a request does not contain the text."""
    assert "Hello" not in repr(QUESTION)


async def test_a_named_account_is_checked(services: Services, account: Account) -> None:
    """A named account is checked, an unknown one fails, and a malformed id leaves the check undecided."""
    assert (await run_checks(services, replace(QUESTION, account_id=account.id)))[CheckName.ACCOUNT].ok is True
    assert (await run_checks(services, replace(QUESTION, account_id="0" * 24)))[CheckName.ACCOUNT].ok is False
    wrong = replace(QUESTION, names_account=False, faults=("accountId must be",))
    assert (await run_checks(services, wrong))[CheckName.ACCOUNT].ok is None


def _members() -> Any:
    from confrere.domain.group import MembersQuery

    return MembersQuery(GroupId("12345678"))
