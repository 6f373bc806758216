"""The newcomer's minute, in the sandbox only: one group, one message, and a small campaign, without typing."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from confrere.campaigns import CampaignState
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.demo.http_calls import SandboxUnavailable
from confrere.demo.sandbox_control import MemberInbox
from confrere.domain.account import Account
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.campaign import CampaignPerson, CampaignStatus, WrongStatus
from confrere.domain.campaigns.check import CampaignCheck
from confrere.domain.errors import ConfrereError, NotFound
from confrere.domain.group import KnownGroup, MemberFilter, Relationship
from confrere.domain.group import Page as PageOf
from confrere.domain.keys import Scope
from confrere.domain.limits import Action, Quota
from confrere.domain.message import MessageText
from confrere.domain.outcome import OutcomeName
from confrere.domain.person import Person
from confrere.domain.reply import Reply, ReplyFilter
from confrere.domain.send import Send, SendFilter
from confrere.domain.urns import GroupId
from confrere.http.answer import Answer
from confrere.sending import CallerConnection, SendRequest
from confrere.services import Services

log = structlog.get_logger()

NAME: Final = "The first minute"
"""Of the audience with everybody, and of the campaign."""

TEN: Final = "The first minute: ten more"
"""The name of the campaign's audience."""

PEOPLE: Final = 11
"""The first is written to alone; the campaign's ten are the others."""

TEXT: Final = (
    "Hello {name}, we are both in {group}. I collect how its members choose their suppliers, and would like to hear "
    "how you do it. If you would rather not, just write stop."
)
GAP_SECONDS: Final = 2
"""Between the campaign's messages, so that they can be watched: a rule of pacing like any other."""

ANSWER_SECONDS: Final = 4
"""After which the sandbox's members answer."""

_MEMBERS_LISTED: Final = 100
_AGAIN: Final = frozenset({OutcomeName.NOT_SENT, OutcomeName.THROTTLED, OutcomeName.SESSION_DEAD, OutcomeName.REFUSED})


@dataclass(frozen=True, slots=True)
class FirstMinute:
    """What the panel shows.

    people:    the first, who is written to alone, then the campaign's ten; none where no members were read yet.
    send:      the last message to the first.  inbox: what they see; None where the user may not read conversations.
    check:     of the campaign while it is a draft.
    statuses:  of the campaign's people, once it has started.
    """

    account: Account
    messages: Quota
    audience: Audience | None = None
    group: KnownGroup | None = None
    people: Sequence[Person] = ()
    text: str = ""
    send: Send | None = None
    inbox: MemberInbox | None = None
    campaign: CampaignState | None = None
    check: CampaignCheck | None = None
    statuses: Sequence[CampaignPerson] = ()
    replies: Sequence[Reply] = ()

    @property
    def may_send(self) -> bool:
        """Whether the first message is yet to be sent, or was certainly not."""
        return self.send is None or self.send.outcome in _AGAIN

    @property
    def person_of(self) -> dict[str, Person]:
        """The people by their profile URNs."""
        return {str(person.profile_urn): person for person in self.people}


async def show(page: Page, services: Services) -> Answer:
    """Show it on a page of its own, also to whoever has put it away."""
    page.require_sandbox()
    minute = await _read(page, services)
    if minute is None:
        raise NotFound("No account is connected that you may see")
    return page.render("first_minute_page.html", minute=minute)


async def read_for_overview(page: Page, services: Services) -> FirstMinute | None:
    """Return it for the overview; None on the real LinkedIn, in other workspaces, and once it was put away."""
    if page.sandbox is None or not page.runs_server or _cookie(page) in page.cookies:
        return None
    try:
        return await _read(page, services)
    except SandboxUnavailable:
        return None


async def prepare(page: Page, services: Services) -> Answer:
    """Read members of the group, and draft the campaign."""
    page.require_sandbox()
    account = await services.accounts.read(page.workspace_id, None)
    if not page.may_see(account.id):
        raise NotFound("No account is connected that you may see")
    await _prepare(page.workspace_id, services)
    return redirect(PATH)


async def prepare_for_newcomer(page: Page, services: Services) -> None:
    """Do so where nothing was ever prepared in this sandbox; where that fails, the panel offers it."""
    if page.sandbox is None or await services.audiences.list_page(page.workspace_id, count=1):
        return
    try:
        await _prepare(page.workspace_id, services)
    except ConfrereError as fault:
        log.warning("first_minute_not_prepared", reason=str(fault))


async def send(page: Page, services: Services) -> Answer:
    """Send the ready text to the first of the people, once however often the button is pressed."""
    sandbox, minute = page.require_sandbox(), await _read(page, services)
    if minute is None or minute.audience is None:
        raise NotFound("No members were read yet")
    if not minute.may_send:
        return redirect(PATH)
    await sandbox.act({"action": "set", "answer_after_seconds": ANSWER_SECONDS})
    earlier = minute.send.id if minute.send else "none"
    request = SendRequest(
        request_id=page.request_id,
        workspace_id=page.workspace_id,
        account_id=minute.account.id,
        recipient=minute.people[0].profile_urn,
        group_id=minute.audience.group_id,
        text=MessageText.parse(minute.text),
        idempotency_key=f"first-minute-{minute.audience.id}-{earlier}",
    )
    caller = CallerConnection()
    await services.sender.send(request, caller)
    services.sender.record_answered(caller)
    return redirect(f"{PATH}#minute")


