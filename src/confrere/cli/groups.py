"""`confrere groups`: the groups that an account is in, and their members."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import CommandFailed, ExitCode, explain
from confrere.cli.output import Json
from confrere.cli.shapes import group_shape, member_shape, quota_shape
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.attempt import Unreadable
from confrere.domain.errors import InvalidField, LimitReached
from confrere.domain.group import IN_THE_GROUP, Group, GroupMember, MembershipStatus, MembersQuery
from confrere.domain.ids import parse_account_id
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, Quota, iso_z
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.urns import GroupId

if TYPE_CHECKING:
    from confrere.sending import Reading
    from confrere.sending.pacing import GroupShare
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="Groups that an account is in, and their members. LinkedIn is asked.")

PAGE = 50
MAX_QUERY_CHARACTERS = 200

REFUSED_REMEDY = "Is the account in this group? `confrere groups list` shows those that it is in"

T = TypeVar("T")

_ACCOUNT = typer.Option(help="The account's id.", show_default="the default account")


@dataclass
class _Progress:
    """The members read so far. fault: why reading stopped, where it was neither the list's end nor the limit."""

    members: list[GroupMember] = field(default_factory=list)
    next_start: int = 0
    total: int | None = None
    has_more: bool = True
    quota: Quota | None = None
    fault: CommandFailed | None = None


@app.command("list")
def list_groups(
    context: typer.Context,
    *,
    account: Annotated[str | None, _ACCOUNT] = None,
    as_json: AsJson = False,
) -> None:
    """Show the groups that the account is in."""
    command = Command(context, as_json=as_json)
    with command.out.busy("Asking LinkedIn"):
        found = command.ask(lambda services: _with_contacts(services, parse_account_id(account, field="--account")))
    groups = [group for group, _ in found]
    command.out.document(
        {
            "groups": [
                {**group_shape(group), "firstContacts": share and share.used, "monthlyLimit": share and share.limit}
                for group, share in found
            ]
        }
    )
    if not groups:
        command.out.hint("The account is in no group.")
        return
    command.out.table(
        ("group id", "name", "members", "first written to this month", "the account is"),
        (
            (
                group.group_id or group.urn,
                _line(group.name),
                "" if group.member_count is None else f"{group.member_count:,}",
                "" if share is None else _contacts(share),
                group.status or "",
            )
            for group, share in found
        ),
    )


