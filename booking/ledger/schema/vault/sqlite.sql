-- One data key per appointment, wrapped. This file is not in ordinary backups: a key that is destroyed here is gone.
CREATE TABLE IF NOT EXISTS data_keys (
	id      TEXT PRIMARY KEY,
	wrapped BLOB NOT NULL,
	created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
