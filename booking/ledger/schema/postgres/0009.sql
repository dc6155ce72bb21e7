-- What was searched for and how it ended, counted by day: nothing of who searched.
CREATE TABLE searches (
	day     TEXT NOT NULL, -- YYYY-MM-DD, in Paris
	epci    TEXT NOT NULL, -- empty: the search lies in none, or in several
	service TEXT NOT NULL, -- of the standard; empty: none was asked for
	outcome TEXT NOT NULL,
	wait    TEXT NOT NULL, -- until the first slot; empty without one
	number  BIGINT NOT NULL,
	PRIMARY KEY (day, epci, service, outcome, wait)
);
-- What was added already.
CREATE TABLE search_batches (
	id  TEXT PRIMARY KEY,
	day TEXT NOT NULL -- when
);
