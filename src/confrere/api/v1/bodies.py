"""The bodies about keys, the do-not-contact list and people, and their conversion from the domain's values."""

from typing import Annotated

import msgspec
from msgspec import Meta

from confrere.api.shared_bodies import AccountId, Body, Cursor, Moment, optional_time
from confrere.domain.ids import KEY_ID
from confrere.domain.keys import ApiKey, Scope
from confrere.domain.limits import iso_z
from confrere.domain.opt_out import OptOut

KeyId = Annotated[str, Meta(pattern=f"^{KEY_ID}$")]
Added = Annotated[int, Meta(description="How many are new on the list.")]
AlreadyListed = Annotated[int, Meta(description="How many were on it already; they stay as they were.")]


class ManagedKey(Body, frozen=True, kw_only=True):
    """An API key without its secret."""

    id: KeyId
    name: str
    visible_part: Annotated[str, Meta(description="How the key begins.")]
    scopes: list[Scope]
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    last_used_at: Moment | None


class NewKey(ManagedKey, frozen=True, kw_only=True):
    """A new key with its secret, which is returned once."""

    key: Annotated[str, Meta(description="The key itself. It cannot be read again.")]


class ManagedKeyPage(Body, frozen=True, kw_only=True):
    """All keys on one page, including revoked ones, newest first."""

    items: list[ManagedKey]
    next_cursor: Cursor


class ListedPerson(Body, frozen=True, kw_only=True):
    """A person on the do-not-contact list."""

    recipient_profile_urn: str
    reason: str | None
    source: Annotated[str, Meta(description="Who or what added them.")]
    added_at: Moment


class ListedPersonPage(Body, frozen=True, kw_only=True):
    """A page of the do-not-contact list, in the order of the URNs."""

    items: list[ListedPerson]
    next_cursor: Cursor


class PeopleAdded(Body, frozen=True, kw_only=True):
    """The result of adding people to the list."""

    added: Added
    already_listed: AlreadyListed


class SkippedLine(Body, frozen=True, kw_only=True):
    """A line that was not imported."""

    line: int
    detail: str


class PeopleImported(Body, frozen=True, kw_only=True):
    """The result of an import."""

    added: Added
    already_listed: AlreadyListed
    skipped: Annotated[int, Meta(description="How many lines were invalid.")]
    errors: Annotated[list[SkippedLine], Meta(description="The first of them.")]


class ResolvedPerson(Body, frozen=True, kw_only=True):
    """A person, as visible to the account that reads; a hidden field is null."""

    account_id: Annotated[AccountId, Meta(description="The account that read the profile.")]
    profile_urn: Annotated[str, Meta(description="The `recipientProfileUrn` of a send. It never changes.")]
    profile_id: Annotated[str, Meta(description="The bare id at its end.")]
    name: Annotated[str | None, Meta(description="First and last name.")]
    first_name: str | None
    last_name: str | None
    headline: str | None
    public_identifier: Annotated[
        str | None, Meta(description="The vanity name in the profile's URL. People can change it.")
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
