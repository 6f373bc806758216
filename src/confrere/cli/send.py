"""`confrere send`: one message, by the same path as a send over the API."""

import asyncio
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, assert_never

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import CommandFailed, ExitCode
from confrere.cli.message_text import read_text
from confrere.cli.output import Json
from confrere.cli.people import found_person
from confrere.cli.shapes import quota_shape
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.errors import ConfrereError
from confrere.domain.ids import parse_account_id, parse_idempotency_key
from confrere.domain.limits import Quota, iso_z
from confrere.domain.outcome import OPTED_OUT, Accepted, NotSent, Refused, SessionDead, Throttled, Unknown
from confrere.domain.person import VanityName, parse_person
from confrere.domain.urns import GroupId, ProfileUrn

if TYPE_CHECKING:
    from confrere.sending import SendRequest, SendResult
    from confrere.services import Services


def send_message(
    context: typer.Context,
    *,
    to: Annotated[
        str,
        typer.Option(help="The recipient: a profile's address or the name in it, urn:li:fsd_profile:<id>, or the id."),
    ],
    group: Annotated[str, typer.Option(help="The group that you share: its number, URN or URL.")],
    message: Annotated[str | None, typer.Option(help="The text, sent exactly as it is.")] = None,
    message_file: Annotated[Path | None, typer.Option(help="File with the text, in UTF-8.")] = None,
    account: Annotated[
        str | None, typer.Option(help="The id of the account to send from.", show_default="the default account")
    ] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="The same key within 24 h is the same message: it is never sent twice.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send one message to a fellow member of a group, and say truthfully what became of it.

    The text is taken from --message, from --message-file, or from standard input. It counts against the account's
    quota like any other. A profile's address costs one read of LinkedIn more, once in 30 days. Exit code 0: LinkedIn
    accepted it; 4: LinkedIn may have it.
    """
    from confrere.sending import SendRequest  # takes longer to import than showing a page of help

    command = Command(context, as_json=as_json)
    if idempotency_key is not None:
        parse_idempotency_key(idempotency_key, field="--idempotency-key")
    account_id = parse_account_id(account, field="--account")
    who = parse_person(to, field="--to")
    group_id, text = GroupId.parse(group, field="--group"), read_text(message, message_file)

    async def send(services: "Services") -> None:
        request = SendRequest(
            request_id=new_request_id(),
            workspace_id=workspace(),
            account_id=account_id,
            recipient=await _resolve(command, services, account_id, who) if isinstance(who, VanityName) else who,
            group_id=group_id,
            text=text,
            idempotency_key=idempotency_key,
        )
        await send_and_report(command, services, request)

    command.ask(send)


async def _resolve(command: Command, services: "Services", account_id: str | None, name: VanityName) -> ProfileUrn:
    """Return whose address it is, and print who that is before anything is sent."""
    with command.out.busy("Asking LinkedIn who this is"):
        person = found_person(await services.directory.resolve_person(workspace(), account_id, name))
    about = ", ".join(part for part in (person.full_name, person.headline) if part)
    command.out.hint(f"To {about or 'somebody without a name'} ({person.profile_urn}).")
    return person.profile_urn


def new_request_id() -> str:
    """Return what the ledger has in place of a request's id for a send from the command line."""
    return f"cli-{secrets.token_hex(8)}"


async def send_and_report(command: Command, services: "Services", request: "SendRequest") -> None:
    """Send, and print the outcome. An interrupted caller was not answered: the same command is a repeat."""
    from confrere.sending import CallerConnection

    line = CallerConnection()
    try:
        with command.out.busy("Sending"):
            result = await services.sender.send(request, line)
        _report(command, request, result)
    except CommandFailed:
        services.sender.record_answered(line)
        raise
    except ConfrereError:
        raise
    except BaseException as fault:
        services.sender.record_disconnect(line)
        if isinstance(fault, asyncio.CancelledError):
            command.out.hint(
                "Interrupted. A send that had begun goes on to its end: `confrere sends list` shows what became of it, "
                "and the same command within 10 minutes does not send it twice."
            )
        raise
    services.sender.record_answered(line)


def _report(command: Command, request: "SendRequest", result: "SendResult") -> None:
    """Print the outcome. Raises CommandFailed for every outcome but Accepted."""
    more: Json = {
        "outcome": str(result.outcome.name),
        "sendId": result.send_id,
        "recipientProfileUrn": str(request.recipient),
        "groupId": str(request.group_id),
        "replayed": result.replayed,
        "quota": quota_shape(result.quota),
    }
    match result.outcome:
        case Accepted():
            command.out.document({"success": True, **more})
            if result.replayed:
                command.out.print(
                    f"Sent earlier, with the same idempotency key (send {result.send_id}); nothing new was sent."
                )
            else:
                command.out.print(f"Sent: LinkedIn accepted the message (send {result.send_id}).")
            command.out.hint(_left(result.quota))
        case Refused() as refused:
            raise _refused(refused, request, more)
        case Throttled():
            until = f"; it rests until {format_time(result.hold_until)}" if result.hold_until else ""
            hold = iso_z(result.hold_until) if result.hold_until else None
            raise CommandFailed(
                f"Not sent: LinkedIn throttles this account{until}",
                "Leave it alone until then, and send less",
                code=ExitCode.LIMIT,
                more={**more, "holdUntil": hold},
            )
        case SessionDead(why):
            raise CommandFailed(
                f"Not sent: LinkedIn no longer takes the account's session ({why})",
                "Log in to LinkedIn in your browser, copy the session anew and run `confrere accounts connect`",
                more=more,
            )
        case NotSent(why, protocol_moved):
            remedy = "LinkedIn's protocol may have moved: `confrere doctor`" if protocol_moved else "It can be repeated"
            raise CommandFailed(f"Not sent, for certain: {why}", remedy, more=more)
        case Unknown(why):
            raise CommandFailed(
                f"Not known: LinkedIn may have the message ({why})",
                f"Do not send it by other means. A worker looks for it: `confrere sends show {result.send_id}`. "
                "The same command within 10 minutes looks first and does not send it twice",
                code=ExitCode.UNKNOWN,
                more=more,
            )
        case _:
            assert_never(result.outcome)


def _refused(refused: Refused, request: "SendRequest", more: Json) -> CommandFailed:
    details = {
        "status": refused.status,
        "statusText": refused.status_text,
        "data": {"code": refused.code, "message": refused.text},
    }
    if refused.code == OPTED_OUT.code:
        return CommandFailed(
            "Not sent: the recipient is on the do-not-contact list; LinkedIn was not asked",
            f"`confrere do-not-contact remove {request.recipient}` takes them off, if they agree",
            more={**more, "errorDetails": details},
        )
    reason = ": ".join(part for part in (refused.code, refused.text) if part) or "without a reason"
    return CommandFailed(
        f"Not sent: LinkedIn refused it with {refused.status} ({reason})",
        "Are both of you members of the group, and does the recipient take messages from it? "
        "Repeating it does not help, and many refusals are a sign to LinkedIn",
        more={**more, "errorDetails": details},
    )


def _left(quota: Quota) -> str:
    limit = "" if quota.limit is None else f" of {quota.limit}"
    return f"{quota.used}{limit} messages used today; the day ends {format_time(quota.resets_at)}."
