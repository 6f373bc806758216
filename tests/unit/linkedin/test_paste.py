import json
import shlex
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.errors import InvalidField
from confrere.domain.paste import PasteContents
from confrere.domain.session import Session
from confrere.linkedin import describe_paste, read_paste
from confrere.linkedin.session.curl_command import split_bash, split_cmd, split_command

URL = "https://www.linkedin.com/voyager/api/me"
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
    """The session has cookies, user agent and the page's headers from every browser and shell, and no body."""
    assert read_paste(text) == SESSION


@pytest.mark.parametrize("start", ["", "Cookie: ", "cookie:"])
def test_a_cookie_header_needs_the_user_agent_beside_it(start: str) -> None:
    """A Cookie header, with or without its name, needs the user agent beside it."""
    text = start + 'li_at=AQED; JSESSIONID="ajax:1"; empty=; li_at=second; junk'
    assert read_paste(text, user_agent=" UA/1 ") == Session(
        {"li_at": "AQED", "JSESSIONID": '"ajax:1"', "empty": ""}, "UA/1", {}
    )


def test_the_copied_user_agent_wins() -> None:
    """The copied user agent wins over a given one, since it made the session."""
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
    """All spellings of options that curl accepts are accepted."""
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
        ("$session = New-Object Microsoft.PowerShell", "session", "must be the whole of what was copied"),
        ('fetch("https://www.linkedin.com/")', "cookie", "a copied fetch() leaves cookies out"),
        ('fetch("https://www.linkedin.com/", {"headers": {"cookie": "li_at=SECRET', "session", "must be the whole"),
        ('fetch("https://evil.com/", {"headers": {"cookie": "li_at=SECRET"}})', "session", "must be a request to"),
        (
            '{"log": {"entries": [{"request": {"url": "https://www.linkedin.com/", "headers": [], "cookies": []}}]}}',
            "cookie",
            "a HAR has cookies only where it was saved with sensitive data",
        ),
        ("{'li_at': 'SECRET'}", "session", "must be the whole of what was copied"),
        ("JSESSIONID=ajax:SECRET; lang=de", "cookie", "document.cookie leaves it out"),
        (f"Host: evil.com\nCookie: {COOKIES}\nUser-Agent: UA", "session", "must be a request to"),
        (
            " ;\n".join(f"curl {URL} -A UA -b 'li_at=SECRET{number}; JSESSIONID=ajax:1'" for number in (1, 2)),
            "session",
            "several are in it",
        ),
        (f"curl https://www.linkedin.com -A UA -b '{COOKIES} SECRET'", "cookie", "must hold JSESSIONID as the browser"),
        ("li_at=SECRET\nSECRET; JSESSIONID=ajax:1", "cookie", "must be ASCII text in one line"),
        ("x" * 100_001, "session", "at most 100,000 characters"),
        ("curl " + "x" * 2_000_001, "session", "at most 2,000,000 characters"),
    ],
)
def test_a_refusal_names_what_is_missing_and_no_value(text: str, field: str, words: str) -> None:
    """The error names what is missing and how to copy it, and no value."""
    with pytest.raises(InvalidField) as refusal:
        read_paste(text)
    assert refusal.value.field == field
    assert words in str(refusal.value)
    assert "SECRET" not in str(refusal.value)


COOKIE = 'bcookie="v=2&a%2Fb!"; li_at=AQED-1_x; JSESSIONID="ajax:77"'
PAIRS = {"bcookie": '"v=2&a%2Fb!"', "li_at": "AQED-1_x", "JSESSIONID": '"ajax:77"'}
HEADERS = {
    "accept": "*/*",
    "Accept-Language": "de-DE,de;q=0.9",
    "x-li-lang": "de_DE",
    "x-li-track": TRACK,
    "csrf-token": "ajax:77",
}


def powershell(text: str) -> str:
    """Quote a text as both browsers do."""
    return '"' + text.replace("`", "``").replace('"', '`"').replace("$", "`$") + '"'


def ps_cookies() -> str:
    """Return the session's cookies."""
    return "\n".join(
        f"$session.Cookies.Add((New-Object System.Net.Cookie({powershell(name)}, {powershell(value)}, "
        '"/", ".www.linkedin.com")))'
        for name, value in PAIRS.items()
    )


