"""`/console/templates`: texts that are saved for several campaigns."""

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.pages.message_template import LABELS, show_form
from confrere.console.paging import read_visible
from confrere.console.template_faults import place_faults
from confrere.domain.errors import InvalidField
from confrere.http.answer import Answer
from confrere.services import Services


async def show(page: Page, services: Services) -> Answer:
    """List them, newest first."""
    assert page.user is not None
    workspace_id = page.user.workspace_id
    rows, before = await read_visible(
        page,
        lambda before, count: services.templates.list_page(workspace_id, before_id=before, count=count),
        id_of=lambda template: template.id,
        is_visible=lambda _: True,
    )
    return page.render(
        "templates.html",
        rows=rows,
        is_first=page.query.text("before") is None,
        older=f"{PATH}/templates?before={before}" if before else None,
    )


async def show_new(page: Page, services: Services) -> Answer:
    """Show the form of a new one."""
    return await show_form(page, services, {})


async def create(page: Page, services: Services) -> Answer:
    """Save a new one."""
    assert page.user is not None
    text = page.written("text")
    typed = {**page.form, "text": text}
    try:
        made = await services.templates.create(page.user.workspace_id, name=page.form.get("name", ""), text=text)
    except InvalidField as fault:
        problem = place_faults(fault, text, LABELS.get(fault.field, fault.field))
        return await show_form(page, services, typed, status=422, field=fault.field, problem=problem)
    return redirect(f"{PATH}/templates/{made.id}")
