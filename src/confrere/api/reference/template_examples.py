"""The answers about templates by operation and name; the captions are in the data."""

from collections.abc import Mapping
from dataclasses import replace

from confrere.api.reference.shared_examples import (
    BAD_CURSOR,
    DRAFT_ID,
    NO_SUCH_TEMPLATE,
    NOW,
    TEMPLATE,
    TEMPLATE_ID,
    Examples,
)
from confrere.api.v1.campaigns import AUDIENCE_FORM, TEXT_FORM
from confrere.api.v1.template_bodies import TemplatePage, preview_body, template_body
from confrere.campaigns import TemplatePreview
from confrere.campaigns.audiences import NAME_FORM
from confrere.domain.campaigns.saved_template import SavedTemplate, TemplateInUse
from confrere.domain.campaigns.templates import UnknownVariable, UnknownVariables
from confrere.domain.errors import InvalidField
from confrere.domain.message import MessageText
from confrere.http.answer import Answer

_SAVED = SavedTemplate(TEMPLATE_ID, "default", "Welcome", TEMPLATE, 1, ("firstName",), NOW, NOW)
_TEMPLATE = template_body(_SAVED)
_UNKNOWN = UnknownVariables("text", (UnknownVariable("frstName", "firstName"),))
_MADE = MessageText(TEMPLATE.replace('{{ firstName | default: "there" }}', "there"))

EXAMPLES: Mapping[str, Examples] = {
    "listTemplates": {"page": TemplatePage(items=[_TEMPLATE], next_cursor=None), "cursor": BAD_CURSOR},
    "createTemplate": {
        "created": Answer(201, _TEMPLATE, headers=((b"location", f"/v1/templates/{TEMPLATE_ID}".encode()),)),
        "name": InvalidField("name", NAME_FORM),
        "text": InvalidField("text", TEXT_FORM),
        "unknownVariable": _UNKNOWN,
    },
    "readTemplate": {"template": _TEMPLATE, "unknownTemplate": NO_SUCH_TEMPLATE},
    "changeTemplate": {
        "changed": template_body(replace(_SAVED, version=2)),
        "unknownVariable": _UNKNOWN,
        "unknownTemplate": NO_SUCH_TEMPLATE,
    },
    "deleteTemplate": {
        "deleted": Answer(204, None),
        "templateInUse": TemplateInUse(DRAFT_ID, "Spring"),
        "unknownTemplate": NO_SUCH_TEMPLATE,
    },
    "previewTemplate": {
        "preview": preview_body(TemplatePreview(_MADE, ("firstName",))),
        "none": preview_body(TemplatePreview(None, ("custom.city",))),
        "audienceId": InvalidField("audienceId", AUDIENCE_FORM),
        "unknownTemplate": NO_SUCH_TEMPLATE,
    },
}
