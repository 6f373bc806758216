import shlex
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.errors import InvalidField
from confrere.domain.session import Session
from confrere.linkedin import read_paste
from confrere.linkedin.commandline import split_bash, split_cmd, split_command

TRACK = '{"clientVersion":"1.13.1","timezone":"Europe/Berlin"}'
SESSION = Session(
    {"bcookie": '"v=2&a%2Fb!"', "li_at": "AQED-1_x", "JSESSIONID": '"ajax:77"'},
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 it's",
    {"accept-language": "de-DE,de;q=0.9", "x-li-lang": "de_DE", "x-li-track": TRACK},
)

CHROME_BASH = r"""
curl 'https://www.linkedin.com/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage' \
  -H 'accept: application/json' \
  -H 'accept-language: de-DE,de;q=0.9' \
  -H 'content-type: text/plain;charset=UTF-8' \
  -b $'bcookie="v=2&a%2Fb\u0021"; li_at=AQED-1_x; JSESSIONID="ajax:77"' \
  -H 'csrf-token: ajax:77' \
  -H $'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 it\'s' \
  -H 'x-li-lang: de_DE' \
  -H 'x-li-track: {"clientVersion":"1.13.1","timezone":"Europe/Berlin"}' \
  --data-raw $'{"message":{"body":{"text":"it\'s -H \'cookie: li_at=no\'"}}}'
"""

CHROME_CMD = """
curl ^"https://www.linkedin.com/voyager/api/me?x=1^&y=^%^2F^" ^
  -H ^"accept: application/json^" ^
  -H ^"accept-language: de-DE,de;q=0.9^" ^
  -b ^"bcookie=^\\^"v=2^&a^%^2Fb^!^\\^"; li_at=AQED-1_x; JSESSIONID=^\\^"ajax:77^\\^"^" ^
  -H ^"user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 it's^" ^
  -H ^"x-li-lang: de_DE^" ^
  -H ^"x-li-track: ^{^\\^"clientVersion^\\^":^\\^"1.13.1^\\^",^\\^"timezone^\\^":^\\^"Europe/Berlin^\\^"^}^" ^
  --data-raw ^"^{^\\^"text^\\^":^\\^"two^

lines^\\^"^}^"
"""

FIREFOX_BASH = (
    "curl 'https://www.linkedin.com/voyager/api/me' --compressed -X POST "
    "-H $'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 it\\'s' -H 'Accept-Language: de-DE,de;q=0.9' "
    "-H 'X-Li-Lang: de_DE' -H 'x-li-track: " + TRACK + "' "
    "-H 'Cookie: bcookie=\"v=2&a%2Fb!\"; li_at=AQED-1_x; JSESSIONID=\"ajax:77\"' -H 'TE: trailers'"
)

FIREFOX_CMD = (
    'curl "https://www.linkedin.com/voyager/api/me" --compressed '
    '-H "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 it\'s" -H "Accept-Language: de-DE,de;q=0.9" '
    '-H "x-li-lang: de_DE" -H "x-li-track: ' + TRACK.replace('"', '""') + '" '
    '-H "Cookie: bcookie=""v=2&a"%"2Fb!""; li_at=AQED-1_x; JSESSIONID=""ajax:77"""'
)

HEADER_LINES = f"""GET /voyager/api/me HTTP/2
Host: www.linkedin.com
User-Agent: {SESSION.user_agent}
Accept-Language: de-DE,de;q=0.9
x-li-lang: de_DE
x-li-track: {TRACK}
Cookie: bcookie="v=2&a%2Fb!"; li_at=AQED-1_x; JSESSIONID="ajax:77"
"""


