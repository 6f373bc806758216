"""The JSON that `--json` prints: the HTTP API's field names, and further ones in its style."""

from datetime import datetime
from typing import TYPE_CHECKING

from confrere.cli.output import Json
from confrere.domain.account import Account
from confrere.domain.audit import AuditEntry
from confrere.domain.campaigns.audience import Audience
from confrere.domain.campaigns.campaign import CampaignCounts, CampaignPerson
from confrere.domain.group import Group, GroupMember
from confrere.domain.keys import ApiKey
from confrere.domain.limits import GROUP_FIRST_CONTACTS_PUBLISHED, WINDOW_OF, Action, Quota, iso_z
from confrere.domain.opt_out import OptOut
from confrere.domain.send import Send
from confrere.domain.users import Rights, User
from confrere.domain.why_not import WhyNot

if TYPE_CHECKING:
    from confrere.campaigns import CampaignState


def full_name(account: Account) -> str:
    """Join first and last name."""
    return f"{account.first_name} {account.last_name}".strip()


def key_shape(key: ApiKey) -> Json:
    """Encode a key's record; the key itself is not stored."""
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


def user_shape(user: User) -> Json:
    """Encode a user of the console."""
    return {
        "id": user.id,
        "name": user.name,
        **rights_shape(user.rights),
        "hasPassword": user.has_password,
        "createdAt": iso_z(user.created_at),
        "disabledAt": _time(user.disabled_at),
        "lastLoginAt": _time(user.logged_in_at),
    }


def audit_shape(entry: AuditEntry) -> Json:
    """Encode an entry of the audit log."""
    return {
        "number": entry.number,
        "at": iso_z(entry.at),
        "action": str(entry.action),
        "actor": {"kind": str(entry.actor.kind), "id": entry.actor.id, "address": entry.actor.address},
        "subject": entry.subject,
        "detail": entry.detail,
        "requestId": entry.actor.request_id,
    }


def rights_shape(rights: Rights) -> Json:
    """Encode what a user may do; `accountIds` is null where they see all accounts."""
    return {
        "role": str(rights.role),
        "inbox": rights.inbox,
        "accountIds": None if rights.accounts is None else sorted(rights.accounts),
    }


def account_shape(account: Account) -> Json:
    """Encode an account as `GET /accounts` and `GET /account/status` return it, with more fields for its operator."""
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
    """Encode a quota as `GET /account/{id}/quota` returns it."""
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
    """Encode a row of the ledger as `GET /account/{id}/sends` returns it."""
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
    """Encode a group as `GET /groups` returns it."""
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
    """Encode a member as `POST /groups/members` returns it."""
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
    """Encode an entry of the do-not-contact list."""
    return {
        "recipientProfileUrn": opt_out.recipient,
        "reason": opt_out.reason,
        "source": opt_out.source,
        "addedAt": iso_z(opt_out.added_at),
    }


def audience_shape(audience: Audience) -> Json:
    """An audience; its people are listed apart."""
    return {
        "id": audience.id,
        "name": audience.name,
        "groupId": str(audience.group_id),
        "source": audience.source,
        "count": audience.count,
        "createdAt": iso_z(audience.created_at),
    }


def campaign_shape(state: "CampaignState") -> Json:
    """A campaign with how far it is."""
    one = state.campaign
    return {
        "id": one.id,
        "name": one.name,
        "status": str(one.status),
        "cause": None if one.cause is None else str(one.cause),
        "accountId": one.account_id,
        "groupId": str(one.group_id),
        "audienceId": one.audience_id,
        "startsAt": _time(one.starts_at),
        "dailyCap": one.daily_cap,
        "spread": one.spread,
        "skipExistingConversations": one.skip_existing_conversations,
        "counts": _counts_shape(state.counts),
        "whyNot": why_not_shape(state.why_not),
        "createdBy": one.created_by,
        "startedBy": one.started_by,
        "createdAt": iso_z(one.created_at),
        "startedAt": _time(one.started_at),
        "endedAt": _time(one.ended_at),
    }


def campaign_person_shape(person: CampaignPerson, why: WhyNot | None) -> Json:
    """One person of a campaign. reason: of waiting, of a skip, or LinkedIn's words where it refused."""
    return {
        "recipientProfileUrn": str(person.recipient),
        "name": person.name,
        "status": str(person.status),
        "reason": person.reason if why is None else str(why.reason),
        "until": None if why is None else _time(why.until),
        "remedy": None if why is None else why.remedy,
        "sendId": person.send_id,
        "sentAt": _time(person.sent_at),
    }


def why_not_shape(why: WhyNot | None) -> Json | None:
    """Why nothing is sent now; None where something may be."""
    return None if why is None else {"reason": str(why.reason), "until": _time(why.until), "remedy": why.remedy}


def _counts_shape(counts: CampaignCounts) -> Json:
    return {
        "waiting": counts.waiting,
        "held": counts.held,
        "inFlight": counts.in_flight,
        "unknown": counts.unknown,
        "sent": counts.sent,
        "replied": counts.replied,
        "refused": counts.refused,
        "skipped": counts.skipped,
        "skippedByReason": dict(counts.skipped_by_reason),
    }


def _time(time: datetime | None) -> str | None:
    return None if time is None else iso_z(time)
