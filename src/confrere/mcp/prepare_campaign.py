"""`prepare-campaign`: audience, text, settings and the check in one call. Nothing is sent before a person starts it."""

import asyncio
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from confrere.campaigns import CampaignChanges, CampaignState
from confrere.campaigns.audiences import parse_name
from confrere.campaigns.checks import parse_campaign_text
from confrere.campaigns.control import TEMPLATE_FORM
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import CampaignStatus, PersonText, WrongStatus
from confrere.domain.campaigns.check import CampaignCheck
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import is_record_id, parse_account_id
from confrere.domain.keys import Scope
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.message import MAX_CHARACTERS
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.mcp.arguments import Arguments
from confrere.mcp.campaigns import AnyCampaign, SkippedCount, parse_campaign_id
from confrere.mcp.shapes import AccountId
from confrere.mcp.tool import Call, Effect, Result, Tool

AUDIENCE_FORM = (
    "must be the id of an audience of this workspace; leave it out and give groupId and recipientProfileUrns, or ask "
    "the human for it: `confrere audiences list` shows them"
)
WHO_FORM = "is missing: give audienceId, or groupId and recipientProfileUrns"
ONE_SOURCE = "must be absent where audienceId is given: the audience has its group and people"
TEXT_FORM = "is missing: give text, or the templateId of a saved one"
MOST_PEOPLE = 1_000


class PrepareCampaign(Arguments, frozen=True, kw_only=True):
    """Arguments of `prepare-campaign`."""

    campaign_id: Annotated[
        AnyCampaign,
        Meta(
            description="A draft to change and check again, with only what is to be different; without it a new one is "
            "written."
        ),
    ] = None
    name: Annotated[
        str | None, Meta(description="What the human will find it by; recipients do not see it. A new draft needs one.")
    ] = None
    audience_id: Annotated[
        str | None, Meta(description="An audience that the human has made; or give groupId and recipientProfileUrns.")
    ] = None
    group_id: Annotated[
        str | None, Meta(description="The group that the account and all these people are members of.")
    ] = None
    recipient_profile_urns: Annotated[
        tuple[str, ...],
        Meta(
            max_length=MOST_PEOPLE,
            description=f"The people, by profileUrn, at most {MOST_PEOPLE:,}; each is in it once. Only people for whom "
            "the human has asked.",
        ),
    ] = ()
    text: Annotated[
        Annotated[str, Meta(extra_json_schema={"maxLength": MAX_CHARACTERS})] | None,
        Meta(
            description="The text, in Liquid: {{ firstName | default: 'there' }}, lastName, fullName, headline, "
            "groupName, senderFirstName, senderLastName, custom.<column> of the audience's table. Somebody for whom a "
            "variable without a default is blank is skipped. Say in it how to get no more messages.",
        ),
    ] = None
    template_id: Annotated[str | None, Meta(description="A template that the human has saved, in place of text.")] = (
        None
    )
    account_id: AccountId = None
    starts_at: Annotated[
        Annotated[datetime, Meta(tz=True)] | None,
        Meta(description="When it begins once it is started, with its zone; at once without it."),
    ] = None
    daily_cap: Annotated[
        Annotated[int, Meta(ge=1, le=MESSAGES_PER_DAY_CEILING)] | None,
        Meta(description="Its messages a day at most. The account's own limits hold in any case; suggest a low one."),
    ] = None
    spread: Annotated[
        bool | None,
        Meta(description="Whether its messages are spread over the rest of the day; true without it."),
    ] = None
    skip_existing_conversations: Annotated[
        bool | None,
        Meta(description="Whether people with whom the account has a conversation are skipped; true without it."),
    ] = None


class SampleTexts(Result, frozen=True, kw_only=True):
    """Two of the texts as they would be sent; null if nothing would be."""

    shortest: str | None
    longest: str | None


class Warned(Result, frozen=True, kw_only=True):
    """What the human should know before the start."""

    name: str
    text: str
    count: Annotated[int, Meta(description="How many people it is about.")]
    examples: Annotated[list[str], Meta(description="The names of the first of them, if it is about names.")]


