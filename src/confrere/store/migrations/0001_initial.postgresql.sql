-- What only PostgreSQL needs: bytewise order of identifiers, and room for rows that are rewritten.

ALTER TABLE sends ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE do_not_contact ALTER COLUMN recipient TYPE TEXT COLLATE "C";
ALTER TABLE accounts ALTER COLUMN first_name TYPE TEXT COLLATE "C", ALTER COLUMN last_name TYPE TEXT COLLATE "C";
ALTER TABLE quotas SET (fillfactor = 50);
ALTER TABLE sends SET (fillfactor = 80);
