"""`list-audit`: who changed what in the workspace, and when."""

from typing import Annotated, Literal

from msgspec import Meta

from confrere.domain.audit import AuditEntry, AuditFilter, parse_action, parse_subject
from confrere.domain.keys import Scope
from confrere.domain.limits import iso_z
from confrere.mcp.arguments import Arguments
from confrere.mcp.sends import When
from confrere.mcp.shapes import Moment
from confrere.mcp.tool import Call, Result, Tool


class ListAudit(Arguments, frozen=True, kw_only=True):
    """Arguments of `list-audit`. Not `action`, which workflow tools add to every call."""

    actor: Annotated[
        str | None,
        Meta(description="Only what this user or key did, by name or id; or user, key, agent, command_line, server."),
    ] = None
    done: Annotated[
        str | None, Meta(description="Only entries of this action, such as campaign_paused or account_session_dead.")
    ] = None
    subject: Annotated[
        str | None, Meta(description="Only what was done to this: an id, such as a campaignId, or a profileUrn.")
    ] = None
    since: When = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    before_number: Annotated[
        Annotated[int, Meta(ge=1, le=2**53)] | None, Meta(description="nextBeforeNumber of the page before.")
    ] = None


class AuditItem(Result, frozen=True, kw_only=True):
    """One entry."""

    number: int
    at: Moment
    action: str
    actor_kind: Literal["user", "key", "agent", "command_line", "server", "nobody"]
    actor_id: str | None
    actor_name: Annotated[str | None, Meta(description="What the user or key is called today.")]
    address: str | None
    subject: Annotated[str | None, Meta(description="The id of what it was done to; of a person, a keyed hash.")]
    subject_name: Annotated[str | None, Meta(description="What it is called today, if it is still there.")]
    detail: str | None
    request_id: str | None


class AuditPage(Result, frozen=True, kw_only=True):
    """A page of the log, newest first."""

    entries: list[AuditItem]
    next_before_number: Annotated[int | None, Meta(description="For the next page; null on the last one.")]


async def list_audit(call: Call, args: ListAudit) -> AuditPage:
    """Read a page of the entries that match. Raises InvalidField."""
    services, workspace_id = call.services, call.workspace_id
    which = AuditFilter(
        await services.audit_names.find_actor(workspace_id, args.actor, field="actor") if args.actor else None,
        parse_action(args.done or None, field="done"),
        parse_subject(args.subject or None),
        args.since,
    )
    found = await services.audit.list_audit(workspace_id, which, before=args.before_number, count=args.limit + 1)
    page = found[: args.limit]
    named = await services.audit_names.find(workspace_id, page)
    names = {one: known.name for one, known in named.items()}
    more = page[-1].number if len(found) > args.limit else None
    return AuditPage(entries=[_item(entry, names) for entry in page], next_before_number=more)


def _item(entry: AuditEntry, names: dict[str, str]) -> AuditItem:
    actor = entry.actor
    return AuditItem(
        number=entry.number,
        at=iso_z(entry.at),
        action=entry.action.value,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        actor_name=names.get(actor.id or ""),
        address=actor.address,
        subject=entry.subject,
        subject_name=names.get(entry.subject or ""),
        detail=entry.detail,
        request_id=actor.request_id,
    )


LIST_AUDIT = Tool(
    name="list-audit",
    title="List the audit log",
    description="""\
List who changed what in this workspace and when, newest first: users, keys, agents, the command line, and what the
server did of itself, such as to pause a campaign after refusals or to disable a webhook that failed. Use it when the
human asks who did something, or why something stopped. Nothing is changed, and LinkedIn is not asked.

Addresses and names of users are for the human alone: do not put them into a message.""",
    takes=ListAudit,
    gives=AuditPage,
    do=list_audit,
    needs=Scope.ADMIN,
)
