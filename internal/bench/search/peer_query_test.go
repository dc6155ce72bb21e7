package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The question that a peer is asked, ready for each way of asking where: it ranks as the program does. With a point: rings of 5,
// 15 and 30 km, in each the earliest slot first, then what can be done there, then the nearest; else what can be done there, the
// earliest, the name. $1 are labels, $2 is now.
const (
	asking = `
WITH found AS MATERIALIZED (
  SELECT p.number, p.id, p.name, p.commune, p.postal, p.address, p.phone, p.lat, p.lon, %s, f.starts AS first,
    CASE WHEN f.starts IS NULL THEN p.kind ELSE 0 END AS can, count(*) OVER () AS total
  FROM %s
  LEFT JOIN LATERAL (
    SELECT starts FROM slots WHERE place = p.number AND starts >= $2 AND starts < $2 + interval '14 days' ORDER BY starts LIMIT 1
  ) f ON true
  WHERE p.labels @> $1::int[] AND %s
  ORDER BY %s LIMIT 20
)
SELECT found.id, found.name, found.commune, found.postal, found.address, found.phone, found.lat, found.lon, found.km, found.total, s.starts, s.ends, s.motif
FROM found LEFT JOIN LATERAL (
  SELECT starts, ends, motif FROM slots WHERE place = found.number AND starts >= $2 AND starts < $2 + interval '14 days' ORDER BY starts LIMIT 3
) s ON true
ORDER BY %s, s.starts`

	byPoint = `CASE WHEN km <= 5 THEN 0 WHEN km <= 15 THEN 1 WHEN km <= 30 THEN 2 ELSE 3 END, first NULLS LAST, can, km, id`
	byName  = `can, first NULLS LAST, number`
	spot    = `(SELECT ll_to_earth($3::float8, $4::float8) AS here OFFSET 0) q
    JOIN LATERAL (SELECT *, earth_distance(at, q.here) / 1000 AS km FROM places WHERE at <@ earth_box(q.here, $5::float8 * 1000)) p ON true`
)

// peer is PostgreSQL, asked through database/sql.
type peer struct {
	db     *sql.DB
	labels map[string]int32 // numbers of labels

	point, postal, department, text *sql.Stmt
}

func newPeer(t *testing.T, db *sql.DB, labels map[string]int32) *peer {
	t.Helper()
	p := &peer{db: db, labels: labels}
	elsewhere := func(where string) string {
		return fmt.Sprintf(asking, "NULL::float8 AS km", "places p", where, byName, byName)
	}
	for into, statement := range map[**sql.Stmt]string{
		&p.point:      fmt.Sprintf(asking, "p.km", spot, "p.km <= $5", byPoint, byPoint),
		&p.postal:     elsewhere("p.postal = $3"),
		&p.department: elsewhere("p.department = $3"),
		&p.text:       elsewhere("p.said @@ to_tsquery('simple', $3)"),
	} {
		var err error
		if *into, err = db.PrepareContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return p
}

// answer is what it says: places with their first slots, and how many there are in all.
func (p *peer) answer(ctx context.Context, q question) (places []shown, total int, err error) {
	rows, err := p.query(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id, name, commune, postal, address, phone string
		var lat, lon float64
		var km sql.NullFloat64
		var starts, ends sql.NullTime
		var motif sql.NullString
		if err := rows.Scan(&id, &name, &commune, &postal, &address, &phone, &lat, &lon, &km, &total, &starts, &ends, &motif); err != nil {
			return nil, 0, err
		}
		if len(places) == 0 || places[len(places)-1].id != id {
			places = append(places, shown{id: id})
		}
		if last := &places[len(places)-1]; starts.Valid {
			last.starts = append(last.starts, starts.Time.Unix())
		}
	}
	return places, total, rows.Err()
}

func (p *peer) query(ctx context.Context, q question) (*sql.Rows, error) {
	labels, now := []int32{}, time.Now()
	for _, label := range []string{q.service, q.programme} {
		if label != "" {
			labels = append(labels, p.labels[label]) // 0 is no place's
		}
	}
	switch {
	case q.radiusKM > 0:
		return p.point.QueryContext(ctx, labels, now, q.lat, q.lon, q.radiusKM)
	case q.postal != "":
		return p.postal.QueryContext(ctx, labels, now, q.postal)
	case q.department != "":
		return p.department.QueryContext(ctx, labels, now, q.department)
	}
	words := strings.Fields(folded(q.text))
	for i, w := range words {
		words[i] = w + ":*"
	}
	return p.text.QueryContext(ctx, labels, now, strings.Join(words, " & "))
}