@app.command("members")
def list_members(
    context: typer.Context,
    group: Annotated[str, typer.Argument(metavar="ID", help="The group: its number, URN or URL.")],
    *,
    account: Annotated[str | None, _ACCOUNT] = None,
    query: Annotated[str, typer.Option(help="Only members whose names begin so.")] = "",
    status: Annotated[
        list[MembershipStatus] | None,
        typer.Option(help="Only these; can be given several times.", show_default="OWNER, MANAGER, MEMBER"),
    ] = None,
    start: Annotated[int, typer.Option(min=0, help="The place in LinkedIn's list to begin at.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=GROUP_MEMBERS_PER_DAY, help="How many members at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show the members of a group that the account is in.

    Each member shown is one of the 1,000 that an account may read in a day.
    """
    command = Command(context, as_json=as_json)
    if len(query) > MAX_QUERY_CHARACTERS or "\0" in query:
        raise InvalidField("--query", f"must be at most {MAX_QUERY_CHARACTERS} characters without NUL")
    wanted = MembersQuery(GroupId.parse(group, field="ID"), tuple(status or IN_THE_GROUP), query.strip())
    with command.out.progress("Asking LinkedIn") as report:
        found = command.ask(
            lambda services: _members(
                services, parse_account_id(account, field="--account"), wanted, start, limit, report
            )
        )
    shown: Json = {
        "groupId": str(wanted.group_id),
        "members": [member_shape(member) for member in found.members],
        "hasMore": found.has_more,
        "nextStart": found.next_start if found.has_more else None,
        "total": found.total,
        "quota": quota_shape(found.quota) if found.quota else None,
    }
    _show_members(command, found)
    if found.fault is not None:
        fault = found.fault
        more = {**fault.more, **shown} if found.members else fault.more
        raise CommandFailed(fault.text, fault.remedy, code=fault.code, more=more)
    command.out.document(shown)
    if not found.members:
        command.out.hint("There are no such members.")
    if found.has_more:
        command.out.hint(f"There are more: `--start {found.next_start}` goes on here.")


def _show_members(command: Command, found: _Progress) -> None:
    if not found.members:
        return
    command.out.table(
        ("profile id", "name", "status", "headline"),
        (
            (member.profile_id or "", _line(member.full_name), member.status or "", _line(member.headline))
            for member in found.members
        ),
    )
    if found.quota is not None and found.quota.remaining is not None:
        command.out.hint(f"{found.quota.used:,} of {found.quota.limit:,} members read today.")


def _line(text: str | None) -> str:
    """Join a text written by a stranger to one line, so that it cannot imitate a row."""
    return " ".join((text or "").split())


async def _all_groups(services: "Services", account_id: str | None) -> list[Group]:
    groups: list[Group] = []
    start = 0
    while True:
        reading = await services.directory.read_groups(workspace(), account_id, start=start, count=PAGE)
        page = unwrap_reading(reading, REFUSED_REMEDY)
        groups += page.items
        start += page.places
        if page.is_last:
            return groups


async def _with_contacts(services: "Services", account_id: str | None) -> list[tuple[Group, "GroupShare | None"]]:
    """Return the groups, each with how many of its members were written to this month."""
    found = []
    for group in await _all_groups(services, account_id):
        group_id = None if group.group_id is None else GroupId.parse(group.group_id)
        share = None if group_id is None else await services.pacing.read_group_share(workspace(), group_id)
        found.append((group, share))
    return found


def _contacts(share: "GroupShare") -> str:
    return f"{share.used:,}" if share.limit is None else f"{share.used:,} of {share.limit:,}"


async def _members(
    services: "Services",
    account_id: str | None,
    wanted: MembersQuery,
    start: int,
    limit: int,
    report: Callable[[int, int], None],
) -> _Progress:
    """Read pages until there are enough members; keep those that were read when a later page fails."""
    found = _Progress(next_start=start)
    while found.has_more and len(found.members) < limit:
        count = min(PAGE, limit - len(found.members))
        try:
            reading = await services.directory.read_members(
                workspace(), account_id, wanted, start=found.next_start, count=count
            )
            page = unwrap_reading(reading, REFUSED_REMEDY)
        except CommandFailed as fault:
            found.fault = fault
            return found
        except LimitReached as fault:
            found.fault, found.quota = explain(fault), fault.quota
            return found
        found.members += page.items
        found.next_start += page.places
        found.total, found.has_more, found.quota = page.total, not page.is_last, reading.quota
        report(len(found.members), limit)
    return found


def unwrap_reading(reading: "Reading[T]", if_refused: str) -> T:
    """Return what was read. Raises CommandFailed where nothing was. if_refused: the remedy where LinkedIn refused."""
    match reading.result:
        case Throttled():
            until = f"; it rests until {format_time(reading.hold_until)}" if reading.hold_until else ""
            raise CommandFailed(
                f"LinkedIn throttles this account{until}",
                "Leave it alone until then",
                code=ExitCode.LIMIT,
                more={"holdUntil": iso_z(reading.hold_until) if reading.hold_until else None},
            )
        case Refused(status, _, code, text):
            raise CommandFailed(f"LinkedIn refused it with {status}: {text or code or 'without a reason'}", if_refused)
        case SessionDead(why):
            raise CommandFailed(
                f"LinkedIn no longer takes the account's session ({why})",
                "Log in to LinkedIn in your browser, copy the session anew and run `confrere accounts connect`",
            )
        case Unreadable(why):
            raise CommandFailed(f"LinkedIn could not be read: {why}", "`confrere doctor` checks it")
        case value:
            return value
