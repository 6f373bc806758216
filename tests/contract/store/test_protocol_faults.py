"""What LinkedIn does not understand is kept across restarts, for all processes."""

from datetime import timedelta

from confrere.domain.attempt import ProtocolFault
from confrere.store import SqlStore
from tests.contract.store.scene import NOON


async def test_a_fault_stands_until_its_kind_is_understood(store: SqlStore, other: SqlStore) -> None:
    """The first time stays, the latest reason counts, and another process ends it; other kinds are left alone."""
    later = NOON + timedelta(hours=1)
    await store.record_protocol_fault("queries.mailbox_start", "status 400", NOON)
    await other.record_protocol_fault("decorations.groups", "status 410", later)
    await other.record_protocol_fault("queries.mailbox_start", "status 404", later)
    first, second = await store.list_protocol_faults()
    assert first == ProtocolFault("queries.mailbox_start", "status 404", NOON, later)
    assert second.kind == "decorations.groups"
    await other.end_protocol_fault("queries.mailbox_start")
    await other.end_protocol_fault("queries.conversation")
    assert await store.list_protocol_faults() == [second]
