"""The mutations of what keeps campaigns: see `mutations`."""

from verification.mutation import Mutation

_PEOPLE_SQL = "store/sql/shared/campaign_people.sql"
_QUERIES = "store/queries.py"
_LANES_SQL = "store/sql/shared/lanes.sql"
_FUNCTIONS = "store/sql/functions.sql"
_RUNNER = "campaigns/lane_runner.py"
_STORE = ("contract:tests/contract/store/test_campaigns.py",)
_LOCKS = ("contract:tests/contract/store/test_campaign_locks.py",)
_LANES = ("contract:tests/unit/campaigns/test_lane_runner.py",)
_KILLED = ("campaign",)

_SHARED = (
    ("a campaign that is paused sends", _PEOPLE_SQL, "WHEN c.status <> 'running' OR p.status", "WHEN p.status", _STORE),
    ("a person who is held is written to", _PEOPLE_SQL, " OR p.due_at > $6", " OR $6 < 0", _STORE),
    ("another text than the one checked is sent", _PEOPLE_SQL, "OR p.fingerprint <> $5", "OR $5 = ''", _STORE),
    ("an account sends for another's campaign", _PEOPLE_SQL, "OR c.account_id <> $3", "OR $3 = ''", _STORE),
    (
        "a campaign writes to who opted out",
        _QUERIES,
        "d.workspace_id = p.workspace_id AND d.recipient = p.recipient",
        "1 = 0",
        _STORE,
    ),
    (
        "a campaign writes to who has replied",
        _QUERIES,
        "AND o.status = 'replied'",
        "AND o.status = ''",
        _STORE,
    ),
    (
        "a campaign writes to whom another account wrote",
        _PEOPLE_SQL,
        "s.recipient = $4 AND s.holds_unit = 1 AND s.workspace_id = $2",
        "s.recipient = $4 AND s.account_id = $3 AND s.holds_unit = 1 AND s.workspace_id = $2",
        _KILLED,
    ),
    (
        "somebody is skipped for a message that may not have been sent",
        _QUERIES,
        "\n        AND s.outcome = 'accepted'",
        "",
        _STORE,
    ),
    ("a campaign writes to our own accounts", _QUERIES, "a.profile_urn = p.recipient", "a.id = p.recipient", _STORE),
    (
        "who may not be written to is tried again and again",
        _PEOPLE_SQL,
        "SET status = 'skipped', reason = $2, is_held = 0, changed_at = $3,\n  send_id",
        "SET reason = $2, is_held = 0, changed_at = $3,\n  send_id",
        _STORE,
    ),
    ("refusals in a row are not counted", _PEOPLE_SQL, "THEN campaigns.refused_in_row + 1", "THEN 0", _STORE),
    (
        "a tenth of refusals does not pause",
        _PEOPLE_SQL,
        "(campaigns.refused + 1) * 10 >= campaigns.answered + 1)) THEN 'paused'",
        "campaigns.refused < 0)) THEN 'paused'",
        _STORE,
    ),
    (
        "the first message does not pause",
        _PEOPLE_SQL,
        "WHEN campaigns.first_left = 1 AND s.holds_unit = 1 THEN 'paused'",
        "WHEN campaigns.first_left = -1 THEN 'paused'",
        _STORE,
    ),
    (
        "an unknown message is sent again",
        _PEOPLE_SQL,
        "WHEN 'unknown' THEN 'unknown'",
        "WHEN 'unknown' THEN 'waiting'",
        _STORE,
    ),
    (
        "a late witness is not believed",
        _PEOPLE_SQL,
        "OR (campaign_people.status IN ('waiting', 'skipped') AND s.outcome = 'accepted')",
        "OR campaign_people.status = ''",
        _STORE,
    ),
    (
        "a campaign with a message in flight is finished",
        _LANES_SQL,
        "AND p.status IN ('waiting', 'in_flight', 'unknown')",
        "AND p.status = 'waiting'",
        _STORE,
    ),
    (
        "a lane is leased twice",
        _LANES_SQL,
        "SET owner = $3, lease_until = $4,",
        "SET owner = $3, lease_until = NULL,",
        _STORE,
    ),
    (
        "a lane that was woken meanwhile sleeps",
        _LANES_SQL,
        "CASE WHEN next_at < lease_until THEN next_at ELSE",
        "CASE WHEN next_at < 0 THEN next_at ELSE",
        _STORE,
    ),
    (
        "the lane of a dead process stays leased",
        "store/lanes.py",
        "        if owner not in alive:\n",
        "        if owner is None:\n",
        _STORE,
    ),
    (
        "a campaign that is far too late starts",
        _LANES_SQL,
        "SET status = 'paused', cause = 'overdue'",
        "SET status = 'running'",
        _STORE,
    ),
    (
        "a person does not move with the ledger",
        "store/sqlite/reserve_and_settle.py",
        "if campaign_person_id is not None:",
        "if campaign_person_id is ...:",
        _KILLED,
    ),
    (
        "a person whose process died stays in flight",
        "store/repeats.py",
        "if row is not None and row[0] is not None:",
        "if row is None:",
        _STORE,
    ),
    ("a campaign's own cap is ignored", _RUNNER, "if left is not None and left <= 0:", "if left == -1:", _LANES),
    (
        "nobody asks for an earlier conversation",
        _RUNNER,
        "if campaign.skip_existing_conversations:",
        "if campaign.skip_existing_conversations is None:",
        _KILLED,
    ),
    ("messages are not spread", _RUNNER, "if not campaign.spread:", "if campaign:", _LANES),
    (
        "campaigns do not take turns",
        _RUNNER,
        "key=lambda one: (last_campaign_id is not None and one.id <= last_campaign_id, one.id)",
        "key=lambda one: one.id",
        _LANES,
    ),
)
"""Tried on SQLite."""

