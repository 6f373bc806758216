import json
import re

import pytest

from confrere.domain.session import Session
from confrere.linkedin.wire.headers import ACCEPT_GRAPHQL, SessionHeaders
from confrere.linkedin.wire.protocol import load_protocol

PAGE = load_protocol().page
TRACK = '{"clientVersion":"1.13.1","mpName":"voyager-web"}'
FULL = Session(
    {"bcookie": '"v=2&x"', "li_at": "AQED1", "JSESSIONID": '"ajax:77"'},
    "Mozilla/5.0 (X11; Linux x86_64) Test/1",
    {
        "accept-language": "de-DE,de;q=0.9",
        "x-li-lang": "de_DE",
        "x-li-page-instance": "urn:li:page:d_flagship3_feed;abc==",
        "x-li-track": TRACK,
        "x-other": "not sent",
    },
)


def read(lines: bytes) -> dict[str, str]:
    """Return the headers as they are written to the wire."""
    assert lines.endswith(b"\r\n")
    return dict(line.split(": ", 1) for line in lines.decode("ascii").split("\r\n")[:-1])


def test_a_send_has_the_browser_s_own_headers() -> None:
    """A send has the cookies with their quotes, the csrf token without, and no header that browsers do not send."""
    assert read(SessionHeaders(PAGE).for_send(FULL)) == {
        "accept": "application/json",
        "accept-language": "de-DE,de;q=0.9",
        "content-type": "text/plain;charset=UTF-8",
        "cookie": 'bcookie="v=2&x"; li_at=AQED1; JSESSIONID="ajax:77"',
        "csrf-token": "ajax:77",
        "origin": "https://www.linkedin.com",
        "referer": "https://www.linkedin.com/messaging/",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Test/1",
        "x-li-lang": "de_DE",
        "x-li-page-instance": "urn:li:page:d_flagship3_feed;abc==",
        "x-li-track": TRACK,
        "x-restli-protocol-version": "2.0.0",
    }


def test_a_read_has_no_body_s_headers() -> None:
    """A read has neither Origin nor Content-Type, like a browser's GET."""
    headers = read(SessionHeaders(PAGE).for_read(FULL, ACCEPT_GRAPHQL))
    assert headers["accept"] == "application/graphql"
    assert "content-type" not in headers
    assert "origin" not in headers


def test_missing_page_headers_have_sane_defaults() -> None:
    """A session with only a Cookie header gets defaults for the page's other headers."""
    headers = read(SessionHeaders(PAGE).for_send(Session({"li_at": "A", "JSESSIONID": "ajax:1"}, "UA")))
    assert headers["x-li-lang"] == "en_US"
    assert headers["accept-language"] == "en-US,en;q=0.9"
    assert re.fullmatch(
        r"urn:li:page:d_flagship3_messaging_conversation_detail;[A-Za-z0-9+/]{22}==", headers["x-li-page-instance"]
    )
    assert json.loads(headers["x-li-track"]) == {
        "clientVersion": PAGE.client_version,
        "mpVersion": PAGE.client_version,
        "osName": "web",
        "timezoneOffset": 0,
        "timezone": "Etc/UTC",
        "deviceFormFactor": "DESKTOP",
        "mpName": "voyager-web",
        "displayDensity": 1,
        "displayWidth": 1920,
        "displayHeight": 1080,
    }


def test_headers_are_made_once_per_session() -> None:
    """Headers are built once for each session, and anew after its cookies have changed."""
    headers = SessionHeaders(PAGE)
    assert headers.for_send(FULL) is headers.for_send(FULL)
    changed = read(headers.for_send(FULL.refreshed({"li_at": "AQED2"})))
    assert changed["cookie"].startswith('bcookie="v=2&x"; li_at=AQED2;')


def test_old_sessions_are_forgotten() -> None:
    """Only some sessions' headers are cached, and none is returned for another session."""
    headers = SessionHeaders(PAGE)
    for number in range(6_000):
        session = Session({"li_at": f"A{number}", "JSESSIONID": "ajax:1"}, "UA")
        assert f"li_at=A{number};" in read(headers.for_send(session))["cookie"]
    assert len(headers._cache) == 5_000


@pytest.mark.parametrize("bad", ["a\r\nx: y", "a\0", "é", "\udc80", "a\x7f"])
def test_what_no_header_can_carry_is_refused(bad: str) -> None:
    """A value that no header can carry is rejected before anything is sent, without the value in the error."""
    session = Session({"li_at": bad, "JSESSIONID": "ajax:1"}, "UA")
    with pytest.raises(ValueError, match="the header cookie of this session") as refusal:
        SessionHeaders(PAGE).for_send(session)
    assert bad not in str(refusal.value)
