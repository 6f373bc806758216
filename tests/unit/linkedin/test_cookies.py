import pytest

from confrere.linkedin.session.cookies import CookieChange, cookie_header, read_cookie_change

CURRENT = {"li_at": "AQED1", "JSESSIONID": '"ajax:1"', "lidc": "old"}


@pytest.mark.parametrize(
    ("lines", "change"),
    [
        ([], CookieChange({})),
        (["lidc=new; Path=/; Secure"], CookieChange({"lidc": "new"})),
        (["lidc=old; Path=/"], CookieChange({})),
        (['bcookie="v=2&a=b"; Domain=.linkedin.com'], CookieChange({"bcookie": '"v=2&a=b"'})),
        (["li_at=AQED2; Max-Age=31536000"], CookieChange({"li_at": "AQED2"})),
        (["a=1", "a=2"], CookieChange({"a": "2"})),
        (["lidc=; Path=/"], CookieChange({"lidc": ""})),
        (["lidc=x; Max-Age=0"], CookieChange({"lidc": ""})),
        (["lidc=x; Max-Age=-1"], CookieChange({"lidc": ""})),
        (["gone=x; Max-Age=0"], CookieChange({})),
        (["lidc=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], CookieChange({"lidc": ""})),
        (["lidc=x; expires=Thu, 01-Jan-1970 00:00:10 GMT"], CookieChange({"lidc": ""})),
        (["lidc=x; Expires=Thu, 01 Jan 2026 00:00:00 GMT"], CookieChange({"lidc": "x"})),
        (["lidc=x; Expires=Thursday, 01-Jan-70 00:00:00 GMT"], CookieChange({"lidc": ""})),
        (["lidc=x; Expires=Thu Jan  1 00:00:00 1970"], CookieChange({"lidc": ""})),
        (["lidc=x; Expires=Mon, 01 Jan 0001 00:00:00 GMT"], CookieChange({"lidc": ""})),
        (["lidc=x; Expires=Thu, 01-Jan-26 00:00:00 GMT"], CookieChange({"lidc": "x"})),
        (["lidc=x; Expires=Thu, 01 Jan 99999 00:00:00 +99999999999999999999"], CookieChange({"lidc": "x"})),
        (["lidc=x; Expires=nonsense; Max-Age=soon"], CookieChange({"lidc": "x"})),
        (["JSESSIONID=x; Max-Age=0"], CookieChange({})),
        (["li_at=delete me; Path=/"], CookieChange({}, session_ended=True)),
        (['li_at="delete me"; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], CookieChange({}, session_ended=True)),
        (["li_at=AQED1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], CookieChange({}, session_ended=True)),
        (['li_at="delete me"; Domain=.linkedin.com', "li_at=AQED2"], CookieChange({"li_at": "AQED2"})),
        (["li_at=AQED2", 'li_at="delete me"; Domain=.linkedin.com'], CookieChange({"li_at": "AQED2"})),
        (["", ";", "no-pair", "=x", "bad name=x", "a=\x01", "b=é", "c=\udcff"], CookieChange({})),
    ],
)
def test_set_cookie_lines_give_the_changes(lines: list[str], change: CookieChange) -> None:
    """Only changed cookies are returned, a deleted one as empty, unless it is one of the two that make a session."""
    assert read_cookie_change(lines, CURRENT) == change


def test_the_cookie_header_is_as_the_browser_has_it() -> None:
    """The Cookie header has the values with their quotes and without deleted ones."""
    assert cookie_header({**CURRENT, "gone": ""}) == 'li_at=AQED1; JSESSIONID="ajax:1"; lidc=old'
