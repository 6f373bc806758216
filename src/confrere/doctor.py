"""Diagnoses an installation: settings, key, store, LinkedIn's address, and every account's session."""

import shlex
import stat
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from confrere.cli.runtime import SetupError
from confrere.domain import remedies
from confrere.domain.account import Account, Condition, describe_looking
from confrere.domain.attempt import Unreadable
from confrere.domain.errors import ConfrereError, StoreUnavailable
from confrere.domain.group import MembersQuery, Page
from confrere.domain.installation import Finding
from confrere.domain.limits import iso_z
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.retention import Kept
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.linkedin import load_protocol
from confrere.sending import Reading
from confrere.services import Services
from confrere.settings import Settings

OpenServices = Callable[[Settings], Awaitable[Services]]
"""Opens the services on the store that the settings name. Raises SetupError."""


async def diagnose(settings: Settings, open_services: OpenServices) -> Sequence[Finding]:
    """Run all checks, in order; leave out those that depend on one that failed."""
    findings = [_protocol(settings), *_file_modes(settings)]
    try:
        services = await open_services(settings)
    except SetupError as fault:
        if isinstance(cause := fault.__cause__, StoreUnavailable):
            return [*findings, _unavailable(cause)]
        return [*findings, Finding("store", ok=False, detail=str(fault), remedy="See the sentence before")]
    try:
        findings += await _diagnose(settings, services, with_files=True)
    finally:
        await services.close()
    return findings


async def diagnose_open(settings: Settings, services: Services, *, with_files: bool) -> Sequence[Finding]:
    """Run all checks on services that are open, and stay so. with_files: whether to read all of the store's files."""
    findings = [_protocol(settings), *_file_modes(settings)]
    return [*findings, *await _diagnose(settings, services, with_files=with_files)]


async def _diagnose(settings: Settings, services: Services, *, with_files: bool) -> list[Finding]:
    findings: list[Finding] = []
    try:
        findings += await _store(services, settings, with_files=with_files)
        findings += await _accounts(services)
        findings += await _protocol_faults(services)
        findings += await check_provider(services)
    except StoreUnavailable as fault:
        findings.append(_unavailable(fault))
    except ConfrereError as fault:
        findings.append(Finding("store", ok=False, detail=str(fault), remedy=remedies.IS_DATABASE_RUNNING))
    return findings


def _unavailable(fault: StoreUnavailable) -> Finding:
    return Finding("store", ok=False, detail=str(fault), remedy=fault.remedy or remedies.IS_DATABASE_RUNNING)


def _protocol(settings: Settings) -> Finding:
    where = urlsplit(settings.linkedin_url).hostname
    try:
        protocol = load_protocol(settings.linkedin_protocol_file)
    except (OSError, ValueError) as fault:
        return Finding("LinkedIn's protocol", ok=False, detail=str(fault), remedy=remedies.FIX_PROTOCOL_FILE)
    where = f"{where} through a proxy" if settings.linkedin_proxy else where
    detail = f"requests go to {where} as web client {protocol.page.client_version}"
    return Finding("LinkedIn's protocol", ok=True, detail=detail)


def _file_modes(settings: Settings) -> Sequence[Finding]:
    """Check that only the owner can read the key file and the database: with both, anybody can act as the accounts."""
    files = {"database file": Path(settings.store_url.removeprefix("sqlite://"))}
    if settings.secret_keys is None:
        files["secret key"] = settings.key_file
    findings = []
    for subject, file in files.items():
        with suppress(OSError):  # a store that is missing, or on a server, is reported by its own check
            mode = stat.S_IMODE(file.stat().st_mode)
            open_to_others = bool(mode & 0o077)
            detail = f"{file} may be used by others, its mode is {mode:04o}" if open_to_others else "for its owner only"
            remedy = f"Run `chmod 600 {shlex.quote(str(file))}`" if open_to_others else None
            findings.append(Finding(subject, ok=not open_to_others, detail=detail, remedy=remedy))
    return findings


async def _store(services: Services, settings: Settings, *, with_files: bool) -> Sequence[Finding]:
    damage = await services.health.find_damage() if with_files else ()
    health = await services.health.check()
    clock = health.checks["clock"]
    engine = urlsplit(settings.store_url).scheme
    worker, replies = health.checks["worker"], health.checks["replies"]
    unknown = await services.history.count_unknown()
    disabled = await services.webhooks.count_disabled()
    return [
        Finding("store", ok=True, detail=f"{engine}: answers, and every migration has run")
        if not damage
        else Finding("store", ok=False, detail=f"the file is damaged: {damage[0]}", remedy=remedies.RESTORE_BACKUP),
        Finding(
            "clock",
            ok=clock == "ok",
            detail="nothing that the store knows contradicts it" if clock == "ok" else clock,
        ),
        Finding(
            "worker",
            ok=worker == "ok",
            detail="a worker is running" if worker == "ok" else worker,
            remedy=None if worker == "ok" else remedies.START_WORKER,
        ),
        Finding(
            "unknown sends",
            ok=unknown == 0,
            detail=f"{unknown} sends whose fate is not known" if unknown else "none",
            remedy=remedies.LIST_UNKNOWN_SENDS if unknown else None,
        ),
        Finding(
            "webhooks",
            ok=not disabled,
            detail=f"{disabled} disabled because they failed" if disabled else "none is disabled because it failed",
            remedy=remedies.ENABLE_WEBHOOKS if disabled else None,
        ),
        Finding(
            "replies",
            ok=replies == "ok",
            detail="every mailbox that is polled for replies can be read" if replies == "ok" else replies,
            remedy=None if replies == "ok" else remedies.TRY_AGAIN_OR_PROTOCOL_MOVED,
        ),
        *await _journal(services),
        _retention(services),
    ]


