-- Private addresses of the calendars of places, one for each. Only a digest of what stands in the address is kept.
CREATE TABLE calendars (
	place   TEXT PRIMARY KEY,
	digest  TEXT NOT NULL UNIQUE,
	account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, -- who made it
	since   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
