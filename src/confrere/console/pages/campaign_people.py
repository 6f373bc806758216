"""`/console/campaigns/{id}/people`: what became of each person, and why not yet."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from confrere.campaigns import CampaignState
from confrere.console.campaign_reads import read_campaign
from confrere.console.local_time import parse_local, zone_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.words import REASON_WORDS, SKIP_WORDS
from confrere.domain.audit import AuditAction
from confrere.domain.campaigns.campaign import CampaignPerson, PersonStatus
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField
from confrere.domain.ids import is_person_of
from confrere.domain.limits import iso_z
from confrere.domain.urns import ProfileUrn
from confrere.domain.why_not import WhyNot
from confrere.http.answer import Answer
from confrere.services import Services

PAGE_ROWS: Final = 50
EXPORT_ROWS: Final = 5_000
COLUMNS: Final = (
    "recipientProfileUrn",
    "name",
    "status",
    "reason",
    "until",
    "remedy",
    "sendId",
    "sentAt",
    "repliedAt",
    "writtenToBy",
    "writtenToAt",
)
"""Of the export, as `GET /v1/campaigns/{id}/people/export` has them."""

_ALL_REASONS: Final[Mapping[str, str]] = {
    str(reason): text for words in (REASON_WORDS, SKIP_WORDS) for reason, text in words.items()
}


async def show(page: Page, services: Services) -> Answer:
    """List the people who match the filters."""
    return await _page(page, services, await read_campaign(page, services))


async def hold(page: Page, services: Services) -> Answer:
    """Put a person off in all campaigns."""
    state = await read_campaign(page, services)
    try:
        zone = await zone_of(page, services, state.campaign.account_id)
        until = parse_local(page.form.get("until", ""), zone, "Until")
        await services.campaign_people.hold(
            state.campaign.workspace_id, _recipient(page), until, campaign_id=state.campaign.id
        )
    except InvalidField as fault:
        text = str(fault).replace("until ", "Until ", 1)
        return await _page(page, services, state, problem=f"{text}.")
    return _back(page, state)


async def release(page: Page, services: Services) -> Answer:
    """End a hold in all campaigns."""
    state = await read_campaign(page, services)
    await services.campaign_people.release(state.campaign.workspace_id, _recipient(page), campaign_id=state.campaign.id)
    return _back(page, state)


async def export(page: Page, services: Services) -> Answer:
    """Export all who match the filters as a table, without texts."""
    state = await read_campaign(page, services)
    status, reason = _filters(page.query.text("status") or "", page.query.text("reason") or "")
    campaign = state.campaign
    await services.audit.record(campaign.workspace_id, AuditAction.EXPORTED, campaign.id, "people of a campaign")
    parts, after_id = [write_rows([COLUMNS])], None
    while True:
        people = await services.campaign_people.list_page(
            campaign.workspace_id,
            campaign.id,
            status=status,
            reason=reason,
            after_id=after_id,
            count=EXPORT_ROWS,
        )
        parts.append(write_rows(_row(*one) for one in people))
        if len(people) < EXPORT_ROWS:
            break
        after_id = people[-1][0].id
    disposition = (b"content-disposition", b'attachment; filename="campaign-people.csv"')
    return Answer(200, b"".join(parts), headers=(disposition,), media_type="text/csv; charset=utf-8")


def _row(person: CampaignPerson, why_not: WhyNot | None) -> list[str | None]:
    until = why_not.until if why_not else None
    times = (person.message_at, person.replied_at)
    return [
        str(person.recipient),
        person.name,
        person.status,
        why_not.reason if why_not else person.reason,
        None if until is None else iso_z(until),
        why_not.remedy if why_not else None,
        person.send_id,
        *(None if at is None else iso_z(at) for at in times),
        person.written_to_by,
        None if person.written_to_at is None else iso_z(person.written_to_at),
    ]


def _filters(status: str, reason: str) -> tuple[PersonStatus | None, str | None]:
    """Raises InvalidField."""
    if status and status not in set(PersonStatus):
        raise InvalidField("status", f"must be one of {', '.join(PersonStatus)}")
    return PersonStatus(status) if status else None, reason or None


def _check_cursor(after: str, campaign_id: str) -> None:
    """Raises InvalidField."""
    if after and not is_person_of(campaign_id, after):
        raise InvalidField("after", "must be that of a link to the next page")


def _recipient(page: Page) -> ProfileUrn:
    return ProfileUrn.parse(page.form.get("person", ""), field="The person")


def _back(page: Page, state: CampaignState) -> Answer:
    given = {name: page.form.get(name, "") for name in ("status", "reason", "after")}
    query = urlencode({name: value for name, value in given.items() if value})
    return redirect(f"{PATH}/campaigns/{state.campaign.id}/people{'?' if query else ''}{query}")


async def _page(page: Page, services: Services, state: CampaignState, *, problem: str | None = None) -> Answer:
    """Show a page of the list; a filter that cannot be used is named, and nothing is listed."""
    campaign = state.campaign
    read = page.form.get if page.method == "POST" else lambda name, _: page.query.text(name)
    given = {name: read(name, "") or "" for name in ("status", "reason", "after")}
    people: list[tuple[CampaignPerson, WhyNot | None]] = []
    bad_filter: str | None = None
    try:
        status, reason = _filters(given["status"], given["reason"])
        _check_cursor(given["after"], campaign.id)
        people = list(
            await services.campaign_people.list_page(
                campaign.workspace_id,
                campaign.id,
                status=status,
                reason=reason,
                after_id=given["after"] or None,
                count=PAGE_ROWS + 1,
            )
        )
    except InvalidField as fault:
        bad_filter = f"{fault}."
    kept = {name: given[name] for name in ("status", "reason") if given[name]}
    following = None
    if len(people) > PAGE_ROWS:
        following = f"{PATH}/campaigns/{campaign.id}/people?{urlencode({**kept, 'after': people[PAGE_ROWS - 1][0].id})}"
    return page.render(
        "campaign_people.html",
        status=422 if problem or bad_filter else 200,
        zone=await zone_of(page, services, campaign.account_id),
        campaign=campaign,
        people=people[:PAGE_ROWS],
        given=given,
        query=urlencode(kept),
        following=following,
        problem=problem or bad_filter,
        reasons=_ALL_REASONS,
        held=page.form.get("person", ""),
        until=page.form.get("until", ""),
    )
