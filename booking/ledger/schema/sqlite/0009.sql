-- Places that have asked for the list of the next day by mail.
CREATE TABLE evenings (
	place  TEXT PRIMARY KEY,
	sealed BLOB NOT NULL, -- the address; that there is none is kept, with what was told already
	day    TEXT NOT NULL, -- the last that was told of, YYYY-MM-DD
	due    INTEGER NOT NULL  -- not tried before: somebody may be sending it
) STRICT, WITHOUT ROWID;
