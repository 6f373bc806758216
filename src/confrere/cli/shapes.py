"""What `--json` prints: the HTTP API's names, and further ones in its style."""

from datetime import datetime

from confrere.cli.output import Json
from confrere.domain.account import Account
from confrere.domain.group import Group, GroupMember
from confrere.domain.keys import ApiKey
from confrere.domain.limits import GROUP_FIRST_CONTACTS_PUBLISHED, WINDOW_OF, Action, Quota, iso_z
from confrere.domain.opt_out import OptOut
from confrere.domain.send import Send


def full_name(account: Account) -> str:
    """First and last name."""
    return f"{account.first_name} {account.last_name}".strip()


def key_shape(key: ApiKey) -> Json:
    """A key's record; the key itself is not stored."""
    return {
        "id": key.id,
        "name": key.name,
        "visiblePart": key.visible_part,
        "scopes": sorted(key.scopes),
        "createdAt": iso_z(key.created_at),
        "expiresAt": _time(key.expires_at),
        "revokedAt": _time(key.revoked_at),
        "lastUsedAt": _time(key.last_used_at),
    }


def account_shape(account: Account) -> Json:
    """An account as `GET /accounts` and `GET /account/status` return it, with further fields for its operator."""
    return {
        "id": account.id,
        "firstName": account.first_name,
        "lastName": account.last_name,
        "publicId": account.public_id,
        "picture": account.picture,
        "profileUrn": account.profile_urn,
        "status": str(account.status),
        "statusReason": account.status_reason,
        "enabled": account.enabled,
        "isDefault": account.is_default,
        "dailyLimit": account.daily_limit,
        "holdUntil": _time(account.hold_until),
        "hasTokens": account.has_session,
        "isPremium": account.premium,
        "createdAt": iso_z(account.created_at),
        "lastUsed": _time(account.last_used_at),
    }


def quota_shape(quota: Quota) -> Json:
    """A quota as `GET /account/{id}/quota` returns it."""
    reached = quota.remaining == 0
    return {
        "feature": str(quota.action),
        "window": str(WINDOW_OF[quota.action]),
        "used": quota.used,
        "limit": quota.limit,
        "linkedinLimit": GROUP_FIRST_CONTACTS_PUBLISHED if quota.action is Action.GROUP_FIRST_CONTACT else None,
        "remaining": quota.remaining,
        "limitReached": reached,
        "limitReachedAt": _time(quota.reached_at) if reached else None,
        "resetAt": iso_z(quota.resets_at),
    }


def send_shape(send: Send) -> Json:
    """A row of the ledger as `GET /account/{id}/sends` returns it."""
    return {
        "id": send.id,
        "requestId": send.request_id,
        "recipientProfileUrn": send.recipient,
        "groupId": send.group_id,
        "outcome": str(send.outcome),
        "reason": send.reason,
        "messageUrn": send.message_urn,
        "conversationUrn": send.conversation_urn,
        "createdAt": iso_z(send.created_at),
        "settledAt": _time(send.settled_at),
    }


def group_shape(group: Group) -> Json:
    """A group as `GET /groups` returns it."""
    return {
        "groupId": group.group_id,
        "groupUrn": group.urn,
        "name": group.name,
        "memberCount": group.member_count,
        "membershipStatus": group.status,
        "groupUrl": group.url,
        "logo": group.logo,
    }


def member_shape(member: GroupMember) -> Json:
    """A member as `POST /groups/members` returns it."""
    return {
        "profileId": member.profile_id,
        "profileUrn": member.profile_urn,
        "entityUrn": member.entity_urn,
        "publicIdentifier": member.public_id,
        "firstName": member.first_name,
        "lastName": member.last_name,
        "fullName": member.full_name,
        "headline": member.headline,
        "profilePicture": member.picture,
        "profileUrl": member.profile_url,
        "followerCount": member.follower_count,
        "membershipStatus": member.status,
        "relationshipStatus": member.relationship,
        "isPremium": member.premium,
        "isVerified": member.verified,
        "badges": list(member.badges),
        "creator": member.creator,
    }


def opt_out_shape(opt_out: OptOut) -> Json:
    """Somebody on the do-not-contact list."""
    return {
        "recipientProfileUrn": opt_out.recipient,
        "reason": opt_out.reason,
        "source": opt_out.source,
        "addedAt": iso_z(opt_out.added_at),
    }


def _time(time: datetime | None) -> str | None:
    return None if time is None else iso_z(time)
