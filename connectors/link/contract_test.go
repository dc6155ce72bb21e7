package link

import (
	"testing"

	"passerelle/connectors"
	"passerelle/connectors/connectorstest"
	"passerelle/connectors/interval"
)

// A page lists nothing and is asked nothing: a human goes there.
func TestTheContract(t *testing.T) {
	connectorstest.Run(t, connectorstest.Harness{
		Want:      connectors.Capabilities{Handoff: true},
		Guarantee: connectors.Handoff,
		New: func(t testing.TB, env connectors.Env, _ ...interval.Interval) connectors.Agenda {
			t.Helper()
			a, err := Connector.Open(connectors.Connection{Address: "https://www.exemple.fr/rendez-vous"}, env)
			if err != nil {
				t.Fatal(err)
			}
			return a
		},
	})
}