CHROME_POWERSHELL = (
    f"""$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.UserAgent = {powershell(SESSION.user_agent)}
{ps_cookies()}
Invoke-WebRequest -UseBasicParsing -Uri "{URL}" `
-WebSession $session `
-Headers @{{
"authority"="www.linkedin.com"
"""
    + "\n".join(f"  {powershell(name)}={powershell(value)}" for name, value in HEADERS.items())
    + "\n}"
)

FIREFOX_POWERSHELL = (
    f"""$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
{ps_cookies()}
Invoke-WebRequest -UseBasicParsing -Uri "{URL}" `
-WebSession $session `
-UserAgent {powershell(SESSION.user_agent)} `
-Headers @{{
"""
    + "\n".join(f"{powershell(name)} = {powershell(value)}" for name, value in HEADERS.items())
    + "\n}"
)

FETCH_NODE = f"""fetch("{URL}", {{
  "headers": {json.dumps({**HEADERS, "cookie": COOKIE, "user-agent": SESSION.user_agent}, indent=4)},
  "body": null,
  "method": "GET"
}});"""


def named(values: dict[str, str]) -> list[dict[str, str]]:
    """Return the headers as HAR has them."""
    return [{"name": name, "value": value} for name, value in values.items()]


ALL_HEADERS = {**HEADERS, "User-Agent": SESSION.user_agent, "Cookie": COOKIE}
OTHER = {"request": {"url": "https://static.licdn.com/x.js", "headers": named({"cookie": "li_at=no; JSESSIONID=no"})}}
HAR = json.dumps(
    {
        "log": {
            "version": "1.2",
            "entries": [
                OTHER,
                {
                    "request": {"method": "GET", "url": URL, "headers": named(ALL_HEADERS), "cookies": []},
                    "response": {"headers": named({"set-cookie": "li_at=no"}), "cookies": named({"li_at": "no"})},
                },
                OTHER,
            ],
        }
    }
)
CHROME_HEADERS = ":authority\nwww.linkedin.com\n:method\nGET\n:path\n/voyager/api/me\n:scheme\nhttps\n" + "\n".join(
    f"{name.lower()}\n{value}" for name, value in ALL_HEADERS.items()
)
CHROME_RAW_HEADERS = ":authority: www.linkedin.com\n:path: /voyager/api/me\n" + "\n".join(
    f"{name.lower()}: {value}" for name, value in ALL_HEADERS.items()
)


@pytest.mark.parametrize(
    "text",
    [
        CHROME_POWERSHELL,
        CHROME_POWERSHELL.replace("\n", "\r\n"),
        FIREFOX_POWERSHELL,
        FETCH_NODE,
        "await " + FETCH_NODE,
        HAR,
        json.dumps({"Request Headers (2.3 kB)": {"headers": named(ALL_HEADERS)}}),
        json.dumps(ALL_HEADERS),
        CHROME_HEADERS,
        CHROME_RAW_HEADERS,
        f"{CHROME_BASH.strip()} ;\n{CHROME_BASH.strip()}",
        f"curl 'https://static.licdn.com/x.js' -H 'accept: */*' ;\n{CHROME_BASH.strip()} ;\ncurl {URL} -A UA",
        f"{CHROME_CMD.strip()} &\r\n{CHROME_CMD.strip()}",
        f"{FIREFOX_BASH}\n{FIREFOX_BASH}",
        f"{CHROME_POWERSHELL};\n{CHROME_POWERSHELL}",
        f"{FETCH_NODE} ;\n{FETCH_NODE}",
        f"```bash\n{CHROME_BASH.strip()}\n```",
        f"$ {FIREFOX_BASH}",
        FIREFOX_BASH.replace("-H '", "-H \u2018")
        .replace("' -H", "\u2019 -H")
        .replace("\\'", "'")
        .replace("$'", "\u201c")
        .replace("it's\u2019", "it's\u201d"),
    ],
)
def test_every_form_with_cookies_and_user_agent_is_taken(text: str) -> None:
    """Every form with cookies and user agent gives the same session as "Copy as cURL"."""
    assert read_paste(text) == SESSION


