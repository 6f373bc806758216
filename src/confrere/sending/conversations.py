"""To whom, and into which conversation, a plain message goes: what is known of it before it is sent."""

from dataclasses import dataclass

from confrere.domain.account import Account
from confrere.domain.conversation import Conversation
from confrere.domain.errors import InvalidField, NoSession, NotFound
from confrere.domain.person import Person, VanityName
from confrere.domain.urns import ConversationUrn, ProfileUrn
from confrere.ports import Accounts, Ledger, Upstream
from confrere.sending.account_reads import AccountReads, Reading, ReadResult, in_time
from confrere.sending.background import BackgroundTasks
from confrere.sending.directory import Directory

ANOTHER_MAILBOX = (
    "must be in the mailbox of the account that sends; give the accountId of the account in whose list it is"
)
NO_CONVERSATION = "must be a conversation of the account's mailbox, but LinkedIn has none of this name there"
NO_SINGLE_PERSON = "must be a conversation with one person; a message to a group chat or an organization cannot be sent"
ANOTHER_PERSON = "must be the person on the other side of conversationUrn, or be absent"
UNKNOWN_PERSON = "LinkedIn knows no person of this name or id"

FailedReading = Reading[Person | None] | Reading[Conversation | None]


@dataclass(frozen=True, slots=True)
class Destination:
    """The sending account, and who is written to. `conversation_urn` is None where the send looks for it."""

    account_id: str
    recipient: ProfileUrn
    conversation_urn: ConversationUrn | None


class Conversations:
    """Finds destinations of plain messages. LinkedIn is read only for what neither the request nor the ledger says.

    So a repeat of a request is recognised, and answered, also when LinkedIn cannot be read.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        accounts: Accounts,
        reads: AccountReads,
        directory: Directory,
        upstream: Upstream,
        background: BackgroundTasks,
    ) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._reads = reads
        self._directory = directory
        self._upstream = upstream
        self._background = background

    async def find(
        self,
        workspace_id: str,
        account_id: str | None,
        *,
        conversation: ConversationUrn | None,
        person: ProfileUrn | VanityName | None,
        person_field: str = "recipientProfileUrn",
    ) -> Destination | FailedReading:
        """Return the destination that a conversation, a person or both name, or the read that failed.

        person_field:  the name of `person` in errors.
        Raises NotFound for an unknown account or person; InvalidField, NoSession, AccountHeld; StoreUnavailable.
        """
        account = await self._read_account(workspace_id, account_id)
        other_side = None if conversation is None else await self._find_recipient(account, conversation)
        if isinstance(other_side, Reading):
            return other_side
        named = None if person is None else await self._resolve(account, person)
        if isinstance(named, Reading):
            return named
        if other_side and named and other_side != named:
            raise InvalidField(person_field, ANOTHER_PERSON)
        recipient = other_side or named
        assert recipient is not None
        return Destination(account.id, recipient, conversation)

    async def _read_account(self, workspace_id: str, account_id: str | None) -> Account:
        try:
            return await self._accounts.read_account(workspace_id, account_id)
        except NotFound as fault:
            if account_id is None:
                raise NoSession(None, None) from fault
            raise

    async def _find_recipient(self, account: Account, conversation: ConversationUrn) -> ProfileUrn | FailedReading:
        if conversation.owner_urn != account.profile_urn:
            raise InvalidField("conversationUrn", ANOTHER_MAILBOX)
        known = await self._ledger.find_recipient(account.id, conversation)
        if known is not None:
            return ProfileUrn(known)
        reading = await self._background.finish(self._read_conversation(account, conversation))
        match reading.result:
            case Conversation() as found:
                return _other_side(found, account.profile_urn)
            case None:
                raise InvalidField("conversationUrn", NO_CONVERSATION)
            case _:
                return reading

    async def _read_conversation(self, account: Account, conversation: ConversationUrn) -> Reading[Conversation | None]:
        account, session, quota = await self._reads.admit(account.workspace_id, account.id)
        result: ReadResult[Conversation | None] = await in_time(self._upstream.read_conversation(session, conversation))
        return await self._reads.finish("conversation", account, session, result, quota)

    async def _resolve(self, account: Account, person: ProfileUrn | VanityName) -> ProfileUrn | FailedReading:
        if isinstance(person, ProfileUrn):
            return person
        reading = await self._directory.resolve_person(account.workspace_id, account.id, person)
        match reading.result:
            case Person(profile_urn):
                return profile_urn
            case None:
                raise NotFound(UNKNOWN_PERSON)
            case _:
                return reading


def _other_side(conversation: Conversation, owner_urn: str) -> ProfileUrn:
    """Return the one person that the owner has this conversation with. Raises InvalidField."""
    others = conversation.others(owner_urn)
    if conversation.is_group_chat or len(others) != 1 or others[0].profile_urn is None:
        raise InvalidField("conversationUrn", NO_SINGLE_PERSON)
    return others[0].profile_urn
