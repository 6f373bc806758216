"""LinkedIn's JSON about the member who owns a session: the answer of `/me`."""

from collections.abc import Iterable

import msgspec

from confrere.domain.attempt import Unreadable
from confrere.domain.session import Member
from confrere.linkedin.wire.decoding import NOT_UNDERSTOOD, UNREADABLE_JSON, CamelStruct, clean_text, clean_urn


class _Artifact(CamelStruct):
    width: int | None = None
    file_identifying_url_path_segment: str | None = None


class _VectorImage(CamelStruct):
    root_url: str | None = None
    artifacts: list[_Artifact] | None = None


class _Picture(_VectorImage):
    plain: _VectorImage | None = msgspec.field(name="com.linkedin.common.VectorImage", default=None)


class _MiniProfile(CamelStruct):
    type_: str | None = msgspec.field(name="$type", default=None)
    entity_urn: str | None = None
    dash_entity_urn: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    public_identifier: str | None = None
    picture: _Picture | None = None


class _Me(CamelStruct):
    premium_subscriber: bool | None = None
    mini_profile: _MiniProfile | None = None
    mini_profile_reference: str | None = msgspec.field(name="*miniProfile", default=None)
    data: "_Me | None" = None
    included: list[msgspec.Raw] | None = None


def decode_member(body: bytes) -> Member | Unreadable:
    """Decode the answer of `/me`, plain or normalized.

    Source: public code of several clients, attested; `*miniProfile`: assumed; the picture: public code, one source.
    """
    try:
        top = msgspec.json.decode(body, type=_Me)
        me = top.data or top
        profile = me.mini_profile or _included_profile(me.mini_profile_reference, top.included or ())
    except UNREADABLE_JSON:
        return NOT_UNDERSTOOD
    urn = profile and clean_urn(profile.dash_entity_urn or profile.entity_urn)
    if not profile or not urn or not urn.rpartition(":")[2]:
        return NOT_UNDERSTOOD
    return Member(
        profile_urn=f"urn:li:fsd_profile:{urn.rpartition(':')[2]}",
        first_name=clean_text(profile.first_name or ""),
        last_name=clean_text(profile.last_name or ""),
        public_id=clean_text(profile.public_identifier or ""),
        picture=_picture_url(profile.picture),
        premium=me.premium_subscriber,
    )


def _included_profile(urn: str | None, included: Iterable[msgspec.Raw]) -> _MiniProfile | None:
    profiles = [msgspec.json.decode(raw, type=_MiniProfile) for raw in included if b"MiniProfile" in bytes(raw)]
    named = [profile for profile in profiles if profile.entity_urn == urn]
    return next(iter(named or profiles), None)


def _picture_url(picture: _Picture | None) -> str | None:
    image = picture and (picture.plain or picture)
    if not image or not image.root_url or not image.artifacts:
        return None
    largest = max(image.artifacts, key=lambda artifact: artifact.width or 0)
    return image.root_url + (largest.file_identifying_url_path_segment or "")
