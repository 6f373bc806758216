"""`/console/keys`: the keys that programs call with; create one, which is shown once, and revoke one."""

from datetime import timedelta
from typing import Final

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.words import SCOPE_WORDS
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import is_key_id
from confrere.domain.keys import MAX_KEY_NAME, ApiKey, Scope, includes, parse_key_name
from confrere.http.answer import Answer
from confrere.services import Services

SPANS: Final = {"never": "Never", "30": "After 30 days", "90": "After 90 days", "365": "After a year"}


async def show(page: Page, services: Services) -> Answer:
    """List all keys, revoked ones too, newest first."""
    return await _page(page, services)


async def create(page: Page, services: Services) -> Answer:
    """Create a key, and show it, this once; where the form cannot be used, what was chosen stays."""
    assert page.user is not None
    try:
        name, scopes, span = parse_key_name(page.form.get("name")), _scopes(page), _span(page)
    except InvalidField as fault:
        return await _page(page, services, fault=fault)
    expires_at = None if span is None else services.clock() + span
    made, key = await services.keys.create(page.user.workspace_id, name=name, scopes=scopes, expires_at=expires_at)
    return await _page(page, services, made=made, key=key)


async def revoke(page: Page, services: Services) -> Answer:
    """Revoke a key; it opens nothing from now on."""
    assert page.user is not None
    key_id = page.path_params["key_id"]
    if not is_key_id(key_id):
        raise NotFound("There is no such key in this workspace")
    await services.keys.revoke(page.user.workspace_id, key_id)
    return redirect(f"{PATH}/keys?done=revoked")


def _scopes(page: Page) -> frozenset[Scope]:
    chosen = page.chosen("scope")
    if not chosen or not set(chosen) <= set(_offered(page)):
        raise InvalidField("scope", "must be one or more of those that are listed")
    return frozenset(Scope(name) for name in chosen)


def _offered(page: Page) -> list[Scope]:
    """Return the scopes that the user has themselves: nobody makes a key that does more."""
    assert page.user is not None
    return [scope for scope in SCOPE_WORDS if page.user.rights.may(scope)]


def _span(page: Page) -> timedelta | None:
    chosen = page.form.get("expires", "never")
    if chosen not in SPANS:
        raise InvalidField("expires", f"must be one of {', '.join(SPANS)}")
    return None if chosen == "never" else timedelta(days=int(chosen))


async def _page(
    page: Page, services: Services, *, made: ApiKey | None = None, key: str = "", fault: InvalidField | None = None
) -> Answer:
    assert page.user is not None
    chosen = page.chosen("scope") if fault else [Scope.SEND]
    path = "/v1/accounts" if made is None or includes(made.scopes, Scope.READ) else "/v1/replies"
    return page.render(
        "keys.html",
        status=422 if fault else 200,
        keys=await services.keys.list_all(page.user.workspace_id),
        now=services.clock(),
        made=made,
        key=key,
        call=f"curl {page.origin}{path} -H 'Authorization: Bearer {key}'",
        scope_words={scope: SCOPE_WORDS[scope] for scope in _offered(page)},
        spans=SPANS,
        typed=page.form.get("name", "") if fault else "",
        chosen=chosen,
        span=page.form.get("expires", "never") if fault else "never",
        most=MAX_KEY_NAME,
        field=fault.field if fault else None,
        problem=f"The {fault}." if fault else None,
        is_revoked=page.query.text("done") == "revoked",
    )