@pytest.mark.parametrize(
    "text",
    [
        CHROME_BASH,
        CHROME_CMD,
        FIREFOX_BASH,
        FIREFOX_CMD,
        HEADER_LINES,
        CHROME_BASH.replace("\n", "\r\n"),
        CHROME_CMD.replace("\n", "\r\n"),
    ],
    ids=[
        "chrome-bash",
        "chrome-cmd",
        "firefox-bash",
        "firefox-cmd",
        "header-lines",
        "chrome-bash-crlf",
        "chrome-cmd-crlf",
    ],
)
def test_whatever_browser_and_shell_the_session_is_the_same(text: str) -> None:
    """Cookies, user agent and the page's own headers; nothing of the body."""
    assert read_paste(text) == SESSION


@pytest.mark.parametrize("start", ["", "Cookie: ", "cookie:"])
def test_a_cookie_header_needs_the_user_agent_beside_it(start: str) -> None:
    """With or without its name."""
    text = start + 'li_at=AQED; JSESSIONID="ajax:1"; empty=; li_at=second; junk'
    assert read_paste(text, user_agent=" UA/1 ") == Session(
        {"li_at": "AQED", "JSESSIONID": '"ajax:1"', "empty": ""}, "UA/1", {}
    )


def test_the_copied_user_agent_wins() -> None:
    """It is the one that made the session."""
    assert read_paste(FIREFOX_BASH, user_agent="another").user_agent == SESSION.user_agent


@pytest.mark.parametrize(
    "options",
    [
        "--url 'https://www.linkedin.com/'",
        "--url=https://www.linkedin.com/",
        "https://linkedin.com",
        "https://de.linkedin.com/x",
        "http://127.0.0.1:8099/voyager/api/me",
    ],
)
def test_other_spellings_of_options_are_understood(options: str) -> None:
    """As curl itself does."""
    command = f"curl {options} --cookie 'li_at=A; JSESSIONID=ajax:1' -A'UA' -H'x-li-lang: fr_FR' --http2 -sS"
    assert read_paste(command) == Session({"li_at": "A", "JSESSIONID": "ajax:1"}, "UA", {"x-li-lang": "fr_FR"})


COOKIES = "li_at=SECRET1; JSESSIONID=ajax:SECRET2"


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("", "cookie", "must hold li_at"),
        ("hello", "cookie", "must hold li_at"),
        ("JSESSIONID=ajax:SECRET", "cookie", "must hold li_at"),
        ("li_at=SECRET", "cookie", "must hold JSESSIONID"),
        ('li_at=SECRET; JSESSIONID=""', "cookie", "must hold JSESSIONID"),
        ('li_at="delete me"; JSESSIONID=ajax:SECRET', "cookie", "must hold li_at"),
        (COOKIES, "userAgent", "navigator.userAgent"),
        (f"curl https://www.linkedin.com -b '{COOKIES}'", "userAgent", "navigator.userAgent"),
        ("curl https://www.linkedin.com -A UA", "cookie", "must hold li_at"),
        (f"curl https://www.linkedin.com -b '{COOKIES}", "session", "its end is missing"),
        (f"curl -A UA -b '{COOKIES}'", "session", "must be a request to www.linkedin.com"),
        (f"curl https://evil.com -A UA -b '{COOKIES}'", "session", "must be a request to www.linkedin.com"),
        (f"curl https://www.linkedin.com https://evil.com -A UA -b '{COOKIES}'", "session", "must be a request to"),
        (f"curl https://www.linkedin.com@evil.com -A UA -b '{COOKIES}'", "session", "must be a request to"),
        (f"curl https://www.linkedin.com:444 -A UA -b '{COOKIES}'", "session", "must be a request to"),
        (f"curl http://www.linkedin.com -A UA -b '{COOKIES}'", "session", "must be a request to"),
        (f"curl https://notlinkedin.com -A UA -b '{COOKIES}'", "session", "must be a request to"),
        (f"curl https://www.linkedin.com.evil.com -A UA -b '{COOKIES}'", "session", "must be a request to"),
        (f"curl 'http://[::1' -A UA -b '{COOKIES}'", "session", "must be a request to"),
        (f"curl https://www.linkedin.com -A $'UA\\n' -b $'{COOKIES}\\x01'", "cookie", "must be ASCII text"),
        (f"curl https://www.linkedin.com -A Ü -b '{COOKIES}'", "userAgent", "must be ASCII text"),
        (f"curl https://www.linkedin.com -A UA -b '{COOKIES}' -H 'x-li-lang: ü'", "x-li-lang", "must be ASCII text"),
        ("$session = New-Object Microsoft.PowerShell", "session", "not as PowerShell or fetch"),
        ('fetch("https://www.linkedin.com/")', "session", "not as PowerShell or fetch"),
        ("x" * 100_001, "session", "at most 100,000 characters"),
    ],
)
def test_a_refusal_names_what_is_missing_and_no_value(text: str, field: str, words: str) -> None:
    """And says how to copy it."""
    with pytest.raises(InvalidField) as refusal:
        read_paste(text)
    assert refusal.value.field == field
    assert words in str(refusal.value)
    assert "SECRET" not in str(refusal.value)


