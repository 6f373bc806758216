-- Why a lane is due no earlier, and who is held or was tried in campaigns, without reading all people or sends.

-- reason:  'spread' where that is why it is due at next_at, null where the store knows why otherwise.
ALTER TABLE lanes ADD COLUMN reason TEXT;

CREATE INDEX campaign_people_held ON campaign_people (workspace_id, recipient) WHERE is_held = 1;

-- All attempts of a person of a campaign; sends of no campaign are not in it.
CREATE INDEX sends_campaign_attempts ON sends (campaign_person_id) WHERE campaign_person_id IS NOT NULL;
