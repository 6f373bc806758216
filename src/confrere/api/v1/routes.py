"""The routes of the management API."""

from collections.abc import Sequence

from confrere.api.route import Route
from confrere.api.v1 import accounts, do_not_contact, keys, pacing, people, sends
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
    Route("GET", "/v1/do-not-contact", Scope.READ, None, do_not_contact.list_people),
    Route("POST", "/v1/do-not-contact", Scope.ADMIN, None, do_not_contact.add_people),
    Route("POST", "/v1/do-not-contact/import", Scope.ADMIN, None, do_not_contact.import_people),
    Route("GET", "/v1/do-not-contact/export", Scope.READ, None, do_not_contact.export_people),
    Route("DELETE", "/v1/do-not-contact/{recipient}", Scope.ADMIN, None, do_not_contact.remove_person),
    Route("POST", "/v1/people/resolve", Scope.READ, None, people.resolve_person),
    Route("GET", "/v1/sends", Scope.READ, None, sends.search_sends),
    Route("GET", "/v1/sends/export", Scope.READ, None, sends.export_sends),
    Route("POST", "/v1/sends/check", Scope.SEND, None, sends.check_send),
    Route("GET", "/v1/sends/{send_id}", Scope.READ, None, sends.read_send),
)
