import time
from datetime import timedelta

from confrere.domain.ids import new_send_id, send_ids_after


def test_ids_of_sends_grow_with_time() -> None:
    """Later ones sort after earlier ones."""
    first = new_send_id()
    time.sleep(0.002)
    assert new_send_id() > first


def test_bound_is_below_every_id_of_its_time_and_above_those_before() -> None:
    """By the milliseconds in the ids; never below the first id that there can be."""
    send_id = "019cea5b2d2a7c3f8e1b4a6d9f205c71"
    bound = send_ids_after(send_id, timedelta(seconds=1))
    assert bound == f"{0x019CEA5B2D2A - 1000:012x}"
    assert f"{0x019CEA5B2D2A - 1001:012x}" + "f" * 20 < bound <= f"{0x019CEA5B2D2A - 1000:012x}" + "0" * 20
    assert send_ids_after(send_id, timedelta(days=1_000_000)) == "0" * 12
