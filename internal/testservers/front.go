package testservers

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// front is the web server that a SOGo stands behind, as the configuration that it ships for Apache has it: it hands on
// what is under /SOGo, each request on a connection of its own, because SOGo closes one without saying so; and it tells
// where the calendars are (RFC 6764, 5). Its methods are called from one goroutine at a time.
type front struct {
	own, behind string // host:port
	server      *http.Server
}

func (f *front) open() error {
	if f == nil || f.server != nil {
		return nil
	}
	listener, err := net.Listen("tcp", f.own)
	if err != nil {
		return fmt.Errorf("testservers: %w", err)
	}
	paths := http.NewServeMux()
	paths.Handle("/.well-known/caldav", http.RedirectHandler("/SOGo/dav/", http.StatusMovedPermanently))
	paths.Handle("/SOGo/", &httputil.ReverseProxy{
		Transport: &http.Transport{DisableKeepAlives: true},
		ErrorLog:  log.New(io.Discard, "", 0), // it answers 502
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: f.behind})
			r.Out.Host = r.In.Host
		},
	})
	f.server = &http.Server{Handler: paths, ErrorLog: log.New(io.Discard, "", 0)}
	go func(s *http.Server) { _ = s.Serve(listener) }(f.server) // ends with close
	return nil
}

// end answers whom it is answering, and closes.
func (f *front) end() {
	if f == nil || f.server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), endGuard)
	defer cancel()
	_ = f.server.Shutdown(ctx)
	f.close()
}

// close cuts off who is being answered.
func (f *front) close() {
	if f == nil || f.server == nil {
		return
	}
	_ = f.server.Close()
	f.server = nil
}
