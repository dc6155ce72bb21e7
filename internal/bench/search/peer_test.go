package search

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib" // also the driver "pgx"

	"passerelle/internal/testservers"
)

// schema is what somebody makes who knows PostgreSQL: places with their spot on the globe, labels and words; slots in the order
// in which they are asked for. The numbers of places are the order of their names, as the program lists them.
const schema = `
CREATE EXTENSION cube;
CREATE EXTENSION earthdistance;
CREATE OR REPLACE FUNCTION earth() RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 6371008.8::float8';
CREATE TABLE places (
  number int PRIMARY KEY, id text COLLATE "C" NOT NULL, name text NOT NULL, commune text NOT NULL, postal text NOT NULL, department text NOT NULL,
  address text NOT NULL, phone text NOT NULL, lat float8 NOT NULL, lon float8 NOT NULL, labels int[] NOT NULL, words text NOT NULL, kind int NOT NULL,
  at earth GENERATED ALWAYS AS (ll_to_earth(lat, lon)) STORED, said tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED
);
CREATE TABLE slots (place int NOT NULL, starts timestamptz NOT NULL, ends timestamptz NOT NULL, motif text NOT NULL, seats int NOT NULL);`

// indexes are made, and statistics taken, once everything is there.
var indexes = []string{
	`CREATE INDEX ON places USING gist (at)`, `CREATE INDEX ON places (postal)`, `CREATE INDEX ON places (department)`,
	`CREATE INDEX ON places USING gin (said)`, `CREATE INDEX ON places USING gin (labels)`,
	`ALTER TABLE slots ADD PRIMARY KEY (place, starts) INCLUDE (ends, motif, seats)`,
	`VACUUM ANALYZE places`, `VACUUM ANALYZE slots`,
}

// settings are those of a server that has a machine to itself and all its data in memory, and is asked short questions.
var settings = []string{
	"shared_buffers=512MB", "effective_cache_size=4GB", "work_mem=16MB", "random_page_cost=1.1", "jit=off", "max_parallel_workers_per_gather=0",
}

// record is a row of the table of places, with its slots.
type record struct {
	id, name, commune, postal, department, address, phone string
	lat, lon                                              float64
	labels                                                []int32
	words                                                 string // folded, of its name and commune
	kind                                                  int    // how it ranks without slots: 1 has a link, 2 can be called, written or come to, 3 none of it
	slots                                                 []slot
}

// fill starts a server that holds the records.
func fill(t *testing.T, records []record) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", testservers.StartPostgres(t, settings...).NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.ExecContext(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	if err := copyIn(t.Context(), db, records); err != nil {
		t.Fatal(err)
	}
	for _, statement := range indexes {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return db
}

func copyIn(ctx context.Context, db *sql.DB, records []record) error {
	var places, slots [][]any
	for i, r := range records {
		places = append(places, []any{i, r.id, r.name, r.commune, r.postal, r.department, r.address, r.phone, r.lat, r.lon, r.labels, r.words, r.kind})
		for _, s := range r.slots {
			slots = append(slots, []any{i, s.Start, s.End, s.Motif.ID, 1})
		}
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		c := driver.(*stdlib.Conn).Conn()
		columns := []string{"number", "id", "name", "commune", "postal", "department", "address", "phone", "lat", "lon", "labels", "words", "kind"}
		if _, err := c.CopyFrom(ctx, pgx.Identifier{"places"}, columns, pgx.CopyFromRows(places)); err != nil {
			return fmt.Errorf("places: %w", err)
		}
		columns = []string{"place", "starts", "ends", "motif", "seats"}
		_, err := c.CopyFrom(ctx, pgx.Identifier{"slots"}, columns, pgx.CopyFromRows(slots))
		return err
	})
}
