"""The use cases that the HTTP API, the command line and the MCP server call."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from confrere.access.audit_names import AuditNames
from confrere.access.identity_provider import IdentityProvider
from confrere.access.keys import ApiKeys
from confrere.access.login import Logins
from confrere.access.provider_settings import ProviderSettings
from confrere.access.second_factor import SecondFactorLogins
from confrere.access.sign_in import SignIn
from confrere.access.workspaces import WorkspaceDirectory
from confrere.campaigns import (
    AudienceCollector,
    AudienceDirectory,
    CampaignControl,
    FirstMessage,
    LaneRunner,
    LongTasks,
    MemberDirectory,
    PeopleOfCampaigns,
    SingleMessages,
    TemplateDirectory,
    WhyNotYet,
)
from confrere.domain.retention import RetentionRules
from confrere.inbox import MailboxPoller, MailboxReader, ReceivedReplies
from confrere.ports import Audit, ChangeJournal, Clock, Installation, PasteDescriber, PasteReader, Store, Upstream
from confrere.sending.account_guard import AccountGuard
from confrere.sending.account_reads import AccountReads
from confrere.sending.accounts import AccountDirectory
from confrere.sending.answer_records import AnswerRecords
from confrere.sending.background import BackgroundTasks
from confrere.sending.conversations import Conversations
from confrere.sending.directory import Directory
from confrere.sending.do_not_contact import DoNotContactList
from confrere.sending.health import HealthCheck
from confrere.sending.history import SendHistory
from confrere.sending.pacing import PacingSettings
from confrere.sending.personal_data import PersonalData
from confrere.sending.preflight import Preflight
from confrere.sending.reconcile import Reconciler
from confrere.sending.retention import Retention
from confrere.sending.send import GroupSender
from confrere.sending.session_monitor import SessionMonitor
from confrere.webhooks import Poster, TargetRule, WebhookDeliverer, WebhookDirectory

KEEP_ALL: Final = RetentionRules()


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of one process, on one store and one upstream.

    installation:  what settings have put them together; None in tests, and where nobody asks for it.
    sign_in:  None where no identity provider is configured.
    journal:  keeps what a restored backup must not undo; None in tests.
    """

    store: Store
    upstream: Upstream
    clock: Clock
    keys: ApiKeys
    workspaces: WorkspaceDirectory
    logins: Logins
    second_factors: SecondFactorLogins
    sign_in: SignIn | None
    audit: Audit
    audit_names: AuditNames
    accounts: AccountDirectory
    history: SendHistory
    do_not_contact: DoNotContactList
    pacing: PacingSettings
    sender: GroupSender
    reconciler: Reconciler
    directory: Directory
    conversations: Conversations
    mailbox: MailboxReader
    replies: ReceivedReplies
    mailbox_poller: MailboxPoller
    preflight: Preflight
    session_monitor: SessionMonitor
    audiences: AudienceDirectory
    members: MemberDirectory
    single_messages: SingleMessages
    collector: AudienceCollector
    templates: TemplateDirectory
    campaigns: CampaignControl
    campaign_people: PeopleOfCampaigns
    long_tasks: LongTasks
    first_message: FirstMessage
    lanes: LaneRunner
    why_not_yet: WhyNotYet
    health: HealthCheck
    personal_data: PersonalData
    retention: Retention
    background: BackgroundTasks
    webhooks: WebhookDirectory
    webhook_deliverer: WebhookDeliverer
    installation: Installation | None = None
    journal: ChangeJournal | None = None

    async def close(self) -> None:
        """Settle what is in flight, then close the connections to LinkedIn and the store."""
        await self.sender.drain()
        await self.webhook_deliverer.close()
        await self.upstream.close()
        await self.store.close()


