-- Every process that has the store open reports that it lives and what its clock says, not workers only.
-- is_worker:  it looks for the messages whose fate is not known.
CREATE TABLE processes (
  instance TEXT NOT NULL PRIMARY KEY,
  beat_at BIGINT NOT NULL,
  is_worker INTEGER NOT NULL
) WITHOUT ROWID;
DROP TABLE workers;
