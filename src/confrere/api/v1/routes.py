"""The routes of the management API."""

from collections.abc import Sequence

from confrere.api.route import Route
from confrere.api.v1 import (
    accounts,
    audiences,
    audit,
    campaign_people,
    campaigns,
    do_not_contact,
    groups,
    keys,
    pacing,
    people,
    sends,
)
from confrere.domain.keys import Scope

BASE_PATH = "/v1"

ROUTES: Sequence[Route] = (
    Route("GET", "/v1/accounts", Scope.READ, None, accounts.list_accounts),
    Route("POST", "/v1/accounts", Scope.ADMIN, None, accounts.connect_account),
    Route("GET", "/v1/accounts/{account_id}", Scope.READ, None, accounts.read_account),
    Route("PATCH", "/v1/accounts/{account_id}", Scope.ADMIN, None, accounts.change_account),
    Route("POST", "/v1/accounts/{account_id}/check", Scope.ADMIN, None, accounts.check_account),
    Route("DELETE", "/v1/accounts/{account_id}/session", Scope.ADMIN, None, accounts.disconnect_account),
    Route("POST", "/v1/accounts/{account_id}/release-hold", Scope.ADMIN, None, accounts.release_hold),
    Route("GET", "/v1/pacing", Scope.READ, None, pacing.read_pacing),
    Route("PUT", "/v1/pacing", Scope.ADMIN, None, pacing.replace_pacing),
    Route("GET", "/v1/keys", Scope.READ, None, keys.list_keys),
    Route("POST", "/v1/keys", Scope.ADMIN, None, keys.create_key),
    Route("DELETE", "/v1/keys/{key_id}", Scope.ADMIN, None, keys.revoke_key),
    Route("GET", "/v1/audit", Scope.ADMIN, None, audit.list_entries),
    Route("GET", "/v1/do-not-contact", Scope.READ, None, do_not_contact.list_people),
    Route("POST", "/v1/do-not-contact", Scope.ADMIN, None, do_not_contact.add_people),
    Route("POST", "/v1/do-not-contact/import", Scope.ADMIN, None, do_not_contact.import_people),
    Route("GET", "/v1/do-not-contact/export", Scope.READ, None, do_not_contact.export_people),
    Route("DELETE", "/v1/do-not-contact/{recipient}", Scope.ADMIN, None, do_not_contact.remove_person),
    Route("GET", "/v1/groups/{group_id}", Scope.READ, None, groups.read_group),
    Route("POST", "/v1/people/resolve", Scope.READ, None, people.resolve_person),
    Route("GET", "/v1/sends", Scope.READ, None, sends.search_sends),
    Route("GET", "/v1/sends/export", Scope.READ, None, sends.export_sends),
    Route("POST", "/v1/sends/check", Scope.SEND, None, sends.check_send),
    Route("GET", "/v1/sends/{send_id}", Scope.READ, None, sends.read_send),
    Route("GET", "/v1/audiences", Scope.READ, None, audiences.list_audiences),
    Route("POST", "/v1/audiences", Scope.SEND, None, audiences.create_audience),
    Route("GET", "/v1/audiences/{audience_id}", Scope.READ, None, audiences.read_audience),
    Route("GET", "/v1/audiences/{audience_id}/people", Scope.READ, None, audiences.list_audience_people),
    Route("GET", "/v1/campaigns", Scope.READ, None, campaigns.list_campaigns),
    Route("POST", "/v1/campaigns", Scope.SEND, None, campaigns.create_campaign),
    Route("GET", "/v1/campaigns/{campaign_id}", Scope.READ, None, campaigns.read_campaign),
    Route("POST", "/v1/campaigns/{campaign_id}/check", Scope.SEND, None, campaigns.check_campaign),
    Route("POST", "/v1/campaigns/{campaign_id}/start", Scope.APPROVE, None, campaigns.start_campaign),
    Route("POST", "/v1/campaigns/{campaign_id}/pause", Scope.SEND, None, campaigns.pause_campaign),
    Route("POST", "/v1/campaigns/{campaign_id}/resume", Scope.APPROVE, None, campaigns.resume_campaign),
    Route("POST", "/v1/campaigns/{campaign_id}/stop", Scope.APPROVE, None, campaigns.stop_campaign),
    Route("POST", "/v1/campaigns/{campaign_id}/archive", Scope.APPROVE, None, campaigns.archive_campaign),
    Route("GET", "/v1/campaigns/{campaign_id}/people", Scope.READ, None, campaign_people.list_campaign_people),
)