class Prepared(Result, frozen=True, kw_only=True):
    """A draft with its check."""

    campaign_id: str
    audience_id: str
    account_id: str
    would_send: Annotated[int, Meta(description="How many people would be written to.")]
    skipped: Annotated[list[SkippedCount], Meta(description="How many people would be skipped, and why.")]
    texts: SampleTexts
    warnings: list[Warned]
    forecast: Annotated[str, Meta(description="How long it takes, such as: about 27 sending days, until 14 January.")]
    content_hash: Annotated[str, Meta(description="Of people, texts and settings: a start takes it.")]
    start_command: Annotated[str, Meta(description="What the human runs to start it.")]
    start_request: Annotated[str, Meta(description="The same over HTTP, for a key with the scope admin.")]
    next_step: Annotated[str, Meta(description="What to do now. Follow it.")]


async def prepare_campaign(call: Call, args: PrepareCampaign) -> Prepared:
    """Write a draft, or change one; then check it. Raises InvalidField, NotFound, WrongStatus."""
    if args.starts_at is not None and args.starts_at <= call.services.clock():
        raise InvalidField("startsAt", "must lie in the future")
    if args.template_id and not is_record_id(args.template_id):
        raise InvalidField("templateId", TEMPLATE_FORM)
    state = await (_change(call, args) if args.campaign_id else _create(call, args))
    return _prepared(state, await call.services.campaigns.check(call.workspace_id, state.campaign.id))


async def _create(call: Call, args: PrepareCampaign) -> CampaignState:
    """Write a draft. Its audience is written last, when nothing else can be wrong."""
    services, workspace_id = call.services, call.workspace_id
    name = parse_name(args.name)
    if args.text is None and not args.template_id:
        raise InvalidField("text", TEXT_FORM)
    account = await services.accounts.read(workspace_id, parse_account_id(args.account_id))
    audience_id = await _find_audience(call, args)
    return await services.campaigns.create(
        workspace_id,
        name=name,
        audience_id=audience_id or await _write_audience(call, args, name),
        text=args.text,
        template_id=args.template_id or None,
        account_id=account.id,
        starts_at=args.starts_at,
        daily_cap=args.daily_cap,
        spread=args.spread is not False,
        skip_existing_conversations=args.skip_existing_conversations is not False,
        created_by=call.agent.caller.key_id,
    )


async def _change(call: Call, args: PrepareCampaign) -> CampaignState:
    """Change what is given of a draft."""
    services, workspace_id = call.services, call.workspace_id
    campaign_id = parse_campaign_id(args.campaign_id or "")
    before = (await services.campaigns.read(workspace_id, campaign_id)).campaign
    if before.status is not CampaignStatus.DRAFT:
        raise WrongStatus("changed", before.status)
    name = None if args.name is None else parse_name(args.name)
    audience_id = await _find_audience(call, args)
    if audience_id is None and (args.recipient_profile_urns or args.group_id):
        audience_id = await _write_audience(call, args, name or before.name, before.group_id)
    changes = CampaignChanges(
        name=name,
        audience_id=audience_id,
        account_id=parse_account_id(args.account_id),
        text=args.text,
        template_id=args.template_id or None,
        starts_at=args.starts_at,
        daily_cap=args.daily_cap,
        spread=args.spread,
        skip_existing_conversations=args.skip_existing_conversations,
    )
    return await services.campaigns.change(workspace_id, campaign_id, changes)


async def _find_audience(call: Call, args: PrepareCampaign) -> str | None:
    """Return the audience that is named; None where none is. Raises InvalidField."""
    if not args.audience_id:
        return None
    for field, value in (("groupId", args.group_id), ("recipientProfileUrns", args.recipient_profile_urns)):
        if value:
            raise InvalidField(field, ONE_SOURCE)
    if not is_record_id(args.audience_id):
        raise InvalidField("audienceId", AUDIENCE_FORM)
    try:
        return (await call.services.audiences.read(call.workspace_id, args.audience_id)).id
    except NotFound:
        raise InvalidField("audienceId", AUDIENCE_FORM) from None


