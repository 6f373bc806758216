"""`/console/campaigns/new` and `/{id}/edit`: write a draft, with a look at what people would get."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from confrere.campaigns import CampaignChanges
from confrere.console.campaign_reads import MOST_CHOICES, audiences_of, read_campaign
from confrere.console.local_time import format_local, parse_local, zone_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.template_faults import place_faults
from confrere.domain.account import Account
from confrere.domain.campaigns.audience import Audience
from confrere.domain.campaigns.campaign import Campaign, CampaignStatus, ContentChanged, PersonText, WrongStatus
from confrere.domain.errors import InvalidField
from confrere.http.answer import Answer
from confrere.services import Services

LABELS: Final[Mapping[str, str]] = {
    "name": "Name",
    "accountId": "Account",
    "audienceId": "Audience",
    "text": "Text",
    "templateId": "Saved template",
    "startsAt": "Begin",
    "dailyCap": "Messages a day",
    "revision": "The form",
}
"""What the form calls the fields that errors name."""

EXAMPLE: Final = (
    'Hello {{ firstName | default: "there" }},\n\n'
    'we are both in {{ groupName | default: "the same group" }}. I would like to know how you …\n\n'
    "If you would rather not hear from me, just say so.\n\n"
    "{{ senderFirstName }}"
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What one person would get; or why that cannot be shown."""

    one: PersonText | None = None
    place: int = 0
    problem: str | None = None


async def show_new(page: Page, services: Services) -> Answer:
    """Show the form of a new campaign, for an audience where the query names one."""
    typed = {
        "audience": page.query.text("audience") or "",
        "spread": "" if page.sandbox else "yes",  # who tries it out wants to watch
        "skip_existing": "yes",
        "source": "text",
    }
    return await _form(page, services, typed)


async def create(page: Page, services: Services) -> Answer:
    """Write a draft."""
    assert page.user is not None
    try:
        values = await _values(page, services)
        state = await services.campaigns.create(page.user.workspace_id, created_by=page.user.id, **values)
    except InvalidField as fault:
        return await _form(page, services, _typed(page), fault=fault)
    return redirect(f"{PATH}/campaigns/{state.campaign.id}")


async def show_edit(page: Page, services: Services) -> Answer:
    """Show the form of a draft."""
    assert page.user is not None
    campaign = (await read_campaign(page, services)).campaign
    if campaign.status is not CampaignStatus.DRAFT:
        raise WrongStatus("edited", campaign.status)
    typed = await _typed_of(services, campaign, await zone_of(page, services, campaign.account_id))
    return await _form(page, services, typed, campaign=campaign)


async def save(page: Page, services: Services) -> Answer:
    """Change a draft; where somebody else has changed it meanwhile, show theirs beside what was typed."""
    assert page.user is not None
    campaign, typed = (await read_campaign(page, services)).campaign, _typed(page)
    try:
        values = await _values(page, services, begin_was=campaign.starts_at)
        changes = CampaignChanges(
            **values,
            at_once=values["starts_at"] is None,
            uncapped=values["daily_cap"] is None,
            revision=_whole_number(typed.get("revision", ""), "revision") or 0,
        )
        await services.campaigns.change(page.user.workspace_id, campaign.id, changes)
    except InvalidField as fault:
        return await _form(page, services, typed, campaign=campaign, fault=fault)
    except ContentChanged:
        campaign = (await read_campaign(page, services)).campaign
        theirs = await _typed_of(services, campaign, await zone_of(page, services, campaign.account_id))
        mine = {**typed, "revision": theirs["revision"]}
        return await _form(page, services, mine, campaign=campaign, theirs=theirs)
    except WrongStatus as fault:
        problem = f"{fault}: somebody has started or archived it meanwhile. What you typed still stands here, to copy."
        return await _form(page, services, typed, campaign=campaign, problem=problem)
    return redirect(f"{PATH}/campaigns/{campaign.id}")


async def preview(page: Page, services: Services) -> Answer:
    """Show the form as it was typed, with what the next person would get; nothing is saved."""
    typed = _typed(page)
    campaign = (await read_campaign(page, services)).campaign if "campaign_id" in page.path_params else None
    if "example" in page.form and not typed["text"].strip():
        typed["text"] = EXAMPLE
    return await _form(page, services, typed, campaign=campaign)


def _typed(page: Page) -> dict[str, str]:
    return {**page.form, "text": page.written("text"), "source": page.form.get("source", "text")}


async def _typed_of(services: Services, campaign: Campaign, zone: str) -> dict[str, str]:
    """Return what the fields hold for a draft."""
    text = await services.campaigns.read_text(campaign.workspace_id, campaign.id)
    return {
        "name": campaign.name,
        "account": campaign.account_id,
        "audience": campaign.audience_id,
        "source": "text" if campaign.template_id is None else "template",
        "text": text if campaign.template_id is None else "",
        "template": campaign.template_id or "",
        "starts_at": format_local(campaign.starts_at, zone),
        "daily_cap": str(campaign.daily_cap or ""),
        "spread": "yes" if campaign.spread else "",
        "skip_existing": "yes" if campaign.skip_existing_conversations else "",
        "revision": str(campaign.revision),
    }


