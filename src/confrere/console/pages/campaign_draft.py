"""A draft at `/console/campaigns/{id}`: what its start would do; every text; send one first; start."""

import json
from collections.abc import Mapping
from typing import Any, Final

from confrere.campaigns import CampaignState, Progress
from confrere.campaigns.first_message import digest_of
from confrere.console.campaign_reads import WAIT_SECONDS, find_audience, read_campaign
from confrere.console.errors import describe
from confrere.console.local_time import zone_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.templates import account_name, format_time_in
from confrere.console.words import SKIP_WORDS
from confrere.domain.account import Account
from confrere.domain.campaigns.audience import Audience
from confrere.domain.campaigns.campaign import CampaignStatus, ContentChanged, PersonText, SkipReason, WrongStatus
from confrere.domain.campaigns.check import CampaignCheck
from confrere.domain.errors import ConfrereError, InvalidField, KeyReused, NotFound
from confrere.domain.outcome import NotSent
from confrere.domain.send import Send
from confrere.domain.urns import ProfileUrn
from confrere.http.answer import Answer
from confrere.services import Services

CHECKED_AT_ONCE: Final = 5_000
"""Audiences up to this are checked whenever the page is shown: it takes a second."""

MOST_FIRST: Final = 1_000
TEXTS_PAGE: Final = 20
FIRST_DAYS: Final = 14

_LOOK_FOR_A_TEXT: Final = 200
"""People among whom somebody to send to first is looked for."""


async def show(
    page: Page,
    services: Services,
    state: CampaignState,
    *,
    status: int = 200,
    problem: str | None = None,
    changes: list[tuple[str, str, str]] | None = None,
) -> Answer:
    """Show the draft with its check, or how far the check is."""
    campaign = state.campaign
    starting: Progress | None = None
    try:
        found = await services.long_tasks.find_change(campaign.id)
        starting = found if isinstance(found, Progress) else None
    except ConfrereError as fault:
        problem = problem or describe(fault)[1]
    account = await services.accounts.read(campaign.workspace_id, campaign.account_id)
    audience = await find_audience(services, campaign.workspace_id, campaign.audience_id)
    text = await services.campaigns.read_text(campaign.workspace_id, campaign.id)
    checked: CampaignCheck | Progress | None = None
    obstacle: str | None = None
    is_wanted = page.query.text("check") == "now" or changes is not None
    if audience is not None and starting is None and (is_wanted or audience.count <= CHECKED_AT_ONCE):
        try:
            checked = await services.long_tasks.check(campaign, wait_seconds=0 if page.is_live else WAIT_SECONDS)
        except ConfrereError as fault:
            obstacle = describe(fault)[1]
    check = checked if isinstance(checked, CampaignCheck) else None
    zone = await zone_of(page, services, campaign.account_id)
    seen = None if check is None else _facts(state, check, account, audience, text, zone)
    return page.render(
        "campaign_draft.html",
        status=status,
        zone=zone,
        state=state,
        campaign=campaign,
        account=account,
        audience=audience,
        collecting=None if audience is None else await services.audiences.state_of(audience),
        template=await _find_template(services, state),
        text=text,
        check=check,
        checking=checked if isinstance(checked, Progress) else None,
        obstacle=obstacle,
        starting=starting,
        seen=None if seen is None else json.dumps(seen),
        first=None if check is None or not check.would_send else await _find_first(services, state),
        sent=await _find_sent(page, services, state),
        problem=problem,
        changes=changes,
        first_typed=page.form.get("first", ""),
        digest_of=digest_of,
    )


async def show_texts(page: Page, services: Services) -> Answer:
    """Show every text in full, page by page."""
    state = await read_campaign(page, services)
    campaign = state.campaign
    after = page.query.integer("after", default=0, least=0, most=10**9)
    found = await services.campaigns.list_texts(
        campaign.workspace_id, campaign.id, after_place=after, count=TEXTS_PAGE + 1
    )
    rows = found[:TEXTS_PAGE]
    return page.render(
        "campaign_texts.html",
        campaign=campaign,
        rows=rows,
        after=after,
        following=rows[-1][0] if len(found) > TEXTS_PAGE else None,
        digest_of=digest_of,
    )


async def send_first(page: Page, services: Services) -> Answer:
    """Send the text to one person of the audience now."""
    state = await _read_draft(page, services, "tried with one person")
    campaign = state.campaign
    try:
        recipient = ProfileUrn.parse(page.form.get("person", ""), field="The person")
        result = await services.first_message.send(
            campaign.workspace_id,
            campaign.id,
            recipient,
            digest=page.form.get("digest", ""),
            request_id=page.request_id,
        )
    except KeyReused:
        problem = (
            "A message of this draft to them was tried before, with another text, and LinkedIn may have it. It is "
            "not sent again."
        )
        return await show(page, services, state, status=409, problem=problem)
    except ConfrereError as fault:
        status, problem, _ = describe(fault)
        return await show(page, services, state, status=status, problem=problem)
    match result:
        case SkipReason():
            reason = SKIP_WORDS[result]
            problem = f"Nothing was sent: the campaign would skip them, too. {reason}."
            return await show(page, services, state, status=409, problem=problem)
        case _ if not result.send_id:
            assert isinstance(result.outcome, NotSent)
            return await show(page, services, state, status=503, problem=f"Nothing was sent. {result.outcome.why}.")
        case _:
            return redirect(f"{PATH}/campaigns/{campaign.id}?sent={result.send_id}")


