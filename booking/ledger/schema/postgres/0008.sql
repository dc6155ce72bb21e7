-- Places that have asked for the list of the next day by mail.
CREATE TABLE evenings (
	place  TEXT PRIMARY KEY,
	sealed BYTEA NOT NULL, -- the address; that there is none is kept, with what was told already
	day    TEXT NOT NULL, -- the last that was told of, YYYY-MM-DD
	due    BIGINT NOT NULL  -- not tried before: somebody may be sending it
);
