"""The paths of the management API, and what a key must be allowed to do there."""

from collections.abc import Sequence

from starlette.routing import Route

from confrere.api.endpoint import Endpoint, Handler, Methods
from confrere.api.v1 import accounts, do_not_contact, keys, pacing, people, sends
from confrere.api.v1.dialect import BASE_PATH
from confrere.domain.keys import Scope
from confrere.services import Services

TABLE: Sequence[tuple[str, str, Handler, Scope]] = (
    ("GET", "/accounts", accounts.list_accounts, Scope.READ),
    ("POST", "/accounts", accounts.connect_account, Scope.ADMIN),
    ("GET", "/accounts/{account_id}", accounts.read_account, Scope.READ),
    ("PATCH", "/accounts/{account_id}", accounts.change_account, Scope.ADMIN),
    ("POST", "/accounts/{account_id}/check", accounts.check_account, Scope.ADMIN),
    ("DELETE", "/accounts/{account_id}/session", accounts.disconnect_account, Scope.ADMIN),
    ("POST", "/accounts/{account_id}/release-hold", accounts.release_hold, Scope.ADMIN),
    ("GET", "/pacing", pacing.read_pacing, Scope.READ),
    ("PUT", "/pacing", pacing.replace_pacing, Scope.ADMIN),
    ("GET", "/keys", keys.list_keys, Scope.READ),
    ("POST", "/keys", keys.create_key, Scope.ADMIN),
    ("DELETE", "/keys/{key_id}", keys.revoke_key, Scope.ADMIN),
    ("GET", "/do-not-contact", do_not_contact.list_people, Scope.READ),
    ("POST", "/do-not-contact", do_not_contact.add_people, Scope.ADMIN),
    ("POST", "/do-not-contact/import", do_not_contact.import_people, Scope.ADMIN),
    ("GET", "/do-not-contact/export", do_not_contact.export_people, Scope.READ),
    ("DELETE", "/do-not-contact/{recipient}", do_not_contact.remove_person, Scope.ADMIN),
    ("POST", "/people/resolve", people.resolve_person, Scope.READ),
    ("GET", "/sends", sends.search_sends, Scope.READ),
    ("GET", "/sends/export", sends.export_sends, Scope.READ),
    ("POST", "/sends/check", sends.check_send, Scope.SEND),
    ("GET", "/sends/{send_id}", sends.read_send, Scope.READ),
)


def management_routes(services: Services) -> Sequence[Route]:
    """One route a path, in the order of the table: a fixed path stands before one with a name in its place."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for method, path, handler, needs in TABLE:
        whole = BASE_PATH + path
        by_path.setdefault(whole, {})[method] = Endpoint(whole, handler, services, needs)
    return [Route(path, Methods(endpoints), methods=list(endpoints)) for path, endpoints in by_path.items()]
