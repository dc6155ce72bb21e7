package agendas

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// What a structure grants is its agenda's alone, and outlives the program.
func TestWhatIsGrantedIsKeptWithTheAgenda(t *testing.T) {
	_, l := newSet(t)
	open := func() map[string]connectors.State {
		grants := make(map[string]connectors.State)
		s, err := Open(t.Context(), Options{
			Store: l, Env: connectors.Env{HTTP: &http.Client{}, Logger: slog.New(slog.DiscardHandler), Now: time.Now},
			Registry: connectors.NewRegistry(connectors.Connector{Name: "guichet", Open: func(c connectors.Connection, env connectors.Env) (connectors.Agenda, error) {
				grants[c.Address] = env.Grant
				return nil, nil
			}}),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"un", "deux"} {
			if _, err := s.Put(t.Context(), booking.Connection{
				Connection: connectors.Connection{Connector: "guichet", Address: "https://" + name + ".example.org/", Zone: time.UTC}, Agenda: name, Places: []string{"a"},
			}); err != nil {
				t.Fatal(err)
			}
		}
		return grants
	}
	grants := open()
	if had, err := grants["https://un.example.org/"].Load(t.Context()); had != nil || err != nil {
		t.Errorf("%q is granted before anybody agreed, %v", had, err)
	}
	if err := grants["https://un.example.org/"].Save(t.Context(), []byte("jeton")); err != nil {
		t.Fatal(err)
	}
	again := open()
	if has, err := again["https://un.example.org/"].Load(t.Context()); string(has) != "jeton" || err != nil {
		t.Errorf("%q is granted, %v", has, err)
	}
	if has, err := again["https://deux.example.org/"].Load(t.Context()); has != nil || err != nil {
		t.Errorf("the other agenda was granted %q, %v", has, err)
	}
}
