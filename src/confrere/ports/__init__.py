"""The protocols of LinkedIn, the store and the clock; their callers and their implementations import them.

The promises in these docstrings are what the contract suites under `tests/contract/` hold every implementation to.
"""

from confrere.ports.accounts import Accounts
from confrere.ports.audiences import Audiences
from confrere.ports.audit import Audit
from confrere.ports.campaign_people import CampaignPeople
from confrere.ports.campaigns import Campaigns
from confrere.ports.clock import Clock
from confrere.ports.collections import ClaimedCollection, CollectedPage, Collections
from confrere.ports.do_not_contact import DoNotContact
from confrere.ports.erasures import Erasures
from confrere.ports.identities import Identities
from confrere.ports.installation import Installation
from confrere.ports.journal import ChangeJournal
from confrere.ports.keys import Keys
from confrere.ports.known_groups import KnownGroups
from confrere.ports.known_members import KnownMembers
from confrere.ports.lanes import Lanes
from confrere.ports.ledger import Ledger
from confrere.ports.mailboxes import Mailboxes
from confrere.ports.pacing import Pacings
from confrere.ports.paste_reader import PasteDescriber, PasteReader
from confrere.ports.protocol_faults import ProtocolFaults
from confrere.ports.quotas import Quotas
from confrere.ports.replies import Replies
from confrere.ports.resolved_people import ResolvedPeople
from confrere.ports.retention import RetentionStore
from confrere.ports.second_factors import SecondFactors
from confrere.ports.store import Store
from confrere.ports.templates import Templates
from confrere.ports.upstream import Upstream
from confrere.ports.users import Users
from confrere.ports.vitals import Vitals
from confrere.ports.webhook_queue import WebhookQueue
from confrere.ports.webhooks import Webhooks
from confrere.ports.workspaces import Workspaces

__all__ = [
    "Accounts",
    "Audiences",
    "Audit",
    "CampaignPeople",
    "Campaigns",
    "ChangeJournal",
    "ClaimedCollection",
    "Clock",
    "CollectedPage",
    "Collections",
    "DoNotContact",
    "Erasures",
    "Identities",
    "Installation",
    "Keys",
    "KnownGroups",
    "KnownMembers",
    "Lanes",
    "Ledger",
    "Mailboxes",
    "Pacings",
    "PasteDescriber",
    "PasteReader",
    "ProtocolFaults",
    "Quotas",
    "Replies",
    "ResolvedPeople",
    "RetentionStore",
    "SecondFactors",
    "Store",
    "Templates",
    "Upstream",
    "Users",
    "Vitals",
    "WebhookQueue",
    "Webhooks",
    "Workspaces",
]