NETSCAPE = """# Netscape HTTP Cookie File
# https://curl.se/docs/http-cookies.html
.linkedin.com\tTRUE\t/\tTRUE\t1800000000\tbcookie\t"v=2&a%2Fb!"
#HttpOnly_.www.linkedin.com\tTRUE\t/\tTRUE\t1800000000\tli_at\tAQED-1_x
.www.linkedin.com\tTRUE\t/\tTRUE\t1800000000\tJSESSIONID\t"ajax:77"
.example.org\tTRUE\t/\tTRUE\t1800000000\tli_at\tno
"""


def exported(**further: object) -> list[dict[str, object]]:
    """Return the cookies as browser extensions export them."""
    own = [{**one, "domain": ".www.linkedin.com", "path": "/", **further} for one in named(PAIRS)]
    return [{"name": "li_at", "value": "no", "domain": ".example.org"}, *own]


@pytest.mark.parametrize(
    "text",
    [
        COOKIE,
        COOKIE.replace("; ", ";\n"),
        NETSCAPE,
        json.dumps(exported(hostOnly=False, sameSite="no_restriction")),
        json.dumps({"url": "https://www.linkedin.com", "cookies": exported()}),
        json.dumps({"cookies": exported(expires=-1), "origins": []}),
        json.dumps(PAIRS),
        "\n".join(f"{name}\t{value}\t.www.linkedin.com\t/" for name, value in reversed(PAIRS.items())),
        FETCH_NODE.replace("user-agent", "x-none"),
    ],
)
def test_forms_without_a_user_agent_take_it_beside_them(text: str) -> None:
    """A form without a user agent takes a given one; without it the error explains where to find it."""
    session = read_paste(text, user_agent="UA/1")
    assert (session.user_agent, {name: session.cookies[name] for name in ("li_at", "JSESSIONID")}) == (
        "UA/1",
        {name: PAIRS[name] for name in ("li_at", "JSESSIONID")},
    )
    assert "no" not in session.cookies.values()
    with pytest.raises(InvalidField, match=r"navigator\.userAgent"):
        read_paste(text)


@pytest.mark.parametrize(
    "value",
    [
        '"ajax:77"',
        r"\"ajax:77\"",
        r"\\\"ajax:77\\\"",
        "%22ajax:77%22",
        "%22ajax%3A77%22",
        "'ajax:77'",
        "&quot;ajax:77&quot;",
        "&#34;ajax:77&#34;",
        '^\\^"ajax:77^\\^"',
        '`"ajax:77`"',
        "\u201cajax:77\u201d",
        '"ajax:77',
        "ajax:77%22",
    ],
)
@pytest.mark.parametrize(
    "form", ["li_at={0}AQED; JSESSIONID={1}", "Cookie: JSESSIONID={1}; li_at={0}AQED", '"li_at=AQED; JSESSIONID={1}"']
)
def test_what_other_programs_leave_around_quotes_is_taken_away(value: str, form: str) -> None:
    """Quotes added by other programs are removed, since LinkedIn would reject the csrf token of each send."""
    session = read_paste(form.format("", value), user_agent="UA")
    assert (session.csrf_token, session.cookies["li_at"]) == ("ajax:77", "AQED")
    assert session.cookies["JSESSIONID"] == '"ajax:77"'


@pytest.mark.parametrize("value", ['ajax:"77', "ajax:%2277", "ajax: 77", "ajax:77, x", "<ajax:77>", "{ajax}"])
def test_what_cannot_be_a_cookie_s_value_is_refused_at_the_paste(value: str) -> None:
    """An invalid cookie value is rejected when pasted, and not quoted."""
    with pytest.raises(InvalidField) as refusal:
        read_paste(f"li_at=AQED; JSESSIONID={value}", user_agent="UA")
    assert str(refusal.value).startswith("cookie must hold JSESSIONID as the browser sends it")
    assert "77" not in str(refusal.value)


def test_the_newest_request_of_an_export_counts() -> None:
    """The newest request of an export is used, since LinkedIn renews sessions while a page is open."""
    entries = [
        {"request": {"url": URL, "headers": named({**ALL_HEADERS, "Cookie": f"li_at=A{n}; JSESSIONID=ajax:{n}"})}}
        for n in (1, 2)
    ]
    assert read_paste(json.dumps({"log": {"entries": entries}})).cookies["li_at"] == "A2"


