package instances

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"passerelle/internal/prove"
	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

// longest is how long a slot may be shown by another instance after it was taken: a second is promised, and the machine may
// be busy with other things.
const longest = 5 * time.Second

// A slot that is taken is not in the next answer of the instance that took it, and soon in no other's; one that is given back
// is shown again likewise.
func TestASlotThatIsTakenIsGoneFromEveryInstance(t *testing.T) {
	rounds := prove.Size(8, 60)
	site, err := gateway.NewSite(gateway.Options{Program: programs.Build(t), Folder: t.TempDir(), Database: testservers.Postgres(t), Places: 1})
	if err != nil {
		t.Fatal(err)
	}
	reader, slots, err := site.Prepare(t.Context(), days)
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	f := newFleet(t, site, newLying(t).url(), processes, reader.Partner)
	shows := func(i *instance, slot string) bool {
		t.Helper()
		found, err := i.caller.Slots(t.Context(), time.Now(), days, site.Places...)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Contains(found, slot)
	}
	for _, i := range f { // what it has in memory from here on
		if !shows(i, slots[0]) {
			t.Fatal("an instance does not show the slots")
		}
	}
	worst := time.Duration(0)
	becomes := func(n int, slot string, shown bool) {
		t.Helper()
		if shows(f[n%processes], slot) != shown {
			t.Errorf("round %d: the instance itself still says shown = %t", n, !shown)
		}
		begun := time.Now()
		for _, other := range f {
			for shows(other, slot) != shown {
				if time.Since(begun) > longest {
					t.Fatalf("round %d: another instance says shown = %t after %v", n, !shown, time.Since(begun))
				}
			}
		}
		worst = max(worst, time.Since(begun))
	}
	for n := range rounds {
		i := gateway.Want("partout", n, slots[n])
		got, err := f.ask(t.Context(), n, http.MethodPost, "/v1/rendez-vous", i.Key, i.Body())
		if err != nil || got.Status != http.StatusCreated {
			t.Fatalf("round %d: %v %v", n, got, err)
		}
		becomes(n, slots[n], false)
		if n%4 > 0 {
			continue
		}
		got, err = f.ask(context.WithoutCancel(t.Context()), n+1, http.MethodPost, "/v1/rendez-vous/"+got.Text("id")+"/annulation", "fin-"+i.Key, []byte(`{"par":"prescripteur","raison":"empêchement"}`))
		if err != nil || got.Status != http.StatusOK {
			t.Fatalf("round %d: %v %v", n, got, err)
		}
		becomes(n+1, slots[n], true)
	}
	t.Logf("%d slots taken; the last of %d instances knew after %v at most", rounds, processes, worst.Round(time.Millisecond))
}
