"""What a text that was copied from a browser holds, without any of its values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PasteContents:
    """What was found in it.

    form:            such as "cURL" or "cookies"; None where its end is missing or it is too long.
    requests:        to LinkedIn, or sets of its cookies.
    cookies:         how many, in the request that has the most.
    has_login:       whether the cookie `li_at` is there, which shows that the browser is logged in.
    has_csrf:        whether the cookie `JSESSIONID` is there, which every call repeats.
    has_user_agent:  whether it names the browser, or the user agent was given apart.
    headers:         how many of the page's headers that a session keeps.
    """

    form: str | None
    requests: int = 0
    cookies: int = 0
    has_login: bool = False
    has_csrf: bool = False
    has_user_agent: bool = False
    headers: int = 0
