-- The two transactions of the hot path as functions, so that each is one round trip. `confrere migrate` drops and creates
-- them anew each time, so this file may be edited.

SET LOCAL check_function_bodies = off;  -- they are for the newest schema, whichever this database has

DO $$ DECLARE old REGPROCEDURE; BEGIN
  FOR old IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
      AND p.proname IN ('take_unit', 'reserve_send', 'settle_send', 'check_campaign_person', 'decline_campaign_person',
        'move_campaign_person', 'record_send_event', 'record_campaign_event', 'record_quota_event', 'report_hold',
        'record_session_event', 'begins_error') LOOP
    EXECUTE format('DROP FUNCTION %s', old);
  END LOOP;
END $$;

-- Take one unit unless the limit (null: none) is reached; how many are used then, or null.
CREATE FUNCTION take_unit(p_account_id TEXT, p_action TEXT, p_window BIGINT, p_now BIGINT, p_limit BIGINT)
RETURNS BIGINT LANGUAGE sql VOLATILE AS $$
  INSERT INTO quotas AS q (account_id, action, window_start, used, last_taken_at)
  SELECT p_account_id, p_action, p_window, 1, p_now WHERE p_limit IS NULL OR p_limit > 0
  ON CONFLICT (account_id, action, window_start) DO UPDATE SET used = q.used + 1, last_taken_at = excluded.last_taken_at
  WHERE p_limit IS NULL OR q.used < p_limit
  RETURNING used
$$;

-- The queries of these names (shared/campaigns.sql): a message of a campaign, before and after.
CREATE FUNCTION check_campaign_person(TEXT, TEXT, TEXT, TEXT, TEXT, BIGINT) RETURNS TEXT LANGUAGE sql VOLATILE AS $$
  {check_campaign_person}
