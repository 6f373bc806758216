"""The changes that the control made to the world: memberships, blocks, connections, allowances and switches."""

from bisect import bisect_left, insort
from typing import Any, Final, Literal

import msgspec

from confrere.sandbox.world import Group, World

_ALL: Final = 2**40


class Switches(msgspec.Struct, forbid_unknown_fields=True):
    """Variants of behaviour where LinkedIn's own is unknown or varies. The control can set each."""

    dead_session: Literal["redirect", "401"] = "redirect"
    existing_thread: Literal["reuse", "422"] = "reuse"
    pending_thread: Literal["accept", "422"] = "accept"
    legacy_messaging: Literal["403", "500", "400"] = "403"
    allowance: int | None = None
    allowance_status: int = 422
    allowance_body: dict[str, Any] | None = None
    answer_after_seconds: float | None = None


class People:
    """The changes to a world since it was made."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.switches = Switches()
        self._left: dict[int, list[int]] = {}
        self._blocks: dict[int, set[int | None]] = {}
        self._closed: dict[int, set[int | None]] = {}
        self._allowance_spent: dict[int, int] = {}
        self._connections: dict[tuple[int, int], bool] = {}

    # Changes

    def leave(self, member: int, group: Group) -> None:
        """Remove `member` from the group."""
        position = self._position(member, group)
        left = self._left.setdefault(group.group_id, [])
        if position is not None and not _holds(left, position):
            insort(left, position)

    def join(self, member: int, group: Group) -> None:
        """Return `member`, who had left the group, to it."""
        position, left = self._position(member, group), self._left.get(group.group_id, [])
        if position is not None and _holds(left, position):
            left.remove(position)

    def block(self, member: int, account: int | None) -> None:
        """Make `member` block one sender, or everybody."""
        self._blocks.setdefault(member, set()).add(account)

    def unblock(self, member: int) -> None:
        """Remove the blocks of `member`."""
        self._blocks.pop(member, None)

    def close_group_messages(self, member: int, group_id: int | None) -> None:
        """Make `member` accept no messages from one group's members, or from any group's."""
        self._closed.setdefault(member, set()).add(group_id)

    def open_group_messages(self, member: int) -> None:
        """Make `member` accept messages from all groups again."""
        self._closed.pop(member, None)

    def connect(self, one: int, other: int, *, connected: bool) -> None:
        """Make or end a connection."""
        self._connections[min(one, other), max(one, other)] = connected

    def spend_allowance(self, member: int, count: int | None) -> None:
        """Count `count` more first group messages of an account; None exceeds any limit."""
        self._allowance_spent[member] = self._allowance_spent.get(member, 0) + (_ALL if count is None else count)

    # Queries

    def in_group(self, member: int, group: Group) -> bool:
        """Whether the member is in the group today."""
        place = self.world.place_of(member)
        if place is None or place not in group:
            return False
        left = self._left.get(group.group_id)
        return not left or not _holds(left, group.position(place))

    def member_count(self, group: Group, *, without: frozenset[int] = frozenset()) -> int:
        """Return the number of the group's current members, except those at some initial positions."""
        return len(group) - len(without.union(self._left.get(group.group_id, ())))

    def positions(
        self, group: Group, start: int, stop: int, *, without: frozenset[int] = frozenset()
    ) -> list[tuple[int, int]]:
        """Return initial position and member number of the entries start … stop of the group's current list.

        without:  initial positions to skip, besides those of members who left.
        """
        absent, world = sorted(without.union(self._left.get(group.group_id, ()))), self.world
        found = []
        for standing in range(start, min(stop, len(group) - len(absent))):
            position = standing
            for gone in absent:
                if gone > position:
                    break
                position += 1
            found.append((position, world.number_at(group[position])))
        return found

    def blocked(self, member: int, account: int) -> bool:
        """Whether the member blocks this sender."""
        found = self._blocks.get(member)
        return found is not None and (account in found or None in found)

    def takes_group_messages(self, member: int, group_id: int) -> bool:
        """Whether the member accepts messages from members of this group."""
        found = self._closed.get(member)
        return found is None or (group_id not in found and None not in found)

    def connected(self, one: int, other: int) -> bool:
        """Whether these two are connected."""
        if self._connections and (min(one, other), max(one, other)) in self._connections:
            return self._connections[min(one, other), max(one, other)]
        return self.world.connected(one, other)

    def allowance_spent(self, member: int) -> bool:
        """Whether this account has no first group message left this month."""
        limit = self.switches.allowance
        return self._allowance_spent.get(member, 0) >= (_ALL if limit is None else limit)

    def _position(self, member: int, group: Group) -> int | None:
        place = self.world.place_of(member)
        return group.position(place) if place is not None and place in group else None


def _holds(ordered: list[int], value: int) -> bool:
    at = bisect_left(ordered, value)
    return at < len(ordered) and ordered[at] == value
