"""`confrere campaigns check` and `texts`: what a start would send."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.output import Json
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.campaigns.campaign import Campaign, CampaignStatus, PersonText, WrongStatus

if TYPE_CHECKING:
    from confrere.domain.campaigns.check import CampaignCheck, CheckWarning
    from confrere.services import Services

SEE_CAMPAIGNS: Final = "`confrere campaigns list` shows the campaigns' ids"

CampaignId = Annotated[str, typer.Argument(metavar="ID", help="The campaign's id, as `campaigns list` shows it.")]

_PAGE: Final = 1_000
_MOST_DAYS: Final = 31


def check_campaign(context: typer.Context, campaign_id: CampaignId, *, as_json: AsJson = False) -> None:
    """Show what a start would send, whom it would skip, and on which days it would send; it sends nothing."""
    command = Command(context, as_json=as_json)
    campaign, check = read_check(command, campaign_id)
    command.out.document({"id": campaign.id, **check_shape(check)})
    print_check(command, campaign, check)
    command.out.hint(f"`confrere campaigns texts {campaign_id}` shows what each person would get.")


def list_texts(
    context: typer.Context,
    campaign_id: CampaignId,
    *,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many people at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what each person of a draft would get now, or why the person would be skipped."""
    command = Command(context, as_json=as_json)
    found = command.ask(lambda services: _read_texts(services, campaign_id, limit + 1), if_missing=SEE_CAMPAIGNS)
    shown = found[:limit]
    command.out.document({"items": [_text_shape(one) for one in shown], "hasMore": len(found) > limit})
    for one in shown:
        command.out.print(f"{one.person.recipient.profile_id}  {one.person.name}".rstrip())
        lines = [f"skipped: {one.skip}"] if one.text is None else one.text.splitlines()
        command.out.print("".join(f"    {line}\n" for line in lines))
    if len(found) > limit:
        command.out.hint(f"There are more: `--limit` shows more than {limit}.")


def read_check(command: Command, campaign_id: str, *, action: str = "checked") -> "tuple[Campaign, CampaignCheck]":
    """Check the draft. Raises WrongStatus, which says that it cannot be `action`, where it is none."""

    async def read(services: "Services") -> "tuple[Campaign, CampaignCheck]":
        state = await services.campaigns.read(workspace(), campaign_id)
        if state.campaign.status is not CampaignStatus.DRAFT:
            raise WrongStatus(action, state.campaign.status)
        return state.campaign, await services.campaigns.check(workspace(), campaign_id)

    return command.ask(read, if_missing=SEE_CAMPAIGNS)


def check_shape(check: "CampaignCheck") -> Json:
    """Encode a check as `POST /v1/campaigns/{id}/check` returns it."""
    forecast = check.forecast
    return {
        "wouldSend": check.would_send,
        "skipped": {str(reason): count for reason, count in sorted(check.skipped.items())},
        "texts": {
            "shortest": None if check.shortest is None else check.shortest.text,
            "longest": None if check.longest is None else check.longest.text,
        },
        "warnings": [_warning_shape(warning) for warning in check.warnings],
        "forecast": {
            "endsOn": None if forecast.ends_on is None else forecast.ends_on.isoformat(),
            "sendingDays": forecast.sending_days,
            "perDay": [{"date": each.day.isoformat(), "count": each.count} for each in forecast.per_day],
            "summary": str(forecast),
        },
        "contentHash": check.content_hash,
    }


def print_check(command: Command, campaign: Campaign, check: "CampaignCheck") -> None:
    """Print the check, with its warnings as hints."""
    command.out.facts(
        [
            ("campaign", campaign.name),
            ("account", campaign.account_id),
            ("group", str(campaign.group_id)),
            ("people", f"{check.would_send:,} would be written to"),
            *((f"  {reason}", f"{count:,} skipped") for reason, count in sorted(check.skipped.items())),
            ("texts", _show_lengths(check)),
            ("begins", show_begin(campaign.starts_at)),
            ("a day", "as many as the account may" if campaign.daily_cap is None else f"{campaign.daily_cap} at most"),
            ("forecast", f"{check.forecast}, if nothing interferes"),
            *((f"  {each.day.isoformat()}", f"{each.count:,}") for each in check.forecast.per_day[:_MOST_DAYS]),
            *_further_days(check),
            ("hash", check.content_hash),
        ]
    )
    for warning in check.warnings:
        command.out.hint(f"{warning.text} ({warning.count:,}).")
        for odd in warning.examples:
            clean = f"{odd.warning.first_name} {odd.warning.last_name}".strip()
            command.out.hint(f"  {odd.name}: {clean or 'no name is left'} ({', '.join(odd.warning.faults)})")


def show_begin(starts_at: datetime | None) -> str:
    """Format when a started campaign begins."""
    return "at once" if starts_at is None else format_time(starts_at)


def _show_lengths(check: "CampaignCheck") -> str:
    if check.shortest is None or check.longest is None:
        return "nobody would get one"
    shortest, longest = len(check.shortest.text or ""), len(check.longest.text or "")
    return f"{longest:,} characters" if shortest == longest else f"{shortest:,} to {longest:,} characters"


def _further_days(check: "CampaignCheck") -> Iterator[tuple[str, str]]:
    if further := check.forecast.per_day[_MOST_DAYS:]:
        yield "  later", f"{sum(each.count for each in further):,} on {len(further):,} days"


def _warning_shape(warning: "CheckWarning") -> Json:
    return {
        "name": str(warning.name),
        "text": warning.text,
        "count": warning.count,
        "examples": [
            {
                "recipientProfileUrn": str(odd.recipient),
                "name": odd.name,
                "faults": [str(fault) for fault in odd.warning.faults],
                "firstName": odd.warning.first_name,
                "lastName": odd.warning.last_name,
            }
            for odd in warning.examples
        ],
    }


def _text_shape(one: PersonText) -> Json:
    return {
        "recipientProfileUrn": str(one.person.recipient),
        "name": one.person.name,
        "text": one.text,
        "skipReason": None if one.skip is None else str(one.skip),
    }


async def _read_texts(services: "Services", campaign_id: str, count: int) -> list[PersonText]:
    found: list[PersonText] = []
    place = 0
    while len(found) < count:
        wanted = min(_PAGE, count - len(found))
        page: Sequence[tuple[int, PersonText]] = await services.campaigns.list_texts(
            workspace(), campaign_id, after_place=place, count=wanted
        )
        found += [one for _, one in page]
        if len(page) < wanted:
            break
        place = page[-1][0]
    return found
