"""The result of a send for an agent: outcome, quota and next step, which is never a blind repeat."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, assert_never

import structlog
from msgspec import Meta

from confrere.domain import errors
from confrere.domain.ids import parse_idempotency_key
from confrere.domain.limits import Quota, iso_z
from confrere.domain.message import MessageText
from confrere.domain.outcome import OPTED_OUT, Accepted, NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.http.timeouts import ANSWER_SECONDS
from confrere.mcp.error_texts import CONNECT, sentences
from confrere.mcp.shapes import Budget, Moment, budget_of
from confrere.mcp.tool import Call, Result
from confrere.sending import SendRequest, SendResult

log = structlog.get_logger()

LOW_SHARE = 0.1
"""Remaining share of the day's limit at which the agent is warned."""

Name = Literal["accepted", "refused", "throttled", "session_dead", "not_sent", "unknown", "in_flight"]


class SendAnswer(Result, frozen=True, kw_only=True):
    """The result of one send."""

    outcome: Annotated[
        Name,
        Meta(
            description="accepted: LinkedIn has it. refused, throttled, session_dead, not_sent: certainly not sent. "
            "unknown: LinkedIn may have it. in_flight: the first call with this key still runs."
        ),
    ]
    sent: Annotated[bool | None, Meta(description="null: not known yet, so treat it as sent.")]
    summary: str
    next_step: Annotated[str, Meta(description="What to do now. Follow it.")]
    may_repeat: Annotated[
        bool, Meta(description="Whether making the same call again, with the same idempotencyKey, can be of use.")
    ]
    not_before: Annotated[Moment | None, Meta(description="The earliest time for it, where there is one.")] = None
    replayed: Annotated[
        bool, Meta(description="It is the answer of an earlier call with this key; nothing new was sent.")
    ] = False
    send_id: Annotated[str | None, Meta(description="Its row in list-sends, where there is one.")] = None
    recipient_profile_urn: str
    group_id: str
    budget: Annotated[Budget | None, Meta(description="What is left of the account's messages after this.")] = None

    @property
    def failed(self) -> bool:
        """Whether it certainly was not sent. Nothing else is an error, because hosts may repeat errors."""
        return self.sent is False


@dataclass(frozen=True, slots=True)
class SendReport:
    """The part of an answer that the outcome decides."""

    outcome: Name
    sent: bool | None
    summary: str
    next_step: str
    may_repeat: bool = False
    not_before: datetime | None = None


async def send_and_report(
    call: Call,
    *,
    recipient: ProfileUrn,
    group_id: GroupId,
    message: str,
    account_id: str | None,
    idempotency_key: str | None,
) -> SendAnswer:
    """Send, and return the result. Raises ConfrereError only where the agent has to correct its arguments."""
    request = SendRequest(
        request_id=call.request_id,
        workspace_id=call.workspace_id,
        account_id=account_id,
        recipient=recipient,
        group_id=group_id,
        text=MessageText.parse(message),
        idempotency_key=None
        if idempotency_key is None
        else parse_idempotency_key(idempotency_key, field="idempotencyKey"),
    )

    def answer(
        report: SendReport, quota: Quota | None, send_id: str | None = None, *, replayed: bool = False
    ) -> SendAnswer:
        return SendAnswer(
            outcome=report.outcome,
            sent=report.sent,
            summary=report.summary,
            next_step=report.next_step,
            may_repeat=report.may_repeat,
            not_before=iso_z(report.not_before) if report.not_before else None,
            replayed=replayed,
            send_id=send_id,
            recipient_profile_urn=str(recipient),
            group_id=str(group_id),
            budget=budget_of(quota) if quota else None,
        )

    return await _send(call, request, answer)


async def _send(call: Call, request: SendRequest, answer: Callable[..., SendAnswer]) -> SendAnswer:
    connection = call.agent.register_call(call.id)
    bound = asyncio.timeout(ANSWER_SECONDS)
    try:
        async with bound:
            result = await call.services.sender.send(request, connection)
    except asyncio.CancelledError:
        call.agent.mark_unanswered(call.id)  # the agent has cancelled the call, or is gone
        raise
    except TimeoutError:
        if not bound.expired():
            raise
        call.agent.mark_unanswered(call.id)
        return answer(
            _unknown(f"no answer within {ANSWER_SECONDS:.0f} s", keyed=_keyed(request)), None, connection.send_id
        )
    except errors.StoreUnavailable as fault:
        if connection.send_id is None:
            return answer(_describe_error(fault), fault.quota)
        call.agent.mark_unanswered(call.id)
        return answer(_unknown("the server's store went away", keyed=_keyed(request)), None, connection.send_id)
    except errors.InvalidField:
        raise
    except errors.ConfrereError as refusal:
        return answer(_describe_error(refusal), refusal.quota)
    except Exception:  # a bug, at an unknown point of the send
        log.exception("internal_error", tool="send-group-message")
        call.agent.mark_unanswered(call.id)
        return answer(_unknown("an internal error", keyed=_keyed(request)), None, connection.send_id)
    report = _describe(result, keyed=_keyed(request))
    return answer(report, result.quota, result.send_id, replayed=result.replayed)


