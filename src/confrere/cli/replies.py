"""`confrere replies`: what the people who were written to have answered."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.groups import unwrap_reading
from confrere.cli.message_text import read_text
from confrere.cli.send import new_request_id, send_and_report
from confrere.cli.shapes import conversation_message_shape, reply_shape
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.conversation import ContentKind
from confrere.domain.ids import parse_account_id, parse_campaign_id
from confrere.domain.reply import Reply, ReplyFilter
from confrere.domain.urns import ProfileUrn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="What the people who were written to have answered.")

SEE_REPLIES = "`confrere replies list` shows the replies' ids"
REFUSED = "Try it in your browser"
BY = "cli"
"""Who has handled a reply that was marked on the command line."""

PAGE = 200

ReplyId = Annotated[str, typer.Argument(metavar="ID", help="The reply's id, as `replies list` shows it.")]


@app.command("list")
def list_replies(
    context: typer.Context,
    *,
    campaign: Annotated[str | None, typer.Option(help="Only to messages of this campaign.")] = None,
    account: Annotated[str | None, typer.Option(help="Only in this account's mailbox.", show_default="all")] = None,
    sender: Annotated[str | None, typer.Option("--from", help="Only of this person: urn:li:fsd_profile:<id>.")] = None,
    may_want_out: Annotated[
        bool, typer.Option("--may-want-out", help="Only those that contain a stop word: you decide.")
    ] = False,
    handled: Annotated[
        bool | None, typer.Option("--handled/--open", help="Only those that are handled, or only the others.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the replies, the last recorded first. A worker reads the mailboxes: see `confrere settings`, REPLIES."""
    command = Command(context, as_json=as_json)
    which = ReplyFilter(
        campaign_id=parse_campaign_id(campaign, field="--campaign"),
        account_id=parse_account_id(account, field="--account"),
        may_want_out=may_want_out or None,
        handled=handled,
        recipient=None if sender is None else ProfileUrn.parse(sender, field="--from"),
    )
    found = command.ask(
        lambda services: _read_replies(services, which, limit + 1),
        if_missing="`confrere campaigns list` and `confrere accounts list` show the ids",
    )
    shown = found[:limit]
    command.out.document({"replies": [reply_shape(reply) for reply in shown], "hasMore": len(found) > limit})
    if not shown:
        command.out.hint("There are no such replies.")
        return
    command.out.table(
        ("received", "name", "state", "id", "text"),
        (
            (format_time(reply.received_at), _line(reply.name), _state(reply), reply.id, _line(_content(reply)))
            for reply in shown
        ),
    )
    if len(found) > limit:
        command.out.hint(f"There are older ones: `--limit` shows more than {limit}.")
    command.out.hint("`replies conversation ID` shows what came before; `replies handled ID` marks it as handled.")


@app.command("show")
def show_reply(context: typer.Context, reply_id: ReplyId, *, as_json: AsJson = False) -> None:
    """Show one reply with its text."""
    command = Command(context, as_json=as_json)
    reply = command.ask(lambda services: services.replies.read(workspace(), reply_id), if_missing=SEE_REPLIES)
    command.out.document(reply_shape(reply))
    command.out.facts(
        [
            ("id", reply.id),
            ("name", _line(reply.name) or "-"),
            ("recipient", str(reply.recipient)),
            ("received", format_time(reply.received_at)),
            ("state", _state(reply)),
            ("handled", f"{format_time(reply.handled_at)} by {reply.handled_by}" if reply.handled_at else "-"),
            ("account", reply.account_id),
            ("campaign", reply.campaign_id or "-"),
            ("send", reply.send_id),
            ("conversation URN", reply.conversation_urn),
        ]
    )
    command.out.print(f"\n{_content(reply)}")
    if reply.may_want_out:
        command.out.hint("It contains a stop word; its sender may want no more messages.")
        command.out.hint(f"`confrere do-not-contact add {reply.recipient}` ends the contact.")


