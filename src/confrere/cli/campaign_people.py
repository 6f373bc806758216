"""`confrere campaigns people` and neighbours, `people show` and `why-not-yet`: what became of whom, and why not yet."""

from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.audiences import SEE_AUDIENCES
from confrere.cli.campaign_check import SEE_CAMPAIGNS, CampaignId
from confrere.cli.campaigns import show_reason
from confrere.cli.command import SEE_ACCOUNTS, AsJson, Command
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.output import Json, write_json
from confrere.cli.shapes import campaign_person_shape, opt_out_shape, send_shape, why_not_shape
from confrere.cli.times import format_time, parse_time
from confrere.cli.workspace import workspace
from confrere.domain.audit import AuditAction
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import CampaignPerson, PersonStatus
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import parse_account_id
from confrere.domain.limits import iso_z
from confrere.domain.send import Send
from confrere.domain.urns import ProfileUrn
from confrere.domain.why_not import WhyNot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from confrere.campaigns import PeopleAdded, PersonHistory
    from confrere.services import Services

PAGE = 1_000

SEE_PEOPLE = "`confrere campaigns people ID` shows who is in a campaign"

Row = tuple[CampaignPerson, WhyNot | None]
Person = Annotated[str, typer.Argument(metavar="PERSON", help="urn:li:fsd_profile:<id>, or the bare id.")]
_Status = Annotated[PersonStatus | None, typer.Option(help="Only people in this status.")]
_Reason = Annotated[
    str | None, typer.Option(help="Only people who wait, or are skipped, for this reason: spread, do_not_contact …")
]


