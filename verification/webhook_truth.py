"""The events that the product has committed, by its tables, compared with what receivers got."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.limits import Action
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import Send, SendFilter
from confrere.domain.webhooks import public_event_id
from confrere.services import Services
from verification.receivers import Conduct, Receiver
from verification.report import Report

Fact = tuple[str, str]
"""An event's type, and the id of what it is about."""

_SUBJECTS = {
    "send": "sendId",
    "message": "replyId",
    "recipient": "recipientProfileUrn",
    "campaign": "campaignId",
    "account": "accountId",
    "quota": "accountId",
    "webhook": "webhookId",
}
_OWN_NAMES = frozenset({OutcomeName.ACCEPTED, OutcomeName.REFUSED, OutcomeName.UNKNOWN})
_ENDED = frozenset({CampaignStatus.FINISHED, CampaignStatus.STOPPED})
_MOST_ROWS = 100_000


async def compare_events(report: Report, services: Services, receivers: Sequence[Receiver]) -> None:
    """Report each event that a receiver has not got, and each that was never committed; of each, its bytes."""
    sends = await services.store.search_sends("default", SendFilter(), before_id=None, count=_MOST_ROWS)
    committed = await _committed(services, sends)
    for receiver in receivers:
        if receiver.conduct in (Conduct.GONE, Conduct.REDIRECTS):
            committed.add(("webhook.disabled", receiver.webhook_id))
    outbox = {public_event_id(row[0]) for row in await _read_outbox(services)}
    bodies: defaultdict[str, set[bytes]] = defaultdict(set)
    for receiver in receivers:
        report.count_wrong("requests with a wrong signature, timestamp or address", receiver.wrongs)
        for request in receiver.requests:
            bodies[request.event_id].add(request.body)
    facts = {event_id: _fact_of(min(of_event)) for event_id, of_event in bodies.items()}
    report.count_wrong("events whose bytes differ", [str(facts[one]) for one in bodies if len(bodies[one]) > 1])
    earlier = _earlier(sends)
    known = {one.id for one in await services.accounts.search("default")} | {subject for _, subject in committed}
    wrong = [
        str(fact)
        for event_id, fact in facts.items()
        if event_id not in outbox
        or (fact not in committed and fact not in earlier and not (_may_repeat(fact) and fact[1] in known))
    ]
    report.count_wrong("events that were not committed", wrong)
    for receiver in receivers:
        got = {facts[one.event_id] for one in receiver.requests if one.status == 200}
        ids = {one.event_id for one in receiver.requests if one.status == 200}
        if receiver.conduct.can_receive:
            missing = [f"{fact} at the receiver that {receiver.conduct}" for fact in committed - got]
            missing += [f"{one} at the receiver that {receiver.conduct}" for one in outbox - ids]
            report.count_wrong("events not delivered", missing)
        report.count("tries", len(receiver.requests))
        report.count("delivered, each event once at each receiver", len(ids))
        report.figures[f"tries, where it {receiver.conduct}"] = len(receiver.requests)
    report.figures["events"] = len(outbox)
    for kind, number in sorted(Counter(facts[one][0] for one in outbox if one in facts).items()):
        report.figures[f"  {kind}"] = number


async def _committed(services: Services, sends: Sequence[Send]) -> set[Fact]:
    """Return what must have been reported, since it is in the tables."""
    facts = {(_type_of(send), send.id) for send in sends if send.outcome is not OutcomeName.IN_FLIGHT}
    facts |= {("message.received", one.id) for one in await services.replies.list_page("default", count=_MOST_ROWS)}
    listed = await services.store.list_opt_outs("default", after=None, count=_MOST_ROWS)
    facts |= {("recipient.opted_out", one.recipient) for one in listed}
    for state in await services.campaigns.list_page("default", count=_MOST_ROWS):
        campaign = state.campaign
        if campaign.started_at is not None:
            facts.add(("campaign.started", campaign.id))
        if campaign.status in _ENDED:
            facts.add(("campaign.finished", campaign.id))
    for account in await services.accounts.search("default"):
        for window in {send.window_start for send in sends if send.account_id == account.id}:
            if await _is_used_up(services, account.id, window):
                facts.add(("quota.used_up", account.id))
    return facts


async def _is_used_up(services: Services, account_id: str, window: datetime) -> bool:
    quotas = await services.store.read_quotas(account_id, window)
    return any(one.action is Action.MESSAGE and one.remaining == 0 for one in quotas)


def _type_of(send: Send) -> str:
    return f"send.{send.outcome if send.outcome in _OWN_NAMES else 'not_sent'}"


def _earlier(sends: Sequence[Send]) -> set[Fact]:
    """Return what may have been reported of a send before its present outcome: rows keep the last one only."""
    unknown = {("send.unknown", send.id) for send in sends}
    return unknown | {("send.not_sent", send.id) for send in sends if send.outcome is OutcomeName.ACCEPTED}


def _may_repeat(fact: Fact) -> bool:
    """Whether it is about a state that may be over again, so that no row shows it."""
    return fact[0].startswith(("account.", "campaign.", "quota."))


def _fact_of(body: bytes) -> Fact:
    document: Mapping[str, Any] = json.loads(body)
    return document["event"], document["data"][_SUBJECTS[document["event"].partition(".")[0]]]


async def _read_outbox(services: Services) -> Sequence[Any]:
    """Return the rows of events: id and sealed body."""
    rows: Sequence[Any] = await services.store.engine.read("list_event_bodies", "", _MOST_ROWS)  # type: ignore[attr-defined]
    return rows