@app.command("handled")
def mark_handled(
    context: typer.Context,
    reply_id: ReplyId,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="It is open again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Record that a reply is handled; LinkedIn is not asked."""
    command = Command(context, as_json=as_json)
    reply = command.ask(
        lambda services: services.replies.mark_handled(workspace(), reply_id, by=BY, handled=not undo),
        if_missing=SEE_REPLIES,
    )
    command.out.document(reply_shape(reply))
    command.out.print("The reply is open." if undo else "The reply is handled.")


@app.command("answer")
def answer_reply(
    context: typer.Context,
    reply_id: ReplyId,
    *,
    message: Annotated[str | None, typer.Option(help="The text, sent exactly as it is.")] = None,
    message_file: Annotated[Path | None, typer.Option(help="File with the text, in UTF-8.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a reply: one message into its conversation, which counts against the day like any other.

    The text is taken from --message, from --message-file, or from standard input. The same command within 10 minutes of
    one that was interrupted does not send it twice.
    """
    from confrere.sending import SendRequest  # takes longer to import than showing a page of help

    command = Command(context, as_json=as_json)
    text = read_text(message, message_file)

    async def send(services: "Services") -> None:
        target = await services.replies.find_target(workspace(), reply_id)
        request = SendRequest(
            request_id=new_request_id(),
            workspace_id=workspace(),
            account_id=target.account_id,
            recipient=target.recipient,
            group_id=None,
            text=text,
            conversation_urn=target.conversation_urn,
        )
        await send_and_report(command, services, request)

    command.ask(send, if_missing=SEE_REPLIES)


@app.command("conversation")
def show_conversation(
    context: typer.Context,
    reply_id: ReplyId,
    *,
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="How many of the last messages at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the conversation as LinkedIn shows it to the account; nothing is marked as read."""
    command = Command(context, as_json=as_json)
    with command.out.busy("Asking LinkedIn"):
        reading = command.ask(
            lambda services: services.replies.read_conversation(workspace(), reply_id, count=limit),
            if_missing=SEE_REPLIES,
        )
    page = unwrap_reading(reading, REFUSED)
    owner_urn, has_more = page.account.profile_urn, page.older_before_ms is not None
    messages = [conversation_message_shape(message, owner_urn) for message in page.messages]
    command.out.document({"replyId": reply_id, "messages": messages, "hasMore": has_more})
    if has_more:
        command.out.hint("There are older messages: `--limit` shows more.")
    for message in reversed(page.messages):
        sender = _line(message.sender.full_name if message.sender else None)
        name = "You" if message.is_from(owner_urn) else sender or "-"
        lines = (message.text or _named(message.kinds)).splitlines() or [""]
        command.out.print(f"{format_time(message.delivered_at)}  {name}")
        command.out.print("".join(f"    {line}\n" for line in lines))


async def _read_replies(services: "Services", which: ReplyFilter, count: int) -> "Sequence[Reply]":
    found: list[Reply] = []
    while len(found) < count:
        wanted = min(PAGE, count - len(found))
        before_id = found[-1].id if found else None
        page = await services.replies.list_page(workspace(), which, before_id=before_id, count=wanted)
        found += page
        if len(page) < wanted:
            break
    return found


def _state(reply: Reply) -> str:
    """Say in words what the reply needs."""
    if reply.opted_out:
        return "opted out"
    if reply.handled_at is not None:
        return "handled"
    return "may want out" if reply.may_want_out else "open"


def _content(reply: Reply) -> str:
    """Return the text, or what it carries instead."""
    return reply.text or _named(reply.kinds)


def _named(kinds: tuple[ContentKind, ...]) -> str:
    return f"[{', '.join(kinds) or 'no text'}]"


def _line(text: str | None) -> str:
    """Join a text written by a stranger to one line, so that it cannot imitate a row."""
    return " ".join((text or "").split())
