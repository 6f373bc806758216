-- What only PostgreSQL needs: bytewise order of identifiers, and room for rows that are rewritten.

ALTER TABLE webhooks ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE webhook_events ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE webhook_deliveries ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE webhook_deliveries SET (fillfactor = 60);
