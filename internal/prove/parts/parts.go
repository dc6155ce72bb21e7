package parts

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/booking/agendas"
	"passerelle/booking/availability"
	"passerelle/booking/directory"
	"passerelle/booking/ledger"
	"passerelle/connectors"
)

// Options are what a proof chooses.
type Options struct {
	Now         func() time.Time
	Places      []string // ids of places in Crest, open every day from 8 to 20
	Connectors  []connectors.Connector
	Connections []booking.Connection
	HTTP        *http.Client                        // of the connectors; nil where they need none
	Kept        ledger.Options                      // where it is kept, but for keys and clock; zero: in a file of the test's
	Opened      *ledger.Ledger                      // where it is kept, open already; nil: as Kept says
	Ledger      func(booking.Ledger) booking.Ledger // stands between the Service and the ledger; nil: nothing does
	Random      io.Reader                           // nil: as the Service chooses
	BookIn      time.Duration                       // what a booking, and a reading, waits for its agenda; zero: as the Service chooses
	AnswerIn    time.Duration                       // what a search waits for its slowest agenda; zero: as the Service chooses
}

// Open puts the parts together until the test ends.
func Open(t testing.TB, o Options) (*booking.Service, *ledger.Ledger) {
	t.Helper()
	folder, logger, kept := t.TempDir(), slog.New(slog.DiscardHandler), o.Opened
	if kept == nil {
		kept = open(t, folder, o)
	}
	set, err := agendas.Open(t.Context(), agendas.Options{
		Store: kept, Registry: connectors.NewRegistry(o.Connectors...), Env: connectors.Env{HTTP: o.HTTP, Logger: logger, Now: o.Now},
	})
	if err == nil {
		err = set.Seed(t.Context(), o.Connections)
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "lieux.csv")
	if err := os.WriteFile(file, list(o.Places), 0o600); err != nil {
		t.Fatal(err)
	}
	where, err := directory.Open(t.Context(), []string{file}, directory.Options{Now: o.Now, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	ids := Slots(t)
	reader := availability.New(availability.Options{Claims: kept, Slots: ids, Logger: logger, Now: o.Now, ReadIn: o.BookIn, HolidaysAsUsual: true})
	t.Cleanup(reader.Close)
	var seen booking.Ledger = kept
	if o.Ledger != nil {
		seen = o.Ledger(kept)
	}
	service, err := booking.New(booking.Options{
		Directory: where, Agendas: set, Availability: reader, Ledger: seen, Slots: ids, Logger: logger, Now: o.Now, PersonKey: key(),
		Random: o.Random, BookIn: o.BookIn, AnswerIn: o.AnswerIn,
	})
	if err != nil {
		t.Fatal(err)
	}
	return service, kept
}

func open(t testing.TB, folder string, o Options) *ledger.Ledger {
	t.Helper()
	o.Kept.Keys, o.Kept.Now = [][]byte{key()}, o.Now
	if o.Kept.Path == "" && o.Kept.URL == "" {
		o.Kept.Path = filepath.Join(folder, "r.db")
	}
	kept, err := ledger.Open(t.Context(), o.Kept)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return kept
}

// Slots names slots as the Service does.
func Slots(t testing.TB) *booking.SlotSigner {
	t.Helper()
	slots, err := booking.NewSlotSigner(key())
	if err != nil {
		t.Fatal(err)
	}
	return slots
}

func key() []byte { return bytes.Repeat([]byte{1}, 32) }

func list(ids []string) []byte {
	var b bytes.Buffer
	b.WriteString("id,nom,commune,code_postal,adresse,latitude,longitude,telephone,horaires,services,modalites_acces,prise_rdv\n")
	for _, id := range ids {
		b.WriteString(id + ",Lieu,Crest,26400,1 rue A,44.7286,5.0222,+33465710001,\"Mo-Su 08:00-20:00\",,,\n")
	}
	return b.Bytes()
}
