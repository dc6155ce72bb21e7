-- Times are Unix milliseconds (UTC), but for starts and ends, which are Unix seconds as everywhere; 0 means "never".

-- One row, sealed when the file was made: whoever cannot open it has not the secret of this ledger.
CREATE TABLE proof (
	sealed BLOB NOT NULL
) STRICT;

CREATE TABLE appointments (
	id           TEXT PRIMARY KEY,
	partner      TEXT NOT NULL,
	reference    TEXT NOT NULL,
	place        TEXT NOT NULL,
	agenda       TEXT NOT NULL,
	motif        TEXT NOT NULL, -- JSON, as it was when the slot was taken
	starts       INTEGER NOT NULL,
	ends         INTEGER NOT NULL,
	seats        INTEGER NOT NULL CHECK (seats > 0),
	status       TEXT NOT NULL,
	version      INTEGER NOT NULL,
	guarantee    TEXT NOT NULL,
	created      INTEGER NOT NULL,
	taken        INTEGER NOT NULL,
	modified     INTEGER NOT NULL,
	expires      INTEGER NOT NULL,
	extended     INTEGER NOT NULL,
	upstream     TEXT NOT NULL, -- JSON
	ended_by     TEXT NOT NULL, -- why is in the details: people write names there
	CHECK (starts < ends)
) STRICT;

CREATE INDEX appointments_of_partner ON appointments (partner, modified, id);
CREATE INDEX appointments_of_place ON appointments (place, ends);
CREATE INDEX appointments_that_lapse ON appointments (expires) WHERE status IN ('reserve', 'demande');

-- One row per seat for as long as the appointment occupies its slot. A session is what may share a time: one
-- appointment, or one group slot. A chain is one appointment through its moves.
CREATE TABLE claims (
	session     TEXT NOT NULL,
	seat        INTEGER NOT NULL,
	appointment TEXT NOT NULL REFERENCES appointments (id),
	agenda      TEXT NOT NULL,
	starts      INTEGER NOT NULL,
	ends        INTEGER NOT NULL, -- with the buffer of the motif
	chain       TEXT NOT NULL,
	PRIMARY KEY (session, seat),
	CHECK (starts < ends)
) STRICT, WITHOUT ROWID;

CREATE INDEX claims_of_appointment ON claims (appointment);
CREATE INDEX claims_of_agenda ON claims (agenda, ends);

CREATE TRIGGER no_overlap BEFORE INSERT ON claims BEGIN
	SELECT RAISE(ABORT, 'overlap') WHERE EXISTS (
		SELECT 1 FROM claims
		WHERE agenda = NEW.agenda AND ends > NEW.starts AND starts < NEW.ends
		AND session <> NEW.session AND chain <> NEW.chain
	);
END;

CREATE TRIGGER claims_never_move BEFORE UPDATE ON claims BEGIN
	SELECT RAISE(ABORT, 'a claim is never changed');
END;

-- Personal data, sealed, apart from everything else.
CREATE TABLE details (
	appointment TEXT PRIMARY KEY REFERENCES appointments (id),
	sealed      BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
	partner     TEXT NOT NULL,
	digest      BLOB NOT NULL,
	request     BLOB NOT NULL,
	status      INTEGER NOT NULL,
	appointment TEXT NOT NULL,
	refusal     TEXT NOT NULL, -- JSON; empty unless the call was refused in the end
	created     INTEGER NOT NULL,
	PRIMARY KEY (partner, digest)
) STRICT, WITHOUT ROWID;

-- What is owed to an agenda: written before the first byte leaves, gone once the outcome is kept.
CREATE TABLE commands (
	appointment TEXT PRIMARY KEY REFERENCES appointments (id),
	action      TEXT NOT NULL,
	digest      BLOB, -- of the key of the call that asked for it
	created     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What people are to be told.
CREATE TABLE outbox (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	appointment TEXT NOT NULL REFERENCES appointments (id),
	recipient   TEXT NOT NULL,
	topic       TEXT NOT NULL,
	channel     TEXT NOT NULL,
	state       TEXT NOT NULL,
	created     INTEGER NOT NULL
) STRICT;

CREATE INDEX outbox_of_appointment ON outbox (appointment);
CREATE INDEX outbox_due ON outbox (id) WHERE state = 'en_attente';

CREATE TABLE partners (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	scopes     TEXT NOT NULL,
	secrets    TEXT NOT NULL, -- JSON: HMACs, never a secret
	created    INTEGER NOT NULL,
	not_before INTEGER NOT NULL,
	revoked    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE connections (
	agenda   TEXT PRIMARY KEY,
	identity TEXT UNIQUE, -- connector and canonical address: one diary is one agenda; NULL where there is no address
	version  INTEGER NOT NULL,
	origin   TEXT NOT NULL,
	sealed   BLOB NOT NULL -- addresses of feeds are secrets
) STRICT, WITHOUT ROWID;
