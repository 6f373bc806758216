"""Templates: texts with variables, for campaigns."""

from confrere_client.arguments import check_optional_text, check_text
from confrere_client.calls import Call, path_part, read_as
from confrere_client.campaign_models import Template, TemplatePreview
from confrere_client.pages import CursorPage, Pages, list_managed
from confrere_client.resource import E, Resource, listing, method

PATH = "/v1/templates"


class Templates(Resource[E]):
    """The workspace's templates. To write them takes a key with the scope `send`."""

    @method
    def create(self, *, name: str, text: str) -> Call[Template]:
        """Write a template, a text in Liquid. Raises InvalidRequest, also where it has a variable that is unknown."""
        check_text("name", name)
        check_text("text", text)
        body = {"name": name, "text": text}
        return Call("POST", PATH, read_as(Template), body=body, changes=True, private=(text,), at_root=True)

    @listing
    def list(self) -> Pages[CursorPage[Template], Template]:
        """Iterate over the workspace's templates, newest first."""
        return list_managed(Template, PATH)

    @method
    def get(self, template_id: str) -> Call[Template]:
        """Read one template with its text. Raises NotFound."""
        return Call("GET", _path(template_id), read_as(Template), at_root=True)

    @method
    def update(self, template_id: str, *, name: str | None = None, text: str | None = None) -> Call[Template]:
        """Change name or text; a new text is a new version, which drafts have at once."""
        check_optional_text("name", name)
        check_optional_text("text", text)
        private = () if text is None else (text,)
        body = {"name": name, "text": text}
        return Call(
            "PATCH", _path(template_id), read_as(Template), body=body, changes=True, private=private, at_root=True
        )

    @method
    def delete(self, template_id: str) -> Call[None]:
        """Delete a template that no draft uses; campaigns that were started keep its text."""
        return Call("DELETE", _path(template_id), lambda _value, _facts: None, changes=True, at_root=True)

    @method
    def preview(
        self, template_id: str, *, audience_id: str | None = None, recipient: str | None = None
    ) -> Call[TemplatePreview]:
        """Make one text: of somebody in an audience, by default the first; without one, of the variables' names."""
        check_optional_text("audience_id", audience_id)
        check_optional_text("recipient", recipient)
        body = {"audienceId": audience_id, "recipientProfileUrn": recipient}
        return Call("POST", f"{_path(template_id)}/preview", read_as(TemplatePreview), body=body, at_root=True)


def _path(template_id: str) -> str:
    return f"{PATH}/{path_part('template_id', template_id)}"
