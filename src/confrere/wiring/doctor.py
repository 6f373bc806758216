"""What is well and what is not: settings, key, store, LinkedIn's address, and every account's session."""

import shlex
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from confrere.cli.house import WORKSPACE, Finding, SetupError
from confrere.domain.account import Account, AccountStatus
from confrere.domain.attempt import Unreadable
from confrere.domain.errors import ConfrereError, StoreDamaged, StoreUnavailable
from confrere.domain.group import MembersQuery, Page
from confrere.domain.limits import iso_z
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.linkedin import load_protocol
from confrere.sending import Product, Reading
from confrere.settings import Settings
from confrere.wiring.product import open_product

_IS_IT_RUNNING = "Is the database running, and its disk writable and not full?"
_LET_REST = "Leave it alone until the hold ends, and send less"
_CONNECT_AGAIN = "Log in to LinkedIn in your browser, copy the session anew and run `confrere accounts connect`"


async def diagnose(settings: Settings) -> Sequence[Finding]:
    """Look at everything that can be wrong, as far as one thing lets the next be reached."""
    findings = [_protocol(settings), *_file_modes(settings)]
    try:
        product = await open_product(settings)
    except SetupError as fault:
        if isinstance(cause := fault.__cause__, StoreUnavailable):
            return [*findings, _unavailable(cause)]
        return [*findings, Finding("store", ok=False, detail=str(fault), remedy="See the sentence before")]
    try:
        findings += await _store(product, settings)
        findings += await _accounts(product)
    except StoreUnavailable as fault:
        findings.append(_unavailable(fault))
    except ConfrereError as fault:
        findings.append(Finding("store", ok=False, detail=str(fault), remedy=_IS_IT_RUNNING))
    finally:
        await product.close()
    return findings


def _unavailable(fault: StoreUnavailable) -> Finding:
    return Finding("store", ok=False, detail=str(fault), remedy=fault.remedy or _IS_IT_RUNNING)


def _protocol(settings: Settings) -> Finding:
    where = urlsplit(settings.linkedin_url).hostname
    try:
        protocol = load_protocol(settings.linkedin_protocol_file)
    except (OSError, ValueError) as fault:
        remedy = "Mend the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names, or unset it"
        return Finding("LinkedIn's protocol", ok=False, detail=str(fault), remedy=remedy)
    detail = f"speaking to {where} as web client {protocol.page.client_version}"
    return Finding("LinkedIn's protocol", ok=True, detail=detail)


def _file_modes(settings: Settings) -> Sequence[Finding]:
    """Whoever can read the key file and the database can act as the accounts."""
    files = {"database file": Path(settings.store_url.removeprefix("sqlite://"))}
    if settings.secret_keys is None:
        files["secret key"] = settings.key_file
    findings = []
    for subject, file in files.items():
        with suppress(OSError):  # that it is not there, or on a server, is said of the store
            mode = stat.S_IMODE(file.stat().st_mode)
            open_to_others = bool(mode & 0o077)
            detail = f"{file} may be used by others, its mode is {mode:04o}" if open_to_others else "for its owner only"
            remedy = f"Run `chmod 600 {shlex.quote(str(file))}`" if open_to_others else None
            findings.append(Finding(subject, ok=not open_to_others, detail=detail, remedy=remedy))
    return findings


async def _store(product: Product, settings: Settings) -> Sequence[Finding]:
    damage = await product.find_damage()
    health = await product.health()
    clock = health.checks["clock"]
    engine = urlsplit(settings.store_url).scheme
    worker = health.checks["worker"]
    unknown = await product.count_unknown()
    return [
        Finding("store", ok=True, detail=f"{engine}: answers, and every migration has run")
        if not damage
        else Finding("store", ok=False, detail=f"the file is damaged: {damage[0]}", remedy=StoreDamaged.remedy),
        Finding(
            "clock",
            ok=clock == "ok",
            detail="nothing that the store knows contradicts it" if clock == "ok" else clock,
        ),
        Finding(
            "worker",
            ok=worker == "ok",
            detail="a worker lives" if worker == "ok" else worker,
            remedy=None if worker == "ok" else "Start `confrere up`, or `confrere worker` beside `confrere serve`",
        ),
        Finding(
            "unknown sends",
            ok=unknown == 0,
            detail=f"{unknown} sends whose fate is not known" if unknown else "none",
            remedy="The worker looks for them in LinkedIn's conversations; `confrere sends list --outcome unknown`"
            if unknown
            else None,
        ),
    ]