async def check_provider(services: Services) -> Sequence[Finding]:
    """Ask the identity provider for its configuration and its keys, as a login does."""
    return [await services.sign_in.check()] if services.sign_in else []


async def _journal(services: Services) -> Sequence[Finding]:
    """Write what is missing in the journal, which a restored backup needs."""
    if services.journal is None:
        return []
    await services.journal.copy()
    if (fault := services.journal.fault) is not None:
        return [Finding("journal", ok=False, detail=fault, remedy=remedies.WRITE_JOURNAL)]
    return [Finding("journal", ok=True, detail="has every change that a restored backup must not undo")]


def _retention(services: Services) -> Finding:
    """Show for how long personal data is kept."""
    rules = services.retention.rules
    kept = (f"{kind} {rules.days(kind)} days" if rules.days(kind) else f"{kind} for ever" for kind in Kept)
    return Finding("kept personal data", ok=True, detail=", ".join(kept))


async def _accounts(services: Services) -> Sequence[Finding]:
    workspaces = await services.workspaces.list_all()
    accounts = [account for one in workspaces for account in await services.accounts.search(one.id)]
    if not accounts:
        return [Finding("accounts", ok=False, detail="none is connected", remedy=remedies.CONNECT_FIRST)]
    findings = [await _account(services, account) for account in accounts]
    well = [account for account, finding in zip(accounts, findings, strict=True) if finding.ok and account.enabled]
    return findings + (await _reads(services, well[0]) if well else [])


async def _protocol_faults(services: Services) -> Sequence[Finding]:
    """Show what LinkedIn does not understand, since whatever process; the reads before may have ended a fault."""
    faults = await services.health.list_protocol_faults()
    return [
        Finding(
            f"LinkedIn's protocol, {fault.kind}",
            ok=False,
            detail=f"not understood since {iso_z(fault.since)}, last at {iso_z(fault.seen_at)}: {fault.why}",
            remedy=fault.remedy,
        )
        for fault in faults
    ]


async def _reads(services: Services, account: Account) -> list[Finding]:
    """Make each kind of read once, with one available account: LinkedIn renames them with its releases.

    What is asked: the account's first group, two of its members, the conversation with one of them.
    """
    findings: list[Finding] = []
    try:
        groups = await services.directory.read_groups(account.workspace_id, account.id, start=0, count=1)
        findings.append(_read("LinkedIn's list of groups", groups))
        for group in groups.result.items if isinstance(groups.result, Page) else ():
            if group.group_id is None:
                continue
            wanted = MembersQuery(GroupId(group.group_id))
            members = await services.directory.read_members(account.workspace_id, account.id, wanted, start=0, count=2)
            findings.append(_read("LinkedIn's list of members", members))
            people = members.result.items if isinstance(members.result, Page) else ()
            others = [one.profile_urn for one in people if one.profile_urn not in (None, account.profile_urn)]
            for urn in others[:1]:
                thread = await services.directory.find_conversation(account.workspace_id, account.id, ProfileUrn(urn))
                findings.append(_read("LinkedIn's conversations", thread))
    except ConfrereError as fault:  # the account was available just now; its day's quota may be used up
        findings.append(Finding("LinkedIn's reads", ok=True, detail=f"not tried to the end: {fault}"))
    return findings


def _read(subject: str, reading: Reading[Any]) -> Finding:
    match reading.result:
        case Unreadable(why, protocol_moved):
            remedy = remedies.UPDATE_QUERY_ID if protocol_moved else remedies.TRY_AGAIN
            return Finding(subject, ok=False, detail=why, remedy=remedy)
        case SessionDead(why):
            return Finding(subject, ok=False, detail=why, remedy=remedies.CONNECT_AGAIN)
        case Throttled(status):
            return Finding(
                subject, ok=False, detail=f"LinkedIn throttles the account ({status})", remedy=remedies.LET_REST
            )
        case Refused(status):
            return Finding(subject, ok=False, detail=f"LinkedIn refuses it ({status})", remedy=remedies.TRY_IN_BROWSER)
        case _:
            return Finding(subject, ok=True, detail="can be read")


async def _account(services: Services, account: Account) -> Finding:
    subject = f"account {account.first_name} {account.last_name} ({account.id})"
    match account.condition(services.clock()):
        case Condition.DISABLED:
            return Finding(subject, ok=True, detail="disabled by you")
        case Condition.HELD:
            assert account.hold_until is not None
            if account.awaits_release:
                detail = "held since a backup was restored: what it sent after the backup is not known"
                return Finding(subject, ok=False, detail=detail, remedy=remedies.RELEASE_ACCOUNT)
            detail = f"LinkedIn throttled it; held until {iso_z(account.hold_until)}"
            return Finding(subject, ok=False, detail=detail, remedy=remedies.LET_REST)
        case Condition.ERROR:
            # Not probed: once LinkedIn has objected, the account stops until a person has acted.
            detail = account.status_reason or "its session ended"
            return Finding(subject, ok=False, detail=detail, remedy=remedies.CONNECT_AGAIN)
    match await services.accounts.check_session(account.workspace_id, account.id):
        case SessionDead(why):
            return Finding(subject, ok=False, detail=why, remedy=remedies.CONNECT_AGAIN)
        case Throttled(status):
            return Finding(subject, ok=False, detail=f"LinkedIn throttles it ({status})", remedy=remedies.LET_REST)
        case Unreadable(why):
            return Finding(subject, ok=False, detail=why, remedy=remedies.TRY_AGAIN_OR_PROTOCOL_MOVED)
        case Account():
            looks = f"; {describe_looking(account)}" if account.lost else ""
            return Finding(subject, ok=True, detail=f"LinkedIn takes its session{looks}")
