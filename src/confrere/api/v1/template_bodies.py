"""The bodies about templates, and their conversion from the domain's values."""

from typing import Annotated

from msgspec import Meta

from confrere.api.shared_bodies import Body, Cursor, Moment, RecordId
from confrere.campaigns import TemplatePreview
from confrere.domain.campaigns.saved_template import SavedTemplate
from confrere.domain.limits import iso_z


class TemplateBody(Body, frozen=True, kw_only=True):
    """A template with its newest text."""

    id: RecordId
    name: str
    text: Annotated[str, Meta(description="Liquid.")]
    version: Annotated[int, Meta(description="From 1; each new text is the next version.")]
    variables: Annotated[list[str], Meta(description="That the text uses, each once, in the order of their names.")]
    created_at: Moment
    changed_at: Moment


class TemplatePage(Body, frozen=True, kw_only=True):
    """A page of the workspace's templates, newest first."""

    items: list[TemplateBody]
    next_cursor: Cursor


class TemplatePreviewBody(Body, frozen=True, kw_only=True):
    """One text that the template makes."""

    text: Annotated[
        str | None, Meta(description="Null if none can be made: it would show a blank variable, or is too long.")
    ]
    blank_variables: Annotated[
        list[str], Meta(description="Variables of the text that this person lacks, with a default or without.")
    ]
    characters: Annotated[int | None, Meta(description="The length of the text; null if there is none.")]


def template_body(template: SavedTemplate) -> TemplateBody:
    """Convert a template."""
    return TemplateBody(
        id=template.id,
        name=template.name,
        text=template.text,
        version=template.version,
        variables=list(template.variables),
        created_at=iso_z(template.created_at),
        changed_at=iso_z(template.changed_at),
    )


def preview_body(preview: TemplatePreview) -> TemplatePreviewBody:
    """Convert one text of a template."""
    text = None if preview.text is None else str(preview.text)
    return TemplatePreviewBody(
        text=text,
        blank_variables=list(preview.blank_variables),
        characters=None if text is None else len(text),
    )
