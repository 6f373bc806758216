"""`/console/display`: the theme of the pages, and the zone of their times, kept by the browser."""

from confrere.console.origins import PATH
from confrere.console.page import THEMES, Page, redirect, zones
from confrere.console.pages.login import PAGE_OF_OURS
from confrere.domain.errors import InvalidField
from confrere.http.answer import Answer
from confrere.services import Services


async def show(page: Page, _services: Services) -> Answer:
    """Show the form."""
    return _form(page)


async def change(page: Page, _services: Services) -> Answer:
    """Keep what is given; what is not given stays."""
    theme, zone, back = page.form.get("theme"), page.form.get("zone"), page.form.get("back", "")
    names, headers = page.cookie_names, []
    try:
        if theme is not None:
            headers.append(names.keep_theme(_one_of(theme, ("system", *THEMES), "theme").removeprefix("system")))
        if zone is not None:
            headers.append(names.keep_zone(_one_of(zone, zones(), "zone")))
    except InvalidField as fault:
        return _form(page, f"The {fault}.")
    return redirect(back if PAGE_OF_OURS.fullmatch(back) else f"{PATH}/display", *headers)


def _one_of(value: str, known: frozenset[str] | tuple[str, ...], field: str) -> str:
    if value not in known:
        raise InvalidField(field, "must be one of those that are listed")
    return value


def _form(page: Page, problem: str | None = None) -> Answer:
    return page.render("display.html", status=422 if problem else 200, zones=sorted(zones()), problem=problem)
