"""`confrere templates`: texts with variables, for campaigns."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from confrere.cli.audiences import SEE_AUDIENCES
from confrere.cli.command import AsJson, Command, Yes
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.message_text import naming_source, read_source
from confrere.cli.shapes import template_shape
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.campaigns.saved_template import SavedTemplate
from confrere.domain.errors import NotFound
from confrere.domain.urns import ProfileUrn

if TYPE_CHECKING:
    from confrere.campaigns import TemplatePreview
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="Templates: texts with variables, for campaigns.")

SEE_TEMPLATES = "`confrere templates list` shows the templates' ids"

_Id = Annotated[str, typer.Argument(metavar="ID", help="The template's id, as `templates list` shows it.")]
_Text = Annotated[str | None, typer.Option(help="The text, in Liquid: Hello {{ firstName }}.")]
_File = Annotated[Path | None, typer.Option(help="File with the text, in UTF-8.")]


@app.command("create")
def create_template(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Option(help="Its name; only you see it.")],
    text: _Text = None,
    file: _File = None,
    as_json: AsJson = False,
) -> None:
    """Write down a text with variables, if it can be rendered.

    The text is taken from --text, from --file, or from standard input.
    """
    command = Command(context, as_json=as_json)
    given, source = read_source(text, file, option="--text", file_option="--file")
    with naming_source(source):
        template = command.ask(lambda services: services.templates.create(workspace(), name=name, text=given))
    command.out.document(template_shape(template))
    command.out.print(template.id)
    command.out.hint(
        f"It uses {_show_variables(template)}. Next: `confrere campaigns create --template {template.id} …`"
    )


@app.command("list")
def list_templates(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the templates, newest first."""
    command = Command(context, as_json=as_json)
    found = command.ask(lambda services: services.templates.list_page(workspace(), count=limit + 1))
    shown = found[:limit]
    command.out.document({"templates": [template_shape(one) for one in shown], "hasMore": len(found) > limit})
    if not shown:
        command.out.hint("There is no template yet: `confrere templates create` makes one.")
        return
    command.out.table(
        ("id", "name", "version", "changed", "variables"),
        ((one.id, one.name, str(one.version), format_time(one.changed_at), ", ".join(one.variables)) for one in shown),
    )
    if len(found) > limit:
        command.out.hint(f"There are older ones: `--limit` shows more than {limit}.")


@app.command("show")
def show_template(context: typer.Context, template_id: _Id, *, as_json: AsJson = False) -> None:
    """Show one template with its text."""
    command = Command(context, as_json=as_json)
    template = command.ask(lambda services: services.templates.read(workspace(), template_id), if_missing=SEE_TEMPLATES)
    command.out.document(template_shape(template))
    command.out.facts(
        [
            ("id", template.id),
            ("name", template.name),
            ("version", str(template.version)),
            ("variables", _show_variables(template)),
            ("created", format_time(template.created_at)),
            ("changed", format_time(template.changed_at)),
        ]
    )
    command.out.print(f"\n{template.text}")


@app.command("update")
def update_template(
    context: typer.Context,
    template_id: _Id,
    *,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    text: _Text = None,
    file: _File = None,
    as_json: AsJson = False,
) -> None:
    """Change a template's name or text. Drafts have the new text at once; campaigns that were started keep theirs.

    The text is taken from --text, from --file or, where there is no --name either, from standard input.
    """
    command = Command(context, as_json=as_json)
    given, source = None, ""
    if name is None or text is not None or file is not None:
        given, source = read_source(text, file, option="--text", file_option="--file")
    with naming_source(source):
        template = command.ask(
            lambda services: services.templates.change(workspace(), template_id, name=name, text=given),
            if_missing=SEE_TEMPLATES,
        )
    command.out.document(template_shape(template))
    command.out.print(f"Updated '{template.name}': version {template.version}.")


@app.command("delete")
def delete_template(context: typer.Context, template_id: _Id, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """Delete a template that no draft uses. Campaigns that were started keep its text."""
    command = Command(context, as_json=as_json)
    template = command.ask(lambda services: services.templates.read(workspace(), template_id), if_missing=SEE_TEMPLATES)
    command.confirm(f"Delete the template '{template.name}'?", yes=yes)
    command.ask(lambda services: services.templates.delete(workspace(), template_id), if_missing=SEE_TEMPLATES)
    command.out.document({"deleted": template_id})
    command.out.print(f"Deleted '{template.name}'.")


@app.command("preview")
def preview_template(
    context: typer.Context,
    template_id: _Id,
    *,
    audience: Annotated[
        str | None, typer.Option(help="The id of an audience.", show_default="the variables' names in the text")
    ] = None,
    to: Annotated[str | None, typer.Option(help="Somebody in the audience.", show_default="the first of them")] = None,
    as_json: AsJson = False,
) -> None:
    """Show one text that the template makes; nothing is sent."""
    command = Command(context, as_json=as_json)
    recipient = None if to is None else ProfileUrn.parse(to, field="--to")

    async def preview(services: "Services") -> "TemplatePreview":
        if audience is not None:
            try:
                await services.audiences.read(workspace(), audience)
            except NotFound as fault:
                raise CommandFailed(f"--audience: {fault}", SEE_AUDIENCES) from fault
        return await services.templates.preview(workspace(), template_id, audience_id=audience, recipient=recipient)

    made = command.ask(preview, if_missing=SEE_TEMPLATES)
    command.out.document(
        {
            "text": made.text,
            "blankVariables": list(made.blank_variables),
            "characters": None if made.text is None else len(made.text),
        }
    )
    blank = f"blank for this person: {', '.join(made.blank_variables)}" if made.blank_variables else ""
    if made.text is None:
        command.out.hint(f"No text can be made, so this person would be skipped; {blank or 'the text is too long'}.")
        return
    command.out.print(made.text)
    command.out.hint(f"{len(made.text):,} characters" + (f"; {blank}" if blank else "") + ".")


def _show_variables(template: SavedTemplate) -> str:
    return ", ".join(template.variables) or "no variables"
