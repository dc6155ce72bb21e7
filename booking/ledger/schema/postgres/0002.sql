-- An orientation has no time until somebody says which: starts and ends are 0.
ALTER TABLE appointments DROP CONSTRAINT appointments_check;
ALTER TABLE appointments ADD CONSTRAINT appointments_check CHECK (starts < ends OR starts = 0 AND ends = 0);

DROP INDEX appointments_that_lapse;
CREATE INDEX appointments_that_lapse ON appointments (expires) WHERE status IN ('reserve', 'demande', 'a_finaliser');
CREATE INDEX appointments_handed_on ON appointments (agenda, created) WHERE guarantee = 'orientation';

-- What a structure's consent has given for an agenda, sealed: the tokens of the other software.
CREATE TABLE grants (
	agenda TEXT PRIMARY KEY,
	sealed BYTEA NOT NULL
);
