-- Bytewise order of identifiers.

ALTER TABLE templates ALTER COLUMN id TYPE TEXT COLLATE "C";
