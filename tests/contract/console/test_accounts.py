"""The accounts and how old their sessions are; renewed query ids; over HTTP, on both stores."""

from datetime import timedelta

import pytest

from confrere.console.templates import format_span
from confrere.doctor import _protocol_faults
from confrere.domain.message import MessageText
from confrere.domain.outcome import Refused
from confrere.domain.send_request import SendRequest
from confrere.domain.session import Session
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.users import Rights, Role
from confrere.sending.caller import CallerConnection
from tests.contract.console.conftest import Console
from tests.contract.store.scene import written
from tests.fakes.upstream import BROWSER

KIND = "queries.mailbox_start"


async def send(console: Console) -> None:
    """Send one message, which is refused if that is scripted."""
    request = SendRequest(
        request_id="request-1",
        workspace_id="default",
        account_id=console.account.id,
        recipient=ProfileUrn("urn:li:fsd_profile:ACoAABastien"),
        group_id=GroupId("42"),
        text=MessageText("Dear member"),
    )
    await console.services.sender.send(request, CallerConnection())


def stored(console: Console) -> Session:
    """Return a session as the use cases take it from the store."""
    return Session(BROWSER.cookies, BROWSER.user_agent, account_id=console.account.id, version=1)


async def test_accounts_show_session_pacing_and_last_refusal(console: Console) -> None:
    """Age and health of the session, pacing and the last refusal stand in the list and on the account's page."""
    console.upstream.will(Refused(403, "Forbidden", "NOT_IN_GROUP", "No"))
    await send(console)
    await console.services.pacing.replace("default", console.account.id, {"minGapSeconds": 30})
    await console.services.pacing.replace("default", None, {"writesPerMinute": 4})
    console.pass_time(timedelta(days=12))
    console.upstream.record_answer(stored(console), "me", None)
    console.pass_time(timedelta(minutes=4))
    await written(console.services.store)  # type: ignore[arg-type]
    browser = await console.user()
    for path in ("/console/accounts", f"/console/accounts/{console.account.id}"):
        page = (await browser.get(path)).text
        assert "Connected 12 days ago" in page
        assert "last answered by LinkedIn 4 minutes ago" in page
        assert "Seconds between two messages" in page
        assert "essages a minute" in page
        assert 'href="/console/sends/' in page
    await console.services.accounts.disconnect("default", console.account.id)
    assert "None is stored" in (await browser.get("/console/accounts")).text


async def test_since_is_in_the_zone_of_who_looks(console: Console) -> None:
    """Where the account has no sending hours, whose zone would count, times are in the zone that was chosen."""
    browser = await console.user()
    await browser.get("/console/display")
    await browser.post("/console/display", {"zone": "Asia/Dubai"})
    for path in ("/console/accounts", f"/console/accounts/{console.account.id}"):
        page = (await browser.get(path)).text
        assert "UTC+04</time>" in page
        assert " UTC</time>" not in page


async def test_a_renewed_query_id_needs_a_person(console: Console) -> None:
    """What LinkedIn does not understand stands on overview and health page and in `doctor`, until it is understood."""
    owner, viewer = await console.user(), await console.user("Viewer", Rights(Role.VIEWER))
    why = "Request failed with status code 400: the query id <old> looks old"
    console.upstream.record_answer(stored(console), KIND, why)
    for browser in (owner, viewer):
        page = (await browser.get("/console")).text
        assert f"LinkedIn has renewed an id: {KIND}" in page
        assert "the query id &lt;old&gt; looks old" in page
        assert "docs/linkedin-protocol.md" in page
        assert ('href="/console/health"><bdi>LinkedIn has renewed' in page) == (browser is owner)
    assert f"LinkedIn has not understood <code>{KIND}</code> since" in (await owner.get("/console/health")).text
    [finding] = await _protocol_faults(console.services)
    assert not finding.ok
    assert why in finding.detail
    assert (await console.services.health.check()).checks["protocol"] != "ok"
    console.upstream.record_answer(stored(console), "me", "Request failed with status code 404")
    page = (await owner.get("/console")).text
    assert "LinkedIn no longer understands a request: me" in page
    assert "install a newer version of Confrere" in page
    for kind in (KIND, "me"):
        console.upstream.record_answer(stored(console), kind, None)
    assert "LinkedIn has renewed" not in (await owner.get("/console")).text
    assert not await _protocol_faults(console.services)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=47, minutes=59), "47 hours"),
        (timedelta(days=12, hours=23), "12 days"),
    ],
)
def test_spans_are_rounded_down(span: timedelta, words: str) -> None:
    """A span is shown in the largest unit of which there are two."""
    assert format_span(span) == words