async def start(page: Page, services: Services) -> Answer:
    """Start the campaign whose content was shown."""
    sandbox, minute = page.require_sandbox(), await _read(page, services)
    assert page.user is not None
    if minute is None or minute.campaign is None:
        raise NotFound("No campaign was drafted yet")
    workspace_id, campaign = page.workspace_id, minute.campaign.campaign
    if campaign.status is CampaignStatus.DRAFT:  # else the button was pressed twice
        await sandbox.act({"action": "set", "answer_after_seconds": ANSWER_SECONDS})
        rules = await services.pacing.read(workspace_id, campaign.account_id)
        if rules.min_gap is None:
            await services.pacing.change(workspace_id, campaign.account_id, {"minGapSeconds": GAP_SECONDS})
        await services.campaigns.start(
            workspace_id, campaign.id, content_hash=page.form.get("content_hash"), started_by=page.user.id
        )
    return redirect(f"{PATH}#campaign")


async def dismiss(page: Page, _services: Services) -> Answer:
    """Put it away in this browser."""
    secure = "; Secure" if page.cookie_names.is_secure else ""
    cookie = f"{_cookie(page)}=over; Path=/; Max-Age={365 * 86_400}; HttpOnly; SameSite=Lax{secure}"
    return redirect(PATH, (b"set-cookie", cookie.encode()))


def _cookie(page: Page) -> str:
    return f"{page.cookie_names.form}-minute"


async def _prepare(workspace_id: str, services: Services) -> None:
    """Draft a campaign for the first members of the account's first group. Raises ConfrereError."""
    if await _find_audience(workspace_id, services) is not None:
        return
    account = await services.accounts.read(workspace_id, None)
    groups = (await services.members.read_groups(workspace_id, account.id)).result
    found = next((one.group_id for one in groups.items if one.group_id), None) if isinstance(groups, PageOf) else None
    if found is None:
        raise NotFound("LinkedIn shows no group of this account")
    group_id = GroupId(found)
    await services.members.read_more(workspace_id, account.id, group_id)
    which = MemberFilter(relationship=Relationship.NO_CONNECTION)
    members = await services.members.list_members(workspace_id, account.id, group_id, which, count=_MEMBERS_LISTED)
    strangers = [AudiencePerson(one.person) for one in members if one.person.first_name]
    if len(strangers) < PEOPLE:
        raise NotFound("LinkedIn does not show enough members of the group")
    people = strangers[:: len(strangers) // PEOPLE][:PEOPLE]  # members are listed by name
    create = services.audiences.create
    ten = await create(workspace_id, name=TEN, group_id=group_id, people=people[1:])
    text = TEXT.format(name='{{ firstName | default: "there" }}', group='{{ groupName | default: "the same group" }}')
    await services.campaigns.create(
        workspace_id, name=NAME, audience_id=ten.id, text=text, account_id=account.id, spread=False
    )
    await create(workspace_id, name=NAME, group_id=group_id, people=people)


async def _find_audience(workspace_id: str, services: Services) -> Audience | None:
    audiences = await services.audiences.list_page(workspace_id, count=50)
    found = next((one.id for one in audiences if one.name == NAME), None)
    return None if found is None else await services.audiences.read(workspace_id, found)


async def _read(page: Page, services: Services) -> FirstMinute | None:
    """Return what there is to show; None where the user sees no default account. Raises SandboxUnavailable."""
    assert page.user is not None
    workspace_id = page.workspace_id
    try:
        account, quotas = await services.accounts.read_quotas(workspace_id, None)
    except NotFound:
        return None
    if not page.may_see(account.id):
        return None
    messages = next(quota for quota in quotas if quota.action is Action.MESSAGE)
    audience = await _find_audience(workspace_id, services)
    listed = audience and await services.audiences.list_people(workspace_id, audience.id, count=PEOPLE)
    if audience is None or not listed:
        return FirstMinute(account, messages)
    people = [one.person for _, one in listed]
    first, may_read = people[0], page.user.rights.may(Scope.INBOX)
    _, sends = await services.history.list_of_account(
        workspace_id, account.id, SendFilter(recipient=str(first.profile_urn)), before_id=None, count=1
    )
    inbox = await page.require_sandbox().read_inbox(str(first.profile_urn)) if may_read else None
    group = await services.directory.read_known_group(workspace_id, str(audience.group_id))
    text = TEXT.format(name=first.first_name or "there", group=group.name or "the same group")
    campaigns = await services.campaigns.list_page(workspace_id, account_id=account.id, count=50)
    campaign = next((one for one in campaigns if one.campaign.name == NAME), None)
    check, statuses, replies = None, [], []
    if campaign is not None and campaign.campaign.status is CampaignStatus.DRAFT:
        with suppress(WrongStatus):  # started meanwhile
            check = await services.campaigns.check(workspace_id, campaign.campaign.id)
    elif campaign is not None:
        rows = await services.campaign_people.list_page(workspace_id, campaign.campaign.id, count=PEOPLE)
        statuses = [person for person, _ in rows]
        if may_read:
            which = ReplyFilter(campaign_id=campaign.campaign.id)
            replies = list(await services.replies.list_page(workspace_id, which, count=PEOPLE))
    return FirstMinute(
        account,
        messages,
        audience,
        group,
        people,
        text,
        sends[0] if sends else None,
        inbox,
        campaign,
        check,
        statuses,
        replies,
    )
