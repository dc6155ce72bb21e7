-- People who sign in to the pages. What is said of them is sealed; what they are found by are keyed digests, in hexadecimal.
CREATE TABLE accounts (
	id       TEXT PRIMARY KEY,
	identity TEXT NOT NULL UNIQUE, -- of what a provider calls her, or of her mail address
	sealed   BLOB NOT NULL,        -- issuer, address, name
	operator INTEGER NOT NULL,
	created  INTEGER NOT NULL,
	seen     INTEGER NOT NULL         -- the last sign-in
) STRICT, WITHOUT ROWID;
CREATE TABLE answers_for (
	account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	place   TEXT NOT NULL,
	since   INTEGER NOT NULL,
	PRIMARY KEY (account, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
	digest  TEXT PRIMARY KEY, -- of the cookie
	account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	strong  INTEGER NOT NULL,
	sealed  BLOB NOT NULL,    -- what the provider wants back at the end
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_account ON sessions (account);
CREATE TABLE links (
	digest  TEXT PRIMARY KEY, -- of what stands in the mail
	sealed  BLOB NOT NULL,    -- what it is for
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE approvals (
	digest  TEXT PRIMARY KEY, -- of a mail address, or of a domain
	sealed  BLOB NOT NULL,
	created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
