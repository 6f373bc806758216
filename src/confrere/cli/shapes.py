"""The JSON that `--json` prints: the HTTP API's field names, and further ones in its style."""

from typing import TYPE_CHECKING

from confrere.cli.output import Json
from confrere.domain.account import Account
from confrere.domain.audit import AuditEntry
from confrere.domain.campaigns.campaign import CampaignCounts, CampaignPerson
from confrere.domain.campaigns.saved_template import SavedTemplate
from confrere.domain.conversation import ThreadMessage
from confrere.domain.group import Group, GroupMember
from confrere.domain.keys import ApiKey
from confrere.domain.limits import GROUP_FIRST_CONTACTS_PUBLISHED, WINDOW_OF, Action, Quota, iso_z, optional_iso_z
from confrere.domain.opt_out import OptOut
from confrere.domain.reply import Reply
from confrere.domain.send import Send
from confrere.domain.users import Rights, User, UserSession
from confrere.domain.webhooks import Delivery, Webhook, public_event_id
from confrere.domain.why_not import WhyNot
from confrere.domain.workspaces import Workspace

if TYPE_CHECKING:
    from confrere.campaigns import AudienceState, CampaignState
    from confrere.domain.campaigns.forecast import Forecast


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
        "expiresAt": optional_iso_z(key.expires_at),
        "revokedAt": optional_iso_z(key.revoked_at),
        "lastUsedAt": optional_iso_z(key.last_used_at),
    }


def workspace_shape(workspace: Workspace) -> Json:
    """Encode a workspace."""
    return {"id": workspace.id, "name": workspace.name, "createdAt": optional_iso_z(workspace.created_at)}


def user_shape(user: User) -> Json:
    """Encode a user of the console."""
    return {
        "id": user.id,
        "name": user.name,
        **rights_shape(user.rights),
        "hasPassword": user.has_password,
        "hasSecondFactor": user.has_second_factor,
        "issuer": user.issuer,
        "createdAt": iso_z(user.created_at),
        "disabledAt": optional_iso_z(user.disabled_at),
        "lastLoginAt": optional_iso_z(user.logged_in_at),
    }


