-- Bytewise order, as SQLite's.

ALTER TABLE group_members ALTER COLUMN sort_name TYPE TEXT COLLATE "C";
