"""The actions of `POST /_control/world`, which change the world."""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from confrere.sandbox.sandbox import Sandbox
from confrere.sandbox.world import Group


class BadInput(Exception):
    """An input of the control is invalid; the text names the field and what it must be."""

    def __init__(self, field: str, must_be: str) -> None:
        super().__init__(f"{field} {must_be}")
        self.field = field


class _Action(msgspec.Struct, forbid_unknown_fields=True, tag_field="action", omit_defaults=True):
    """The base of all actions; the field `action` holds the tag."""


class LeaveGroup(_Action, tag="leave_group"):
    """A member leaves a group."""

    member: str
    group: str | int


class JoinGroup(_Action, tag="join_group"):
    """A member who had left a group is in it again."""

    member: str
    group: str | int


class Block(_Action, tag="block"):
    """A member blocks an account, or everybody."""

    member: str
    account: str | None = None


class Unblock(_Action, tag="unblock"):
    """A member removes all its blocks."""

    member: str


class CloseGroupMessages(_Action, tag="close_group_messages"):
    """A member accepts no messages from a group's members, or from any group's."""

    member: str
    group: str | int | None = None


class OpenGroupMessages(_Action, tag="open_group_messages"):
    """A member accepts group messages again."""

    member: str


class Connect(_Action, tag="connect"):
    """A member and an account become connected."""

    member: str
    account: str


class Disconnect(_Action, tag="disconnect"):
    """A member and an account are not connected any more."""

    member: str
    account: str


class AnswerRequest(_Action, tag="answer_request"):
    """A member accepts or declines an account's message request, without a message."""

    member: str
    account: str
    state: Literal["ACCEPTED", "DECLINED"]


class SpendAllowance(_Action, tag="spend_allowance"):
    """Count this many more first group messages of an account; without a count its allowance is used up."""

    account: str
    count: int | None = None


class KillSession(_Action, tag="kill_session"):
    """An account's session is dead."""

    account: str


class ReviveSession(_Action, tag="revive_session"):
    """An account's session is alive again."""

    account: str


class Reset(_Action, tag="reset"):
    """Delete every message, fault and change."""


class Set(_Action, tag="set"):
    """Set switches; those left out stay as they are."""

    dead_session: Literal["redirect", "401"] | UnsetType = UNSET
    existing_thread: Literal["reuse", "422"] | UnsetType = UNSET
    pending_thread: Literal["accept", "422"] | UnsetType = UNSET
    legacy_messaging: Literal["403", "500", "400"] | UnsetType = UNSET
    allowance: int | UnsetType | None = UNSET
    allowance_status: int | UnsetType = UNSET
    allowance_body: dict[str, Any] | UnsetType | None = UNSET
    answer_after_seconds: Annotated[float, msgspec.Meta(ge=0)] | UnsetType | None = UNSET


Action: TypeAlias = (
    LeaveGroup
    | JoinGroup
    | Block
    | Unblock
    | CloseGroupMessages
    | OpenGroupMessages
    | Connect
    | Disconnect
    | AnswerRequest
    | SpendAllowance
    | KillSession
    | ReviveSession
    | Reset
    | Set
)


def apply(sandbox: Sandbox, action: Action) -> None:
    """Apply an action. Raises BadInput, and then nothing was changed."""
    people = sandbox.people
    match action:
        case LeaveGroup(member, group):
            people.leave(*_membership(sandbox, member, group))
        case JoinGroup(member, group):
            people.join(*_membership(sandbox, member, group))
        case Block(member, account):
            blocked = None if account is None else find_account(sandbox, account)
            people.block(find_member(sandbox, member, "member"), blocked)
        case Unblock(member):
            people.unblock(find_member(sandbox, member, "member"))
        case CloseGroupMessages(member, group):
            closed = None if group is None else find_group(sandbox, group).group_id
            people.close_group_messages(find_member(sandbox, member, "member"), closed)
        case OpenGroupMessages(member):
            people.open_group_messages(find_member(sandbox, member, "member"))
        case Connect(member, account) | Disconnect(member, account):
            pair = find_member(sandbox, member, "member"), find_account(sandbox, account)
            people.connect(*pair, connected=isinstance(action, Connect))
        case AnswerRequest():
            _answer_request(sandbox, action)
        case SpendAllowance(account, count):
            people.spend_allowance(find_account(sandbox, account), count)
        case KillSession(account):
            sandbox.sessions.kill(_ordinal(sandbox, account))
        case ReviveSession(account):
            sandbox.sessions.revive(_ordinal(sandbox, account))
        case Set():
            given = {name: getattr(action, name) for name in action.__struct_fields__}
            given = {name: value for name, value in given.items() if value is not UNSET}
            people.switches = msgspec.structs.replace(people.switches, **given)
        case Reset():
            sandbox.reset()
            return
    sandbox.record_change(msgspec.to_builtins(action))


def _answer_request(sandbox: Sandbox, action: AnswerRequest) -> None:
    member, account = find_member(sandbox, action.member, "member"), find_account(sandbox, action.account)
    if not sandbox.answer_request(member, account, action.state):
        raise BadInput("member", "must have a pending message request from the account")


def find_member(sandbox: Sandbox, name: str, field: str) -> int:
    """Return the member number of a profile URN, a bare id or a vanity name. Raises BadInput."""
    number = sandbox.world.number_of(name)
    if number is None:
        number = sandbox.world.number_of_public_identifier(name)
    if number is None:
        raise BadInput(field, "must be the profile URN, profile id or publicIdentifier of a member of this world")
    return number


def find_account(sandbox: Sandbox, name: str, field: str = "account") -> int:
    """Return the member number of an account. Raises BadInput."""
    number = find_member(sandbox, name, field)
    if sandbox.world.account_of(number) is None:
        raise BadInput(field, "must be a member who has an account")
    return number


def find_group(sandbox: Sandbox, name: str | int) -> Group:
    """Return the group with this id or URN. Raises BadInput."""
    text = str(name)
    group = sandbox.world.group_of_urn(text if text.startswith("urn:") else f"urn:li:fsd_group:{text}")
    if group is None:
        raise BadInput("group", "must be the id or the URN of a group of this world")
    return group


def _ordinal(sandbox: Sandbox, name: str) -> int:
    return find_account(sandbox, name) - sandbox.world.account_number(0)


def _membership(sandbox: Sandbox, member: str, name: str | int) -> tuple[int, Group]:
    number, group = find_member(sandbox, member, "member"), find_group(sandbox, name)
    place = sandbox.world.place_of(number)
    if place is None or place not in group:
        raise BadInput("member", f"must be one of the members that {group.urn} was made with")
    return number, group
