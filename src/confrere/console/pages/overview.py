"""`/console`: what needs a person, today of each account, and what was sent in the last 30 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from confrere.campaigns import CampaignState
from confrere.console.chart import DayCounts, draw_days
from confrere.console.origins import PATH
from confrere.console.page import Page
from confrere.console.pages import first_minute
from confrere.console.templates import account_name, upper_first
from confrere.console.words import DISABLED_WORDS
from confrere.domain.account import Account, Condition
from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.keys import Scope
from confrere.domain.limits import Action, Quota, iso_z, window_start
from confrere.domain.outcome import OutcomeName
from confrere.domain.remedies import CONNECT_AGAIN
from confrere.domain.why_not import WhyNot
from confrere.http.answer import Answer
from confrere.services import Services

DAYS = 30


@dataclass(frozen=True, slots=True)
class Today:
    """One account's day."""

    account: Account
    condition: Condition
    messages: Quota
    first_contacts: Quota
    why_not: WhyNot | None


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person."""

    title: str
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class ReplyRate:
    """How many people have replied in the last 30 days, and how many messages were sent in them."""

    people: int
    sent: int

    @property
    def per_hundred(self) -> float:
        """People who replied for each 100 messages; 0 where none was sent."""
        return round(self.people * 100 / self.sent, 1) if self.sent else 0


async def show(page: Page, services: Services) -> Answer:
    """Show the page; of a poll's answer only the part that moves is used, so the chart is left out."""
    assert page.user is not None
    workspace_id, now = page.user.workspace_id, services.clock()
    accounts = page.visible(await services.accounts.search(workspace_id))
    today = [await _today(services, account) for account in accounts]
    needs = await _needs(page, services, today)
    days: Sequence[DayCounts] = () if page.is_live else await _days(page, services)
    minute = None if page.is_live else await first_minute.read_for_overview(page, services)
    replies = None if page.is_live else await _replies(page, services, days)
    limit = sum(one.messages.limit or 0 for one in today if one.condition is Condition.AVAILABLE)
    return page.render(
        "overview.html",
        now=now,
        today=today,
        needs=needs,
        days=days,
        chart=draw_days(days, limit),
        limit=limit,
        minute=minute,
        campaigns=await _running(page, services),
        replies=replies,
    )


async def _today(services: Services, account: Account) -> Today:
    _, quotas = await services.accounts.read_quotas(account.workspace_id, account.id)
    quota_of = {quota.action: quota for quota in quotas}
    return Today(
        account,
        account.condition(services.clock()),
        quota_of[Action.MESSAGE],
        quota_of[Action.GROUP_FIRST_CONTACT],
        await services.why_not_yet.of_account(account.workspace_id, account.id),
    )


async def _needs(page: Page, services: Services, today: Sequence[Today]) -> list[Need]:
    assert page.user is not None
    workspace_id = page.user.workspace_id
    needs = [
        Need(
            f"{account_name(one.account)} has to be connected again",
            f"{upper_first(one.account.status_reason or 'No session is stored')}. {CONNECT_AGAIN}.",
            f"{PATH}/accounts/{one.account.id}",
        )
        for one in today
        if one.condition in (Condition.ERROR, Condition.DISCONNECTED)
    ]
    for state in await services.campaigns.list_page(workspace_id, status=CampaignStatus.PAUSED, count=20):
        campaign = state.campaign
        if page.may_see(campaign.account_id):
            why = state.why_not.remedy if state.why_not else "Resume or stop it"
            needs.append(Need(f"The campaign {campaign.name} is paused", f"{why}.", f"{PATH}/campaigns/{campaign.id}"))
    if page.user.rights.may(Scope.INBOX):
        waiting = await services.replies.count_to_decide(workspace_id)
        undecided = sum(number for account_id, number in waiting.items() if page.may_see(account_id))
        if undecided:
            needs.append(
                Need(
                    f"People who may want out: {undecided}",
                    "Their replies contain a stop word, but say more than that. Decide whether to write to them again.",
                    f"{PATH}/replies?state=out",
                )
            )
    runs_server = page.user.rights.may(Scope.ADMIN) and workspace_id == page.workspace_id
    health_page = f"{PATH}/health" if runs_server else None
    health = await services.health.check()
    needs += [
        Need(
            f"The {check} needs attention",
            f"{upper_first(state)}.",
            health_page,
        )
        for check, state in health.checks.items()
        if state != "ok" and check not in ("accounts", "protocol")
    ]
    needs += [
        Need(
            f"LinkedIn has renewed an id: {fault.kind}"
            if fault.is_renewed_id
            else f"LinkedIn no longer understands a request: {fault.kind}",
            f"Not understood since {iso_z(fault.since)}: {fault.why}. {fault.remedy}.",
            health_page,
        )
        for fault in await services.health.list_protocol_faults()
    ]
    if page.user.rights.may(Scope.ADMIN):
        needs += [
            Need(
                "A webhook was disabled",
                f"{upper_first(DISABLED_WORDS[one.disabled_reason])}.",
                f"{PATH}/webhooks/{one.id}",
            )
            for one in await services.webhooks.list_all(workspace_id)
            if one.disabled_reason is not None
        ]
    unknown = await services.history.count_unknown_by_account(workspace_id)
    needs += [
        Need(
            f"Sends of {account_name(one.account)} with an unknown outcome: {unknown[one.account.id]}",
            "LinkedIn may have them. They are searched for there, and never sent again.",
            f"{PATH}/sends?account={one.account.id}&outcome=unknown",
        )
        for one in today
        if one.account.id in unknown
    ]
    return needs


async def _running(page: Page, services: Services) -> list[CampaignState]:
    assert page.user is not None
    running = await services.campaigns.list_page(page.user.workspace_id, status=CampaignStatus.RUNNING, count=20)
    return [state for state in running if page.may_see(state.campaign.account_id)]


async def _replies(page: Page, services: Services, days: Sequence[DayCounts]) -> ReplyRate:
    assert page.user is not None
    people = await services.replies.count_repliers(page.user.workspace_id, days[-1].day)
    return ReplyRate(
        sum(number for account_id, number in people.items() if page.may_see(account_id)),
        sum(day.counts.get(OutcomeName.ACCEPTED, 0) for day in days),
    )


async def _days(page: Page, services: Services) -> list[DayCounts]:
    """Return the counts of the last 30 days, the latest first."""
    assert page.user is not None
    midnight = window_start(Action.MESSAGE, services.clock())
    first = midnight - timedelta(days=DAYS - 1)
    counts = await services.history.count_by_day(page.user.workspace_id, first)
    days = [DayCounts(midnight - timedelta(days=ago), {}) for ago in range(DAYS)]
    of_day = {day.day: day.counts for day in days}
    for count in counts:
        if count.day in of_day and page.may_see(count.account_id):
            of_outcome = of_day[count.day]
            of_outcome[count.outcome] = of_outcome.get(count.outcome, 0) + count.count
    return days
