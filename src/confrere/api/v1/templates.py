"""The endpoints that manage templates."""

from confrere.api.request import ApiRequest
from confrere.api.v1.audiences import record_cursor, record_id
from confrere.api.v1.campaigns import TEXT_FORM, parse_audience, parse_text
from confrere.api.v1.paging import page_size, to_cursor
from confrere.api.v1.template_bodies import TemplatePage, preview_body, template_body
from confrere.domain.errors import InvalidField
from confrere.domain.keys import Caller
from confrere.domain.urns import ProfileUrn
from confrere.http.answer import Answer
from confrere.services import Services


async def list_templates(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /templates`: list them, newest first."""
    count = page_size(request.query)
    found = await services.templates.list_page(
        caller.workspace_id, before_id=record_cursor(request.query), count=count + 1
    )
    page = found[:count]
    next_cursor = to_cursor(bytes.fromhex(page[-1].id)) if len(found) > count else None
    return Answer(200, TemplatePage(items=[template_body(one) for one in page], next_cursor=next_cursor))


async def create_template(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /templates`: write a template, if its text can be rendered."""
    fields = await request.json_object()
    text = parse_text(fields)
    if text is None:
        raise InvalidField("text", TEXT_FORM)
    template = await services.templates.create(caller.workspace_id, name=fields.get("name") or "", text=text)
    location = f"/v1/templates/{template.id}".encode()
    return Answer(201, template_body(template), headers=((b"location", location),))


async def read_template(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /templates/{id}`: read one with its newest text."""
    return Answer(200, template_body(await services.templates.read(caller.workspace_id, _template_id(request))))


async def change_template(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`PATCH /templates/{id}`: change its name, or write its next version."""
    fields = await request.json_object()
    template = await services.templates.change(
        caller.workspace_id, _template_id(request), name=fields.get("name"), text=parse_text(fields)
    )
    return Answer(200, template_body(template))


async def delete_template(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`DELETE /templates/{id}`: delete one that no draft uses."""
    await services.templates.delete(caller.workspace_id, _template_id(request))
    return Answer(204, None)


async def preview_template(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /templates/{id}/preview`: make one text, for somebody in an audience or of the variables' names."""
    fields = await request.json_object()
    template_id = _template_id(request)
    audience_id, recipient = fields.get("audienceId"), fields.get("recipientProfileUrn")
    preview = await services.templates.preview(
        caller.workspace_id,
        template_id,
        audience_id=None if audience_id is None else await parse_audience(caller, audience_id, services),
        recipient=None if recipient is None else ProfileUrn.parse(recipient),
    )
    return Answer(200, preview_body(preview))


def _template_id(request: ApiRequest) -> str:
    return record_id(request, "template_id", "template")
