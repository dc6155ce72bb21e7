-- An orientation has no time until somebody says which: starts and ends are 0. A rule of a table is changed as
-- https://sqlite.org/lang_altertable.html says for what touches no row.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (starts < ends)', 'CHECK (starts < ends OR starts = 0 AND ends = 0)')
	WHERE type = 'table' AND name = 'appointments';
PRAGMA writable_schema = RESET;

DROP INDEX appointments_that_lapse;
CREATE INDEX appointments_that_lapse ON appointments (expires) WHERE status IN ('reserve', 'demande', 'a_finaliser');
CREATE INDEX appointments_handed_on ON appointments (agenda, created) WHERE guarantee = 'orientation';

-- What a structure's consent has given for an agenda, sealed: the tokens of the other software.
CREATE TABLE grants (
	agenda TEXT PRIMARY KEY,
	sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
