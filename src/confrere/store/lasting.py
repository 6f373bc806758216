"""Makes the changes of the journal again in a restored backup that lacks them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from cryptography.fernet import InvalidToken

from confrere.domain.lasting import OF_PEOPLE, LastingKind
from confrere.store.journal import Line, changes_of
from confrere.store.script import Query, Script
from confrere.store.sql_store import SqlStore

_AGAIN: Final[Mapping[LastingKind, Sequence[str]]] = {
    LastingKind.KEY_REVOKED: ("revoke_key_again",),
    LastingKind.USER_DISABLED: ("disable_user_again",),
    LastingKind.LOGIN_CHANGED: ("void_password", "remove_second_factor", "remove_recovery_codes"),
    LastingKind.WEBHOOK_CHANGED: ("disable_webhook_again", "end_pending_deliveries"),
    LastingKind.WEBHOOK_DELETED: ("delete_webhook", "delete_deliveries_of"),
    LastingKind.ACCOUNT_DISABLED: ("disable_account_again",),
    LastingKind.ACCOUNT_DISCONNECTED: ("disconnect_account_again",),
    LastingKind.CAMPAIGN_PAUSED: ("pause_campaign_again",),
}
"""The query that makes each change again, and those that go with it.

What permits something (a user, an account that was enabled) only ends what it reverses: the backup's state stays.
"""


async def apply_again(store: SqlStore, lines: Sequence[Line]) -> Mapping[LastingKind, int]:
    """Make again what is in the journal and not in the store; return how many of each kind have changed anything.

    Of what reverses each other the last one holds. Who was erased is left out: erasures are made again before.
    """
    rows = await store.engine.read_many("list_lasting_changes", 0)
    there = {line.key for line in changes_of(rows, store.fingerprints.stand_in)}
    erased = {(one.workspace_id, one.person) for one in await store.list_erasures()}
    new = [line for line in lines if line.key not in there and line.kind is not LastingKind.ERASED]
    missing = [line for line in new if (line.workspace_id, line.subject) not in erased]
    listed = {
        (workspace_id, store.fingerprints.stand_in(workspace_id, recipient)): recipient
        for workspace_id, recipient in (await store.engine.read_many("list_listed") if missing else ())
    }
    for line in missing:
        if (recipient := _recipient_of(store, line)) is not None:
            listed[line.workspace_id, line.subject] = recipient
    last = _last_of_each([*(Line(*key) for key in there), *missing])
    work = partial(_apply, store, missing, [line for line in last if line.key not in there], listed)
    return await store.engine.transact(work)


def _last_of_each(lines: Iterable[Line]) -> Iterable[Line]:
    """Return the last change of each subject by topic; at one time the stricter one."""
    last: dict[tuple[str, str, str], Line] = {}
    for line in sorted(lines, key=lambda one: (one.at, one.kind is one.kind.topic)):
        last[line.kind.topic, line.workspace_id, line.subject] = line
    return last.values()


def _apply(
    store: SqlStore, missing: Sequence[Line], last: Iterable[Line], listed: Mapping[tuple[str, str], str]
) -> Script[Mapping[LastingKind, int]]:
    counts = dict.fromkeys(LastingKind, 0)
    for line in last:
        if line.kind is LastingKind.LISTED:
            counts[line.kind] += yield from _list(store, line)
        elif line.kind is LastingKind.UNLISTED:
            recipient = listed.get((line.workspace_id, line.subject))
            if recipient is not None:
                counts[line.kind] += len((yield Query("unlist_again", (line.workspace_id, recipient))))
        elif line.kind in _AGAIN:
            counts[line.kind] += yield from _again(line)
    for line in missing:
        subject = listed.get((line.workspace_id, line.subject))
        if line.kind not in OF_PEOPLE or subject is not None:
            yield Query("add_lasting_change", (line.at, line.kind.value, line.workspace_id, subject or line.subject))
    return counts


def _again(line: Line) -> Script[int]:
    query, *others = _AGAIN[line.kind]
    values = (line.workspace_id, line.subject, line.at) if query in _AT_ITS_TIME else (line.workspace_id, line.subject)
    if not (yield Query(query, values)):
        return 0
    for other in others:
        yield Query(other, (line.subject,))
    return 1


_AT_ITS_TIME: Final = {"revoke_key_again", "disable_user_again"}


def _list(store: SqlStore, line: Line) -> Script[int]:
    if (details := _details_of(store, line)) is None:
        return 0
    recipient, source, reason = details
    row = json.dumps([[recipient, reason, source, line.at]])
    return len((yield Query("add_opt_outs", (line.workspace_id, row))))


def _recipient_of(store: SqlStore, line: Line) -> str | None:
    details = _details_of(store, line)
    return None if details is None else details[0]


def _details_of(store: SqlStore, line: Line) -> Sequence[str] | None:
    """Return profile URN, source and reason; None where there are none, or of another store."""
    try:
        return None if line.details is None else json.loads(store.fingerprints.unseal(line.details))
    except InvalidToken:
        return None