def _keyed(request: SendRequest) -> bool:
    return request.idempotency_key is not None


def _describe(result: SendResult, *, keyed: bool) -> SendReport:
    outcome: Outcome = result.outcome
    match outcome:
        case Accepted():
            summary = (
                "Sent earlier, with this key; nothing new was sent." if result.replayed else "Sent: LinkedIn has it."
            )
            return SendReport("accepted", sent=True, summary=summary, next_step=_after_success(result.quota))
        case Refused():
            return _refused(outcome)
        case Throttled():
            until = f" until {iso_z(result.hold_until)}" if result.hold_until else ""
            return SendReport(
                "throttled",
                sent=False,
                summary=f"Not sent: LinkedIn throttles this account, which is now held{until}.",
                next_step="Stop sending, tell the human, and suggest sending less. Do not use another account instead.",
                may_repeat=result.hold_until is not None,
                not_before=result.hold_until,
            )
        case SessionDead(why):
            return SendReport(
                "session_dead",
                sent=False,
                summary=f"Not sent: LinkedIn no longer takes the account's session ({why}).",
                next_step=f"Stop. {CONNECT}.",
            )
        case NotSent(why, protocol_moved):
            return SendReport(
                "not_sent",
                sent=False,
                summary=f"Certainly not sent: {why}.",
                next_step="LinkedIn's protocol may have moved: stop, and ask the human to run `confrere doctor`."
                if protocol_moved
                else "The same call can be made once more, with the same idempotencyKey. If it fails again, tell the "
                "human.",
                may_repeat=not protocol_moved,
            )
        case Unknown(why):
            return _unknown(why, keyed=keyed)
        case _:
            assert_never(outcome)


def _unknown(why: str, *, keyed: bool) -> SendReport:
    """Describe an unknown outcome. Suggest a repeat only with a key: without one it is safe for ten minutes."""
    again = (
        "The same call with the same idempotencyKey looks it up first, and does not send it twice."
        if keyed
        else "Do not call again to find out."
    )
    return SendReport(
        "unknown",
        sent=None,
        summary=f"Not known: LinkedIn may have the message ({why}).",
        next_step="Treat it as sent: do not send it again in other words, by other means or with a new key. The server "
        f"looks for it by itself; in a few minutes list-sends says what became of it. {again} Tell the human.",
        may_repeat=keyed,
    )


def _refused(refused: Refused) -> SendReport:
    if refused.code == OPTED_OUT.code:
        return SendReport(
            "refused",
            sent=False,
            summary="Not sent: this person has asked not to be contacted. LinkedIn was not asked.",
            next_step="Do not write to this person, in no way and from no account.",
        )
    words = ": ".join(word for word in (refused.code, refused.text) if word) or "without a reason"
    return SendReport(
        "refused",
        sent=False,
        summary=f"Not sent: LinkedIn refused it with {refused.status} ({words}).",
        next_step="Do not repeat it: it does not help, and many refusals harm the account. The recipient may not be in "
        "this group, or not take messages from it. Tell the human.",
    )


def _describe_error(error: errors.ConfrereError) -> SendReport:
    """Describe an error that was raised before LinkedIn was asked."""
    text = sentences(error)
    match error:
        case errors.KeyInUse():
            summary = "The first call with this idempotencyKey is still running."
            return SendReport("in_flight", sent=None, summary=summary, next_step=text, may_repeat=True)
        case errors.LimitReached():
            until = error.resets_at
            summary = f"Not sent: {error}."
            return SendReport(
                "not_sent", sent=False, summary=summary, next_step=text, may_repeat=True, not_before=until
            )
        case errors.Draining() | errors.StoreUnavailable():
            summary = "Not sent: the server cannot do it just now."
            return SendReport("not_sent", sent=False, summary=summary, next_step=text, may_repeat=True)
        case _:
            return SendReport("not_sent", sent=False, summary="Not sent, and LinkedIn was not asked.", next_step=text)


def _after_success(quota: Quota) -> str:
    if quota.limit is None or quota.remaining is None:
        return "Nothing more is to be done for this message."
    left = f"{quota.remaining} of {quota.limit} messages are left until {iso_z(quota.resets_at)}"
    if quota.remaining <= quota.limit * LOW_SHARE:
        return f"Only {left}: send no other one unless the human chooses whom it is for."
    return f"Nothing more is to be done for this message. {left}; that is a ceiling, not a goal."
