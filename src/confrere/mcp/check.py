"""`check-group-message`: whether a send would go through, without sending."""

from typing import Annotated

from msgspec import Meta

from confrere.domain.ids import parse_account_id
from confrere.domain.message import MAX_CHARACTERS, MessageText
from confrere.domain.preflight import CheckName, PreflightRequest, PreflightResult
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.mcp.arguments import Arguments
from confrere.mcp.shapes import AccountId, GroupRef, PersonRef
from confrere.mcp.tool import Call, Result, Tool


class CheckMessage(Arguments, frozen=True, kw_only=True):
    """Arguments of `check-group-message`."""

    recipient_profile_urn: PersonRef
    group_id: GroupRef
    message: Annotated[
        Annotated[str, Meta(extra_json_schema={"maxLength": MAX_CHARACTERS})] | None,
        Meta(description="The text that you have in mind; then earlier sends of the very same are looked for."),
    ] = None
    account_id: AccountId = None
    ask_linked_in: Annotated[
        bool,
        Meta(
            description="Whether to ask LinkedIn too: are both in the group, is there a conversation already. Reads a "
            "few members, which count as GROUP_MEMBERS."
        ),
    ] = False
    recipient_name: Annotated[
        Annotated[str, Meta(max_length=100)] | None,
        Meta(description="The recipient's name, by which alone LinkedIn finds them among the members."),
    ] = None


class CheckItem(Result, frozen=True, kw_only=True):
    """The result of one check."""

    name: CheckName
    ok: Annotated[bool | None, Meta(description="null: it could not be told.")]
    detail: str


class CheckAnswer(Result, frozen=True, kw_only=True):
    """The results of all checks."""

    would_send: Annotated[bool | None, Meta(description="Whether a new message would go out; null: not certain.")]
    next_step: str
    checks: list[CheckItem]


async def check_message(call: Call, args: CheckMessage) -> CheckAnswer:
    """Run every check that a send is subject to. Raises InvalidField."""
    result = await call.services.preflight.check(
        PreflightRequest(
            workspace_id=call.workspace_id,
            account_id=parse_account_id(args.account_id),
            recipient=ProfileUrn.parse(args.recipient_profile_urn),
            group_id=GroupId.parse(args.group_id),
            text=MessageText.parse(args.message) if args.message else None,
            recipient_name=args.recipient_name or None,
            ask_linkedin=args.ask_linked_in,
        )
    )
    checks = [CheckItem(name=check.name, ok=check.ok, detail=check.detail) for check in result.checks]
    return CheckAnswer(would_send=result.would_send, next_step=_next_step(result), checks=checks)


def _next_step(result: PreflightResult) -> str:
    match result.would_send:
        case True:
            return "Nothing stands in the way. Show the human recipient and text, and send once they agree."
        case False:
            return "Do not send: see the checks that are not ok, and tell the human. Do not look for a way round them."
        case None:
            return "Not certain: tell the human what could not be told (ok: null), and let them decide."


CHECK_MESSAGE = Tool(
    name="check-group-message",
    title="Check a message before it is sent",
    description="""\
Find out whether a message would go out, without sending anything: the account's state, the do-not-contact list, what is
left of the day, an earlier send of the very same; with askLinkedIn also whether both are in the group and whether there
is a conversation already. Call it before send-group-message, and show the human what it says.

That it would be sent does not mean that it should be: whether the message is wanted is for the human to judge. No unit
of MESSAGE is spent.""",
    takes=CheckMessage,
    gives=CheckAnswer,
    do=check_message,
    asks=True,
)
