package native

import (
	"encoding/json"
	"testing"

	"passerelle/connectors"
	"passerelle/connectors/connectorstest"
	"passerelle/connectors/interval"
)

// Nobody but the ledger takes time here: there is no server to fail, and nobody to come before us.
func TestTheContract(t *testing.T) {
	connectorstest.Run(t, connectorstest.Harness{
		Guarantee: connectors.Atomic,
		Basis:     connectors.Open,
		New: func(t testing.TB, env connectors.Env, free ...interval.Interval) connectors.Agenda {
			t.Helper()
			// One opening that is over: settings that open nothing would leave the place's own hours in force.
			s := Settings{Exceptions: []Exception{{Start: "2020-01-01T09:00", End: "2020-01-01T10:00", Open: true}}}
			for _, f := range free {
				const minute = "2006-01-02T15:04"
				s.Exceptions = append(s.Exceptions, Exception{Start: f.StartTime().Format(minute), End: f.EndTime().Format(minute), Open: true})
			}
			text, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			a, err := Connector.Open(connectors.Connection{Settings: text}, env)
			if err != nil {
				t.Fatal(err)
			}
			return a
		},
	})
}