def build_services(
    *,
    store: Store,
    upstream: Upstream,
    clock: Clock,
    gap: timedelta,
    read_paste: PasteReader | None = None,
    describe_paste: PasteDescriber | None = None,
    provider: ProviderSettings | None = None,
    password_login: bool = True,
    webhook_targets: TargetRule = TargetRule(),  # noqa: B008  # frozen
    journal: ChangeJournal | None = None,
    retention: RetentionRules = KEEP_ALL,
) -> Services:
    """Build all use cases.

    gap:         the least time between the two reads that show a message to be absent from LinkedIn.
    read_paste, describe_paste:  needed only where people paste sessions.
    provider:    at which users log in, beside those with a password.
    password_login:  whether users log in by passwords.
    webhook_targets:  which addresses webhooks may go to.
    journal:     keeps changes outside of the store.
    retention:   how long personal data is kept.
    """
    background = BackgroundTasks()
    guard = AccountGuard(accounts=store, upstream=upstream, clock=clock, background=background)
    reconciler = Reconciler(ledger=store, accounts=store, upstream=upstream, guard=guard, clock=clock, gap=gap)
    answers = AnswerRecords(store=store, upstream=upstream, background=background, clock=clock)
    session_monitor = SessionMonitor(accounts=store, upstream=upstream, guard=guard, background=background, clock=clock)
    reads = AccountReads(ledger=store, accounts=store, guard=guard, clock=clock)
    directory = Directory(store=store, reads=reads, upstream=upstream, background=background, clock=clock)
    sender = GroupSender(
        ledger=store,
        accounts=store,
        opt_outs=store,
        upstream=upstream,
        guard=guard,
        reconciler=reconciler,
        background=background,
        clock=clock,
    )
    mailbox = MailboxReader(reads=reads, upstream=upstream, background=background)
    audiences, why_not_yet = AudienceDirectory(store=store, clock=clock), WhyNotYet(store=store, clock=clock)
    campaigns = CampaignControl(store=store, why_not_yet=why_not_yet, clock=clock)
    campaign_people = PeopleOfCampaigns(
        store=store, audiences=audiences, campaigns=campaigns, why_not_yet=why_not_yet, clock=clock
    )
    return Services(
        store=store,
        upstream=upstream,
        clock=clock,
        keys=ApiKeys(keys=store, clock=clock),
        workspaces=WorkspaceDirectory(workspaces=store, clock=clock),
        logins=Logins(users=store, clock=clock, takes_passwords=password_login),
        second_factors=SecondFactorLogins(store=store, clock=clock),
        sign_in=SignIn(
            provider=IdentityProvider(provider, clock=clock), identities=store, workspaces=store, clock=clock
        )
        if provider
        else None,
        audit=store,
        audit_names=AuditNames(store),
        accounts=AccountDirectory(
            store=store,
            upstream=upstream,
            guard=guard,
            session_monitor=session_monitor,
            clock=clock,
            read_paste=read_paste,
            describe_paste=describe_paste,
        ),
        history=SendHistory(store),
        do_not_contact=DoNotContactList(store=store, clock=clock),
        pacing=PacingSettings(store=store, clock=clock),
        sender=sender,
        reconciler=reconciler,
        directory=directory,
        conversations=Conversations(
            ledger=store, accounts=store, reads=reads, directory=directory, upstream=upstream, background=background
        ),
        mailbox=mailbox,
        replies=ReceivedReplies(store=store, mailbox=mailbox, clock=clock),
        mailbox_poller=MailboxPoller(
            store=store,
            upstream=upstream,
            reads=reads,
            background=background,
            clock=clock,
            is_draining=lambda: sender.is_draining,
        ),
        preflight=Preflight(store=store, directory=directory, clock=clock),
        session_monitor=session_monitor,
        audiences=audiences,
        members=MemberDirectory(store=store, directory=directory, audiences=audiences, clock=clock),
        single_messages=SingleMessages(store=store),
        collector=AudienceCollector(store=store, directory=directory, background=background, clock=clock),
        templates=TemplateDirectory(store=store, clock=clock),
        campaigns=campaigns,
        campaign_people=campaign_people,
        long_tasks=LongTasks(
            store=store, campaigns=campaigns, people=campaign_people, background=background, clock=clock
        ),
        first_message=FirstMessage(store=store, campaigns=campaigns, sender=sender, directory=directory),
        lanes=LaneRunner(
            store=store, sender=sender, upstream=upstream, guard=guard, background=background, clock=clock
        ),
        why_not_yet=why_not_yet,
        personal_data=PersonalData(store=store, clock=clock, journal=journal),
        retention=Retention(store=store, clock=clock, rules=retention),
        health=HealthCheck(store=store, session_monitor=session_monitor, answers=answers, clock=clock),
        background=background,
        webhooks=WebhookDirectory(store=store, rule=webhook_targets, clock=clock),
        webhook_deliverer=WebhookDeliverer(store=store, poster=Poster(webhook_targets), clock=clock),
        journal=journal,
    )
