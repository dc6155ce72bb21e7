-- People who sign in to the pages. What is said of them is sealed; what they are found by are keyed digests, in hexadecimal.
CREATE TABLE accounts (
	id       TEXT PRIMARY KEY,
	identity TEXT NOT NULL UNIQUE, -- of what a provider calls her, or of her mail address
	sealed   BYTEA NOT NULL,        -- issuer, address, name
	operator BIGINT NOT NULL,
	created  BIGINT NOT NULL,
	seen     BIGINT NOT NULL         -- the last sign-in
);
CREATE TABLE answers_for (
	account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	place   TEXT NOT NULL,
	since   BIGINT NOT NULL,
	PRIMARY KEY (account, place)
);
CREATE TABLE sessions (
	digest  TEXT PRIMARY KEY, -- of the cookie
	account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	strong  BIGINT NOT NULL,
	sealed  BYTEA NOT NULL,    -- what the provider wants back at the end
	expires BIGINT NOT NULL
);
CREATE INDEX sessions_of_account ON sessions (account);
CREATE TABLE links (
	digest  TEXT PRIMARY KEY, -- of what stands in the mail
	sealed  BYTEA NOT NULL,    -- what it is for
	expires BIGINT NOT NULL
);
CREATE TABLE approvals (
	digest  TEXT PRIMARY KEY, -- of a mail address, or of a domain
	sealed  BYTEA NOT NULL,
	created BIGINT NOT NULL
);
