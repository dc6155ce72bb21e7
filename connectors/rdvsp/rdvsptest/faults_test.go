package rdvsptest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
)

func TestARouteFailsAsItIsTold(t *testing.T) {
	const route = "POST /api/v1/users"
	for name, c := range map[string]struct {
		fault   Fault
		status  int // 0 for no answer
		applied bool
	}{
		"unauthenticated": {Status(http.StatusUnauthorized), http.StatusUnauthorized, false},
		"forbidden":       {Status(http.StatusForbidden), http.StatusForbidden, false},
		"not there":       {Status(http.StatusNotFound), http.StatusNotFound, false},
		"too many":        {Status(http.StatusTooManyRequests), http.StatusTooManyRequests, false},
		"broken":          {Status(http.StatusInternalServerError), http.StatusInternalServerError, false},
		"of a proxy":      {Status(http.StatusBadGateway), http.StatusBadGateway, false},
		"garbage":         {Garbage, http.StatusOK, false},
		"lost":            {Lose, 0, true},
		"cut":             {Cut, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			token := w.signIn(w.agent)
			body := map[string]any{"organisation_ids": []int{w.mine.ID}, "first_name": "Denise", "last_name": "MOREAU", "email": "denise@exemple.fr"}
			w.Break(route, c.fault, 1)
			r, err := w.try(token, "POST", "/api/v1/users", body)
			switch {
			case c.status == 0 && err == nil:
				t.Errorf("answered %d %s", r.status, r.body)
			case c.status != 0 && (err != nil || r.status != c.status):
				t.Errorf("%d %v, want %d", r.status, err, c.status)
			case name == "too many" && r.header.Get("Retry-After") == "":
				t.Error("for how long?")
			case name == "garbage" && json.Valid(r.body):
				t.Errorf("%s is JSON", r.body)
			}
			if applied := len(w.Users()) == 1; applied != c.applied {
				t.Errorf("applied: %v, want %v", applied, c.applied)
			}
			after := http.StatusOK // the fault struck once
			if c.applied {
				after = http.StatusUnprocessableEntity
			}
			want(t, "then", w.ask(token, "POST", "/api/v1/users", body), after, "")
		})
	}
}

func TestARouteHangsUntilItIsGivenUp(t *testing.T) {
	for name, c := range map[string]struct {
		fault   Fault
		applied bool
	}{"before": {Hang, false}, "afterwards": {HangAfterwards, true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			token := w.signIn(w.agent)
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			left := make(chan error, 1)
			w.Break("POST /api/v1/users", func(out http.ResponseWriter, r *http.Request, work http.Handler) {
				if !c.applied {
					giveUp()
				}
				c.fault(out, r, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
					work.ServeHTTP(out, r)
					giveUp()
				}))
				left <- r.Context().Err()
			}, 0)
			body, _ := json.Marshal(map[string]any{"organisation_ids": []int{w.mine.ID}, "first_name": "D", "last_name": "M", "email": "d@exemple.fr"})
			q, _ := http.NewRequestWithContext(ctx, http.MethodPost, w.URL+"/api/v1/users", bytes.NewReader(body))
			q.Header.Set("Authorization", "Bearer "+token)
			q.Header.Set("Content-Type", "application/json")
			if _, err := send(q, w.Client().Transport); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if err := <-left; !errors.Is(err, context.Canceled) {
				t.Error("it did not wait to be given up")
			}
			if applied := len(w.Users()) == 1; applied != c.applied {
				t.Errorf("applied: %v, want %v", applied, c.applied)
			}
		})
	}
}

// TestAServerEndsWithWhoeverHangs would never end if it did not.
func TestAServerEndsWithWhoeverHangs(t *testing.T) {
	asked := make(chan struct{})
	done := make(chan error, 1)
	t.Run("server", func(t *testing.T) {
		w := newWorld(t, nil)
		w.Break("GET /robots.txt", func(out http.ResponseWriter, r *http.Request, work http.Handler) {
			close(asked)
			Hang(out, r, work)
		}, 0)
		q, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, w.URL+"/robots.txt", nil)
		go func() {
			_, err := send(q, w.Client().Transport)
			done <- err
		}()
		<-asked
	})
	<-done
}

func TestAFaultStrikesAsOftenAsItIsTold(t *testing.T) {
	w := newWorld(t, nil)
	ask := func() int { return w.ask("", "GET", "/robots.txt", nil).status }
	w.Break("GET /robots.txt", Status(http.StatusBadGateway), 2)
	if got := []int{ask(), ask(), ask()}; got[0] != 502 || got[1] != 502 || got[2] != 200 {
		t.Errorf("twice: %v", got)
	}
	w.Break("GET /robots.txt", Status(http.StatusBadGateway), 0)
	for range 3 {
		if got := ask(); got != 502 {
			t.Errorf("for ever: %d", got)
		}
	}
	w.Mend("GET /robots.txt")
	if got := ask(); got != 200 {
		t.Errorf("mended: %d", got)
	}
}
