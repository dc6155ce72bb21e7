package rdvsptest

import (
	"net/http"
	"net/http/httptest"
	"strconv"
)

// Fault is a way to fail, in place of the answer that work gives. What a fault says is held against no document.
type Fault func(w http.ResponseWriter, r *http.Request, work http.Handler)

// fault is one that is on; left is how often it still strikes, below zero for ever.
type fault struct {
	strike Fault
	left   int
}

// Break makes a route fail from now on, the given number of times, or until Mend if times is 0. The route is named as
// in routes.go: "POST /api/v1/users". A second fault of a route replaces the first.
func (s *Server) Break(pattern string, f Fault, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.routes() {
		if r.pattern == pattern {
			s.faults[pattern] = &fault{strike: f, left: times - 1}
			return
		}
	}
	s.t.Errorf("rdvsptest: no route %q to break", pattern)
}

// Mend ends the fault of a route.
func (s *Server) Mend(pattern string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.faults, pattern)
}

func (s *Server) faultOf(pattern string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.faults[pattern]
	if f == nil {
		return nil
	}
	if f.left == 0 {
		delete(s.faults, pattern)
	}
	f.left--
	return f.strike
}

// Status refuses with a status, and does not do the work. What is documented of the status is said.
func Status(status int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		a := refusal(status, http.StatusText(status))
		switch status {
		case http.StatusUnauthorized:
			a = unauthenticated()
		case http.StatusForbidden:
			a = forbidden()
		case http.StatusNotFound:
			a = notFound("Record")
		case http.StatusTooManyRequests:
			a = tooMany(windowSeconds)
		case http.StatusInternalServerError:
			a = internalError()
		}
		a.written().write(w)
	}
}

// Hang says nothing, and does not do the work, until whoever asks gives up or the server ends.
func Hang(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() }

// HangAfterwards does the work, then says nothing until whoever asks gives up or the server ends.
func HangAfterwards(_ http.ResponseWriter, r *http.Request, work http.Handler) {
	work.ServeHTTP(httptest.NewRecorder(), r)
	<-r.Context().Done()
}

// Lose does the work, and closes the connection without an answer.
func Lose(_ http.ResponseWriter, r *http.Request, work http.Handler) {
	work.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// Cut does the work, and closes the connection in the middle of the answer.
func Cut(w http.ResponseWriter, r *http.Request, work http.Handler) {
	whole := httptest.NewRecorder()
	work.ServeHTTP(whole, r)
	for name, values := range whole.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(whole.Body.Len()))
	w.WriteHeader(whole.Code)
	_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// Garbage does not do the work, and answers 200 with what is no JSON: the page of a proxy, say.
func Garbage(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	page(http.StatusOK, "Maintenance en cours").written().write(w)
}
