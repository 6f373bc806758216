import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.linkedin import parse_upstream


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://www.linkedin.com", "https://www.linkedin.com"),
        ("https://www.linkedin.com/", "https://www.linkedin.com"),
        ("https://www.linkedin.com:443", "https://www.linkedin.com"),
        ("HTTPS://WWW.LinkedIn.com", "https://www.linkedin.com"),
        ("http://127.0.0.1:8099", "http://127.0.0.1:8099"),
        ("http://127.255.0.9:8099/", "http://127.255.0.9:8099"),
        ("http://LOCALHOST:65535", "http://localhost:65535"),
        ("http://localhost", "http://localhost"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_linkedin_and_this_machine_are_allowed(url: str, plain: str) -> None:
    """LinkedIn and loopback addresses are accepted and normalised."""
    assert parse_upstream(url) == plain


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.linkedin.com",
        "http://www.linkedin.com",
        "https://linkedin.com",
        "https://www.linkedin.com.",
        "https://www.linkedin.com.evil.com",
        "https://evil.www.linkedin.com",
        "https://www-linkedin.com",
        "https://wwwxlinkedin.com",
        "https://www.linkedin.com@evil.com",
        "https://evil.com@www.linkedin.com",
        "https://user:password@www.linkedin.com",
        "https://www.linkedin.com:8443",
        "https://www.linkedin.com\\@evil.com",
        "https://www.linkedin.com/voyager",
        "https://www.linkedin.com//",
        "https://www.linkedin.com?x",
        "https://www.linkedin.com#x",
        "https://www.linkedin.com\n",
        " https://www.linkedin.com",
        "https://www.linked\u0131n.com",
        "https://www.lin\u212aedin.com",  # the Kelvin sign, which folds to k
        "http://127.0.0.1.evil.com",
        "http://127.0.0.1@evil.com",
        "http://evil.com@127.0.0.1",
        "http://127.0.0.1:80@evil.com",
        "http://127.0.0.1.",
        "http://127.0.0.256",
        "http://127.0.0.01",
        "http://127.1",
        "http://0127.0.0.1",
        "http://0x7f.0.0.1",
        "http://2130706433",
        "http://017700000001",
        "http://0.0.0.0",
        "http://[::]",
        "http://[::ffff:127.0.0.1]",
        "http://[::1%25eth0]",
        "http://localhost.",
        "http://localhost.evil.com",
        "http://notlocalhost",
        "http://localhost:0",
        "http://localhost:65536",
        "http://localhost:",
        "http://localhost:80 80",
        "http://127.0.0.\u0661",  # an Arabic digit one
        "ftp://127.0.0.1",
        "file:///etc/passwd",
    ],
)
def test_nothing_else_is_allowed(url: str) -> None:
    """Any other URL is rejected with the accepted forms, however it is written."""
    with pytest.raises(ValueError, match=r"must be https://www\.linkedin\.com or an address of this machine"):
        parse_upstream(url)


@given(st.text(max_size=30), st.sampled_from(["https://www.linkedin.com", "http://127.0.0.1", "http://localhost"]))
def test_what_follows_can_only_be_a_port_or_a_slash(tail: str, start: str) -> None:
    """Only a port or a slash may follow the host, since anything else could name another host."""
    try:
        assert parse_upstream(start + tail).startswith(start)
    except ValueError:
        return
    assert set(tail) <= set(":/0123456789")