async def _write_audience(call: Call, args: PrepareCampaign, name: str, group_id: GroupId | None = None) -> str:
    """Write an audience of the people who are given, when the text is one that can be made for them.

    group_id:  where the arguments name none.
    """
    if not args.recipient_profile_urns:
        raise InvalidField("recipientProfileUrns", WHO_FORM)
    if args.group_id:
        group_id = GroupId.parse(args.group_id)
    if group_id is None:
        raise InvalidField("groupId", WHO_FORM)
    people = [
        AudiencePerson.of(ProfileUrn.parse(given, field=f"recipientProfileUrns[{place}]"))
        for place, given in enumerate(args.recipient_profile_urns)
    ]
    await _check_text(call, args)
    audience = await call.services.audiences.create(call.workspace_id, name=name, group_id=group_id, people=people)
    return audience.id


async def _check_text(call: Call, args: PrepareCampaign) -> None:
    """Raise InvalidField where the text is no template, or uses columns, which such an audience does not have."""
    text = args.text
    if args.template_id:
        try:
            text = (await call.services.templates.read(call.workspace_id, args.template_id)).text
        except NotFound:
            raise InvalidField("templateId", TEMPLATE_FORM) from None
    if text is not None:
        template = await asyncio.to_thread(parse_campaign_text, text, args.template_id or None)
        template.check_columns(())


def _prepared(state: CampaignState, check: CampaignCheck) -> Prepared:
    campaign_id = state.campaign.id
    return Prepared(
        campaign_id=campaign_id,
        audience_id=state.campaign.audience_id,
        account_id=state.campaign.account_id,
        would_send=check.would_send,
        skipped=[SkippedCount(reason=reason, count=count) for reason, count in sorted(check.skipped.items())],
        texts=SampleTexts(shortest=_shown(check.shortest), longest=_shown(check.longest)),
        warnings=[
            Warned(name=one.name, text=f"{one.text}.", count=one.count, examples=[odd.name for odd in one.examples])
            for one in check.warnings
        ],
        forecast=str(check.forecast),
        content_hash=check.content_hash,
        start_command=f"confrere campaigns start {campaign_id} --first 1",
        start_request=f'POST /v1/campaigns/{campaign_id}/start {{"contentHash": "{check.content_hash}", "first": 1}}',
        next_step=_next_step(check.would_send),
    )


def _shown(one: PersonText | None) -> str | None:
    return None if one is None or one.text is None else str(one.text)


def _next_step(would_send: int) -> str:
    if would_send == 0:
        return (
            "Nobody would be written to: tell the human for what reasons, and do not look for a way round them. The "
            "draft can be hidden with `confrere campaigns archive`."
        )
    return (
        "Nothing is sent yet. Show the human the texts, how many people would get one, who is skipped and why, the "
        "warnings and the forecast; a person starts it, with startCommand. Do not start it by other means, and do not "
        "send its messages one by one."
    )


PREPARE_CAMPAIGN = Tool(
    name="prepare-campaign",
    title="Prepare a campaign",
    description="""\
Write the draft of a campaign and check it, in one call: one message each to the people of an audience, sent over days,
within every limit, never twice to the same person. Nothing is sent: a person reads it and starts it.

Use it when the human wants to write to more than a few people; never send to a list with send-group-message. Give an
audienceId, or groupId and recipientProfileUrns, and a text that its readers will want to have, which says why they get
it and how to get no more messages.

The answer says how many people would be written to, who is skipped and why, what to be careful about, how long it
takes, and the contentHash of exactly this content. To change the draft, give its campaignId and what is to be
different; with the campaignId alone it is only checked again.""",
    takes=PrepareCampaign,
    gives=Prepared,
    do=prepare_campaign,
    needs=Scope.SEND,
    effect=Effect.CHANGES,
    repeats=False,
)
