package ledger

import (
	"slices"
	"strings"
	"testing"

	"passerelle/booking"
)

// What is counted every few seconds is counted by an index, however many appointments there are.
func TestWhatIsInDoubtIsFoundByItsIndex(t *testing.T) {
	l, _ := newLedger(t)
	var plan []string
	err := l.read.rows(t.Context(), func(r rowScanner) error {
		var id, parent, unused int
		var step string
		err := r.Scan(&id, &parent, &unused, &step)
		plan = append(plan, step)
		return err
	}, "EXPLAIN QUERY PLAN SELECT status, count(*) FROM appointments WHERE "+inDoubt+" GROUP BY status")
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(plan, "; "); !strings.Contains(text, "appointments_in_doubt") {
		t.Errorf("the plan is %q", text)
	}
}

func TestWhatIsInDoubtIsWhatTheDomainSays(t *testing.T) {
	for _, s := range booking.Statuses() {
		if named := strings.Contains(inDoubt, "'"+string(s)+"'"); named != s.Doubtful() {
			t.Errorf("%s: counted %t, in doubt %t", s, named, s.Doubtful())
		}
	}
	for _, folder := range []string{"sqlite/0011.sql", "postgres/0010.sql"} {
		text, err := schema.ReadFile("schema/" + folder)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(strings.Split(strings.TrimSuffix(strings.TrimSpace(string(text)), ";"), " WHERE "), inDoubt) {
			t.Errorf("%s has another index than what is asked for", folder)
		}
	}
}
