-- What only PostgreSQL needs: bytewise order of identifiers, and room for rows that are rewritten.

ALTER TABLE replies ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE mailboxes SET (fillfactor = 50);
