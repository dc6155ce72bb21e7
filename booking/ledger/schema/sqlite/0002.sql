-- An appointment through its moves.
ALTER TABLE appointments ADD COLUMN chain TEXT NOT NULL DEFAULT '';
ALTER TABLE appointments ADD COLUMN replaces TEXT NOT NULL DEFAULT '';
ALTER TABLE appointments ADD COLUMN replacing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE appointments ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';
UPDATE appointments SET chain = id;
-- At most one is to take an appointment's place at a time.
CREATE UNIQUE INDEX appointments_that_replace ON appointments (replaces) WHERE replacing = 1;
CREATE INDEX appointments_that_end ON appointments (ends);

CREATE INDEX claims_in_time ON claims (agenda, starts);

-- The data key of each: data_keys, in a file of its own. Empty for what was sealed before there were any.
ALTER TABLE details ADD COLUMN key TEXT NOT NULL DEFAULT '';

-- What is owed to an agenda: written before the first byte leaves, gone once the outcome is kept.
DROP TABLE commands;
CREATE TABLE debts (
	appointment  TEXT PRIMARY KEY REFERENCES appointments (id),
	action       TEXT NOT NULL,
	digest       BLOB, -- of the key of the call that asked for it
	since        INTEGER NOT NULL,
	due          INTEGER NOT NULL, -- not before; a lease moves it
	lease        TEXT NOT NULL,
	attempts     INTEGER NOT NULL,
	absences     INTEGER NOT NULL,
	absent_since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX debts_due ON debts (due);

ALTER TABLE outbox ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN due INTEGER NOT NULL DEFAULT 0; -- not before; a lease moves it
ALTER TABLE outbox ADD COLUMN lease TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;

-- One row for as long as a partner's person is expected: two that overlap are one person twice, unless that is meant.
CREATE TABLE persons (
	appointment TEXT PRIMARY KEY REFERENCES appointments (id),
	person      TEXT NOT NULL, -- keyed digest, per partner
	starts      INTEGER NOT NULL,
	ends        INTEGER NOT NULL,
	chain       TEXT NOT NULL,
	again       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX persons_expected ON persons (person, ends);

CREATE TRIGGER nobody_twice BEFORE INSERT ON persons WHEN NEW.again = 0 BEGIN
	SELECT RAISE(ABORT, 'same person') WHERE EXISTS (
		SELECT 1 FROM persons
		WHERE person = NEW.person AND again = 0 AND ends > NEW.starts AND starts < NEW.ends AND chain <> NEW.chain
	);
END;

-- Every change, without content. The position is given by one sequencer after the commit.
CREATE TABLE log (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	position    INTEGER, -- from 1, of the partner
	partner     TEXT NOT NULL,
	appointment TEXT NOT NULL,
	status      TEXT NOT NULL,
	version     INTEGER NOT NULL,
	erased      INTEGER NOT NULL,
	shown       INTEGER NOT NULL, -- 0 for holds: no feed speaks of them
	at          INTEGER NOT NULL
) STRICT;
-- The last position that each partner was given, for the log's own rows do not stay for ever. The row without a partner
-- is who gives positions now.
CREATE TABLE sequence (
	partner TEXT PRIMARY KEY,
	last    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO sequence (partner, last) VALUES ('', 0);
CREATE INDEX log_unsequenced ON log (id) WHERE position IS NULL AND shown = 1;
CREATE UNIQUE INDEX log_of_partner ON log (partner, position) WHERE shown = 1;
CREATE INDEX log_of_appointment ON log (appointment);

-- Who did what, when, on what basis; no content.
CREATE TABLE audit (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	at          INTEGER NOT NULL,
	who         TEXT NOT NULL,
	what        TEXT NOT NULL,
	appointment TEXT NOT NULL,
	basis       TEXT NOT NULL
) STRICT;
CREATE INDEX audit_of_appointment ON audit (appointment);

CREATE TABLE webhooks (
	id       TEXT PRIMARY KEY,
	partner  TEXT NOT NULL,
	sealed   BLOB NOT NULL, -- address and signing secret
	created  INTEGER NOT NULL,
	position INTEGER NOT NULL, -- of the last entry that is done with
	attempts INTEGER NOT NULL, -- at the next one
	failing  INTEGER NOT NULL, -- since when
	due      INTEGER NOT NULL, -- not before; a lease moves it
	lease    TEXT NOT NULL,
	disabled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhooks_of_partner ON webhooks (partner, created, id);

CREATE TABLE deliveries (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	webhook  TEXT NOT NULL,
	position INTEGER NOT NULL,
	at       INTEGER NOT NULL,
	status   INTEGER NOT NULL, -- HTTP; 0 when there was no answer
	outcome  TEXT NOT NULL,
	took     INTEGER NOT NULL -- milliseconds
) STRICT;
CREATE INDEX deliveries_of_webhook ON deliveries (webhook, id);

-- What an agenda shows of an appointment that it keeps, where that is not what stands here; starts is 0 when it is gone.
CREATE TABLE sightings (
	appointment TEXT PRIMARY KEY REFERENCES appointments (id),
	starts      INTEGER NOT NULL,
	ends        INTEGER NOT NULL,
	since       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX appointments_of_chain ON appointments (chain);
CREATE INDEX appointments_of_agenda ON appointments (agenda, starts) WHERE status = 'confirme';
