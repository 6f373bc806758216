"""What became of everybody in some campaigns, compared with what recipients have seen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from tests.server_process import Site

from confrere.domain.campaigns.campaign import CampaignPerson, PersonFilter, PersonStatus, SkipReason
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import Send, SendFilter
from verification.report import Report

_MOST_ROWS = 100_000


@dataclass
class Facts:
    """What is known without asking the product.

    people:              profile URNs of all that campaigns write to.
    urns:                profile URNs of the accounts, by account id.
    campaigns:           the account of each campaign.
    conversations:       account and member who had a conversation before.
    opted_out, replied:  by person, the sends to them that had begun when that was committed.
    answered:            the text with which a person has answered a message, which is in the account's mailbox.
    recorded:            the people of the replies that were recorded.
    """

    people: list[str] = field(default_factory=list)
    urns: dict[str, str] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=dict)
    conversations: set[tuple[str, str]] = field(default_factory=set)
    opted_out: dict[str, set[str]] = field(default_factory=dict)
    replied: dict[str, set[str]] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    recorded: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rows:
    """What the product has written: the people of campaigns, and all sends."""

    people: Sequence[CampaignPerson]
    sends: Mapping[str, Send]


async def read_rows(site: Site, facts: Facts) -> Rows:
    """Read them."""
    async with site.services() as services:
        people: list[CampaignPerson] = []
        for campaign_id in facts.campaigns:
            people += await services.store.list_campaign_people(
                "default", campaign_id, PersonFilter(), after_id=None, count=_MOST_ROWS
            )
        sends = await services.store.search_sends("default", SendFilter(), before_id=None, count=_MOST_ROWS)
    return Rows(people, {send.id: send for send in sends})


def account_for(report: Report, facts: Facts, rows: Rows, messages: Sequence[Mapping[str, Any]]) -> None:
    """Report everybody who has two messages, or none without a true reason, and every status that is not true."""
    seen = Counter(message["recipient"] for message in messages)
    for row in rows.people:
        name = row.status if row.status is not PersonStatus.SKIPPED else f"skipped: {row.reason}"
        report.count(f"rows {name}")
    report.figures["messages seen"] = len(messages)
    report.figures["opted out, of these before a message"] = _told(facts.opted_out, seen)
    report.figures["replied, of these before a message"] = _told(facts.replied, seen)
    report.figures["answered"] = len(facts.answered)
    recorded = Counter(facts.recorded)
    wrong = [one for one in {*recorded, *facts.answered} if recorded[one] != (one in facts.answered)]
    report.count_wrong("answers recorded not once", wrong)
    report.count_wrong("written to twice", [f"{one}: {times} times" for one, times in seen.items() if times > 1])
    pairs = {(message["sender"], message["recipient"]) for message in messages}
    report.count_wrong("written to despite a conversation", [str(pair) for pair in pairs & facts.conversations])
    wrongs = [f"{_describe(row, rows)}: {why}" for row in rows.people if (why := _untruth(row, facts, rows, messages))]
    report.count_wrong("forgotten", [text for text in wrongs if text.endswith(_FORGOTTEN)])
    report.count_wrong("untrue statuses", [text for text in wrongs if not text.endswith(_FORGOTTEN)])
    in_campaigns = {row.recipient for row in rows.people}
    report.count_wrong("in no campaign any more", [one for one in facts.people if one not in in_campaigns])
    late = [
        f"{send.id} to {send.recipient}, begun {send.created_at:%T.%f}"
        for send in rows.sends.values()
        for left in (facts.opted_out, facts.replied)
        if send.recipient in left and send.id not in left[send.recipient]
    ]
    report.count_wrong("begun after an opt-out or a reply", late)


_FORGOTTEN = "is not done"


def _untruth(row: CampaignPerson, facts: Facts, rows: Rows, messages: Sequence[Mapping[str, Any]]) -> str | None:
    """Return why the row's status is not true; None where it is."""
    send = rows.sends.get(row.send_id or "")
    tokens = {message["originToken"] for message in messages if message["recipient"] == row.recipient}
    is_seen = send is not None and send.origin_token in tokens
    if row.recipient in facts.answered and row.status is not PersonStatus.REPLIED:
        return "they have answered"
    match row.status:
        case PersonStatus.SENT:
            is_accepted = send is not None and send.outcome is OutcomeName.ACCEPTED
            return None if is_accepted and is_seen else "no such message was seen"
        case PersonStatus.REFUSED:
            is_refused = send is not None and send.outcome is OutcomeName.REFUSED
            return None if is_refused and not is_seen else "LinkedIn did not refuse it"
        case PersonStatus.REPLIED:
            return None if row.recipient in {*facts.replied, *facts.answered} else "there was no reply"
        case PersonStatus.SKIPPED:
            return None if _is_true_skip(row, facts, messages, seen=bool(tokens)) else "the reason is not true"
        case PersonStatus.WAITING | PersonStatus.IN_FLIGHT | PersonStatus.UNKNOWN:
            return _FORGOTTEN
        case _:
            assert_never(row.status)


def _is_true_skip(row: CampaignPerson, facts: Facts, messages: Sequence[Mapping[str, Any]], *, seen: bool) -> bool:
    account = facts.urns[facts.campaigns[row.campaign_id]]
    pair = (account, row.recipient)
    match row.reason:
        case SkipReason.DO_NOT_CONTACT:
            return row.recipient in facts.opted_out or facts.answered.get(row.recipient) == "stop"
        case SkipReason.REPLIED_BEFORE:
            return row.recipient in facts.replied
        case SkipReason.ALREADY_WRITTEN_TO:
            return seen
        case SkipReason.CONVERSATION_EXISTS:
            return pair in facts.conversations or any((one["sender"], one["recipient"]) == pair for one in messages)
        case _:
            return False


def _told(left: Mapping[str, set[str]], seen: Mapping[str, int]) -> str:
    return f"{len(left)}, {sum(not seen.get(one) for one in left)}"


def _describe(row: CampaignPerson, rows: Rows) -> str:
    send = rows.sends.get(row.send_id or "")
    ledger = "no send" if send is None else f"send {send.id} {send.outcome} ({send.reason})"
    return f"{row.id} {row.status} ({row.reason}), {ledger}"