def user_session_shape(session: UserSession) -> Json:
    """Encode a browser that is logged in."""
    return {
        "id": session.id,
        "createdAt": iso_z(session.created_at),
        "lastUsedAt": iso_z(session.seen_at),
        "address": session.address,
        "browser": session.browser,
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
        "holdUntil": optional_iso_z(account.hold_until),
        "restored": None
        if account.lost is None
        else {
            "backupAt": iso_z(account.lost.since),
            "restoredAt": iso_z(account.lost.until),
            "looksUntil": optional_iso_z(account.looks_until),
        },
        "hasTokens": account.has_session,
        "sessionConnectedAt": optional_iso_z(account.connected_at),
        "sessionAnsweredAt": optional_iso_z(account.answered_at),
        "isPremium": account.premium,
        "createdAt": iso_z(account.created_at),
        "lastUsed": optional_iso_z(account.last_used_at),
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
        "limitReachedAt": optional_iso_z(quota.reached_at) if reached else None,
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
        "settledAt": optional_iso_z(send.settled_at),
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


def audience_shape(state: "AudienceState") -> Json:
    """An audience with how far it is collected; its people are listed apart."""
    one = state.audience
    collection = one.collection
    return {
        "id": one.id,
        "name": one.name,
        "groupId": str(one.group_id),
        "groupName": one.group_name,
        "source": one.source,
        "status": str(one.status),
        "count": one.count,
        "read": one.count if collection is None else collection.places_read,
        "total": one.count if collection is None else collection.total,
        "completesAt": optional_iso_z(state.completes_at),
        "whyNot": why_not_shape(state.why_not),
        "accountId": None if collection is None else collection.account_id,
        "columns": list(one.columns),
        "skipped": one.bad_row_count,
        "errors": [{"line": row.line, "reason": row.error} for row in one.bad_rows],
        "createdAt": iso_z(one.created_at),
    }


def template_shape(template: SavedTemplate) -> Json:
    """Encode a template as `GET /v1/templates/{id}` returns it."""
    return {
        "id": template.id,
        "name": template.name,
        "text": template.text,
        "version": template.version,
        "variables": list(template.variables),
        "createdAt": iso_z(template.created_at),
        "changedAt": iso_z(template.changed_at),
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
        "templateId": one.template_id,
        "templateVersion": one.template_version,
        "revision": one.revision,
        "startsAt": optional_iso_z(one.starts_at),
        "dailyCap": one.daily_cap,
        "spread": one.spread,
        "skipExistingConversations": one.skip_existing_conversations,
        "counts": _counts_shape(state.counts),
        "whyNot": why_not_shape(state.why_not),
        "forecast": _forecast_shape(state.forecast),
        "createdBy": one.created_by,
        "startedBy": one.started_by,
        "createdAt": iso_z(one.created_at),
        "startedAt": optional_iso_z(one.started_at),
        "endedAt": optional_iso_z(one.ended_at),
    }


def campaign_person_shape(person: CampaignPerson, why: WhyNot | None) -> Json:
    """One person of a campaign. reason: of waiting, of a skip, or LinkedIn's words where it refused."""
    return {
        "recipientProfileUrn": str(person.recipient),
        "name": person.name,
        "status": str(person.status),
        "reason": person.reason if why is None else str(why.reason),
        "until": None if why is None else optional_iso_z(why.until),
        "remedy": None if why is None else why.remedy,
        "sendId": person.send_id,
        "sentAt": optional_iso_z(person.message_at),
        "repliedAt": optional_iso_z(person.replied_at),
        "writtenToBy": person.written_to_by,
        "writtenToAt": optional_iso_z(person.written_to_at),
    }


def reply_shape(reply: Reply) -> Json:
    """Encode a reply as `GET /v1/replies` returns it."""
    return {
        "id": reply.id,
        "recipientProfileUrn": str(reply.recipient),
        "name": reply.name,
        "text": reply.text,
        "kinds": [str(kind) for kind in reply.kinds],
        "receivedAt": iso_z(reply.received_at),
        "accountId": reply.account_id,
        "campaignId": reply.campaign_id,
        "sendId": reply.send_id,
        "conversationUrn": reply.conversation_urn,
        "messageUrn": reply.message_urn,
        "mayWantOut": reply.may_want_out,
        "optedOut": reply.opted_out,
        "handled": reply.handled_at is not None,
        "handledAt": optional_iso_z(reply.handled_at),
        "handledBy": reply.handled_by,
    }


def conversation_message_shape(message: ThreadMessage, owner_urn: str) -> Json:
    """Encode a message of a conversation as `GET /v1/replies/{id}/conversation` returns it."""
    sender = message.sender
    return {
        "messageUrn": message.message_urn,
        "senderProfileUrn": str(sender.profile_urn) if sender and sender.profile_urn else None,
        "senderName": sender.full_name if sender else None,
        "isSentByAccount": message.is_from(owner_urn),
        "text": message.text,
        "kinds": [str(kind) for kind in message.kinds],
        "sentAt": iso_z(message.delivered_at),
    }


def why_not_shape(why: WhyNot | None) -> Json | None:
    """Why nothing is sent now; None where something may be."""
    return (
        None if why is None else {"reason": str(why.reason), "until": optional_iso_z(why.until), "remedy": why.remedy}
    )


def _forecast_shape(forecast: "Forecast | None") -> Json | None:
    if forecast is None:
        return None
    ends_on = None if forecast.ends_on is None else forecast.ends_on.isoformat()
    return {"endsOn": ends_on, "sendingDays": forecast.sending_days}


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


def webhook_shape(webhook: Webhook) -> Json:
    """Encode a webhook as `GET /v1/webhooks/{id}` returns it."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": [one.value for one in webhook.events],
        "description": webhook.description,
        "enabled": webhook.enabled,
        "disabledReason": webhook.disabled_reason,
        "failingSince": optional_iso_z(webhook.failing_since),
        "previousSecretUntil": optional_iso_z(webhook.previous_until),
        "createdAt": iso_z(webhook.created_at),
    }


def delivery_shape(delivery: Delivery) -> Json:
    """Encode a delivery as `GET /v1/webhooks/{id}/deliveries` returns it."""
    return {
        "id": delivery.id,
        "webhookId": delivery.webhook_id,
        "event": delivery.event.value,
        "eventId": public_event_id(delivery.event_id),
        "status": delivery.status.value,
        "attempts": delivery.attempts,
        "inProgress": delivery.in_progress,
        "lastStatus": delivery.last_status,
        "lastError": delivery.last_error,
        "lastAnswer": delivery.last_answer,
        "lastAttemptAt": optional_iso_z(delivery.last_at),
        "nextAttemptAt": optional_iso_z(delivery.next_at),
        "createdAt": iso_z(delivery.created_at),
    }
