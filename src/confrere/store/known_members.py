"""The known members port on SQL."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from confrere.domain.group import AccountGroup, KnownMember, ListedMember, MemberFilter
from confrere.domain.person import Person, search_form
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.ports import KnownMembers
from confrere.store.engine import Engine
from confrere.store.erasures import find_erased
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import account_group_of, listed_member_of, person_of, to_micros
from confrere.store.script import Query, Script, first

_WILDCARDS = str.maketrans({"!": "!!", "%": "!%", "_": "!_"})


class SqlKnownMembers(KnownMembers):
    """The port on SQL."""

    def __init__(self, engine: Engine, fingerprints: Fingerprints) -> None:
        self._engine = engine
        self._fingerprints = fingerprints

    async def replace_account_groups(
        self, workspace_id: str, account_id: str, group_ids: Collection[str], now: datetime
    ) -> None:
        await self._engine.transact(partial(_replace, workspace_id, account_id, sorted(group_ids), to_micros(now)))

    async def list_account_groups(self, workspace_id: str, account_id: str) -> Sequence[AccountGroup]:
        rows = await self._engine.read_many("list_account_groups", account_id, workspace_id)
        return [account_group_of(row) for row in rows]

    async def read_account_group(self, workspace_id: str, account_id: str, group_id: GroupId) -> AccountGroup:
        row = first(await self._engine.read_many("read_account_group", account_id, workspace_id, str(group_id)))
        if row is None:
            known = first(await self._engine.read("read_known_group", workspace_id, str(group_id)))
            return AccountGroup(str(group_id), *(known or ()))
        return account_group_of(row)

    async def add_members(
        self,
        workspace_id: str,
        account_id: str,
        group_id: GroupId,
        members: Sequence[KnownMember],
        *,
        places_read: int,
        is_read: bool,
        now: datetime,
    ) -> None:
        values = {
            "account_id": account_id,
            "group_id": str(group_id),
            "workspace_id": workspace_id,
            "places_read": places_read,
            "is_read": int(is_read),
            "now": to_micros(now),
        }
        await self._engine.transact(partial(_add, self._fingerprints, values, member_rows(members)))

    async def list_members(
        self,
        workspace_id: str,
        account_id: str,
        group_id: GroupId,
        which: MemberFilter,
        *,
        after: ProfileUrn | None,
        count: int,
    ) -> Sequence[ListedMember]:
        name = search_form(which.name)
        rows = await self._engine.read_many(
            "list_known_members",
            workspace_id=workspace_id,
            account_id=account_id,
            group_id=str(group_id),
            after=after or "",
            name=contains(name) if name else None,
            relationship=which.relationship,
            is_written_to=None if which.is_written_to is None else int(which.is_written_to),
            is_opted_out=None if which.is_opted_out is None else int(which.is_opted_out),
            count=count,
        )
        return [listed_member_of(row) for row in rows]

    async def find_members(
        self, workspace_id: str, account_id: str, group_id: GroupId, recipients: Collection[ProfileUrn]
    ) -> Mapping[str, ListedMember]:
        rows = await self._engine.read_many(
            "find_known_members",
            workspace_id=workspace_id,
            account_id=account_id,
            group_id=str(group_id),
            recipients=json.dumps(sorted(set(recipients))),
        )
        found = [listed_member_of(row) for row in rows]
        return {str(one.person.profile_urn): one for one in found}

    async def find_people(self, workspace_id: str, recipients: Collection[str]) -> Mapping[str, Person]:
        if not recipients:
            return {}
        rows = await self._engine.read("find_people", workspace_id, json.dumps(sorted(set(recipients))))
        return {row[0]: person_of(row) for row in rows}


def contains(text: str) -> str:
    """Return the pattern of `LIKE … ESCAPE '!'` for texts that contain this one."""
    return f"%{text.translate(_WILDCARDS)}%"


def member_rows(members: Collection[KnownMember]) -> list[list[Any]]:
    """Encode members for `add_members`, each once and in one order, so that two writers do not deadlock."""
    by_urn = {str(one.person.profile_urn): one for one in members}
    return [_row(by_urn[urn]) for urn in sorted(by_urn)]


def add_members(
    fingerprints: Fingerprints, workspace_id: str, account_id: str, group_id: str, rows: list[list[Any]], now: int
) -> Script[None]:
    """Keep the members, without those who are erased."""
    erased = yield from find_erased(fingerprints, workspace_id, [row[0] for row in rows])
    kept = json.dumps([row for row in rows if row[0] not in erased])
    yield Query("add_group_members", (workspace_id, group_id, now, kept, account_id))


def _row(member: KnownMember) -> list[Any]:
    one = member.person
    names = [one.public_id, one.first_name, one.last_name, one.headline]
    return [str(one.profile_urn), *names, member.relationship, search_form(one.full_name or "")]


def _replace(workspace_id: str, account_id: str, group_ids: Sequence[str], now: int) -> Script[None]:
    for group_id in group_ids:
        yield Query("list_account_group", (account_id, group_id, workspace_id, now))
    yield Query("drop_account_groups", (account_id, now))


def _add(fingerprints: Fingerprints, values: dict[str, Any], rows: list[list[Any]]) -> Script[None]:
    yield from add_members(
        fingerprints, values["workspace_id"], values["account_id"], values["group_id"], rows, values["now"]
    )
    yield Query("record_members_read", values)
