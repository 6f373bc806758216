"""The routes of all pages."""

from collections.abc import Sequence
from typing import Final

from confrere.console.origins import PATH
from confrere.console.page import MAX_TABLE_FORM_BYTES, MAX_TEXT_FORM_BYTES
from confrere.console.pages import (
    account,
    accounts,
    audience,
    audience_form,
    audiences,
    audit,
    campaign,
    campaign_draft,
    campaign_form,
    campaign_people,
    campaigns,
    enter,
    login,
    message_template,
    message_templates,
    overview,
    send,
    sends,
    users,
)
from confrere.console.route import PageRoute
from confrere.domain.keys import Scope

_CAMPAIGNS: Final = f"{PATH}/campaigns"
_CAMPAIGN: Final = f"{_CAMPAIGNS}/{{campaign_id}}"
_TEMPLATES: Final = f"{PATH}/templates"

ROUTES: Final[Sequence[PageRoute]] = (
    PageRoute("GET", f"{PATH}/enter", None, enter.show),
    PageRoute("POST", f"{PATH}/enter", None, enter.accept),
    PageRoute("GET", f"{PATH}/login", None, login.show),
    PageRoute("POST", f"{PATH}/login", None, login.log_in),
    PageRoute("POST", f"{PATH}/logout", None, login.log_out),
    PageRoute("GET", PATH, Scope.READ, overview.show),
    PageRoute("GET", f"{PATH}/accounts", Scope.READ, accounts.show),
    PageRoute("GET", f"{PATH}/accounts/{{account_id}}", Scope.READ, account.show),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/check", Scope.ADMIN, account.check),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/default", Scope.ADMIN, account.make_default),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/disconnect", Scope.ADMIN, account.disconnect),
    PageRoute("GET", f"{PATH}/sends", Scope.READ, sends.show),
    PageRoute("GET", f"{PATH}/sends/{{send_id}}", Scope.READ, send.show),
    PageRoute("GET", _CAMPAIGNS, Scope.READ, campaigns.show),
    PageRoute("GET", f"{_CAMPAIGNS}/new", Scope.SEND, campaign_form.show_new),
    PageRoute("POST", f"{_CAMPAIGNS}/new", Scope.SEND, campaign_form.create, MAX_TEXT_FORM_BYTES),
    PageRoute("POST", f"{_CAMPAIGNS}/new/preview", Scope.SEND, campaign_form.preview, MAX_TEXT_FORM_BYTES),
    PageRoute("GET", _CAMPAIGN, Scope.READ, campaign.show),
    PageRoute("GET", f"{_CAMPAIGN}/edit", Scope.SEND, campaign_form.show_edit),
    PageRoute("POST", f"{_CAMPAIGN}/edit", Scope.SEND, campaign_form.save, MAX_TEXT_FORM_BYTES),
    PageRoute("POST", f"{_CAMPAIGN}/preview", Scope.SEND, campaign_form.preview, MAX_TEXT_FORM_BYTES),
    PageRoute("GET", f"{_CAMPAIGN}/texts", Scope.READ, campaign_draft.show_texts),
    PageRoute("POST", f"{_CAMPAIGN}/first", Scope.SEND, campaign_draft.send_first),
    PageRoute("POST", f"{_CAMPAIGN}/start", Scope.APPROVE, campaign_draft.start, MAX_TEXT_FORM_BYTES),
    PageRoute("POST", f"{_CAMPAIGN}/pause", Scope.SEND, campaign.pause),
    PageRoute("POST", f"{_CAMPAIGN}/resume", Scope.APPROVE, campaign.resume),
    PageRoute("GET", f"{_CAMPAIGN}/stop", Scope.APPROVE, campaign.confirm_stop),
    PageRoute("POST", f"{_CAMPAIGN}/stop", Scope.APPROVE, campaign.stop),
    PageRoute("POST", f"{_CAMPAIGN}/archive", Scope.APPROVE, campaign.archive),
    PageRoute("GET", f"{_CAMPAIGN}/people", Scope.READ, campaign_people.show),
    PageRoute("POST", f"{_CAMPAIGN}/people", Scope.APPROVE, campaign.add_people),
    PageRoute("GET", f"{_CAMPAIGN}/people/export", Scope.READ, campaign_people.export),
    PageRoute("POST", f"{_CAMPAIGN}/people/hold", Scope.SEND, campaign_people.hold),
    PageRoute("POST", f"{_CAMPAIGN}/people/release", Scope.SEND, campaign_people.release),
    PageRoute("GET", f"{PATH}/audiences", Scope.READ, audiences.show),
    PageRoute("GET", f"{PATH}/audiences/new", Scope.SEND, audience_form.show),
    PageRoute("POST", f"{PATH}/audiences/new", Scope.SEND, audience_form.make, MAX_TABLE_FORM_BYTES),
    PageRoute("GET", f"{PATH}/audiences/{{audience_id}}", Scope.READ, audience.show),
    PageRoute("POST", f"{PATH}/audiences/{{audience_id}}/delete", Scope.ADMIN, audience.delete),
    PageRoute("GET", _TEMPLATES, Scope.READ, message_templates.show),
    PageRoute("GET", f"{_TEMPLATES}/new", Scope.SEND, message_templates.show_new),
    PageRoute("POST", f"{_TEMPLATES}/new", Scope.SEND, message_templates.create, MAX_TEXT_FORM_BYTES),
    PageRoute("POST", f"{_TEMPLATES}/new/preview", Scope.SEND, message_template.preview, MAX_TEXT_FORM_BYTES),
    PageRoute("GET", f"{_TEMPLATES}/{{template_id}}", Scope.READ, message_template.show),
    PageRoute("POST", f"{_TEMPLATES}/{{template_id}}", Scope.SEND, message_template.save, MAX_TEXT_FORM_BYTES),
    PageRoute(
        "POST", f"{_TEMPLATES}/{{template_id}}/preview", Scope.SEND, message_template.preview, MAX_TEXT_FORM_BYTES
    ),
    PageRoute("POST", f"{_TEMPLATES}/{{template_id}}/delete", Scope.SEND, message_template.delete),
    PageRoute("GET", f"{PATH}/users", Scope.ADMIN, users.show),
    PageRoute("POST", f"{PATH}/users/invite", Scope.ADMIN, users.invite),
    PageRoute("POST", f"{PATH}/users/reset", Scope.ADMIN, users.reset),
    PageRoute("POST", f"{PATH}/users/disable", Scope.ADMIN, users.disable),
    PageRoute("GET", f"{PATH}/audit", Scope.ADMIN, audit.show),
)
