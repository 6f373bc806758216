-- What is known of the people of an audience, for the variables of templates.

-- columns:  a JSON array of the names after `custom.`.
ALTER TABLE audiences ADD COLUMN columns TEXT NOT NULL DEFAULT '[]';

-- custom:  a JSON object of values by the name after `custom.`; null where there are none.
ALTER TABLE audience_people DROP COLUMN name;
ALTER TABLE audience_people ADD COLUMN public_id TEXT;
ALTER TABLE audience_people ADD COLUMN first_name TEXT;
ALTER TABLE audience_people ADD COLUMN last_name TEXT;
ALTER TABLE audience_people ADD COLUMN headline TEXT;
ALTER TABLE audience_people ADD COLUMN custom TEXT;
