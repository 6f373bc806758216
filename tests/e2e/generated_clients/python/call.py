"""Calls the server with the client that was generated: every kind of request once, and one message."""

import os

from generated import AuthenticatedClient
from generated.api.accounts import list_accounts
from generated.api.groups import list_group_members
from generated.api.management import change_account, resolve_person
from generated.api.messaging import find_conversation, send_group_message
from generated.models import (
    ChangeAccountRequest,
    ConversationExists,
    GroupMembers,
    GroupMembersRequest,
    ManagedAccountDetail,
    ResolvedPerson,
    ResolvePersonRequest,
    SendGroupRequest,
    Sent,
)

client = AuthenticatedClient(base_url=os.environ["CONFRERE_URL"], token=os.environ["CONFRERE_KEY"])

accounts = list_accounts.sync(client=client)
assert isinstance(accounts, list)
changed = change_account.sync(accounts[0].id, client=client, body=ChangeAccountRequest(daily_limit=80, is_default=True))
assert isinstance(changed, ManagedAccountDetail)
assert changed.daily_limit == 80

group_id = os.environ["GROUP"]
members = list_group_members.sync(client=client, body=GroupMembersRequest(group_id=group_id, count=10))
assert isinstance(members, GroupMembers)
assert len(members.members) == members.count

person = resolve_person.sync(client=client, body=ResolvePersonRequest(profile_url=os.environ["RECIPIENT"]))
assert isinstance(person, ResolvedPerson)
assert person.public_identifier is not None
found = find_conversation.sync(person.public_identifier, client=client)
assert isinstance(found, ConversationExists)
assert found.profile_urn == person.profile_urn

sent = send_group_message.sync(
    client=client,
    body=SendGroupRequest(recipient_profile_urn=person.profile_urn, group_id=group_id, message=os.environ["TEXT"]),
)
assert isinstance(sent, Sent)
assert sent.success
