-- Times are Unix milliseconds (UTC), but for starts and ends, which are Unix seconds as everywhere; 0 means "never".
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- One row, sealed when the schema was made: whoever cannot open it has not the secret of this ledger.
CREATE TABLE proof (
	sealed BYTEA NOT NULL
);

CREATE TABLE appointments (
	id          TEXT PRIMARY KEY,
	partner     TEXT NOT NULL,
	reference   TEXT NOT NULL,
	place       TEXT NOT NULL,
	agenda      TEXT NOT NULL,
	motif       TEXT NOT NULL, -- JSON, as it was when the slot was taken
	starts      BIGINT NOT NULL,
	ends        BIGINT NOT NULL,
	seats       BIGINT NOT NULL CHECK (seats > 0),
	status      TEXT NOT NULL,
	version     BIGINT NOT NULL,
	guarantee   TEXT NOT NULL,
	created     BIGINT NOT NULL,
	taken       BIGINT NOT NULL,
	modified    BIGINT NOT NULL,
	expires     BIGINT NOT NULL,
	extended    BIGINT NOT NULL,
	upstream    TEXT NOT NULL, -- JSON
	ended_by    TEXT NOT NULL, -- why is in the details: people write names there
	-- An appointment through its moves.
	chain       TEXT NOT NULL,
	replaces    TEXT NOT NULL,
	replacing   BIGINT NOT NULL,
	replaced_by TEXT NOT NULL,
	CHECK (starts < ends)
);

CREATE INDEX appointments_of_partner ON appointments (partner, modified, id);
CREATE INDEX appointments_of_place ON appointments (place, ends);
CREATE INDEX appointments_that_lapse ON appointments (expires) WHERE status IN ('reserve', 'demande');
CREATE INDEX appointments_that_end ON appointments (ends);
-- At most one is to take an appointment's place at a time.
CREATE UNIQUE INDEX appointments_that_replace ON appointments (replaces) WHERE replacing = 1;

-- One row per seat for as long as the appointment occupies its slot. A session is what may share a time: one
-- appointment, or one group slot. A chain is one appointment through its moves.
CREATE TABLE claims (
	session     TEXT NOT NULL,
	seat        BIGINT NOT NULL,
	appointment TEXT NOT NULL REFERENCES appointments (id),
	agenda      TEXT NOT NULL,
	starts      BIGINT NOT NULL,
	ends        BIGINT NOT NULL, -- with the buffer of the motif
	chain       TEXT NOT NULL,
	during      INT8RANGE GENERATED ALWAYS AS (int8range(starts, ends)) STORED,
	PRIMARY KEY (session, seat),
	CHECK (starts < ends),
	CONSTRAINT no_overlap EXCLUDE USING gist (agenda WITH =, during WITH &&, session WITH <>, chain WITH <>)
);

CREATE INDEX claims_of_appointment ON claims (appointment);
CREATE INDEX claims_of_agenda ON claims (agenda, ends);

-- Personal data, sealed, apart from everything else; the data key of each is in another schema.
CREATE TABLE details (
	appointment TEXT PRIMARY KEY REFERENCES appointments (id),
	sealed      BYTEA NOT NULL,
	key         TEXT NOT NULL
);

CREATE TABLE keys (
	partner     TEXT NOT NULL,
	digest      BYTEA NOT NULL,
	request     BYTEA NOT NULL,
	status      BIGINT NOT NULL,
	appointment TEXT NOT NULL,
	refusal     TEXT NOT NULL, -- JSON; empty unless the call was refused in the end
	created     BIGINT NOT NULL,
	PRIMARY KEY (partner, digest)
);
CREATE INDEX keys_of_appointment ON keys (appointment);

-- What is owed to an agenda: written before the first byte leaves, gone once the outcome is kept.
CREATE TABLE debts (
	appointment  TEXT PRIMARY KEY REFERENCES appointments (id),
	action       TEXT NOT NULL,
	digest       BYTEA, -- of the key of the call that asked for it
	since        BIGINT NOT NULL,
	due          BIGINT NOT NULL, -- not before; a lease moves it
	lease        TEXT NOT NULL,
	attempts     BIGINT NOT NULL,
	absences     BIGINT NOT NULL,
	absent_since BIGINT NOT NULL
);
CREATE INDEX debts_due ON debts (due);

