package rdvsptest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"syscall"
	"time"
)

// attempts is how often a webhook is tried. After the nth failure it waits n⁴ seconds: eight days in all.
const attempts = 20

// delivery is one webhook on its way.
type delivery struct {
	endpoint int
	body     []byte
	due      time.Time
	tried    int
}

// Delivered is one try of a webhook.
type Delivered struct {
	Target string
	Body   []byte
	Try    int // the first is 1
	Status int // 0 when there was no answer
	Err    error
}

// Deliver sends what is due by the clock of the instance and returns each try. Nothing is sent otherwise, so a test
// decides when. What is not answered by a 2xx stays, for later.
func (s *Server) Deliver() []Delivered {
	var tries []Delivered
	for _, d := range s.due() {
		try := s.send(d)
		tries = append(tries, try)
		if try.Status/100 == 2 || d.tried == attempts {
			continue
		}
		s.mu.Lock()
		d.due = s.now().Add(time.Duration(d.tried*d.tried*d.tried*d.tried) * time.Second)
		s.outbox = append(s.outbox, d)
		s.mu.Unlock()
	}
	return tries
}

// Undelivered is how many webhooks still wait.
func (s *Server) Undelivered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.outbox)
}

// due takes what is due out of the outbox.
func (s *Server) due() []*delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var ready []*delivery
	s.outbox = slices.DeleteFunc(s.outbox, func(d *delivery) bool {
		if d.due.After(now) {
			return false
		}
		ready = append(ready, d)
		return true
	})
	if s.webhooks.Backwards {
		slices.Reverse(ready)
	}
	return ready
}

// send goes where the endpoint is now, under its secret of now: a body may be older than both.
func (s *Server) send(d *delivery) Delivered {
	s.mu.Lock()
	to := *s.endpoints[d.endpoint]
	s.mu.Unlock()
	d.tried++
	try := Delivered{Target: to.target, Body: d.body, Try: d.tried}
	q, err := http.NewRequest(http.MethodPost, to.target, bytes.NewReader(d.body))
	if err != nil {
		try.Err = err
		return try
	}
	q.Header.Set("Content-Type", "application/json; charset=utf-8")
	q.Header.Set(SignatureHeader, Sign(to.secret, d.body))
	answer, err := s.sender.Do(q)
	if err != nil {
		try.Err = err
		return try
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	try.Status = answer.StatusCode
	return try
}

// SignatureHeader bears the signature of a webhook.
const SignatureHeader = "X-Lapin-Signature"

// Sign is the signature of a body as it is sent: HMAC-SHA256 under the endpoint's secret, in hexadecimal.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// loopbackClient waits ten seconds, as the software does, follows no redirect, and never leaves the machine.
func loopbackClient() *http.Client {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return errors.New("rdvsptest: only loopback")
		}
		return nil
	}}
	return &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{DialContext: dialer.DialContext},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