def test_a_page_header_that_is_broken_is_left_out() -> None:
    """Our own is better than half of one."""
    command = f"curl https://www.linkedin.com -A UA -b '{COOKIES}' -H 'x-li-track: {{broken'"
    assert read_paste(command).headers == {}


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(st.lists(words))
def test_bash_words_are_what_bash_makes_of_them(given_words: list[str]) -> None:
    """Every quoting of any text."""
    assert split_bash(" ".join(map(shlex.quote, given_words))) == given_words
    assert split_bash(" \\\n ".join(map(_ansi_c, given_words))) == given_words


def _ansi_c(word: str) -> str:
    """As Chrome quotes what single quotes alone cannot hold."""
    escaped = word.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return "$'" + "".join(c if c.isascii() or ord(c) > 0xFFFF else f"\\u{ord(c):04x}" for c in escaped) + "'"


def test_bash_escapes_are_read() -> None:
    """All of them, and what lies between words."""
    assert split_bash(r"a$'\x41\101\u20ac\U1F600\t\e\q\x'b 'c d'\''e' " + '"f\\"g" h\\ i') == [
        "aAA€😀\t\x1bqxb",
        "c d'e",
        'f"g',
        "h i",
    ]


@given(st.lists(st.text(st.sampled_from("ab \"%^&!'{}\t=é"), min_size=1)))
def test_cmd_words_are_what_curl_gets_from_cmd(given_words: list[str]) -> None:
    """As Chrome and Firefox quote them for Windows."""
    assert split_cmd(" ".join(map(_chrome_cmd, given_words))) == given_words
    careless = [word.replace("^", "") for word in given_words]
    assert split_cmd(" ".join('"' + word.replace('"', '""') + '"' for word in careless)) == careless


def _chrome_cmd(word: str) -> str:
    plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \t_-:=+~'/.',?;()*`"
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return '^"' + "".join(c if c in plain else f"^{c}" for c in escaped) + '^"'


@pytest.mark.parametrize(
    ("text", "split"),
    [
        (r'a\b \"c\" "d\\" "e\\\"f" "" "g""h" i"j k"l', [r"a\b", '"c"', "d\\", 'e\\"f', "", 'g"h', "ij kl"]),
        ("a\\", ["a\\"]),
        ("a ^\n  b", ["a", "b"]),
    ],
)
def test_windows_words_follow_microsoft_s_rules(text: str, split: list[str]) -> None:
    """Backslashes count only before a quote."""
    assert split_cmd(text) == split


@given(st.text(st.sampled_from("curl -Hb'\"^$\\\n %=:; ax"), max_size=60))
def test_no_text_raises_anything_but_a_refusal(text: str) -> None:
    """Whatever was copied."""
    with suppress(ValueError):
        split_command(text)
    with suppress(InvalidField):
        read_paste("curl " + text)
