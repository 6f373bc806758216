"""`prepare-campaign`: audience, text, settings and the check in one call. Nothing is sent before a person starts it."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from confrere.campaigns.audiences import parse_name
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.campaign import PersonText
from confrere.domain.campaigns.check import CampaignCheck
from confrere.domain.campaigns.templates import MAX_TEMPLATE_CHARACTERS
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import parse_account_id
from confrere.domain.keys import Scope
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.mcp.arguments import Arguments
from confrere.mcp.campaigns import SkippedCount, is_record_id
from confrere.mcp.shapes import AccountId
from confrere.mcp.tool import Call, Effect, Result, Tool

AUDIENCE_FORM = (
    "must be the id of an audience of this workspace; leave it out and give groupId and recipientProfileUrns, or ask "
    "the human for it: `confrere audiences list` shows them"
)
WHO_FORM = "is missing: give audienceId, or groupId and recipientProfileUrns"
ONE_SOURCE = "must be absent where audienceId is given: the audience has its group and people"
MOST_PEOPLE = 1_000


class PrepareCampaign(Arguments, frozen=True, kw_only=True):
    """Arguments of `prepare-campaign`."""

    name: Annotated[str, Meta(description="What the human will find it by; recipients do not see it.")]
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
        str | None,
        Meta(
            extra_json_schema={"minLength": 1, "maxLength": MAX_TEMPLATE_CHARACTERS},
            description='The text, in Liquid: {{ firstName | default: "there" }}. It has to say how to get no more '
            "messages.",
        ),
    ] = None
    template_id: Annotated[str | None, Meta(description="A template that the human has made, in place of text.")] = None
    account_id: AccountId = None
    starts_at: Annotated[
        Annotated[datetime, Meta(tz=True)] | None,
        Meta(description="When it begins once it is started, with its zone; at once without it."),
    ] = None
    daily_cap: Annotated[
        Annotated[int, Meta(ge=1, le=MESSAGES_PER_DAY_CEILING)] | None,
        Meta(description="Its messages a day at most. The account's own limits hold in any case; suggest a low one."),
    ] = None
    spread: Annotated[bool, Meta(description="Whether its messages are spread evenly over the rest of the day.")] = True
    skip_existing_conversations: Annotated[
        bool, Meta(description="Whether people with whom the account has a conversation are skipped.")
    ] = True


class SampleTexts(Result, frozen=True, kw_only=True):
    """Two of the texts as they would be sent; null if nothing would be."""

    shortest: str | None
    longest: str | None


class OutlookResult(Result, frozen=True, kw_only=True):
    """How long it takes if nothing interferes."""

    ends_on: Annotated[str | None, Meta(description="The UTC day of its last message; null: not within a year.")]
    sending_days: int


class Prepared(Result, frozen=True, kw_only=True):
    """A draft with its check."""

    campaign_id: str
    audience_id: str
    account_id: str
    would_send: Annotated[int, Meta(description="How many people would be written to.")]
    skipped: Annotated[list[SkippedCount], Meta(description="How many people would be skipped, and why.")]
    texts: SampleTexts
    warnings: Annotated[list[str], Meta(description="What the human should know before it is started.")]
    forecast: OutlookResult
    content_hash: Annotated[str, Meta(description="Of people, text and settings: a start takes it.")]
    start_command: Annotated[str, Meta(description="What the human runs to start it.")]
    start_request: Annotated[str, Meta(description="The same over HTTP, for a key with the scope admin.")]
    next_step: Annotated[str, Meta(description="What to do now. Follow it.")]


async def prepare_campaign(call: Call, args: PrepareCampaign) -> Prepared:
    """Write the audience, if its people are given, and a draft; then check it. Raises InvalidField, NotFound."""
    services, workspace_id = call.services, call.workspace_id
    name, starts_at = parse_name(args.name), _starts_at(args.starts_at, services.clock())
    account = await services.accounts.read(workspace_id, parse_account_id(args.account_id))
    audience = await _audience(call, args, name)
    state = await services.campaigns.create(
        workspace_id,
        name=name,
        audience_id=audience.id,
        text=args.text,
        template_id=args.template_id,
        account_id=account.id,
        starts_at=starts_at,
        daily_cap=args.daily_cap,
        spread=args.spread,
        skip_existing_conversations=args.skip_existing_conversations,
        created_by=call.agent.caller.key_id,
    )
    check = await services.campaigns.check(workspace_id, state.campaign.id)
    return _prepared(state.campaign.id, audience, account.id, check)


async def _audience(call: Call, args: PrepareCampaign, name: str) -> Audience:
    """Return the audience that is named, or write one of the people who are given."""
    if args.audience_id:
        for field, value in (("groupId", args.group_id), ("recipientProfileUrns", args.recipient_profile_urns)):
            if value:
                raise InvalidField(field, ONE_SOURCE)
        return await _read_audience(call, args.audience_id)
    if not args.recipient_profile_urns:
        raise InvalidField("recipientProfileUrns", WHO_FORM)
    if not args.group_id:
        raise InvalidField("groupId", WHO_FORM)
    people = [
        AudiencePerson.of(ProfileUrn.parse(given, field=f"recipientProfileUrns[{place}]"))
        for place, given in enumerate(args.recipient_profile_urns)
    ]
    return await call.services.audiences.create(
        call.workspace_id, name=name, group_id=GroupId.parse(args.group_id), people=people
    )


async def _read_audience(call: Call, audience_id: str) -> Audience:
    if not is_record_id(audience_id):
        raise InvalidField("audienceId", AUDIENCE_FORM)
    try:
        return await call.services.audiences.read(call.workspace_id, audience_id)
    except NotFound:
        raise InvalidField("audienceId", AUDIENCE_FORM) from None


def _starts_at(given: datetime | None, now: datetime) -> datetime | None:
    if given is not None and given <= now:
        raise InvalidField("startsAt", "must lie in the future")
    return given


def _prepared(campaign_id: str, audience: Audience, account_id: str, check: CampaignCheck) -> Prepared:
    ends_on = check.forecast.ends_on
    return Prepared(
        campaign_id=campaign_id,
        audience_id=audience.id,
        account_id=account_id,
        would_send=check.would_send,
        skipped=[SkippedCount(reason=reason, count=count) for reason, count in sorted(check.skipped.items())],
        texts=SampleTexts(shortest=_text_of(check.shortest), longest=_text_of(check.longest)),
        warnings=[warning.text for warning in check.warnings],
        forecast=OutlookResult(
            ends_on=None if ends_on is None else ends_on.isoformat(), sending_days=check.forecast.sending_days
        ),
        content_hash=check.content_hash,
        start_command=f"confrere campaigns start {campaign_id} --first 1",
        start_request=f'POST /v1/campaigns/{campaign_id}/start {{"contentHash": "{check.content_hash}", "first": 1}}',
        next_step=_next_step(check.would_send),
    )


def _text_of(one: PersonText | None) -> str | None:
    return None if one is None or one.text is None else str(one.text)


def _next_step(would_send: int) -> str:
    if would_send == 0:
        return (
            "Nobody would be written to: tell the human for what reasons, and do not look for a way round them. The "
            "draft can be hidden with `confrere campaigns archive`."
        )
    return (
        "Nothing is sent yet. Show the human the text, how many people would get it, who is skipped and why; a person "
        "starts it, with startCommand. Do not start it by other means, and do not send its messages one by one."
    )


PREPARE_CAMPAIGN = Tool(
    name="prepare-campaign",
    title="Prepare a campaign",
    description="""\
Write the draft of a campaign and check it, in one call: one message each to the people of an audience, sent over days,
within every limit, never twice to the same person. Nothing is sent: a person reads it and starts it.

Use it when the human wants to write to more than a few people; never send to a list with send-group-message. Give an
audienceId, or groupId and recipientProfileUrns, and a text or a templateId. Its readers should want to have the text;
it says why they get it, and how to get no more messages.

The answer says how many people would be written to, who is skipped and why, and the contentHash of exactly this
content. A changed text is a new call, and a new draft. Each call writes a draft, so do not repeat it for nothing.""",
    takes=PrepareCampaign,
    gives=Prepared,
    do=prepare_campaign,
    needs=Scope.SEND,
    effect=Effect.CHANGES,
    repeats=False,
)
