"""Looking whether a send would go through, without sending."""

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
from tests.fakes.upstream import BROWSER, THREAD, FakeUpstream
from tests.unit.sending.conftest import HandClock

QUESTION = PreflightRequest(
    workspace_id="default",
    account_id=None,
    recipient=ProfileUrn("urn:li:fsd_profile:ACoAAmember7"),
    group_id=GroupId("12345678"),
    text=MessageText("Hello"),
)
ASKING = replace(QUESTION, ask_linkedin=True, recipient_name="Bastien")
WISH = SendRequest(
    request_id="request",
    workspace_id="default",
    account_id=None,
    recipient=ProfileUrn("urn:li:fsd_profile:ACoAAmember7"),
    group_id=GroupId("12345678"),
    text=MessageText("Hello"),
)


async def run_checks(services: Services, question: PreflightRequest = QUESTION) -> dict[CheckName, Check]:
    """The checks by their names."""
    return {check.name: check for check in (await services.preflight.check(question)).checks}


async def verdict(services: Services, question: PreflightRequest = QUESTION) -> bool | None:
    """Whether it would go through."""
    return (await services.preflight.check(question)).would_send


async def used(services: Services, action: Action) -> int:
    """Units of the default account."""
    return (await services.accounts.read_quota("default", None, action)).used


@pytest.mark.parametrize(
    ("states", "would_send"),
    [([True, True], True), ([True, None], None), ([None, False], False), ([True, False], False)],
)
def test_one_failed_check_decides(states: list[bool | None], would_send: bool | None) -> None:
    """Then one that cannot be told."""
    checks = [Check(CheckName.QUOTA, ok=state, detail="") for state in states]
    assert PreflightResult(checks).would_send is would_send


async def test_what_would_go_through_does(services: Services, account: Account, upstream: FakeUpstream) -> None:
    """And looking took nothing and asked nobody."""
    probes = upstream.probes
    assert await verdict(services) is True
    assert await used(services, Action.MESSAGE) == 0
    assert (upstream.seen, upstream.pages, upstream.probes) == ([], [], probes)
    await services.sender.send(WISH, CallerConnection())
    assert len(upstream.seen) == 1


async def test_without_an_account_nothing_goes_through(services: Services) -> None:
    """What would have to be asked of it cannot be told."""
    checks = await run_checks(services)
    assert checks[CheckName.ACCOUNT].ok is False
    assert (checks[CheckName.QUOTA].ok, checks[CheckName.RECENT_IDENTICAL].ok) == (None, None)
    assert await verdict(services) is False


async def test_each_trouble_of_the_account_is_told(
    services: Services, account: Account, upstream: FakeUpstream, clock: HandClock
) -> None:
    """Disabled, without a session, logged out, on hold: all at once if need be."""
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
    """It is told since when."""
    assert QUESTION.recipient is not None
    await services.do_not_contact.add("default", [QUESTION.recipient], reason=None, source="test")
    check = (await run_checks(services))[CheckName.DO_NOT_CONTACT]
    assert (check.ok, "2026-03-14T12:00:00Z" in check.detail) == (False, True)


async def test_a_day_that_is_used_up_is_told(services: Services, account: Account) -> None:
    """With how much of how much."""
    await services.accounts.update("default", account.id, daily_limit=1)
    assert (await run_checks(services))[CheckName.QUOTA].ok is True
    await services.sender.send(WISH, CallerConnection())
    check = (await run_checks(services))[CheckName.QUOTA]
    assert (check.ok, check.detail.startswith("1 of 1 messages are used")) == (False, True)


async def test_pacing_is_told(services: Services, account: Account, clock: HandClock) -> None:
    """Which rule it is, and until when; where the day's quota keeps it waiting longer, that is the one."""
    await services.pacing.change("default", None, {"minGapSeconds": 600})
    assert (await run_checks(services))[CheckName.PACING].ok is True
    await services.sender.send(WISH, CallerConnection())
    check = (await run_checks(services))[CheckName.PACING]
    assert (check.ok, check.detail) == (False, "MIN_GAP: 1/1 used; it may go out at 2026-03-14T12:10:00Z")
    await services.accounts.update("default", account.id, daily_limit=1)
    assert (await run_checks(services))[CheckName.PACING].ok is True
    clock.pass_time(days=1)
    assert (await run_checks(services))[CheckName.PACING].ok is True


async def test_an_identical_send_that_would_be_joined_is_told(
    services: Services, account: Account, upstream: FakeUpstream, clock: HandClock
) -> None:
    """While it can be joined, and only for the very same; what becomes of it cannot be told while it is unknown."""
    upstream.will(Unknown("no answer in time"))
    sent = await services.sender.send(WISH, CallerConnection())
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


async def test_an_answer_that_reached_nobody_would_be_given_again(services: Services, account: Account) -> None:
    """So nothing new would be sent."""
    line = CallerConnection()
    sending = await services.sender.send(WISH, line)
    assert (await run_checks(services))[CheckName.RECENT_IDENTICAL].ok is True  # on its way to its own caller
    services.sender.record_disconnect(line)
    await services.background.wait_until_idle()
    check = (await run_checks(services))[CheckName.RECENT_IDENTICAL]
    assert (check.ok, check.detail.endswith("accepted")) == (False, True)
    assert sending.send_id in check.detail