json_values = st.recursive(
    st.none() | st.booleans() | st.text(st.sampled_from("li_at=;cook\"'"), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "value", "headers", "cookies", "cookie", "url", "li_at", "domain"]), inner
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_json_raises_anything_but_a_refusal(document: object) -> None:
    """Any JSON gives a session or InvalidField."""
    with suppress(InvalidField):
        read_paste(json.dumps(document))


@given(
    st.sampled_from(
        ["$session ", "$session = New-Object x\nInvoke-WebRequest -Uri ", "fetch(", "cookie: ", ".a\tTRUE\t/\t"]
    ),
    st.text(st.sampled_from("`$\"'(){}@=,;:\\\n\tuli_atHeaders-"), max_size=80),
)
def test_no_other_form_raises_anything_but_a_refusal(start: str, rest: str) -> None:
    """Any text after the beginning of a form gives a session or InvalidField."""
    with suppress(InvalidField):
        read_paste(start + rest)


def test_a_page_header_that_is_broken_is_left_out() -> None:
    """A broken page header is replaced by our own."""
    command = f"curl https://www.linkedin.com -A UA -b '{COOKIES}' -H 'x-li-track: {{broken'"
    assert read_paste(command).headers == {}


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(st.lists(words))
def test_bash_words_are_what_bash_makes_of_them(given_words: list[str]) -> None:
    """Any text in any quoting is split as bash does."""
    assert split_bash(" ".join(map(shlex.quote, given_words))) == given_words
    assert split_bash(" \\\n ".join(map(_ansi_c, given_words))) == given_words


def _ansi_c(word: str) -> str:
    """Quote a text as Chrome does where single quotes are not enough."""
    escaped = word.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return "$'" + "".join(c if c.isascii() or ord(c) > 0xFFFF else f"\\u{ord(c):04x}" for c in escaped) + "'"


def test_bash_escapes_are_read() -> None:
    """All escapes of bash are decoded, and separators between words are recognised."""
    assert split_bash(r"a$'\x41\101\u20ac\U1F600\t\e\q\x'b 'c d'\''e' " + '"f\\"g" h\\ i') == [
        "aAA€😀\t\x1bqxb",
        "c d'e",
        'f"g',
        "h i",
    ]


@given(st.lists(st.text(st.sampled_from("ab \"%^&!'{}\t=é"), min_size=1)))
def test_cmd_words_are_what_curl_gets_from_cmd(given_words: list[str]) -> None:
    """Texts quoted by Chrome and Firefox for Windows are split as cmd and curl do."""
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
    """Backslashes are escapes only before a quote, as Microsoft documents."""
    assert split_cmd(text) == split


@given(st.text(st.sampled_from("curl -Hb'\"^$\\\n %=:; ax"), max_size=60))
def test_no_text_raises_anything_but_a_refusal(text: str) -> None:
    """Any text gives a session or InvalidField."""
    with suppress(ValueError):
        split_command(text)
    with suppress(InvalidField):
        read_paste("curl " + text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (CHROME_BASH, PasteContents("cURL", 1, 3, True, True, True, 3)),
        ("li_at=AQED-1_x", PasteContents("cookies", 1, 1, True, False, False, 0)),
        ("curl 'https://www.linkedin.com/feed/' -b 'li_at=AQED-1_x", PasteContents(None)),
        (CHROME_BASH.replace("www.linkedin.com", "evil.example"), PasteContents("cURL")),
        ("hello", PasteContents("cookies", 1)),
        ("", PasteContents("cookies", 1)),
    ],
)
def test_what_a_paste_holds_is_described(text: str, found: PasteContents) -> None:
    """Its format, and which of the needed parts are in it, also where that is not enough; never a value."""
    assert describe_paste(text) == found


@given(st.text())
def test_any_text_can_be_described(text: str) -> None:
    """Nothing that somebody pastes makes the description fail; a user agent that is given apart counts."""
    assert describe_paste(text, user_agent="Mozilla/5.0").has_user_agent