-- What people are to be told.
CREATE TABLE outbox (
	id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	appointment TEXT NOT NULL REFERENCES appointments (id),
	recipient   TEXT NOT NULL,
	topic       TEXT NOT NULL,
	channel     TEXT NOT NULL,
	state       TEXT NOT NULL,
	created     BIGINT NOT NULL,
	version     BIGINT NOT NULL,
	due         BIGINT NOT NULL, -- not before; a lease moves it
	lease       TEXT NOT NULL,
	attempts    BIGINT NOT NULL
);
CREATE INDEX outbox_of_appointment ON outbox (appointment);
CREATE INDEX outbox_due ON outbox (id) WHERE state = 'en_attente';

-- One row for as long as a partner's person is expected: two that overlap are one person twice, unless that is meant.
CREATE TABLE persons (
	appointment TEXT PRIMARY KEY REFERENCES appointments (id),
	person      TEXT NOT NULL, -- keyed digest, per partner
	starts      BIGINT NOT NULL,
	ends        BIGINT NOT NULL,
	chain       TEXT NOT NULL,
	again       BIGINT NOT NULL,
	during      INT8RANGE GENERATED ALWAYS AS (int8range(starts, ends)) STORED,
	CONSTRAINT nobody_twice EXCLUDE USING gist (person WITH =, during WITH &&, chain WITH <>) WHERE (again = 0)
);

-- Every change, without content. The position is given by one sequencer after the commit.
CREATE TABLE log (
	id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	position    BIGINT, -- from 1, of the partner
	partner     TEXT NOT NULL,
	appointment TEXT NOT NULL,
	status      TEXT NOT NULL,
	version     BIGINT NOT NULL,
	erased      BIGINT NOT NULL,
	shown       BIGINT NOT NULL, -- 0 for holds: no feed speaks of them
	at          BIGINT NOT NULL
);
-- The last position that each partner was given, for the log's own rows do not stay for ever. The row without a partner
-- is who gives positions now.
CREATE TABLE sequence (
	partner TEXT PRIMARY KEY,
	last    BIGINT NOT NULL
);
INSERT INTO sequence (partner, last) VALUES ('', 0);
CREATE INDEX log_unsequenced ON log (id) WHERE position IS NULL AND shown = 1;
CREATE UNIQUE INDEX log_of_partner ON log (partner, position) WHERE shown = 1;
CREATE INDEX log_of_appointment ON log (appointment);

-- Who did what, when, on what basis; no content.
CREATE TABLE audit (
	id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at          BIGINT NOT NULL,
	who         TEXT NOT NULL,
	what        TEXT NOT NULL,
	appointment TEXT NOT NULL,
	basis       TEXT NOT NULL
);
CREATE INDEX audit_of_appointment ON audit (appointment);

CREATE TABLE partners (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	scopes     TEXT NOT NULL,
	secrets    TEXT NOT NULL, -- JSON: HMACs, never a secret
	created    BIGINT NOT NULL,
	not_before BIGINT NOT NULL,
	revoked    BIGINT NOT NULL
);

CREATE TABLE connections (
	agenda   TEXT PRIMARY KEY,
	identity TEXT UNIQUE, -- connector and canonical address: one diary is one agenda; NULL where there is no address
	version  BIGINT NOT NULL,
	origin   TEXT NOT NULL,
	sealed   BYTEA NOT NULL -- addresses of feeds are secrets
);

CREATE TABLE webhooks (
	id       TEXT PRIMARY KEY,
	partner  TEXT NOT NULL,
	sealed   BYTEA NOT NULL, -- address and signing secret
	created  BIGINT NOT NULL,
	position BIGINT NOT NULL, -- of the last entry that is done with
	attempts BIGINT NOT NULL, -- at the next one
	failing  BIGINT NOT NULL, -- since when
	due      BIGINT NOT NULL, -- not before; a lease moves it
	lease    TEXT NOT NULL,
	disabled BIGINT NOT NULL
);
CREATE INDEX webhooks_of_partner ON webhooks (partner, created, id);

CREATE TABLE deliveries (
	id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	webhook  TEXT NOT NULL,
	position BIGINT NOT NULL,
	at       BIGINT NOT NULL,
	status   BIGINT NOT NULL, -- HTTP; 0 when there was no answer
	outcome  TEXT NOT NULL,
	took     BIGINT NOT NULL -- milliseconds
);
CREATE INDEX deliveries_of_webhook ON deliveries (webhook, id);

-- What an agenda shows of an appointment that it keeps, where that is not what stands here; starts is 0 when it is gone.
CREATE TABLE sightings (
	appointment TEXT PRIMARY KEY REFERENCES appointments (id),
	starts      BIGINT NOT NULL,
	ends        BIGINT NOT NULL,
	since       BIGINT NOT NULL
);

CREATE INDEX appointments_of_chain ON appointments (chain);
CREATE INDEX appointments_of_agenda ON appointments (agenda, starts) WHERE status = 'confirme';
