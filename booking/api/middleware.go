package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
)

// maxBody is how much a request may hold.
const maxBody = 64 << 10

// Names under which middleware leaves what it found in the gin context.
const (
	keyRequestID = "request_id"
	keyPartner   = "partner"
)

var callersID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestID names the request in the answer and in the log: the caller's name if it is harmless, else one of ours.
func requestID(c *gin.Context) {
	id := c.GetHeader("X-Request-Id")
	if !callersID.MatchString(id) {
		id = rand.Text()
	}
	c.Set(keyRequestID, id)
	c.Header("X-Request-Id", id)
}

// log writes a line per request: the route, never the query, the path's values or the body.
func (s *server) log(c *gin.Context) {
	start := s.Now()
	c.Next()
	took := s.Now().Sub(start)
	s.measure.tell(c.Request.Method, c.FullPath(), c.Writer.Status(), took)
	s.Logger.LogAttrs(c.Request.Context(), slog.LevelInfo, "request",
		slog.String("methode", c.Request.Method), slog.String("route", c.FullPath()), slog.Int("statut", c.Writer.Status()),
		slog.Duration("duree", took.Round(time.Microsecond)), slog.String("partenaire", c.GetString(keyPartner)),
		slog.String("request_id", c.GetString(keyRequestID)))
}

// recover answers for a handler that panicked, and says where in the log.
func (s *server) recover(c *gin.Context) {
	defer func() {
		if v := recover(); v != nil {
			s.Logger.Error("panic", "err", fmt.Sprint(v), "pile", string(debug.Stack()), "request_id", c.GetString(keyRequestID))
			s.refuse(c, fmt.Errorf("api: panic: %v", v))
		}
	}()
	c.Next()
}

// headersOf sets those of every answer. Their values are shared: whoever adds to one gets a list of its own. With those that tell
// of an answer they are eight, which is what a small map holds: a ninth took a kilobyte of memory for each call (measured).
func headersOf() gin.HandlerFunc {
	fixed := map[string][]string{
		"Cache-Control":           {"no-store"},
		"X-Content-Type-Options":  {"nosniff"},
		"Content-Security-Policy": {"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"},
	}
	return func(c *gin.Context) { maps.Copy(c.Writer.Header(), fixed) }
}

// unreferred is of what a browser shows: the address of a page may be a secret, and is told to nobody.
func unreferred(c *gin.Context) { c.Header("Referrer-Policy", "no-referrer") }

// limit reads the body, which is small or refused, so that all that follows may look at it.
func (s *server) limit(most int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.Request.Body == nil || c.Request.Body == http.NoBody || probe(c) {
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, most))
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			s.refuse(c, errTooLarge)
			return
		}
		if err != nil {
			s.refuse(c, unreadable(err))
			return
		}
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), bodyKey{}, body))
	}
}

// bodyKey is where limit leaves the body, as it came.
type bodyKey struct{}
