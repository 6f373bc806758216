"""Logins at an identity provider: who comes back from it, and what they may do here."""

import base64
import hashlib
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from confrere.access.identity_provider import IdentityProvider, ProviderFailed
from confrere.domain.audit import Actor
from confrere.domain.errors import InvalidField
from confrere.domain.installation import Finding
from confrere.domain.users import MAX_USER_NAME, Identity, Rights, Role, User, hash_token, new_token, parse_user_name
from confrere.domain.workspaces import Workspace
from confrere.ports import Clock, Identities, Workspaces

_WORD: Final = re.compile(r"[a-z_]{1,60}", re.ASCII)
_SHOWN_WORDS: Final = 10
_MOST_WORKSPACES: Final = 50
_NAMES: Final = ("preferred_username", "email", "name")
_CHECK_EVERY: Final = timedelta(minutes=1)
_MAX_SUBJECT: Final = 255
"""Source: OpenID Connect Core 1.0, section 2."""


class SignInRefused(Exception):
    """Nobody is logged in; the text says why, and what helps."""


class SignIn:
    """Logins by the authorization code flow, with PKCE; state and nonce are bound to the browser by a secret."""

    def __init__(
        self, *, provider: IdentityProvider, identities: Identities, workspaces: Workspaces, clock: Clock
    ) -> None:
        self._provider = provider
        self._identities = identities
        self._workspaces = workspaces
        self._clock = clock
        self._checked: tuple[Finding, datetime] | None = None

    @property
    def host(self) -> str:
        """What people call the provider."""
        return self._provider.settings.host

    @property
    def issuer(self) -> str:
        """The provider's name of itself."""
        return self._provider.settings.issuer

    async def check(self) -> Finding:
        """Ask the provider for its configuration and its keys, as a login does; for a few seconds at most."""
        try:
            keys = await self._provider.check()
        except ProviderFailed as fault:
            finding = Finding("identity provider", ok=False, detail=str(fault), remedy=fault.remedy)
        else:
            finding = Finding("identity provider", ok=True, detail=f"{self.issuer} answers; signing keys: {keys}")
        self._checked = finding, self._clock()
        return finding

    async def check_lately(self) -> Finding:
        """Return the result of a check that is a minute old at most; for a page that asks every few seconds."""
        if self._checked is not None and timedelta() <= self._clock() - self._checked[1] < _CHECK_EVERY:
            return self._checked[0]
        return await self.check()

    async def begin(self, target: str, redirect_uri: str) -> tuple[str, str]:
        """Return where the browser goes, and the secret that it keeps meanwhile. Raises ProviderFailed.

        target:  the page that the login leads to in the end.
        """
        secret = new_token()
        state = _derived(secret, "state")
        url = await self._provider.authorization_url(
            redirect_uri=redirect_uri,
            state=state,
            nonce=_derived(secret, "nonce"),
            verifier=_derived(secret, "verifier"),
        )
        await self._identities.begin_sign_in(hash_token(state), target, self._clock())
        return url, secret

    async def finish(
        self,
        workspace_id: str,
        secret: str,
        answer: Mapping[str, str | None],
        redirect_uri: str,
        by: Actor,
        *,
        browser: str = "",
    ) -> tuple[str, str]:
        """Log in whoever comes back; return the token of a new session, and the page that they wanted.

        workspace_id:  theirs, unless the provider names it; its log has the logins of those who are in none.
        secret:  that of the browser.
        answer:  state, code, iss and error, as the provider sent them.
        Raises:  SignInRefused, ProviderFailed.
        """
        state = _derived(secret, "state")
        target = None
        if secret and answer.get("state") == state:
            target = await self._identities.take_sign_in(hash_token(state), self._clock())
        if target is None:
            raise SignInRefused("This login has expired, was used already, or began in another browser. Begin anew.")
        code = answer.get("code")
        if code is None:
            raise SignInRefused(self._why_refused(answer.get("error") or ""))
        claims = await self._provider.read_claims(
            code,
            issuer=answer.get("iss"),
            redirect_uri=redirect_uri,
            nonce=_derived(secret, "nonce"),
            verifier=_derived(secret, "verifier"),
        )
        return await self._let_in(workspace_id, claims, by, browser), target

    async def _let_in(self, workspace_id: str, claims: Mapping[str, Any], by: Actor, browser: str) -> str:
        if not 0 < len(claims["sub"]) <= _MAX_SUBJECT:
            raise ProviderFailed(f"{self.host} names nobody in its ID token")
        identity = Identity(self.issuer, claims["sub"], _name(claims))
        now, token = self._clock(), new_token()
        if self._provider.settings.workspace_claim is not None:
            named = _words(claims, self._provider.settings.workspace_claim)
            found = await self._find_workspaces(named)
            if len(found) != 1:
                await self._identities.refuse_sign_in(workspace_id, identity, by, now, "no workspace")
                raise SignInRefused(self._why_no_workspace(identity, named, found))
            workspace_id = found[0].id
        roles = _words(claims, self._provider.settings.role_claim)
        rights = _strongest([known for role in roles if (known := self._provider.settings.rights_of.get(role))])
        if rights is None:
            await self._identities.refuse_sign_in(workspace_id, identity, by, now, "no role")
            raise SignInRefused(self._why_no_role(identity, roles))
        user = await self._identities.sign_in(workspace_id, identity, rights, hash_token(token), by, now, browser)
        if user.workspace_id != workspace_id:
            raise SignInRefused(await self._why_elsewhere(user, workspace_id))
        if user.disabled_at is not None:
            raise SignInRefused("You are disabled here. An owner can enable you again.")
        return token

    async def _find_workspaces(self, named: list[str]) -> list[Workspace]:
        """Return those with one of these ids or names, each once."""
        found = [await self._workspaces.find_workspace(one) for one in dict.fromkeys(named[:_MOST_WORKSPACES])]
        return list({one.id: one for one in found if one is not None}.values())

    def _why_refused(self, error: str) -> str:
        if error == "access_denied":
            return f"The login was cancelled at {self.host}, or you may not use Confrere there."
        shown = f" It says `{error}`." if _WORD.fullmatch(error) else ""
        return f"{self.host} did not log you in.{shown}"

    def _why_no_workspace(self, identity: Identity, named: list[str], found: list[Workspace]) -> str:
        claim = f"its claim `{self._provider.settings.workspace_claim}` has {_shown(named)}"
        if found:
            names = ", ".join(one.name for one in found)
            return (
                f"{self.host} knows you as {identity.name}, and {claim}, which are several workspaces here: {names}. "
                "You can work in one. Ask whoever gives out workspaces there to name only that."
            )
        return (
            f"{self.host} knows you as {identity.name}, but does not name a workspace of this server: {claim}. Ask "
            "whoever gives out workspaces there, or whoever runs this server: `confrere workspaces list` shows their "
            "ids and names."
        )

    async def _why_elsewhere(self, user: User, workspace_id: str) -> str:
        ids = user.workspace_id, workspace_id
        found = [await self._workspaces.find_workspace(one) for one in ids]
        before, now = [(one and one.name) or given for one, given in zip(found, ids, strict=True)]
        disable = f"confrere --workspace {shlex.quote(before)} users disable {shlex.quote(user.name)}"
        return (
            f"You are the user {user.name} of the workspace {before}, and {self.host} now names the workspace {now}. "
            "Nobody changes workspace by a login. If it is right, whoever runs this server disables that user by "
            f"`{disable}`; the next login then makes you a user of the other workspace."
        )

    def _why_no_role(self, identity: Identity, roles: list[str]) -> str:
        return (
            f"{self.host} knows you as {identity.name}, but none of your roles there is one here: "
            f"its claim `{self._provider.settings.role_claim}` has {_shown(roles)}. Ask whoever gives out roles there, "
            "or whoever runs this server: the roles that are let in are in `CONFRERE_OIDC_ROLES`."
        )


def _derived(secret: str, use: str) -> str:
    """Return what only the browser with this secret can bring along."""
    digest = hashlib.sha256(f"sign-in {use} {secret}".encode("utf-8", "surrogateescape")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _name(claims: Mapping[str, Any]) -> str:
    """Return what the person is called: their user name there, else their address, else their name."""
    for claim in (*_NAMES, "sub"):
        value = claims.get(claim)
        if isinstance(value, str):
            try:
                return parse_user_name(value[:MAX_USER_NAME])
            except InvalidField:  # empty, or with control characters
                continue
    return "Somebody"


def _shown(words: list[str]) -> str:
    """Return the words of a claim as they are shown to the person."""
    return (", ".join(words[:_SHOWN_WORDS]) or "nothing")[:300]


def _words(claims: Mapping[str, Any], path: str) -> list[str]:
    """Return the words in the claim: one text, or a list of them."""
    value: Any = claims.get(path)
    if value is None:
        value = claims
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]


def _strongest(several: list[Rights]) -> Rights | None:
    """Return the highest role; the inbox is theirs if one of their roles has it."""
    if not several:
        return None
    order = list(Role)
    highest = max(several, key=lambda rights: order.index(rights.role))
    return replace(highest, inbox=any(rights.inbox for rights in several))
