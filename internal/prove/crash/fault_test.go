package crash

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/prove"
	"passerelle/internal/prove/gateway"
)

// Planted fault: a ledger that acknowledges, and commits a moment later. The same comparison finds a lost booking.
func TestAnAcknowledgementBeforeTheCommitIsSeen(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	o := gateway.Options{Reader: programs.Reader(t), Program: programs.Build(t, "failpoints"), Folder: t.TempDir(), Places: 4}
	r, err := newRig(t.Context(), o, "faute", random)
	if err != nil {
		t.Fatal(err)
	}
	defer r.caller.Close()
	most := prove.Size(8, 30)
	for n := range most {
		e := ending{after: time.Duration(20_000+random.IntN(latest*1000)) * time.Microsecond}
		if err := r.live(t.Context(), e, nil, "PASSERELLE_FAULT_ACKNOWLEDGED=20ms"); err != nil {
			t.Fatal(err)
		}
		v, err := r.compare(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Lost) > 0 {
			t.Logf("%d bookings lost at kill %d", len(v.Lost), n+1)
			return
		}
	}
	t.Errorf("planted fault: nothing was lost in %d kills", most)
}

// The program as it is shipped knows none of the variables by which a proof stops it or breaks a promise.
func TestTheShippedProgramCannotBeStoppedAtAPoint(t *testing.T) {
	for _, c := range []struct {
		tags  []string
		knows bool
	}{{nil, false}, {[]string{"failpoints"}, true}} {
		text, err := os.ReadFile(programs.Build(t, c.tags...))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"PASSERELLE_FAILPOINT", "PASSERELLE_FAULT_SYNCHRONOUS", "PASSERELLE_FAULT_ACKNOWLEDGED"} {
			if bytes.Contains(text, []byte(name)) != c.knows {
				t.Errorf("built with %q: it knows %s: %v", c.tags, name, !c.knows)
			}
		}
	}
}

// What the comparison must call wrong, row by row.
func TestTheComparisonSees(t *testing.T) {
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	i := gateway.Want("x", 1, "slot")
	answer := gateway.Answer{Status: 201, Body: fmt.Appendf(nil, `{"id":"a","statut":"confirme","creneau":{"debut":%q,"fin":%q}}`,
		start.Format(time.RFC3339), start.Add(time.Hour).Format(time.RFC3339))}
	row := func(change func(*booking.Appointment)) booking.Appointment {
		a := booking.Appointment{ID: "a", Reference: i.Reference, Status: booking.Confirmed, Details: &booking.Details{
			Beneficiary: booking.Beneficiary{FirstName: booking.Name(i.First), LastName: booking.Name(i.Last), Phone: booking.Phone(i.Phone)},
			Need:        booking.Need{Details: booking.Words("Précisions de " + i.Reference)},
		}}
		a.Start, a.End = start.Unix(), start.Add(time.Hour).Unix()
		change(&a)
		return a
	}
	good := row(func(*booking.Appointment) {})
	for name, c := range map[string]struct {
		rows []booking.Appointment
		sees bool
	}{
		"as it was told": {[]booking.Appointment{good}, false},
		"no row":         {nil, true},
		"another id":     {[]booking.Appointment{row(func(a *booking.Appointment) { a.ID = "b" })}, true},
		"a hold only":    {[]booking.Appointment{row(func(a *booking.Appointment) { a.Status = booking.Held })}, true},
		"no details":     {[]booking.Appointment{row(func(a *booking.Appointment) { a.Details = nil })}, true},
		"another person": {[]booking.Appointment{row(func(a *booking.Appointment) { a.Details.Beneficiary.LastName = "Autre" })}, true},
		"another time":   {[]booking.Appointment{row(func(a *booking.Appointment) { a.Start -= 900 })}, true},
		"two rows":       {[]booking.Appointment{good, row(func(a *booking.Appointment) { a.ID = "b" })}, true},
	} {
		account := gateway.NewAccount()
		if err := account.Told(i, answer); err != nil {
			t.Fatal(err)
		}
		if err := gateway.Against(c.rows, account.All(), nil).Err(); (err != nil) != c.sees {
			t.Errorf("%s: %v", name, err)
		}
	}
	account := gateway.NewAccount()
	other := answer
	other.Body = []byte(`{"id":"b","statut":"confirme"}`)
	if errors.Join(account.Told(i, answer), account.Told(i, other)) == nil {
		t.Error("one key with two appointments is not seen")
	}
}