async def _values(page: Page, services: Services, *, begin_was: datetime | None = None) -> dict[str, Any]:
    """Return what the form says, as the use cases take it. Raises InvalidField."""
    typed = _typed(page)
    account_id, audience_id = typed.get("account", ""), typed.get("audience", "")
    if account_id not in {account.id for account in await _accounts(page, services)}:
        raise InvalidField("accountId", "must be one of the accounts in the list")
    zone = await zone_of(page, services, account_id)
    if audience_id not in {audience.id for audience in await audiences_of(page, services, audience_id)}:
        raise InvalidField("audienceId", "must be one of those in the list; make one if there is none")
    is_saved = typed["source"] == "template"
    if not is_saved and not typed["text"].strip():
        raise InvalidField("text", "must not be blank")
    if is_saved and not typed.get("template"):
        raise InvalidField("templateId", "must be one of those in the list, or choose a text of its own")
    return {
        "name": typed.get("name", ""),
        "account_id": account_id,
        "audience_id": audience_id,
        "text": None if is_saved else typed["text"],
        "template_id": typed["template"] if is_saved else None,
        "starts_at": _starts_at(typed.get("starts_at", ""), zone, begin_was, services.clock()),
        "daily_cap": _whole_number(typed.get("daily_cap", ""), "dailyCap"),
        "spread": "spread" in typed,
        "skip_existing_conversations": "skip_existing" in typed,
    }


def _starts_at(text: str, zone: str, was: datetime | None, now: datetime) -> datetime | None:
    if not text.strip():
        return None
    starts_at = parse_local(text, zone, "startsAt", was=was)
    if starts_at <= now:
        raise InvalidField("startsAt", "must lie in the future, or be left empty: then it begins when it is started")
    return starts_at


def _whole_number(text: str, field: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidField(field, "must be a whole number")
    return int(text)


async def _accounts(page: Page, services: Services) -> list[Account]:
    assert page.user is not None
    return page.visible(await services.accounts.search(page.user.workspace_id))


async def _form(
    page: Page,
    services: Services,
    typed: Mapping[str, str],
    *,
    campaign: Campaign | None = None,
    fault: InvalidField | None = None,
    theirs: Mapping[str, str] | None = None,
    problem: str | None = None,
) -> Answer:
    assert page.user is not None
    workspace_id = page.user.workspace_id
    accounts = await _accounts(page, services)
    audiences = await audiences_of(page, services, typed.get("audience", ""))
    account = next((one for one in accounts if one.id == typed.get("account")), None) or next(
        (one for one in accounts if one.is_default), accounts[0] if accounts else None
    )
    audience = next((one for one in audiences if one.id == typed.get("audience")), None)
    zone = await zone_of(page, services, account.id if account else None)
    saved = await services.templates.list_page(workspace_id, count=MOST_CHOICES)
    if fault is not None:
        label = LABELS.get(fault.field, fault.field)
        problem = place_faults(fault, typed.get("text", ""), label)
    names: dict[str, Mapping[str, Any]] = {
        "account": {one.id: one for one in accounts},
        "audience": {one.id: one for one in audiences},
    }
    return page.render(
        "campaign_form.html",
        status=422 if fault else 409 if theirs is not None or problem else 200,
        zone=zone,
        campaign=campaign,
        typed=typed,
        accounts=accounts,
        account=account,
        audiences=audiences,
        audience=audience,
        saved=saved,
        field=fault.field if fault else None,
        problem=problem,
        theirs=[] if theirs is None else _differences(theirs, typed, names, {one.id: one.name for one in saved}, zone),
        is_conflict=theirs is not None,
        preview=await _preview(page, services, typed, account, audience),
        now=services.clock(),
    )


async def _preview(
    page: Page, services: Services, typed: Mapping[str, str], account: Account | None, audience: Audience | None
) -> Preview:
    """Make the text of the next person after the place that the form names."""
    assert page.user is not None
    is_saved, text = typed.get("source") == "template", typed.get("text", "")
    if audience is None or account is None or not (typed.get("template") if is_saved else text.strip()):
        return Preview()
    after = typed.get("after") or typed.get("after_now") or "0"
    after_place = int(after) if after.isascii() and after.isdigit() and len(after) <= 9 else 0
    try:
        found = None
        for place in dict.fromkeys((after_place, 0)):  # after the last one comes the first
            found = found or await services.campaigns.preview(
                page.user.workspace_id,
                audience_id=audience.id,
                account_id=account.id,
                text=None if is_saved else text,
                template_id=typed["template"] if is_saved else None,
                after_place=place,
            )
    except InvalidField as fault:
        return Preview(problem=place_faults(fault, text, LABELS.get(fault.field, fault.field)))
    return Preview() if found is None else Preview(found[1], found[0])


def _differences(
    theirs: Mapping[str, str],
    mine: Mapping[str, str],
    names: Mapping[str, Mapping[str, Any]],
    templates: Mapping[str, str],
    zone: str,
) -> Sequence[tuple[str, str, str]]:
    """Return the fields in which two versions differ: label, theirs, mine."""
    labels = {
        "name": "Name",
        "account": "Account",
        "audience": "Audience",
        "source": "Text",
        "text": "Text of its own",
        "template": "Saved template",
        "starts_at": f"Begin, {zone}",
        "daily_cap": "Messages a day",
        "spread": "Spread over the day",
        "skip_existing": "Skip existing conversations",
    }
    words = {"source": {"text": "a text of its own", "template": "a saved template"}, "template": templates}

    def shown(name: str, value: str) -> str:
        if name == "account" and value in names["account"]:
            account = names["account"][value]
            return f"{account.first_name} {account.last_name}".strip() or str(account.id)
        if name == "audience" and value in names["audience"]:
            return str(names["audience"][value].name)
        return words.get(name, {}).get(value, value) or "-"

    return [
        (label, shown(name, theirs.get(name, "")), shown(name, mine.get(name, "")))
        for name, label in labels.items()
        if theirs.get(name, "") != mine.get(name, "")
    ]
