"""The checks of a preflight that ask LinkedIn: both are in the group, and whether there is a conversation already."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from confrere.domain.account import Account
from confrere.domain.attempt import why_not_read
from confrere.domain.errors import ConfrereError, StoreUnavailable
from confrere.domain.group import GroupMember, MembersQuery, Page
from confrere.domain.person import ConversationWith
from confrere.domain.preflight import LINKEDIN_CHECKS, Check, CheckName, PreflightRequest
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.sending.directory import Directory

LINKEDIN_SECONDS = 20.0
"""The time for all three checks, since every answer of ours comes within 25 s."""

GROUPS_A_PAGE = 100
MAX_GROUP_PAGES = 3
NAMESAKES = 10
"""Members read whose names begin as the recipient's does; each costs a unit of GROUP_MEMBERS."""


class LinkedInChecks:
    """Asks LinkedIn about a send with the account's session, through `Directory`, which counts and guards."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def run(self, request: PreflightRequest, account: Account | None) -> Sequence[Check]:
        """Run them; those that are not done within LINKEDIN_SECONDS are undecided. Raises StoreUnavailable."""
        if account is None or request.recipient is None or request.group_id is None:
            return [Check.undecided(name, "LinkedIn was not asked: see the checks before") for name in LINKEDIN_CHECKS]
        checks: list[Check] = []
        try:
            async with asyncio.timeout(LINKEDIN_SECONDS):
                async for check in self._run_in_order(request, account, request.recipient, request.group_id):
                    checks.append(check)  # noqa: PERF401 (what was checked stays where time runs out)
        except TimeoutError:
            unanswered = LINKEDIN_CHECKS[len(checks) :]
            checks += [Check.undecided(name, "LinkedIn did not answer in time") for name in unanswered]
        return checks

    async def _run_in_order(
        self, request: PreflightRequest, account: Account, recipient: ProfileUrn, group_id: GroupId
    ) -> AsyncIterator[Check]:
        """Yield the results in the order of LINKEDIN_CHECKS."""
        yield await self._sender_in_group(account, group_id)
        yield await self._recipient_in_group(account, group_id, recipient, request.recipient_name)
        yield await self._conversation(account, recipient)

    async def _sender_in_group(self, account: Account, group_id: GroupId) -> Check:
        name, start, unnamed = CheckName.SENDER_IN_GROUP, 0, False
        for _ in range(MAX_GROUP_PAGES):
            try:
                reading = await self._directory.read_groups(
                    account.workspace_id, account.id, start=start, count=GROUPS_A_PAGE
                )
            except ConfrereError as refusal:
                return _explain_refusal(name, refusal)
            result = reading.result
            if not isinstance(result, Page):
                return Check.undecided(name, why_not_read(result))
            found = next((group for group in result.items if group.group_id == group_id), None)
            if found is not None:
                return Check(name, ok=True, detail=f"the account is in the group, as {found.status or 'a member'}")
            unnamed = unnamed or any(group.group_id is None for group in result.items)
            if result.is_last:
                if unnamed:
                    return Check.undecided(name, "LinkedIn lists groups of the account without saying which they are")
                return Check(name, ok=False, detail="LinkedIn does not list the group among the account's groups")
            start += result.places
        return Check.undecided(name, f"the group is not among the first {start} of the account's groups")

    async def _recipient_in_group(
        self, account: Account, group_id: GroupId, recipient: ProfileUrn, typed: str | None
    ) -> Check:
        name = CheckName.RECIPIENT_IN_GROUP
        if not typed:
            return Check.undecided(name, "LinkedIn finds members by name only: give recipientName to have it asked")
        try:
            reading = await self._directory.read_members(
                account.workspace_id, account.id, MembersQuery(group_id, typed=typed), start=0, count=NAMESAKES
            )
        except ConfrereError as refusal:
            return _explain_refusal(name, refusal)
        result = reading.result
        if not isinstance(result, Page):
            return Check.undecided(name, why_not_read(result))
        found: GroupMember | None = next((one for one in result.items if one.profile_urn == recipient), None)
        if found is not None:
            return Check(name, ok=True, detail=f"the recipient is in the group, as {found.status or 'a member'}")
        detail = f"not among the {len(result.items)} members that LinkedIn finds by this name, which proves nothing"
        return Check.undecided(name, detail)

    async def _conversation(self, account: Account, recipient: ProfileUrn) -> Check:
        name = CheckName.CONVERSATION
        try:
            reading = await self._directory.find_conversation(account.workspace_id, account.id, recipient)
        except ConfrereError as refusal:
            return _explain_refusal(name, refusal)
        result = reading.result
        if result is None or isinstance(result, ConversationWith):
            there_is = "there is a" if result and result.urn else "there is no"
            when = "already" if result and result.urn else "yet"
            return Check(name, ok=True, detail=f"{there_is} conversation with the recipient {when}")
        return Check.undecided(name, why_not_read(result))


def _explain_refusal(name: CheckName, refusal: ConfrereError) -> Check:
    """A refusal of ours kept LinkedIn from being asked. Raises StoreUnavailable, which is not about the send."""
    if isinstance(refusal, StoreUnavailable):
        raise refusal
    return Check.undecided(name, f"LinkedIn was not asked: {refusal}")
