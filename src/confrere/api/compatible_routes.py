"""The paths of the compatible API, and what a key must be allowed to do there."""

from collections.abc import Sequence

from confrere.api import accounts, groups, sends
from confrere.api.endpoint import Handler
from confrere.domain.keys import Scope

TABLE: Sequence[tuple[str, str, Handler, Scope]] = (
    ("POST", "/messaging/send-group", sends.send_group, Scope.SEND),
    ("POST", "/messaging/send-group-with-typing", sends.send_group_with_typing, Scope.SEND),
    ("POST", "/messaging/send-group-with-ack", sends.send_group_with_ack, Scope.SEND),
    ("POST", "/groups/members", groups.list_members, Scope.READ),
    ("POST", "/groups/members-by-url", groups.list_members_by_url, Scope.READ),
    ("POST", "/group-members", groups.list_members_older, Scope.READ),
    ("GET", "/groups", groups.list_groups, Scope.READ),
    ("GET", "/conversations/exists/{profile_id}", groups.find_conversation, Scope.READ),
    ("GET", "/accounts", accounts.list_accounts, Scope.READ),
    ("GET", "/account/status", accounts.read_status, Scope.READ),
    ("GET", "/account/{account_id}/status", accounts.read_status, Scope.READ),
    ("GET", "/account/{account_id}/quota", accounts.read_quotas, Scope.READ),
    ("GET", "/account/{account_id}/sends", sends.list_sends, Scope.READ),
    ("GET", "/sends/{send_id}", sends.read_send, Scope.READ),
)
"""Method, path below the base path, handler, scope."""