$$;
CREATE FUNCTION decline_campaign_person(TEXT, TEXT, BIGINT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  {decline_campaign_person}
$$;
-- The second returns which campaign was paused after refusals, if any.
CREATE FUNCTION move_campaign_person(TEXT) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_campaign TEXT;
  v_cause TEXT;
  v_at BIGINT;
BEGIN
  {count_campaign_attempt} INTO v_campaign, v_cause, v_at;
  IF v_cause IS NOT NULL THEN
    PERFORM record_campaign_event(v_campaign, v_at, '.' || $1);
  END IF;
  {move_campaign_person};
  RETURN CASE WHEN v_cause = 'refusals' THEN v_campaign END;
END
$$;

-- The queries of these names (shared/webhooks.sql): what is reported to webhooks.
CREATE FUNCTION record_send_event(TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  {record_send_event}
$$;
CREATE FUNCTION record_campaign_event(TEXT, BIGINT, TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  {record_campaign_event}
$$;
CREATE FUNCTION record_quota_event(TEXT, BIGINT, BIGINT, BIGINT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  {record_quota_event}
$$;
CREATE FUNCTION record_session_event(TEXT, TEXT, BIGINT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  {record_session_event}
$$;
-- Whether a hold begins, and whether the end of a session is news; both as the scripts of these names have it.
CREATE FUNCTION report_hold(TEXT, BIGINT, BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_workspace TEXT;
  v_account TEXT;
BEGIN
  {begins_hold} INTO v_workspace;
  IF v_workspace IS NULL THEN
    RETURN FALSE;
  END IF;
  {record_hold_event} INTO v_account;
  IF v_account IS NOT NULL THEN
    {remember_hold};
  END IF;
  RETURN TRUE;
END
$$;
CREATE FUNCTION begins_error(TEXT, BIGINT) RETURNS TEXT LANGUAGE sql VOLATILE AS $$
  {begins_error}
$$;

-- Decide a claim by gates 1 to 8, in the order in which SQLite's reserve (sqlite/reserve_and_settle.py) has them, and write
-- what follows. Two verdicts leave gates to a script in Python, and nothing was written: 'check_repeats' (there is an
-- earlier row: gates 1 and 2), 'check_pacing' (the account has rules: gate 6).
-- p_again: the claim may have been decided already, by a call whose answer was lost.
-- p_repeats_checked: gates 1 and 2 are passed; p_stale_id is the send whose key may be taken over.
-- p_pacing_checked: gate 6 is passed, under a lock.
-- p_opted_out_…: what is written of a recipient on the do-not-contact list.
-- p_clock: what the caller's clock says now; o_clock: what contradicts it, where the verdict is about clocks.
CREATE FUNCTION reserve_send(
  p_send_id TEXT, p_request_id TEXT, p_workspace_id TEXT, p_account_id TEXT, p_recipient TEXT, p_group_id TEXT,
  p_sealed_text TEXT, p_origin_token TEXT, p_fingerprint TEXT, p_person TEXT, p_idempotency_key TEXT, p_instance TEXT, p_now BIGINT,
  p_lease_until BIGINT, p_day BIGINT, p_month BIGINT, p_clock BIGINT, p_campaign_person_id TEXT, p_conversation_urn TEXT, p_again BOOLEAN, p_repeats_checked BOOLEAN,
  p_pacing_checked BOOLEAN, p_stale_id TEXT, p_ceiling BIGINT, p_opted_out_reason TEXT, p_opted_out_status BIGINT,
  p_opted_out_status_text TEXT, p_opted_out_code TEXT, p_opted_out_text TEXT, p_clock_tolerance BIGINT,
  OUT verdict TEXT, OUT o_account_id TEXT, OUT o_profile_urn TEXT, OUT o_session_version BIGINT,
  OUT o_daily_limit BIGINT, OUT o_used BIGINT, OUT o_last_taken_at BIGINT, OUT o_hold_until BIGINT, OUT o_rules TEXT,
  OUT o_clock BIGINT, OUT o_skip_reason TEXT,
  OUT o_lost_from BIGINT, OUT o_lost_until BIGINT
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  sender accounts%ROWTYPE;
  before sends%ROWTYPE;
  is_known BOOLEAN;
  first_contact BIGINT;
  is_erased BOOLEAN;
BEGIN
  IF p_again THEN
    SELECT * INTO before FROM sends s WHERE s.id = p_send_id;
    IF FOUND THEN
      verdict := CASE before.outcome WHEN 'in_flight' THEN 'reserved' WHEN 'refused' THEN 'opted_out' ELSE 'lost' END;
      SELECT * INTO sender FROM accounts a WHERE a.id = before.account_id;
      o_account_id := sender.id; o_profile_urn := sender.profile_urn; o_session_version := sender.session_version;
      o_daily_limit := sender.daily_limit; o_hold_until := sender.hold_until; o_rules := sender.rules;
      o_lost_from := sender.lost_from; o_lost_until := sender.lost_until;
      SELECT q.used, q.last_taken_at INTO o_used, o_last_taken_at FROM quotas q
        WHERE q.account_id = sender.id AND q.action = 'MESSAGE' AND q.window_start = p_day;
      o_used := COALESCE(o_used, 0);
      RETURN;
    END IF;
  END IF;

  -- Before all gates: the clocks.
  o_clock := EXTRACT(EPOCH FROM clock_timestamp()) * 1000000;
  IF abs(p_clock - o_clock) > p_clock_tolerance THEN
    verdict := 'clock_differs';
    RETURN;
  END IF;
  o_clock := NULL;

  SELECT * INTO sender FROM accounts a WHERE a.workspace_id = p_workspace_id
    AND a.id = COALESCE(p_account_id, (SELECT w.default_account_id FROM workspaces w WHERE w.id = p_workspace_id));
  is_known := FOUND;
  IF EXISTS (SELECT 1 FROM quotas q
      WHERE q.account_id = sender.id AND q.action = 'MESSAGE' AND q.window_start > p_now + p_clock_tolerance) THEN
    verdict := 'clock_went_back';
    SELECT MAX(q.window_start) INTO o_clock FROM quotas q WHERE q.account_id = sender.id AND q.action = 'MESSAGE';
    RETURN;
  END IF;
  IF p_campaign_person_id IS NOT NULL THEN
    -- In place of gates 1 and 2: the campaign runs and the person waits, kept so until the commit. The locks keep apart two
    -- accounts that write to one person, and a message from an entry on the do-not-contact list.
    PERFORM pg_advisory_xact_lock_shared(4, hashtext(p_workspace_id));
    PERFORM pg_advisory_xact_lock(3, hashtext(p_recipient));
    PERFORM 1 FROM campaigns c WHERE c.id = (SELECT p.campaign_id FROM campaign_people p WHERE p.id = p_campaign_person_id)
      FOR SHARE;
    PERFORM 1 FROM campaign_people p WHERE p.id = p_campaign_person_id FOR UPDATE;
    o_skip_reason := 'not_due';
    IF EXISTS (SELECT 1 FROM campaign_people p WHERE p.id = p_campaign_person_id) THEN
      o_skip_reason := check_campaign_person(
        p_campaign_person_id, p_workspace_id, p_account_id, p_recipient, p_fingerprint, p_now);
    END IF;
    IF o_skip_reason IS NOT NULL THEN
      verdict := 'declined';
      IF o_skip_reason = 'not_due' THEN
        o_skip_reason := NULL;
      ELSE
        PERFORM decline_campaign_person(p_campaign_person_id, o_skip_reason, p_now);
      END IF;
      RETURN;
    END IF;
  ELSIF NOT p_repeats_checked THEN
    -- Gate 1: the idempotency key was not used before. Gate 2: nor was an identical send left unanswered.
    IF p_idempotency_key IS NOT NULL THEN
      PERFORM 1 FROM idempotency_keys k WHERE k.workspace_id = p_workspace_id AND k.key = p_idempotency_key;
    ELSE
      PERFORM 1 FROM sends s WHERE s.fingerprint = p_fingerprint AND s.is_open = 1 AND s.account_id = sender.id;
      IF NOT FOUND AND sender.rules LIKE '%"repeatWindowSeconds"%' THEN
        PERFORM 1 FROM sends s WHERE s.account_id = sender.id AND s.recipient = p_recipient AND s.holds_unit = 1
          AND s.fingerprint = p_fingerprint AND s.outcome = 'accepted';
      END IF;
    END IF;
    IF FOUND THEN
      verdict := 'check_repeats';
      RETURN;
    END IF;
  END IF;

  -- Gate 3: the account exists, is enabled and has a session.
  IF NOT is_known THEN
    verdict := CASE WHEN p_account_id IS NULL THEN 'no_account' ELSE 'unknown_account' END;
    RETURN;
  END IF;
  o_account_id := sender.id; o_profile_urn := sender.profile_urn; o_session_version := sender.session_version;
  o_daily_limit := sender.daily_limit; o_hold_until := sender.hold_until; o_rules := sender.rules;
  o_lost_from := sender.lost_from; o_lost_until := sender.lost_until;
  SELECT bool_or(d.recipient = p_person) INTO is_erased FROM do_not_contact d
    WHERE d.workspace_id = p_workspace_id AND d.recipient IN (p_recipient, p_person);
  IF sender.enabled = 0 THEN
    verdict := 'disabled';
  ELSIF sender.session IS NULL OR sender.status = 'ERROR' THEN
    verdict := 'no_session';
  -- Gate 4: the recipient has not opted out.
  ELSIF is_erased IS NOT NULL THEN
    verdict := 'opted_out';
  -- Gate 5: the account is not on hold.
  ELSIF sender.hold_until > p_now THEN
    verdict := 'held';
  -- Gate 6: the rules of pacing let it through.
  ELSIF sender.rules IS NOT NULL AND NOT p_pacing_checked THEN
    verdict := 'check_pacing';
    RETURN;
  END IF;

  -- The key is claimed before the unit: keys before quotas, as in settle_send, since two orders would be a deadlock.
  IF p_idempotency_key IS NOT NULL AND (verdict IS NULL OR verdict = 'opted_out') THEN
    INSERT INTO idempotency_keys AS k (workspace_id, key, send_id, fingerprint, requested_account, created_at)
    VALUES (p_workspace_id, p_idempotency_key, p_send_id, p_fingerprint, p_account_id, p_now)
    ON CONFLICT (workspace_id, key) DO UPDATE SET send_id = excluded.send_id, fingerprint = excluded.fingerprint,
      requested_account = excluded.requested_account, created_at = excluded.created_at
    WHERE k.send_id = p_stale_id;
    IF NOT FOUND THEN  -- another claimed it first
      verdict := 'check_repeats';
      RETURN;
    END IF;
  END IF;

  -- Gate 7: a unit of the day is left.
  IF verdict IS NULL THEN
    o_used := take_unit(sender.id, 'MESSAGE', p_day, p_now, LEAST(sender.daily_limit, p_ceiling));
    IF o_used IS NULL THEN
      verdict := 'used_up';
      DELETE FROM idempotency_keys k WHERE k.workspace_id = p_workspace_id AND k.key = p_idempotency_key
        AND k.send_id = p_send_id;
    ELSE
      verdict := 'reserved';
      o_last_taken_at := p_now;
      IF o_used >= LEAST(sender.daily_limit, p_ceiling) THEN
        PERFORM record_quota_event(sender.id, p_day, LEAST(sender.daily_limit, p_ceiling), p_now);
      END IF;
      -- The unit's row is locked until the commit, so two first messages to one person cannot both be the first. A plain
      -- message, which has no group, is none.
      IF p_group_id <> '' AND NOT EXISTS (SELECT 1 FROM sends s
          WHERE s.account_id = sender.id AND s.recipient = p_recipient AND s.holds_unit = 1) THEN
        first_contact := p_month;
        PERFORM take_unit(sender.id, 'GROUP_FIRST_CONTACT', p_month, p_now, NULL);
      END IF;
      -- Gate 8: the row.
      INSERT INTO sends (id, request_id, workspace_id, account_id, recipient, group_id, text, origin_token, fingerprint,
        idempotency_key, outcome, conversation_urn, window_start, holds_unit, first_contact_window, owner, lease_until,
        created_at, campaign_person_id)
      VALUES (p_send_id, p_request_id, p_workspace_id, sender.id, p_recipient, p_group_id, p_sealed_text, p_origin_token,
        p_fingerprint, p_idempotency_key, 'in_flight', p_conversation_urn, p_day, 1, first_contact, p_instance, p_lease_until, p_now,
        p_campaign_person_id);
      IF p_campaign_person_id IS NOT NULL THEN
        UPDATE campaign_people p SET status = 'in_flight', reason = NULL, send_id = p_send_id, is_held = 0,
          changed_at = p_now WHERE p.id = p_campaign_person_id;
      END IF;
      RETURN;
    END IF;
  END IF;

  SELECT q.used, q.last_taken_at INTO o_used, o_last_taken_at FROM quotas q
    WHERE q.account_id = sender.id AND q.action = 'MESSAGE' AND q.window_start = p_day;
  o_used := COALESCE(o_used, 0);
  IF verdict = 'opted_out' THEN
    INSERT INTO sends (id, request_id, workspace_id, account_id, recipient, group_id, text, origin_token, fingerprint,
      idempotency_key, outcome, reason, refusal_status, refusal_status_text, refusal_code, refusal_text, conversation_urn,
      window_start, holds_unit, owner, lease_until, created_at, ended_at, settled_at)
    VALUES (p_send_id, p_request_id, p_workspace_id, sender.id, CASE WHEN is_erased THEN p_person ELSE p_recipient END,
      p_group_id, CASE WHEN is_erased THEN '' ELSE p_sealed_text END, p_origin_token,
      p_fingerprint, p_idempotency_key, 'refused', p_opted_out_reason, p_opted_out_status, p_opted_out_status_text,
      p_opted_out_code, p_opted_out_text, CASE WHEN is_erased THEN NULL ELSE p_conversation_urn END, p_day, 0, p_instance, p_lease_until, p_now, p_now, p_now);
    PERFORM record_send_event(p_send_id);
  END IF;
END
$$;

-- Write an outcome and what follows from it, as far as the row's present state lets it; o_send is null where there is none.
-- o_paused, o_is_held, o_is_dead: what it has stopped, for the audit log (store/settling.py, `Stops`).
CREATE FUNCTION settle_send(
  p_send_id TEXT, p_outcome TEXT, p_reason TEXT, p_refusal_status BIGINT, p_refusal_status_text TEXT,
  p_refusal_code TEXT, p_refusal_text TEXT, p_message_urn TEXT, p_conversation_urn TEXT, p_now BIGINT, p_day BIGINT,
  p_hold_until BIGINT, p_caller_gone BOOLEAN, p_session_ended TEXT, p_session_version BIGINT,
  OUT o_send sends, OUT o_daily_limit BIGINT, OUT o_used BIGINT, OUT o_last_taken_at BIGINT, OUT o_rules TEXT,
  OUT o_paused TEXT, OUT o_is_held BOOLEAN, OUT o_is_dead BOOLEAN
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  before TEXT;
  is_moved BOOLEAN := FALSE;
  is_watched BOOLEAN;
  nothing_sent CONSTANT BOOLEAN := p_outcome IN ('not_sent', 'throttled', 'session_dead');
  holds CONSTANT INTEGER := CASE WHEN p_outcome IN ('in_flight', 'accepted', 'unknown') THEN 1 ELSE 0 END;
BEGIN
  SELECT * INTO o_send FROM sends s WHERE s.id = p_send_id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  before := o_send.outcome;
  IF before = 'in_flight' OR (before = 'unknown' AND p_outcome <> 'unknown')
      OR (before = 'not_sent' AND p_outcome = 'accepted') THEN
    is_moved := TRUE;
    -- Keys before quotas, as in reserve_send.
    IF nothing_sent THEN
      o_send.is_open := 0;
      DELETE FROM idempotency_keys k
        WHERE k.workspace_id = o_send.workspace_id AND k.key = o_send.idempotency_key AND k.send_id = p_send_id;
    END IF;
    IF before = 'not_sent' AND o_send.campaign_person_id IS NOT NULL AND EXISTS (SELECT 1 FROM sends s
        WHERE s.campaign_person_id = o_send.campaign_person_id AND s.holds_unit = 1 AND s.id <> p_send_id) THEN
      UPDATE sends s SET campaign_person_id = NULL WHERE s.id = p_send_id;  -- the person has another message by now
    END IF;
    IF before = 'not_sent' THEN  -- its caller may have repeated it since, and has to join this one
      o_send.is_open := 1;
      o_send.answer := 'lost';
      IF o_send.idempotency_key IS NOT NULL THEN
        INSERT INTO idempotency_keys (workspace_id, key, send_id, fingerprint, requested_account, created_at)
        VALUES (o_send.workspace_id, o_send.idempotency_key, p_send_id, o_send.fingerprint, o_send.account_id,
          o_send.created_at)
        ON CONFLICT (workspace_id, key) DO NOTHING;
      END IF;
    END IF;
    IF (p_caller_gone OR p_outcome = 'unknown') AND o_send.is_open = 1 THEN  -- may be repeated at once
      o_send.answer := 'lost';
    END IF;
    IF holds = 0 AND o_send.holds_unit = 1 THEN
      UPDATE quotas q SET used = GREATEST(q.used - 1, 0) WHERE q.account_id = o_send.account_id
        AND q.action = 'MESSAGE' AND q.window_start = o_send.window_start;
      UPDATE quotas q SET used = GREATEST(q.used - 1, 0) WHERE q.account_id = o_send.account_id
        AND q.action = 'GROUP_FIRST_CONTACT' AND q.window_start = o_send.first_contact_window;
    ELSIF holds = 1 AND o_send.holds_unit = 0 THEN
      UPDATE quotas q SET used = q.used + 1 WHERE q.account_id = o_send.account_id
        AND q.action = 'MESSAGE' AND q.window_start = o_send.window_start;
      IF EXISTS (SELECT 1 FROM sends s
          WHERE s.account_id = o_send.account_id AND s.recipient = o_send.recipient AND s.holds_unit = 1) THEN
        o_send.first_contact_window := NULL;
      ELSE
        UPDATE quotas q SET used = q.used + 1 WHERE q.account_id = o_send.account_id
          AND q.action = 'GROUP_FIRST_CONTACT' AND q.window_start = o_send.first_contact_window;
      END IF;
    END IF;
    UPDATE sends s SET outcome = p_outcome, reason = p_reason, refusal_status = p_refusal_status,
      refusal_status_text = p_refusal_status_text, refusal_code = p_refusal_code, refusal_text = p_refusal_text,
      message_urn = p_message_urn, conversation_urn = COALESCE(p_conversation_urn, s.conversation_urn), settled_at = p_now,
      ended_at = COALESCE(s.ended_at, p_now), holds_unit = holds, first_contact_window = o_send.first_contact_window,
      answer = o_send.answer, is_open = o_send.is_open,
      look_at = CASE WHEN p_outcome = 'unknown' THEN p_now END
    WHERE s.id = p_send_id RETURNING s.* INTO o_send;
    IF o_send.campaign_person_id IS NOT NULL THEN
      o_paused := move_campaign_person(p_send_id);
    END IF;
  ELSIF p_caller_gone THEN
    UPDATE sends s SET answer = 'lost' WHERE s.id = p_send_id AND s.is_open = 1;
  END IF;
  IF p_hold_until IS NOT NULL THEN
    o_is_held := report_hold(o_send.account_id, p_hold_until, p_now);
    UPDATE accounts a SET hold_until = GREATEST(a.hold_until, p_hold_until) WHERE a.id = o_send.account_id;
  END IF;
  IF p_session_ended IS NOT NULL THEN
    o_is_dead := begins_error(o_send.account_id, p_session_version) IS NOT NULL;
    IF o_is_dead THEN
      PERFORM record_session_event(o_send.account_id, p_session_ended, p_now);
    END IF;
    UPDATE accounts a SET status = 'ERROR', status_reason = p_session_ended WHERE a.id = o_send.account_id
      AND (p_session_version IS NULL OR a.session_since <= p_session_version);  -- it may have been connected anew
  END IF;
  SELECT a.daily_limit, a.rules, EXISTS (SELECT 1 FROM webhooks w
      WHERE w.workspace_id = o_send.workspace_id AND w.enabled = 1 AND w.events LIKE '% send.%')
    INTO o_daily_limit, o_rules, is_watched FROM accounts a WHERE a.id = o_send.account_id;
  IF is_moved AND is_watched THEN
    PERFORM record_send_event(p_send_id);
  END IF;
  SELECT q.used, q.last_taken_at INTO o_used, o_last_taken_at FROM quotas q
    WHERE q.account_id = o_send.account_id AND q.action = 'MESSAGE' AND q.window_start = p_day;
  o_used := COALESCE(o_used, 0);
END
$$;
