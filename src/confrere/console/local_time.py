"""Times that a person types without a zone, in the zone that the form names."""

from datetime import UTC, datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from confrere.console.page import Page
from confrere.domain.errors import InvalidField
from confrere.domain.limits import as_utc
from confrere.services import Services

ZONE_FIELD: Final = "zone"
"""The hidden field of a form that names the zone of its times."""

_FIELD: Final = "%Y-%m-%dT%H:%M"
"""The value of a field of the type `datetime-local`, without seconds."""


async def zone_of(page: Page, services: Services, account_id: str | None) -> str:
    """Return the zone of a page about an account: of its sending hours, or else the browser's choice.

    A form names the zone in which it was shown: what was typed is meant in that, also if another one holds by now.
    """
    assert page.user is not None
    named = page.form.get(ZONE_FIELD)
    if named in _all_zones():
        return named
    zone = None
    if account_id is not None:
        zone = await services.pacing.read_zone(page.user.workspace_id, account_id)
    return zone or page.zone


@cache
def _all_zones() -> set[str]:
    return available_timezones()


def format_local(instant: datetime | None, zone: str) -> str:
    """Format for a field; "" where there is no time."""
    return "" if instant is None else f"{as_utc(instant).astimezone(ZoneInfo(zone)):{_FIELD}}"


def parse_local(text: str, zone: str, field: str, *, was: datetime | None = None) -> datetime:
    """Return the time that a field means in this zone.

    Where the clock is set back, and an hour comes twice, it is the second: nothing begins earlier than was meant.

    was:     the time that the field showed; it is kept, with its seconds and its hour of two, where nothing was typed.
    Raises:  InvalidField, also where the clock is set forward and the time is left out.
    """
    if was is not None and text.strip() == format_local(was, zone):
        return was
    try:
        local = datetime.strptime(text.strip(), _FIELD)  # noqa: DTZ007 - the zone follows
        instant = local.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
        shown = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except (ValueError, OverflowError) as fault:
        raise InvalidField(field, "must be a day and a time, such as 2026-01-31T09:00") from fault
    if shown != local:
        later = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC).astimezone(ZoneInfo(zone))
        raise InvalidField(
            field, f"must be a time that there is: the clock in {zone} is set forward then, so {later:%H:%M} comes next"
        )
    return instant