_POSTGRESQL = (
    (
        "a campaign sends whatever its check says",
        "    IF o_skip_reason IS NOT NULL THEN\n      verdict := 'declined';",
        "    IF FALSE THEN\n      verdict := 'declined';",
        _STORE,
    ),
    (
        "a message does not wait for an opt-out",
        "    PERFORM pg_advisory_xact_lock_shared(4, hashtext(p_workspace_id));\n",
        "",
        _LOCKS,
    ),
    (
        "a message does not wait for one to the same person",
        "    PERFORM pg_advisory_xact_lock(3, hashtext(p_recipient));\n",
        "",
        _LOCKS,
    ),
    (
        "a message does not wait for a pause",
        "p.id = p_campaign_person_id)\n      FOR SHARE;",
        "p.id = p_campaign_person_id);",
        _LOCKS,
    ),
    (
        "a message does not wait for its person",
        "    PERFORM 1 FROM campaign_people p WHERE p.id = p_campaign_person_id FOR UPDATE;\n",
        "",
        _LOCKS,
    ),
    (
        "who may not be written to is not skipped",
        "PERFORM decline_campaign_person(p_campaign_person_id, o_skip_reason, p_now);",
        "NULL;",
        _STORE,
    ),
    (
        "a person with a message in flight waits",
        "UPDATE campaign_people p SET status = 'in_flight', reason = NULL, send_id",
        "UPDATE campaign_people p SET reason = NULL, send_id",
        _STORE,
    ),
    (
        "a person does not move with the ledger",
        "    IF o_send.campaign_person_id IS NOT NULL THEN\n      o_paused := move_campaign_person(p_send_id);",
        "    IF FALSE THEN\n      o_paused := move_campaign_person(p_send_id);",
        _KILLED,
    ),
    (
        "a late witness takes a person who has another message",
        "UPDATE sends s SET campaign_person_id = NULL WHERE s.id = p_send_id;",
        "NULL;",
        _STORE,
    ),
)
"""In the functions of PostgreSQL."""

CAMPAIGN_MUTATIONS = [
    *(Mutation(name, file, old, new, checks) for name, file, old, new, checks in _SHARED),
    *(
        Mutation(f"{name} (PostgreSQL)", _FUNCTIONS, old, new, checks, "postgresql")
        for name, old, new, checks in _POSTGRESQL
    ),
    Mutation(
        "a lane that is being claimed is waited for (PostgreSQL)",
        _LANES_SQL,
        "\n  FOR UPDATE SKIP LOCKED",
        "",
        _LOCKS,
        "postgresql",
    ),
    Mutation(
        "a person of a campaign may have two messages (PostgreSQL)",
        "store/migrations/0003_campaigns.sql",
        "CREATE UNIQUE INDEX sends_campaign_person",
        "CREATE INDEX sends_campaign_person",
        _LOCKS,
        "postgresql",
    ),
]
