package rdvsptest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

const secret = "secret-of-webhooks"

// endpoint installs one as an agent would, and returns the answer.
func (w *world) endpoint(token, target string, subscriptions ...string) reply {
	w.t.Helper()
	return w.ask(token, "POST", fmt.Sprintf("/api/v1/organisations/%d/webhook_endpoints", w.mine.ID), map[string]any{
		"target_url": target, "secret": secret, "subscriptions": subscriptions,
	})
}

// receiver is who gets webhooks; status is what it answers.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	got    []notice
	onPost func()
}

type notice struct {
	header http.Header
	body   []byte
	data   map[string]any
	meta   map[string]any
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		n := notice{header: q.Header, body: body}
		var whole struct{ Data, Meta map[string]any }
		if err := json.Unmarshal(body, &whole); err != nil {
			t.Errorf("%v: %s", err, body)
		}
		n.data, n.meta = whole.Data, whole.Meta
		r.mu.Lock()
		r.got = append(r.got, n)
		status, then := r.status, r.onPost
		r.mu.Unlock()
		if then != nil {
			then()
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) take() []notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}

func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// told are the events of notices, with the status that each shows.
func told(list []notice) string {
	var all []string
	for _, n := range list {
		all = append(all, fmt.Sprintf("%v %v %v", n.meta["model"], n.meta["event"], n.data["status"]))
	}
	return strings.Join(all, ", ")
}
