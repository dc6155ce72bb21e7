-- What is drawn once and outlives the master secret, sealed by it: the keys of digests that are compared.
CREATE TABLE secrets (
	name   TEXT PRIMARY KEY,
	sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
