"""`confrere sends`: the ledger of all sends and their outcomes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import SEE_ACCOUNTS, AsJson, Command
from confrere.cli.shapes import send_shape
from confrere.cli.times import format_time, parse_bound
from confrere.cli.workspace import workspace
from confrere.domain.account import Account
from confrere.domain.ids import parse_account_id
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import Send, SendFilter
from confrere.domain.urns import GroupId, ProfileUrn

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="The ledger: what was sent, and what became of it.")

PAGE = 200
MOST = 100_000


@dataclass(frozen=True, slots=True)
class _Page:
    account: Account
    sends: list[Send]
    has_more: bool


@app.command("list")
def list_sends(
    context: typer.Context,
    *,
    account: Annotated[str | None, typer.Option(help="The account's id.", show_default="the default account")] = None,
    outcome: Annotated[OutcomeName | None, typer.Option(help="Only sends that ended so.")] = None,
    group: Annotated[str | None, typer.Option(help="Only through this group: its number, URN or URL.")] = None,
    to: Annotated[str | None, typer.Option(help="Only to this recipient: urn:li:fsd_profile:<id>.")] = None,
    since: Annotated[str | None, typer.Option(help="Not older: how long ago (12h, 2d), a day or a time.")] = None,
    until: Annotated[str | None, typer.Option(help="Older than that: how long ago, a day or a time.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show an account's sends, newest first."""
    command = Command(context, as_json=as_json)
    group_id = None if group is None else str(GroupId.parse(group, field="--group"))
    recipient = None if to is None else str(ProfileUrn.parse(to, field="--to"))

    async def read(services: "Services") -> _Page:
        now = services.clock()
        which = SendFilter(
            outcome=outcome,
            group_id=group_id,
            recipient=recipient,
            since=parse_bound(since, "--since", now),
            until=parse_bound(until, "--until", now),
        )
        return await _read_page(services, parse_account_id(account, field="--account"), which, limit)

    page = command.ask(read, if_missing=SEE_ACCOUNTS)
    command.out.document(
        {
            "accountId": page.account.id,
            "sends": [send_shape(send) for send in page.sends],
            "hasMore": page.has_more,
        }
    )
    if not page.sends:
        command.out.hint("There are no such sends.")
        return
    command.out.table(
        ("when", "outcome", "recipient", "group", "id", "reason"),
        (
            (
                format_time(send.created_at),
                str(send.outcome),
                ProfileUrn(send.recipient).profile_id,
                send.group_id or "-",
                send.id,
                send.reason or "",
            )
            for send in page.sends
        ),
    )
    if page.has_more:
        command.out.hint(f"There are older ones: `--limit` shows more than {limit}, `--since` and `--until` choose.")


@app.command("show")
def show_send(
    context: typer.Context,
    send_id: Annotated[str, typer.Argument(metavar="ID", help="The send's id, as `sends list` shows it.")],
    *,
    with_text: Annotated[bool, typer.Option("--with-text", help="Show the message's text too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one send; its text only where you ask for it."""
    command = Command(context, as_json=as_json)
    send, text = command.ask(
        lambda services: services.history.read(workspace(), send_id),
        if_missing="`confrere sends list` shows the sends' ids",
    )
    shown = {"accountId": send.account_id, **send_shape(send)}
    command.out.document({**shown, "message": text} if with_text else shown)
    command.out.facts(
        [
            ("id", send.id),
            ("outcome", str(send.outcome)),
            *([("reason", send.reason)] if send.reason else []),
            ("recipient", send.recipient),
            ("group", send.group_id or "- (a plain message)"),
            ("account", send.account_id),
            ("begun", format_time(send.created_at)),
            ("known since", format_time(send.settled_at)),
            ("message URN", send.message_urn or "-"),
            ("conversation URN", send.conversation_urn or "-"),
        ]
    )
    if with_text:
        command.out.print(f"\n{text}")


async def _read_page(services: "Services", account_id: str | None, which: SendFilter, limit: int) -> _Page:
    """Read up to `limit` sends, page by page, and whether there are more."""
    sends: list[Send] = []
    while True:
        wanted = min(PAGE, limit + 1 - len(sends))
        before_id = sends[-1].id if sends else None
        account, more = await services.history.list_of_account(
            workspace(), account_id, which, before_id=before_id, count=wanted
        )
        sends += more
        if len(more) < wanted or len(sends) > limit:
            return _Page(account, sends[:limit], len(sends) > limit)
