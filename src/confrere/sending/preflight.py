"""Whether a send would go through, without sending: every check of a send and, on request, those that ask LinkedIn."""

from collections.abc import Sequence
from datetime import datetime

from confrere.domain.account import Account, AccountStatus
from confrere.domain.erasure import SOURCE
from confrere.domain.errors import NotFound
from confrere.domain.limits import Action, iso_z
from confrere.domain.outcome import UNCERTAIN
from confrere.domain.pacing import LimitName
from confrere.domain.preflight import Check, CheckName, PreflightRequest, PreflightResult
from confrere.ports import Clock, Store
from confrere.sending.directory import Directory
from confrere.sending.linkedin_checks import LinkedInChecks


class Preflight:
    """Checks everything that decides a send. It takes no unit of MESSAGE, writes no row and sends nothing."""

    def __init__(self, *, store: Store, directory: Directory, clock: Clock) -> None:
        self._store = store
        self._linkedin = LinkedInChecks(directory)
        self._clock = clock

    async def check(self, request: PreflightRequest) -> PreflightResult:
        """Run all checks. Raises StoreUnavailable."""
        account, of_account = await self._account(request)
        checks = [
            _fields(request),
            of_account,
            await self._do_not_contact(request),
            await self._quota(account),
            await self._pacing(request, account),
        ]
        if request.text is not None:
            checks.append(await self._recent_identical(request, account))
        if request.ask_linkedin:
            is_refused = any(check.ok is False for check in checks)
            checks += await self._linkedin.run(request, None if is_refused else account)
            _, checks[1] = await self._account(request)  # LinkedIn may have objected to it meanwhile
        return PreflightResult(checks)

    async def _account(self, request: PreflightRequest) -> tuple[Account | None, Check]:
        if not request.names_account:
            return None, Check.undecided(CheckName.ACCOUNT, "the account is not known")
        try:
            account = await self._store.read_account(request.workspace_id, request.account_id)
        except NotFound:
            named = "accountId must be an account of this workspace"
            detail = "no account is connected in this workspace" if request.account_id is None else named
            return None, Check(CheckName.ACCOUNT, ok=False, detail=detail)
        obstacles = _obstacles(account, self._clock())
        who = f"{account.first_name} {account.last_name} ({account.id})".strip()
        if obstacles:
            return account, Check(CheckName.ACCOUNT, ok=False, detail=f"{who} {' and '.join(obstacles)}")
        return account, Check(CheckName.ACCOUNT, ok=True, detail=f"{who} is enabled, has a session and is not held")

    async def _do_not_contact(self, request: PreflightRequest) -> Check:
        if request.recipient is None:
            return Check.undecided(CheckName.DO_NOT_CONTACT, "the recipient is not known")
        found = await self._store.read_opt_out(request.workspace_id, str(request.recipient))
        if found is None:
            return Check(CheckName.DO_NOT_CONTACT, ok=True, detail="the recipient is not on the do-not-contact list")
        detail = f"the recipient is on the do-not-contact list since {iso_z(found.added_at)}"
        if found.source == SOURCE:
            detail = f"the recipient was erased on {found.added_at:%Y-%m-%d}, and will not be written to"
        return Check(CheckName.DO_NOT_CONTACT, ok=False, detail=detail)

    async def _quota(self, account: Account | None) -> Check:
        if account is None:
            return Check.undecided(CheckName.QUOTA, "the account is not known")
        quotas = await self._store.read_quotas(account.id, self._clock())
        quota = next(one for one in quotas if one.action is Action.MESSAGE)
        if account.daily_limit == 0:
            return Check(CheckName.QUOTA, ok=False, detail="the daily limit of the account is 0: it may send none")
        detail = f"{quota.used} of {quota.limit} messages are used; they are counted anew at {iso_z(quota.resets_at)}"
        return Check(CheckName.QUOTA, ok=quota.remaining != 0, detail=detail)

    async def _pacing(self, request: PreflightRequest, account: Account | None) -> Check:
        if account is None:
            return Check.undecided(CheckName.PACING, "the account is not known")
        breach = await self._store.foresee_breach(
            account.id, request.recipient or "", self._clock(), request.group_id and str(request.group_id)
        )
        if breach is None:
            return Check(CheckName.PACING, ok=True, detail="no rule of pacing keeps it waiting")
        if breach.name is LimitName.MESSAGE:
            return Check(CheckName.PACING, ok=True, detail="no rule of pacing keeps it waiting longer than the quota")
        detail = f"{breach.name}: {breach.used}/{breach.limit} used; it may go out at {iso_z(breach.opens_at)}"
        return Check(CheckName.PACING, ok=False, detail=detail)

    async def _recent_identical(self, request: PreflightRequest, account: Account | None) -> Check:
        name = CheckName.RECENT_IDENTICAL
        if account is None or request.recipient is None or request.group_id is None or request.text is None:
            return Check.undecided(name, "account, recipient and group are not all known")
        earlier = await self._store.find_identical(
            request.workspace_id,
            account.id,
            recipient=str(request.recipient),
            group_id=str(request.group_id),
            text=str(request.text),
            now=self._clock(),
        )
        if earlier is None:
            return Check(name, ok=True, detail="there is no identical send whose answer reached nobody")
        if earlier.outcome in UNCERTAIN:
            detail = (
                f"the identical send {earlier.id}, whose outcome is {earlier.outcome}, would be joined: a message goes "
                "out only if LinkedIn certainly does not have it"
            )
            return Check.undecided(name, detail)
        detail = f"the answer of the identical send {earlier.id} reached nobody and would be given: {earlier.outcome}"
        return Check(name, ok=False, detail=detail)


def _fields(request: PreflightRequest) -> Check:
    if request.faults:
        return Check(CheckName.FIELDS, ok=False, detail="; ".join(request.faults))
    return Check(CheckName.FIELDS, ok=True, detail="every field that was given has its form")


def _obstacles(account: Account, now: datetime) -> Sequence[str]:
    """Return what keeps the account from sending, as predicates: `is disabled`."""
    obstacles = []
    if not account.enabled:
        obstacles.append("is disabled")
    if not account.has_session:
        obstacles.append("has no session: connect it again")
    elif account.status is AccountStatus.ERROR:
        why = account.status_reason or "its session ended"
        obstacles.append(f"has a session that LinkedIn does not take ({why}): connect it again")
    if account.awaits_release:
        obstacles.append("is held since a backup was restored, until a person releases it")
    elif account.hold_until is not None and account.is_held(now):
        obstacles.append(f"is throttled by LinkedIn and rests until {iso_z(account.hold_until)}")
    return obstacles