async def _accounts(product: Product) -> Sequence[Finding]:
    accounts = await product.search_accounts(WORKSPACE)
    if not accounts:
        return [Finding("accounts", ok=False, detail="none is connected", remedy="Run `confrere accounts connect`")]
    findings = [await _account(product, account) for account in accounts]
    well = [account for account, finding in zip(accounts, findings, strict=True) if finding.ok and account.enabled]
    return findings + (await _reads(product, well[0]) if well else [])


async def _reads(product: Product, account: Account) -> list[Finding]:
    """Ask each kind of read once, with one account that is well: LinkedIn renames them with its releases.

    What is asked: the account's first group, two of its members, the conversation with one of them.
    """
    findings: list[Finding] = []
    try:
        groups = await product.directory.read_groups(WORKSPACE, account.id, start=0, count=1)
        findings.append(_read("LinkedIn's list of groups", groups))
        for group in groups.said.items if isinstance(groups.said, Page) else ():
            if group.group_id is None:
                continue
            wanted = MembersQuery(GroupId(group.group_id))
            members = await product.directory.read_members(WORKSPACE, account.id, wanted, start=0, count=2)
            findings.append(_read("LinkedIn's list of members", members))
            people = members.said.items if isinstance(members.said, Page) else ()
            others = [one.profile_urn for one in people if one.profile_urn not in (None, account.profile_urn)]
            for urn in others[:1]:
                thread = await product.directory.find_conversation(WORKSPACE, account.id, ProfileUrn(urn))
                findings.append(_read("LinkedIn's conversations", thread))
    except ConfrereError as fault:  # the account was well a moment ago; its day may be used up
        findings.append(Finding("LinkedIn's reads", ok=True, detail=f"not tried to the end: {fault}"))
    return findings


def _read(subject: str, reading: Reading[Any]) -> Finding:
    match reading.said:
        case Unreadable(why, protocol_moved):
            moved = "Find the new id in your browser's network tab and put it into that file: docs/linkedin-protocol.md"
            return Finding(subject, ok=False, detail=why, remedy=moved if protocol_moved else "Try again")
        case SessionDead(why):
            return Finding(subject, ok=False, detail=why, remedy=_CONNECT_AGAIN)
        case Throttled(status):
            return Finding(subject, ok=False, detail=f"LinkedIn throttles the account ({status})", remedy=_LET_REST)
        case Refused(status):
            return Finding(subject, ok=False, detail=f"LinkedIn refuses it ({status})", remedy="Try it in your browser")
        case _:
            return Finding(subject, ok=True, detail="can be read")


async def _account(product: Product, account: Account) -> Finding:
    subject = f"account {account.first_name} {account.last_name} ({account.id})"
    if not account.enabled:
        return Finding(subject, ok=True, detail="disabled by you")
    if account.hold_until is not None and account.hold_until > product.clock():
        detail = f"LinkedIn throttled it; held until {iso_z(account.hold_until)}"
        return Finding(subject, ok=False, detail=detail, remedy=_LET_REST)
    if account.status is AccountStatus.ERROR:
        # Not probed: at the first sign that LinkedIn objects, the account stops until a person has acted.
        return Finding(subject, ok=False, detail=account.status_reason or "its session ended", remedy=_CONNECT_AGAIN)
    match await product.check_session(WORKSPACE, account.id):
        case SessionDead(why):
            return Finding(subject, ok=False, detail=why, remedy=_CONNECT_AGAIN)
        case Throttled(status):
            return Finding(subject, ok=False, detail=f"LinkedIn throttles it ({status})", remedy=_LET_REST)
        case Unreadable(why):
            return Finding(subject, ok=False, detail=why, remedy="Try again; if it stays, LinkedIn's protocol moved")
        case Account():
            return Finding(subject, ok=True, detail="LinkedIn takes its session")
