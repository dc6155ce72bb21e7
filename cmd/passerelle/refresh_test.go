package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// The program reads agendas by itself: a search answers from what it knows.
func TestAgendasAreReadThoughNobodyAsks(t *testing.T) {
	read := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(feed))
		read <- struct{}{}
	}))
	defer server.Close()
	x := newTerminal(t)
	x.mailing(somePlaces)
	x.ok("agenda", "add", x.file("a.yaml", "- {id: abonne, connecteur: ics, adresse: \""+server.URL+"/a.ics\", lieux: [l1], avis: accueil@example.org}\n"))
	_, stop := x.start("the gateway serves", "serve")
	defer stop()
	select {
	case <-read:
	case <-time.After(time.Minute):
		t.Error("nobody asked, and the agenda was not read")
	}
}
