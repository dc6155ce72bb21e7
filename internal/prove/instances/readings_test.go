package instances

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

// feed is a calendar that counts how often it is read, and is taken all day from an hour on that may change.
type feed struct {
	*httptest.Server
	reads atomic.Int64
	until atomic.Int64 // taken from midnight until that hour (UTC)
	day   time.Time
}

func newFeed(t *testing.T) *feed {
	t.Helper()
	f := &feed{day: time.Now().UTC().AddDate(0, 0, 2)}
	f.until.Store(10)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		f.reads.Add(1)
		fmt.Fprintf(w, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:%[1]sT000000Z\r\nDTEND:%[1]sT%02[2]d0000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			f.day.Format("20060102"), f.until.Load())
	}))
	t.Cleanup(f.Close)
	return f
}

// site is one place whose agenda is the feed.
func (f *feed) site(t *testing.T, database string) *gateway.Site {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"lieux.csv": "id,nom,commune,code_postal,adresse,latitude,longitude,services,horaires\nl1,Lieu,Crest,26400,1 rue,44.7286,5.0222,Aide aux démarches administratives,Mo-Su 00:00-24:00\n",
		"a.yaml":    "agendas:\n- {id: flux, connecteur: ics, adresse: \"" + f.URL + "/a.ics\", lieux: [l1], avis: accueil@example.org, fuseau: UTC, motifs: [{id: m, libelle: Motif, duree_min: 60}]}\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	site, err := gateway.NewSite(gateway.Options{Program: programs.Build(t), Folder: t.TempDir(), Database: database, Environment: map[string]string{
		"PASSERELLE_LIEUX": filepath.Join(folder, "lieux.csv"), "PASSERELLE_CONFIG": filepath.Join(folder, "a.yaml"), "PASSERELLE_FRAICHEUR": fresh.String(),
		"PASSERELLE_EGRESS_HOTES_HTTP": "127.0.0.1", "PASSERELLE_EGRESS_ADRESSES_AUTORISEES": "127.0.0.1",
		"PASSERELLE_COURRIEL_SERVEUR": "smtp://127.0.0.1:1", "PASSERELLE_COURRIEL_EXPEDITEUR": "rdv@example.org",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// fresh is how long a reading is fresh at each instance: an agenda that people are shown is read again before, this one by more than
// a tenth of that time, since what is due is looked for every second.
const fresh = 8 * time.Second

// first is the first free hour of the day, as an instance shows it, and how it is known.
func (f *feed) first(t *testing.T, i *instance) (hour int, state string) {
	t.Helper()
	a, err := i.caller.Call(t.Context(), http.MethodGet, "/v1/lieux/l1/creneaux?debut="+f.day.Format("2006-01-02T00:00:00Z")+"&fin="+f.day.AddDate(0, 0, 1).Format("2006-01-02T00:00:00Z"), "", nil)
	if err != nil || a.Status != http.StatusOK {
		t.Fatalf("%v, %v: %s", a, err, a.Body)
	}
	var shown struct {
		State string `json:"etat"`
		Slots []struct {
			Start time.Time `json:"debut"`
		} `json:"creneaux"`
	}
	if err := json.Unmarshal(a.Body, &shown); err != nil || len(shown.Slots) == 0 {
		t.Fatalf("%v: %s", err, a.Body)
	}
	return shown.Slots[0].Start.UTC().Hour(), shown.State
}

// Three instances that share a Redis read an agenda as often as one would. What one has read all show; and whatever becomes of the
// Redis, none answers otherwise than one that is alone.
func TestOneOfSeveralReadsForAll(t *testing.T) {
	f, redis := newFeed(t), testservers.StartRedis(t)
	site := f.site(t, testservers.Postgres(t))
	partner, err := site.NewPartner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := newFleet(t, site, "redis://"+redis.Addr, 3, partner)
	// watch looks at every instance for so long, and counts the readings; each shows want at the end, and nothing but was and want.
	watch := func(step string, periods int, was, want int) (reads int64) {
		t.Helper()
		before, end := f.reads.Load(), time.Now().Add(time.Duration(periods)*fresh)
		for time.Now().Before(end) {
			for n, i := range all {
				if hour, _ := f.first(t, i); hour != was && hour != want {
					t.Fatalf("%s: instance %d shows %d hours", step, n, hour)
				}
			}
			time.Sleep(100 * time.Millisecond)
		}
		reads = f.reads.Load() - before
		for n, i := range all {
			if !until(electIn, func() bool { hour, _ := f.first(t, i); return hour == want }) {
				t.Errorf("%s: instance %d does not show %d hours", step, n, want)
			}
		}
		t.Logf("%s: %d readings in %d times of freshness", step, reads, periods)
		return reads
	}
	for _, i := range all {
		f.first(t, i)
	}
	const periods = 2
	shared := watch("together", periods, 10, 10)
	if most := int64(2 * periods); shared > most { // three that are apart read more
		t.Errorf("together they read %d times in %d, at most %d", shared, periods, most)
	}
	f.until.Store(12)
	if reads := watch("a change", 1, 10, 12); reads > 3 { // nobody had to see it for itself
		t.Errorf("a change was read %d times", reads)
	}
	if said := redis.Says("OK", "FLUSHALL"); !said {
		t.Fatal("it does not forget")
	}
	watch("forgotten", 1, 12, 12)
	redis.Kill(t)
	f.until.Store(14)
	if apart := watch("apart", periods, 12, 14); apart <= 2*periods {
		t.Errorf("apart they read %d times in %d: the bound of what they read together proves nothing", apart, periods)
	}
	redis.Start(t)
	f.until.Store(16)
	watch("together again", 1, 14, 16)
}
