"""`/console/people/{id}`: all that happened with one person; to hold them, and to write to them no more."""

from typing import Final

from confrere.campaigns import PersonOverview
from confrere.console.choices import person_of
from confrere.console.local_time import parse_local, zone_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.campaigns.campaign import PersonStatus
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.keys import Scope
from confrere.domain.opt_out_csv import parse_reason
from confrere.domain.person import Person
from confrere.domain.urns import ProfileUrn
from confrere.http.answer import Answer
from confrere.services import Services

DONE: Final = {
    "held": "No campaign writes to this person before the hold ends.",
    "released": "The hold has ended: campaigns may write to this person again.",
    "listed": "This person is on the do-not-contact list: no account of the workspace writes to them.",
    "unlisted": "This person is off the do-not-contact list, and may be written to again.",
}
"""What an act has done, by the word that it leaves in the address."""

SOURCE: Final = "console"


async def show(page: Page, services: Services) -> Answer:
    """Show what the user's accounts have with the person, without asking LinkedIn."""
    return await _page(page, services)


async def hold(page: Page, services: Services) -> Answer:
    """Put the person off in all campaigns in which they wait."""
    assert page.user is not None
    recipient, given = _recipient(page), page.form.get("until", "")
    if not may_hold(page, await services.campaign_people.read_everywhere(page.user.workspace_id, recipient)):
        raise NotFound("This person waits in no campaign of yours alone, so that somebody else has to hold them")
    try:
        until = parse_local(given, await zone_of(page, services, None), "until")
        await services.campaign_people.hold(page.user.workspace_id, recipient, until)
    except InvalidField as fault:
        return await _page(page, services, 422, problem=f"The {fault}.", field="until", typed={"until": given})
    return _done(recipient, "held")


async def release(page: Page, services: Services) -> Answer:
    """End the hold in all campaigns."""
    assert page.user is not None
    recipient = _recipient(page)
    if not may_hold(page, await services.campaign_people.read_everywhere(page.user.workspace_id, recipient)):
        raise NotFound("This person waits in no campaign of yours alone, so that somebody else has to release them")
    await services.campaign_people.release(page.user.workspace_id, recipient)
    return _done(recipient, "released")


async def opt_out(page: Page, services: Services) -> Answer:
    """Put the person on the do-not-contact list."""
    assert page.user is not None
    recipient, given = _recipient(page), page.form.get("reason", "")
    try:
        reason = parse_reason(given)
    except InvalidField as fault:
        return await _page(page, services, 422, problem=f"The {fault}.", field="reason", typed={"reason": given})
    await services.do_not_contact.add(page.user.workspace_id, [recipient], reason=reason, source=SOURCE)
    return _done(recipient, "listed")


def may_hold(page: Page, overview: PersonOverview) -> bool:
    """Whether the user sees every campaign that a hold, or its end, would change."""
    waits = [campaign for campaign, one, _ in overview.campaigns if one.status is PersonStatus.WAITING]
    return bool(waits) and all(page.may_see(campaign.account_id) for campaign in waits)


def _recipient(page: Page) -> ProfileUrn:
    return person_of(page.path_params["person"])


def _done(recipient: ProfileUrn, what: str) -> Answer:
    return redirect(f"{PATH}/people/{recipient.profile_id}?done={what}")


async def _page(
    page: Page,
    services: Services,
    status: int = 200,
    *,
    problem: str | None = None,
    field: str | None = None,
    typed: dict[str, str] | None = None,
) -> Answer:
    assert page.user is not None
    workspace_id, recipient = page.user.workspace_id, _recipient(page)
    overview = await services.campaign_people.read_everywhere(workspace_id, recipient)
    accounts = page.visible(await services.accounts.search(workspace_id))
    campaigns = [row for row in overview.campaigns if page.may_see(row[0].account_id)]
    people = await services.members.find_people(workspace_id, [recipient])
    sees_hold = may_hold(page, overview) or page.user.rights.accounts is None
    return page.render(
        "person.html",
        status=status,
        recipient=recipient,
        sandbox_member=recipient,
        zone=await zone_of(page, services, None),
        person=people.get(str(recipient), Person(recipient)),
        campaigns=campaigns,
        sends=[send for send in overview.sends if page.may_see(send.account_id)],
        account_of={account.id: account for account in accounts},
        opt_out=overview.opt_out,
        held_until=overview.held_until if sees_hold else None,
        may_hold=page.user.rights.may(Scope.SEND) and may_hold(page, overview),
        problem=problem,
        field=field,
        typed=typed or {},
        done=DONE.get(page.query.text("done") or ""),
    )