def list_people(
    context: typer.Context,
    campaign_id: CampaignId,
    *,
    status: _Status = None,
    reason: _Reason = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the people of a campaign that was started: what became of each, or why they wait and until when."""
    command = Command(context, as_json=as_json)

    async def read(services: "Services") -> list[Row]:
        found: list[Row] = []
        async for page in _pages(services, campaign_id, status, reason, limit + 1):
            found += page
        return found

    found = command.ask(read, if_missing=SEE_CAMPAIGNS)
    shown = found[:limit]
    command.out.document(
        {"items": [campaign_person_shape(person, why) for person, why in shown], "hasMore": len(found) > limit}
    )
    if not shown:
        command.out.hint("There are no such people.")
        return
    command.out.table(
        ("profile id", "status", "reason", "send", "what to do"),
        (
            (
                person.recipient.profile_id,
                str(person.status),
                person.reason or "" if why is None else show_reason(why),
                person.send_id or "",
                "" if why is None else why.remedy,
            )
            for person, why in shown
        ),
    )
    if len(found) > limit:
        command.out.hint(f"There are more: `--limit` shows more than {limit}.")


def export_people(
    context: typer.Context,
    campaign_id: CampaignId,
    *,
    status: _Status = None,
    reason: _Reason = None,
    as_json: AsJson = False,
) -> None:
    """Write all people of a campaign as a CSV table. As JSON: one object a line."""
    command = Command(context, as_json=as_json)

    async def write(services: "Services") -> int:
        count = 0
        async for page in _pages(services, campaign_id, status, reason):
            if count == 0:
                await services.audit.record(workspace(), AuditAction.EXPORTED, campaign_id, "people of a campaign")
            shapes = [campaign_person_shape(person, why) for person, why in page]
            if not as_json:
                names = [tuple(shapes[0])] if count == 0 else []
                text = write_rows([*names, *(tuple(shape.values()) for shape in shapes)]).decode()
                command.out.print_verbatim(text.removesuffix("\n"))
            for shape in shapes if as_json else ():
                write_json(shape)
            count += len(page)
        return count

    count = command.ask(write, if_missing=SEE_CAMPAIGNS)
    command.out.hint(f"{count:,} people." if count else "There are no such people.")


def show_campaign_person(
    context: typer.Context, campaign_id: CampaignId, person: Person, *, as_json: AsJson = False
) -> None:
    """Show one person of a campaign with all that happened."""
    command = Command(context, as_json=as_json)
    recipient = ProfileUrn.parse(person, field="PERSON")

    async def read(services: "Services") -> "PersonHistory":
        return await services.campaign_people.read(workspace(), campaign_id, recipient)

    history = command.ask(read, if_missing=f"{SEE_CAMPAIGNS}, {SEE_PEOPLE}")
    one, why = history.person, history.why_not
    command.out.document(
        {**campaign_person_shape(one, why), "sends": [_send_of_account_shape(send) for send in history.sends]}
    )
    command.out.facts(
        [
            ("person", str(one.recipient)),
            *([("name", one.name)] if one.name else []),
            ("campaign", history.campaign.name),
            ("status", str(one.status)),
            *_why_facts(one, why),
            *([("sent", format_time(one.message_at))] if one.message_at else []),
            *([("replied", format_time(one.replied_at))] if one.replied_at else []),
        ]
    )
    _print_sends(command, history.sends)


def add_people(
    context: typer.Context,
    campaign_id: CampaignId,
    people: Annotated[list[str] | None, typer.Argument(metavar="PERSON...", help="URNs or bare ids.")] = None,
    *,
    audience: Annotated[str | None, typer.Option(help="Add the people of this audience.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add people to a campaign that was started; who is in it already stays as they are.

    They are written to in their turn; a finished campaign runs again.
    """
    command = Command(context, as_json=as_json)
    if bool(people) == bool(audience):
        raise InvalidField("PERSON...", "must be given, or `--audience` instead")
    recipients = list(dict.fromkeys(ProfileUrn.parse(one, field="PERSON") for one in people or ()))

    async def add(services: "Services") -> "PeopleAdded":
        if audience is None:
            given = [AudiencePerson.of(one) for one in recipients]
            return await services.campaign_people.add(workspace(), campaign_id, given)
        try:
            await services.audiences.read(workspace(), audience)
        except NotFound as fault:
            raise CommandFailed(f"--audience: {fault}", SEE_AUDIENCES) from fault
        return await services.campaign_people.add_audience(workspace(), campaign_id, audience)

    result = command.ask(add, if_missing=SEE_CAMPAIGNS)
    command.out.document({"added": result.added, "alreadyIn": [str(one) for one in result.already_in]})
    already = f" {len(result.already_in):,} were in it already." if result.already_in else ""
    command.out.print(f"Added {result.added:,}.{already}")


def hold_person(
    context: typer.Context,
    person: Person,
    *,
    until: Annotated[str, typer.Option(help="No message before then: a day or an ISO 8601 time.")],
    as_json: AsJson = False,
) -> None:
    """Put a person off in all campaigns in which they wait."""
    command = Command(context, as_json=as_json)
    recipient, instant = ProfileUrn.parse(person, field="PERSON"), parse_time(until, "--until")
    campaigns = command.ask(lambda services: services.campaign_people.hold(workspace(), recipient, instant))
    _report_hold(command, recipient, campaigns, iso_z(instant))
    command.out.print(f"Held until {format_time(instant)}; waits in {campaigns} campaigns.")


def release_person(context: typer.Context, person: Person, *, as_json: AsJson = False) -> None:
    """End the hold of a person in all campaigns."""
    command = Command(context, as_json=as_json)
    recipient = ProfileUrn.parse(person, field="PERSON")
    campaigns = command.ask(lambda services: services.campaign_people.release(workspace(), recipient))
    _report_hold(command, recipient, campaigns, None)
    command.out.print(f"Released; waits in {campaigns} campaigns.")


def show_person(context: typer.Context, person: Person, *, as_json: AsJson = False) -> None:
    """Show what is stored of a person: campaigns, sends, do-not-contact list. LinkedIn is not asked."""
    command = Command(context, as_json=as_json)
    recipient = ProfileUrn.parse(person, field="PERSON")
    found = command.ask(lambda services: services.campaign_people.read_everywhere(workspace(), recipient))
    command.out.document(
        {
            "recipientProfileUrn": str(recipient),
            "campaigns": [
                {
                    **campaign_person_shape(one, why),
                    "campaignId": campaign.id,
                    "campaignName": campaign.name,
                    "campaignStatus": str(campaign.status),
                }
                for campaign, one, why in found.campaigns
            ],
            "sends": [_send_of_account_shape(send) for send in found.sends],
            "doNotContact": None if found.opt_out is None else opt_out_shape(found.opt_out),
            "heldUntil": None if found.held_until is None else iso_z(found.held_until),
        }
    )
    listed = found.opt_out
    command.out.facts(
        [
            ("person", str(recipient)),
            ("do not contact", "no" if listed is None else f"since {format_time(listed.added_at)}"),
            ("held until", format_time(found.held_until)),
        ]
    )
    if found.campaigns:
        command.out.print("")
        command.out.table(
            ("campaign", "name", "status", "reason", "what to do"),
            (
                (
                    campaign.id,
                    campaign.name,
                    str(one.status),
                    one.reason or "" if why is None else show_reason(why),
                    "" if why is None else why.remedy,
                )
                for campaign, one, why in found.campaigns
            ),
        )
    _print_sends(command, found.sends)


def show_why_not_yet(
    context: typer.Context,
    *,
    account: Annotated[str | None, typer.Option(help="The account's id.", show_default="the default account")] = None,
    campaign: Annotated[str | None, typer.Option(help="The id of a campaign.")] = None,
    person: Annotated[
        str | None, typer.Option(help="A person, in --campaign or in any: urn:li:fsd_profile:<id>.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show why an account, a campaign or a person waits: one reason, until when, and what to do."""
    command = Command(context, as_json=as_json)
    recipient = None if person is None else ProfileUrn.parse(person, field="--person")
    account_id = parse_account_id(account, field="--account")

    async def read(services: "Services") -> WhyNot | None:
        try:
            return await services.why_not_yet.of(
                workspace(), account_id=account_id, campaign_id=campaign, recipient=recipient
            )
        except NotFound as fault:
            if campaign is None:
                raise
            raise CommandFailed(f"--campaign: {fault}", f"{SEE_CAMPAIGNS}, {SEE_PEOPLE}") from fault

    why = command.ask(read, if_missing=SEE_ACCOUNTS)
    command.out.document({"whyNot": why_not_shape(why)})
    command.out.print("Nothing waits." if why is None else f"{show_reason(why)}. {why.remedy}.")


async def _pages(
    services: "Services", campaign_id: str, status: PersonStatus | None, reason: str | None, count: int | None = None
) -> "AsyncIterator[Sequence[Row]]":
    """Yield the people page by page, up to so many; None: all."""
    after_id, left = None, count
    while left is None or left > 0:
        wanted = PAGE if left is None else min(PAGE, left)
        page = await services.campaign_people.list_page(
            workspace(), campaign_id, status=status, reason=reason, after_id=after_id, count=wanted
        )
        if page:
            yield page
        if len(page) < wanted:
            return
        after_id, left = page[-1][0].id, None if left is None else left - len(page)


def _why_facts(person: CampaignPerson, why: WhyNot | None) -> list[tuple[str, str]]:
    if why is not None:
        return [("reason", show_reason(why)), ("what to do", why.remedy)]
    facts = [("reason", person.reason)] if person.reason else []
    if person.written_to_by is not None:
        facts.append(("written to by", f"{person.written_to_by} at {format_time(person.written_to_at)}"))
    return facts


def _report_hold(command: Command, recipient: ProfileUrn, campaigns: int, held_until: str | None) -> None:
    if not campaigns:
        raise CommandFailed(
            "The person waits in no campaign, so nothing was changed",
            "`confrere people show` shows what became of them",
        )
    command.out.document({"recipientProfileUrn": str(recipient), "heldUntil": held_until, "campaigns": campaigns})


def _print_sends(command: Command, sends: "Sequence[Send]") -> None:
    if not sends:
        return
    command.out.print("")
    command.out.table(
        ("when", "outcome", "account", "id", "reason"),
        (
            (format_time(send.created_at), str(send.outcome), send.account_id, send.id, send.reason or "")
            for send in sends
        ),
    )


def _send_of_account_shape(send: Send) -> Json:
    return {"accountId": send.account_id, **send_shape(send)}
