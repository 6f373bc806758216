"""The routes of the compatible API."""

from collections.abc import Sequence

from confrere.api.compatible import accounts, conversations, groups, ledger, plain_sends, sends
from confrere.api.compatible.errors import PLAIN_SEND_PATH
from confrere.api.route import Route
from confrere.domain.keys import Scope
from confrere.domain.limits import Action

BASE_PATH = "/linkedin"

_MESSAGE, _MEMBERS = Action.MESSAGE, Action.GROUP_MEMBERS

ROUTES: Sequence[Route] = (
    Route("POST", "/linkedin/messaging/send-group", Scope.SEND, _MESSAGE, sends.send_group),
    Route("POST", "/linkedin/messaging/send-group-with-typing", Scope.SEND, _MESSAGE, sends.send_group_with_typing),
    Route("POST", "/linkedin/messaging/send-group-with-ack", Scope.SEND, _MESSAGE, sends.send_group_with_ack),
    Route("POST", "/linkedin/groups/members", Scope.READ, _MEMBERS, groups.list_members),
    Route("POST", "/linkedin/groups/members-by-url", Scope.READ, _MEMBERS, groups.list_members_by_url),
    Route("POST", "/linkedin/group-members", Scope.READ, _MEMBERS, groups.list_members_older),
    Route("GET", "/linkedin/groups", Scope.READ, None, groups.list_groups),
    Route("GET", "/linkedin/conversations/exists/{profile_id}", Scope.READ, None, groups.find_conversation),
    Route("GET", "/linkedin/conversations", Scope.INBOX, None, conversations.list_conversations),
    Route("GET", "/linkedin/conversations/{conversation_urn}/messages", Scope.INBOX, None, conversations.list_messages),
    Route("POST", PLAIN_SEND_PATH, Scope.SEND, _MESSAGE, plain_sends.send_plain_message),
    Route("POST", "/linkedin/messaging/mark-seen", Scope.INBOX, None, conversations.mark_seen),
    Route("GET", "/linkedin/accounts", Scope.READ, None, accounts.list_accounts),
    Route("GET", "/linkedin/account/status", Scope.READ, None, accounts.read_status),
    Route("GET", "/linkedin/account/{account_id}/status", Scope.READ, None, accounts.read_status),
    Route("GET", "/linkedin/account/{account_id}/quota", Scope.READ, None, accounts.read_quotas),
    Route("GET", "/linkedin/account/{account_id}/sends", Scope.READ, None, ledger.list_sends),
    Route("GET", "/linkedin/sends/{send_id}", Scope.READ, None, ledger.read_send),
)
