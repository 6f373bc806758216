"""What keeps LinkedIn from answering a read, with the exit code and a part of the error text."""

from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.outcome import Refused, SessionDead, Throttled

FAILURES: list[tuple[Refused | AccountProblem | Unreadable, int, str]] = [
    (Refused(403, "Forbidden", None, "You don't have access to this"), 1, "refused it with 403: You don't have access"),
    (Refused(403, "Forbidden", None, None), 1, "without a reason"),
    (Throttled(429, 3_600), 3, "rests until 2026-03-14 13:00 UTC"),
    (SessionDead("LinkedIn asks to log in"), 1, "confrere accounts connect"),
    (Unreadable("LinkedIn answered with a web page"), 1, "could not be read: LinkedIn answered with a web page"),
]
