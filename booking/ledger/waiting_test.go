package ledger

import (
	"slices"
	"strings"
	"testing"

	"passerelle/booking"
)

// What is asked every few seconds is answered by an index of what it is about, however much there is besides.
func TestWhatIsAskedOftenGoesThroughWhatItIsAboutOnly(t *testing.T) {
	l, _ := newLedger(t)
	for query, index := range map[string]string{
		"SELECT status, count(*) FROM appointments WHERE " + inDoubt + " GROUP BY status": "appointments_in_doubt",
		anyUnsequenced(l.read.dialect): "log_unsequenced",
		numbering(l.read.dialect):      "log_unsequenced",
	} {
		var plan []string
		err := l.read.rows(t.Context(), func(r rowScanner) error {
			var id, parent, unused int
			var step string
			err := r.Scan(&id, &parent, &unused, &step)
			plan = append(plan, step)
			return err
		}, "EXPLAIN QUERY PLAN "+query)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(plan, "; ")
		if !strings.Contains(text, index) || strings.Contains(text, "log_of_partner") {
			t.Errorf("the plan of %s is %q", query, text)
		}
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
