"""`/console/templates/{id}`: one saved text: edit it with a preview, delete it."""

from collections.abc import Mapping
from typing import Final

from confrere.campaigns import TemplatePreview
from confrere.console.campaign_reads import audiences_of
from confrere.console.errors import describe
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.template_faults import place_faults
from confrere.domain.campaigns.campaign import ContentChanged
from confrere.domain.campaigns.saved_template import SavedTemplate, TemplateInUse
from confrere.domain.errors import InvalidField
from confrere.http.answer import Answer
from confrere.services import Services

LABELS: Final[Mapping[str, str]] = {"name": "Name", "text": "Text", "audienceId": "Audience"}


async def show(page: Page, services: Services) -> Answer:
    """Show it in a form."""
    saved = await _read(page, services)
    return await show_form(page, services, _typed_of(saved), saved=saved)


async def save(page: Page, services: Services) -> Answer:
    """Change it; where somebody else has written a newer version meanwhile, show theirs and keep what was typed."""
    saved = await _read(page, services)
    typed = {**page.form, "text": page.written("text")}
    try:
        await services.templates.change(
            saved.workspace_id,
            saved.id,
            name=page.form.get("name", ""),
            text=typed["text"],
            version=_version(typed.get("version", "")),
        )
    except InvalidField as fault:
        problem = place_faults(fault, typed["text"], LABELS.get(fault.field, fault.field))
        return await show_form(page, services, typed, saved=saved, status=422, field=fault.field, problem=problem)
    except ContentChanged:
        saved = await _read(page, services)
        mine = {**typed, "version": str(saved.version)}
        return await show_form(page, services, mine, saved=saved, status=409, theirs=saved)
    return redirect(f"{PATH}/templates/{saved.id}?done=saved")


async def preview(page: Page, services: Services) -> Answer:
    """Show the form as it was typed, with what a person would get; nothing is saved."""
    saved = await _read(page, services) if "template_id" in page.path_params else None
    return await show_form(page, services, {**page.form, "text": page.written("text")}, saved=saved)


async def delete(page: Page, services: Services) -> Answer:
    """Delete it, unless a draft uses it."""
    saved = await _read(page, services)
    try:
        await services.templates.delete(saved.workspace_id, saved.id)
    except TemplateInUse as fault:
        status, problem, _ = describe(fault)
        return await show_form(
            page, services, _typed_of(saved), saved=saved, status=status, problem=problem, used_by=fault.campaign_id
        )
    return redirect(f"{PATH}/templates")


async def _read(page: Page, services: Services) -> SavedTemplate:
    assert page.user is not None
    return await services.templates.read(page.user.workspace_id, page.record_id("template_id", "template"))


def _typed_of(saved: SavedTemplate) -> dict[str, str]:
    return {"name": saved.name, "text": saved.text, "version": str(saved.version)}


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


async def show_form(
    page: Page,
    services: Services,
    typed: Mapping[str, str],
    *,
    saved: SavedTemplate | None = None,
    status: int = 200,
    field: str | None = None,
    problem: str | None = None,
    theirs: SavedTemplate | None = None,
    used_by: str | None = None,
) -> Answer:
    """Show the form of a new template, or of one that is saved."""
    audiences = await audiences_of(page, services, typed.get("audience", ""))
    audience = next((one for one in audiences if one.id == typed.get("audience")), None)
    made: TemplatePreview | None = None
    preview_problem: str | None = None
    text = typed.get("text", "")
    if text.strip():
        assert page.user is not None
        try:
            made = await services.templates.preview_text(
                page.user.workspace_id, text, audience_id=None if audience is None else audience.id
            )
        except InvalidField as fault:
            preview_problem = place_faults(fault, text, LABELS.get(fault.field, fault.field))
    return page.render(
        "template.html",
        status=status,
        saved=saved,
        typed=typed,
        field=field,
        problem=problem,
        theirs=theirs,
        used_by=used_by,
        audiences=audiences,
        audience=audience,
        made=made,
        preview_problem=preview_problem,
        done=page.query.text("done") == "saved",
    )
