"""Counts a message that was sent before a backup was restored, and that was found in its conversation since."""

from datetime import datetime
from typing import Final

from confrere.domain.ids import first_send_id_at
from confrere.domain.limits import Action, window_start
from confrere.store.rows import to_micros
from confrere.store.script import Query, Script, first, only

_NO_LIMIT: Final = 1 << 62


def place_found(send_id: str, message_urn: str | None, sent_at: datetime) -> Script[None]:
    """Move the unit and the first contact of a send in flight to the day and month in which its message was sent.

    Of that day at least as many units are used as there are messages in rows: who released the account may have stated
    some of them already. Several rows of one message, answers to repeats without a key, count once. It runs once.
    """
    row = first((yield Query("lock_found", (send_id,))))
    if row is None:
        return
    account_id, day_before, month_before = row
    at, day = to_micros(sent_at), window_start(Action.MESSAGE, sent_at)
    month = None if month_before is None else to_micros(window_start(Action.GROUP_FIRST_CONTACT, sent_at))
    yield Query("give_units_back", (account_id, Action.MESSAGE.value, day_before, 1))
    yield Query("place_found", (send_id, to_micros(day), month, message_urn))
    yield Query("open_window", (account_id, Action.MESSAGE.value, to_micros(day), at))
    yield Query("lock_window", (account_id, Action.MESSAGE.value, to_micros(day)))
    count = only((yield Query("count_units", (account_id, to_micros(day), first_send_id_at(day)))))[0]
    yield Query("count_as_sent", (account_id, to_micros(day), count, at))
    if month is not None and month != month_before:
        action = Action.GROUP_FIRST_CONTACT.value
        yield Query("give_units_back", (account_id, action, month_before, 1))
        yield Query("open_window", (account_id, action, month, at))
        values = {"account_id": account_id, "action": action, "window_start": month, "count": 1}
        yield Query("take_units", values | {"limit": _NO_LIMIT, "now": at})
