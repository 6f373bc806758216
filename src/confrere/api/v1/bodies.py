"""The bodies about keys, the do-not-contact list and people, and their conversion from the domain's values."""

from typing import Annotated

import msgspec
from msgspec import Meta

from confrere.api.shared_bodies import AccountId, Body, Cursor, Moment, optional_time
from confrere.domain.keys import ApiKey, Scope
from confrere.domain.limits import iso_z
from confrere.domain.opt_out import OptOut

KeyId = Annotated[str, Meta(pattern="^[0-9a-f]{24}$")]
Added = Annotated[int, Meta(description="How many are new on the list.")]
AlreadyListed = Annotated[int, Meta(description="How many were on it already; they stay as they were.")]


class ManagedKey(Body, frozen=True, kw_only=True):
    """What is kept of an API key: never the key."""

    id: KeyId
    name: str
    visible_part: Annotated[str, Meta(description="How the key begins.")]
    scopes: list[Scope]
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    last_used_at: Moment | None


class NewKey(ManagedKey, frozen=True, kw_only=True):
    """A key that has just been made; the key itself is told this once."""

    key: Annotated[str, Meta(description="The key itself. It cannot be read again.")]


class ManagedKeyPage(Body, frozen=True, kw_only=True):
    """All keys, revoked ones too, newest first: they are one page."""

    items: list[ManagedKey]
    next_cursor: Cursor


class ListedPerson(Body, frozen=True, kw_only=True):
    """Somebody who is never written to."""

    recipient_profile_urn: str
    reason: str | None
    source: Annotated[str, Meta(description="Who or what added them.")]
    added_at: Moment


class ListedPersonPage(Body, frozen=True, kw_only=True):
    """A page of the do-not-contact list, in the order of the URNs."""

    items: list[ListedPerson]
    next_cursor: Cursor


class PeopleAdded(Body, frozen=True, kw_only=True):
    """What became of those who were to be put on the list."""

    added: Added
    already_listed: AlreadyListed


class SkippedLine(Body, frozen=True, kw_only=True):
    """A line that was not taken."""

    line: int
    detail: str


class PeopleImported(Body, frozen=True, kw_only=True):
    """What became of an imported table."""

    added: Added
    already_listed: AlreadyListed
    skipped: Annotated[int, Meta(description="How many lines were bad.")]
    errors: Annotated[list[SkippedLine], Meta(description="The first of them.")]


class ResolvedPerson(Body, frozen=True, kw_only=True):
    """A person, as LinkedIn shows them to the account that asked; null is what it does not show."""

    account_id: Annotated[AccountId, Meta(description="The account that asked.")]
    profile_urn: Annotated[str, Meta(description="What `recipientProfileUrn` of a send takes. It never changes.")]
    profile_id: Annotated[str, Meta(description="The bare id at its end.")]
    name: Annotated[str | None, Meta(description="First and last name.")]
    first_name: str | None
    last_name: str | None
    headline: str | None
    public_identifier: Annotated[
        str | None, Meta(description="The name in the address of their profile. People can change it.")
    ]
    profile_url: str | None


def key_shape(key: ApiKey) -> ManagedKey:
    """Convert what is stored of a key."""
    return ManagedKey(
        id=key.id,
        name=key.name,
        visible_part=key.visible_part,
        scopes=sorted(key.scopes),
        created_at=iso_z(key.created_at),
        expires_at=optional_time(key.expires_at),
        revoked_at=optional_time(key.revoked_at),
        last_used_at=optional_time(key.last_used_at),
    )


def new_key_shape(kept: ApiKey, key: str) -> NewKey:
    """Convert a new key with its secret, which is shown this once."""
    return NewKey(**msgspec.structs.asdict(key_shape(kept)), key=key)


def person_shape(opt_out: OptOut) -> ListedPerson:
    """Convert an entry of the do-not-contact list."""
    return ListedPerson(
        recipient_profile_urn=opt_out.recipient,
        reason=opt_out.reason,
        source=opt_out.source,
        added_at=iso_z(opt_out.added_at),
    )
