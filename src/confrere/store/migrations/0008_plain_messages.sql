-- Messages without a group, into a conversation. Their group_id is '', since SQLite cannot make a column nullable without
-- writing the whole table anew; nobody outside of the store sees ''. Their conversation_urn is written with the row where the
-- request names it. The index finds their recipients; sends of a group are not in it.
CREATE INDEX sends_plain ON sends (account_id, conversation_urn) WHERE group_id = '';
