"""All of the store's ports."""

from typing import Protocol

from confrere.ports.accounts import Accounts
from confrere.ports.audiences import Audiences
from confrere.ports.audit import Audit
from confrere.ports.campaign_people import CampaignPeople
from confrere.ports.campaigns import Campaigns
from confrere.ports.collections import Collections
from confrere.ports.do_not_contact import DoNotContact
from confrere.ports.erasures import Erasures
from confrere.ports.identities import Identities
from confrere.ports.keys import Keys
from confrere.ports.known_groups import KnownGroups
from confrere.ports.known_members import KnownMembers
from confrere.ports.lanes import Lanes
from confrere.ports.ledger import Ledger
from confrere.ports.mailboxes import Mailboxes
from confrere.ports.pacing import Pacings
from confrere.ports.protocol_faults import ProtocolFaults
from confrere.ports.quotas import Quotas
from confrere.ports.replies import Replies
from confrere.ports.resolved_people import ResolvedPeople
from confrere.ports.retention import RetentionStore
from confrere.ports.second_factors import SecondFactors
from confrere.ports.templates import Templates
from confrere.ports.users import Users
from confrere.ports.vitals import Vitals
from confrere.ports.webhook_queue import WebhookQueue
from confrere.ports.webhooks import Webhooks
from confrere.ports.workspaces import Workspaces


class Store(
    Ledger,
    Quotas,
    Accounts,
    Pacings,
    Keys,
    DoNotContact,
    Erasures,
    RetentionStore,
    KnownGroups,
    KnownMembers,
    Audiences,
    Collections,
    Templates,
    Campaigns,
    CampaignPeople,
    Lanes,
    ResolvedPeople,
    Mailboxes,
    Replies,
    Users,
    SecondFactors,
    Identities,
    Audit,
    Workspaces,
    Vitals,
    ProtocolFaults,
    Webhooks,
    WebhookQueue,
    Protocol,
):
    """The whole store, on one engine."""

    async def close(self) -> None:
        """Write what is deferred, then close."""
        ...
