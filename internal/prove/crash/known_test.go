package crash

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"passerelle/internal/prove/gateway"
)

// shown is what a caller is told of the slots of a place.
type shown struct {
	State string    `json:"etat"`
	Read  time.Time `json:"observe_le"`
	Slots []struct {
		ID    string
		Start time.Time `json:"debut"`
	} `json:"creneaux"`
}

func (s shown) starts() (out []time.Time) {
	for _, x := range s.Slots {
		out = append(out, x.Start)
	}
	return out
}

func show(t *testing.T, c *gateway.Caller) (s shown) {
	t.Helper()
	tomorrow := time.Now().AddDate(0, 0, 1)
	a, err := c.Call(t.Context(), http.MethodGet, "/v1/lieux/l1/creneaux?debut="+tomorrow.Format(time.DateOnly)+"&fin="+tomorrow.AddDate(0, 0, 1).Format(time.DateOnly), "", nil)
	if err == nil {
		err = json.Unmarshal(a.Body, &s)
	}
	if err != nil || a.Status != http.StatusOK {
		t.Fatalf("%v, %v: %s", a, err, a.Body)
	}
	return s
}

// until looks again until it is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	guard := time.After(pointIn)
	for !so() {
		select {
		case <-guard:
			t.Fatalf("%s: it does not come to be", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// A run that was killed leaves what it knew to the next one, with its age; not what it had promised, which the ledger keeps.
func TestWhatWasKnownOutlivesTheProgram(t *testing.T) {
	tomorrow := time.Now().UTC().AddDate(0, 0, 1).Format("20060102")
	feed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:%[1]sT100000Z\r\nDTEND:%[1]sT160000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", tomorrow)
	}))
	defer feed.Close()
	folder := t.TempDir()
	files := map[string]string{
		"lieux.csv": "id,nom,commune,code_postal,adresse,latitude,longitude,services,horaires\nl1,Lieu,Crest,26400,1 rue,44.7286,5.0222,Aide aux démarches administratives,Mo-Su 08:00-20:00\n",
		"a.yaml":    "agendas:\n- {id: a, connecteur: ics, adresse: \"" + feed.URL + "/a.ics\", lieux: [l1], avis: accueil@example.org, motifs: [{id: m, libelle: Motif, duree_min: 60}]}\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	site, err := gateway.NewSite(gateway.Options{Program: programs.Build(t), Folder: t.TempDir(), Environment: map[string]string{
		"PASSERELLE_LIEUX": filepath.Join(folder, "lieux.csv"), "PASSERELLE_CONFIG": filepath.Join(folder, "a.yaml"), "PASSERELLE_FRAICHEUR": "1s", "PASSERELLE_PEREMPTION": "1m",
		"PASSERELLE_EGRESS_HOTES_HTTP": "127.0.0.1", "PASSERELLE_EGRESS_ADRESSES_AUTORISEES": "127.0.0.1",
		"PASSERELLE_COURRIEL_SERVEUR": "smtp://127.0.0.1:1", "PASSERELLE_COURRIEL_EXPEDITEUR": "rdv@example.org",
	}})
	if err != nil {
		t.Fatal(err)
	}
	partner, err := site.NewPartner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := gateway.NewCaller(partner)
	defer c.Close()
	p, err := site.Serve(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Kill() }()
	free := show(t, c)
	if free.State != "a_jour" || len(free.Slots) == 0 {
		t.Fatalf("at first it shows %+v", free)
	}
	taken := free.Slots[0]
	body, _ := json.Marshal(map[string]string{"creneau_id": taken.ID})
	if a, err := c.Call(t.Context(), http.MethodPost, "/v1/reservations", "reserve", body); err != nil || a.Status != http.StatusCreated {
		t.Fatalf("a hold: %v, %v: %s", a, err, a.Body)
	}
	feed.Close()
	var before shown
	until(t, "it notices that the feed is gone", func() bool { before = show(t, c); return before.State == "perime" })
	since := time.Now()
	until(t, "it keeps what it knows", func() bool {
		about, err := os.Stat(filepath.Join(site.Data(), "lectures"))
		return err == nil && about.ModTime().After(since)
	})
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if p, err = site.Serve(c, nil); err != nil {
		t.Fatal(err)
	}
	after := show(t, c)
	if after.State != "perime" || !after.Read.Equal(before.Read) || !slices.EqualFunc(after.starts(), before.starts(), time.Time.Equal) {
		t.Errorf("after the start it shows %+v, before %+v\n%s", after, before, p.Log())
	}
	if len(after.Slots) != len(free.Slots)-1 || slices.ContainsFunc(after.starts(), taken.Start.Equal) {
		t.Errorf("of %v, of which %v was taken, it shows %v", free.starts(), taken.Start, after.starts())
	}
}
