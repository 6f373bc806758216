"""`why-not-yet`: why an account or a campaign is not sending, or a person not written to, yet."""

from typing import Annotated

from msgspec import Meta

from confrere.domain.ids import parse_account_id
from confrere.domain.limits import iso_z
from confrere.domain.urns import ProfileUrn
from confrere.mcp.arguments import Arguments
from confrere.mcp.campaigns import AnyCampaign, Waiting, parse_campaign_id, waiting
from confrere.mcp.shapes import AccountId
from confrere.mcp.tool import Call, Result, Tool


class AskWhyNot(Arguments, frozen=True, kw_only=True):
    """Arguments of `why-not-yet`."""

    account_id: AccountId = None
    campaign_id: Annotated[AnyCampaign, Meta(description="Ask about this campaign, or about a person in it.")] = None
    recipient_profile_urn: Annotated[
        str | None,
        Meta(description="Ask about this person, by profileUrn: in the campaign, or in whatever campaigns they are."),
    ] = None


class WhyNotAnswer(Result, frozen=True, kw_only=True):
    """Why nothing is sent yet."""

    why_not: Annotated[
        Waiting | None, Meta(description="One reason, one time and one thing to do; null: nothing keeps it.")
    ]
    summary: str


async def why_not_yet(call: Call, args: AskWhyNot) -> WhyNotAnswer:
    """Find out why. Raises NotFound, InvalidField."""
    found = await call.services.why_not_yet.of(
        call.workspace_id,
        account_id=parse_account_id(args.account_id),
        campaign_id=parse_campaign_id(args.campaign_id) if args.campaign_id else None,
        recipient=ProfileUrn.parse(args.recipient_profile_urn) if args.recipient_profile_urn else None,
    )
    if found is None:
        return WhyNotAnswer(why_not=None, summary="Nothing keeps it: it may send now, or there is nothing to wait for.")
    until = f" until {iso_z(found.until)}" if found.until else ", until somebody acts"
    return WhyNotAnswer(why_not=waiting(found), summary=f"It waits for {found.reason}{until}. {found.remedy}.")


WHY_NOT_YET = Tool(
    name="why-not-yet",
    title="Find out why nothing is sent yet",
    description="""\
Find out why an account or a campaign sends nothing, or why a person has no message yet: one reason, the time when it
passes, and what to do. Give campaignId, recipientProfileUrn, or both for a person in one campaign; or accountId alone;
without any it is the default account. The words are those of the command line and the API. A limit, a hold or sending
hours are no faults: wait, and do not look for a way round them. LinkedIn is not asked.""",
    takes=AskWhyNot,
    gives=WhyNotAnswer,
    do=why_not_yet,
)
