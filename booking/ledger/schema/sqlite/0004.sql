-- Public keys by which a partner signs (JSON Web Keys), and where it may act: JSON, empty means everywhere.
ALTER TABLE partners ADD COLUMN keys TEXT NOT NULL DEFAULT '[]';
ALTER TABLE partners ADD COLUMN territory TEXT NOT NULL DEFAULT '';

-- When each rotation of the key that signs tokens takes effect. The keys themselves are derived from the master secret.
CREATE TABLE generations (
	number    INTEGER PRIMARY KEY,
	published INTEGER NOT NULL,
	signs     INTEGER NOT NULL CHECK (signs > published)
) STRICT;
