-- One data key per appointment, wrapped. This schema is not in ordinary backups: a key that is destroyed here is gone.
CREATE SCHEMA IF NOT EXISTS passerelle_cles;
CREATE TABLE IF NOT EXISTS passerelle_cles.data_keys (
	id      TEXT PRIMARY KEY,
	wrapped BYTEA NOT NULL,
	created BIGINT NOT NULL
);
