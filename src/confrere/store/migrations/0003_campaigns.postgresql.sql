-- What only PostgreSQL needs: bytewise order of identifiers, and room for rows that are rewritten.

ALTER TABLE audiences ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE campaigns ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE campaign_people ALTER COLUMN id TYPE TEXT COLLATE "C", ALTER COLUMN campaign_id TYPE TEXT COLLATE "C";
ALTER TABLE campaign_people SET (fillfactor = 80);
ALTER TABLE lanes SET (fillfactor = 50);