async def test_linkedin_is_asked_for_both_members_and_the_conversation(
    services: Services, account: Account, upstream: FakeUpstream
) -> None:
    """Each member that is read costs a unit; messages are not touched."""
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
    """If LinkedIn's list was read to its end, and all of its groups have a number."""
    upstream.groups = [Group(f"urn:li:fsd_group:{n}", str(n), "Other", 5, "MEMBER", None) for n in range(5)]
    assert (await run_checks(services, ASKING))[CheckName.SENDER_IN_GROUP].ok is False
    upstream.groups.append(Group("urn:li:group:x", None, None, None, None, None))
    assert (await run_checks(services, ASKING))[CheckName.SENDER_IN_GROUP].ok is None
    upstream.groups = [Group(f"urn:li:fsd_group:{n}", str(n), "Other", 5, "MEMBER", None) for n in range(400)]
    check = (await run_checks(services, ASKING))[CheckName.SENDER_IN_GROUP]
    assert (check.ok, "first 300" in check.detail) == (None, True)


async def test_who_is_not_found_by_name_may_still_be_there(services: Services, account: Account) -> None:
    """A name proves nothing; without one LinkedIn is not asked."""
    stranger = replace(ASKING, recipient=ProfileUrn("urn:li:fsd_profile:ACoAAstranger"))
    assert (await run_checks(services, stranger))[CheckName.RECIPIENT_IN_GROUP].ok is None
    before = await used(services, Action.GROUP_MEMBERS)
    assert (await run_checks(services, replace(ASKING, recipient_name=None)))[CheckName.RECIPIENT_IN_GROUP].ok is None
    assert await used(services, Action.GROUP_MEMBERS) == before


async def test_linkedin_is_not_asked_about_what_has_failed(
    services: Services, account: Account, upstream: FakeUpstream
) -> None:
    """Nor for an account that rests, nor about somebody who asked not to be contacted."""
    assert ASKING.recipient is not None
    await services.do_not_contact.add("default", [ASKING.recipient], reason=None, source="test")
    checks = await run_checks(services, ASKING)
    assert [checks[name].ok for name in LINKEDIN_CHECKS] == [None, None, None]
    assert upstream.pages == []


@pytest.mark.parametrize(
    "said",
    [
        Refused(403, "Forbidden", None, "no"),
        Unreadable("LinkedIn did not answer in time"),
        SessionDead("LinkedIn asked to log in"),
        Throttled(429, 3600),
    ],
)
async def test_what_linkedin_does_not_say_is_not_known(
    services: Services, account: Account, upstream: FakeUpstream, said: Any
) -> None:
    """If it objects, the account stops as after a send, and nothing more is asked."""
    upstream.next_reads = [said]
    checks = await run_checks(services, ASKING)
    assert checks[CheckName.SENDER_IN_GROUP].ok is None
    stops = isinstance(said, SessionDead | Throttled)
    assert checks[CheckName.ACCOUNT].ok is not stops
    assert (upstream.pages == []) is stops


async def test_members_that_are_used_up_are_not_read(services: Services, account: Account) -> None:
    """A quota of its own, which says nothing of the send."""
    for _ in range(10):
        await services.directory.read_members("default", None, _members(), start=0, count=100)
    check = (await run_checks(services, ASKING))[CheckName.RECIPIENT_IN_GROUP]
    assert (check.ok, "GROUP_MEMBERS" in check.detail) == (None, True)


async def test_time_that_runs_out_leaves_the_rest_unknown(
    services: Services, account: Account, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told before stays told."""
    import asyncio

    monkeypatch.setattr("confrere.sending.linkedin_checks.LINKEDIN_SECONDS", 0.05)
    upstream.gate = asyncio.Event()
    checks = await run_checks(services, ASKING)
    assert [checks[name].ok for name in LINKEDIN_CHECKS] == [True, None, None]
    assert checks[CheckName.CONVERSATION].detail == "LinkedIn did not answer in time"
    upstream.gate.set()


async def test_a_store_that_is_away_is_no_answer(
    services: Services, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where LinkedIn is being asked."""

    async def away(*_: Any, **__: Any) -> Any:
        raise StoreUnavailable

    monkeypatch.setattr(services.directory, "read_groups", away)
    with pytest.raises(StoreUnavailable):
        await services.preflight.check(ASKING)


def test_a_question_shows_no_text() -> None:
    """Whoever prints it."""
    assert "Hello" not in repr(QUESTION)


async def test_another_account_is_looked_at_where_it_is_named(services: Services, account: Account) -> None:
    """And none where what was named is none."""
    assert (await run_checks(services, replace(QUESTION, account_id=account.id)))[CheckName.ACCOUNT].ok is True
    assert (await run_checks(services, replace(QUESTION, account_id="0" * 24)))[CheckName.ACCOUNT].ok is False
    wrong = replace(QUESTION, names_account=False, faults=("accountId must be",))
    assert (await run_checks(services, wrong))[CheckName.ACCOUNT].ok is None
    assert account.id != (await services.accounts.connect("another", BROWSER)).id


def _members() -> Any:
    from confrere.domain.group import MembersQuery

    return MembersQuery(GroupId("12345678"))