async def start(page: Page, services: Services) -> Answer:
    """Start what was checked; where it has changed since, show what has."""
    assert page.user is not None
    state = await _read_draft(page, services, "started")
    campaign = state.campaign
    try:
        await services.long_tasks.start(
            campaign,
            content_hash=page.form.get("content_hash", "") or "-",
            first=_first(page.form.get("first", "")),
            started_by=page.user.id,
            wait_seconds=WAIT_SECONDS,
        )
    except ContentChanged:
        return await _show_changes(page, services, await read_campaign(page, services))
    except InvalidField as fault:
        return await show(page, services, state, status=422, problem=f"{fault}.")
    return redirect(f"{PATH}/campaigns/{campaign.id}")


async def _read_draft(page: Page, services: Services, action: str) -> CampaignState:
    state = await read_campaign(page, services)
    if state.campaign.status is not CampaignStatus.DRAFT:
        raise WrongStatus(action, state.campaign.status)
    return state


def _first(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_FIRST):
        raise InvalidField("Pause after", f"must be a whole number from 1 to {MOST_FIRST:,}, or empty")
    return int(text)


async def _show_changes(page: Page, services: Services, state: CampaignState) -> Answer:
    """Show the draft as it is now, with what differs from what the person had checked."""
    campaign = state.campaign
    try:
        checked = await services.long_tasks.check(campaign, wait_seconds=WAIT_SECONDS)
    except ConfrereError:
        checked = Progress(0, 0)
    changes: list[tuple[str, str, str]] = []
    if isinstance(checked, CampaignCheck):
        account = await services.accounts.read(campaign.workspace_id, campaign.account_id)
        audience = await find_audience(services, campaign.workspace_id, campaign.audience_id)
        text = await services.campaigns.read_text(campaign.workspace_id, campaign.id)
        zone = await zone_of(page, services, campaign.account_id)
        before, now = _read_facts(page.form.get("seen", "")), _facts(state, checked, account, audience, text, zone)
        changes = [(label, before[label], now[label]) for label in now if before.get(label, now[label]) != now[label]]
    return await show(page, services, state, status=409, changes=changes)


def _facts(
    state: CampaignState, check: CampaignCheck, account: Account, audience: Audience | None, text: str, zone: str
) -> dict[str, str]:
    """Return what a person decides by, by its label: kept in the form, to show what has changed."""
    campaign = state.campaign
    return {
        "People in the audience": "-" if audience is None else f"{audience.count:,}",
        "Would be written to": f"{check.would_send:,}",
        "Audience": "-" if audience is None else audience.name,
        "Account": account_name(account),
        "Text": text,
        "Messages a day": "no limit of its own" if campaign.daily_cap is None else str(campaign.daily_cap),
        "Begin": "when it is started" if campaign.starts_at is None else format_time_in(zone, campaign.starts_at),
        "Spread over the day": "yes" if campaign.spread else "no",
        "Skip existing conversations": "yes" if campaign.skip_existing_conversations else "no",
    }


def _read_facts(text: str) -> Mapping[str, str]:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(one) for key, one in value.items()} if isinstance(value, dict) else {}


async def _find_first(services: Services, state: CampaignState) -> PersonText | None:
    """Return the first person who would be written to."""
    campaign = state.campaign
    texts = await services.campaigns.list_texts(campaign.workspace_id, campaign.id, count=_LOOK_FOR_A_TEXT)
    return next((one for _, one in texts if one.text is not None), None)


async def _find_sent(page: Page, services: Services, state: CampaignState) -> tuple[str, Send] | None:
    """Return the send to one person that this page was left for, with the person's name."""
    assert page.user is not None
    send_id = page.query.text("sent") or ""
    if len(send_id) != 32 or not send_id.isalnum():
        return None
    try:
        send, _ = await services.history.read(page.user.workspace_id, send_id)
        who = await services.campaigns.read_text_of(
            page.user.workspace_id, state.campaign.id, ProfileUrn(send.recipient)
        )
    except (NotFound, InvalidField):
        return None
    return (who.person.name or who.person.recipient.profile_id, send) if page.may_see(send.account_id) else None


async def _find_template(services: Services, state: CampaignState) -> Any:
    """Return the saved template that the draft uses."""
    campaign = state.campaign
    if campaign.template_id is None:
        return None
    return await services.templates.read(campaign.workspace_id, campaign.template_id)
