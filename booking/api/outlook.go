package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// The public file of what is free where, which anybody may copy: /v1/disponibilites.json and .csv.
const (
	editionEvery = time.Minute      // how often it is made at most, and how long copies of it may be kept
	editionIn    = 10 * time.Second // what the ledger may take, of which a part may be asked
)

// outlook keeps its latest edition. It is made when somebody asks, once for all who wait; no agenda is read for it.
type outlook struct {
	mu     sync.Mutex
	latest *edition
}

// edition gives the latest edition, after a new one if that is old.
func (s *server) edition(ctx context.Context) (*edition, error) {
	s.outlook.mu.Lock()
	defer s.outlook.mu.Unlock()
	now, last := s.Now(), s.outlook.latest
	if last != nil && now.Sub(last.made) < editionEvery {
		return last, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), editionIn) // the others wait for it too
	defer cancel()
	found, err := s.Service.Outlooks(ctx)
	if err != nil {
		return nil, err
	}
	made, err := last.follow(found, s.PublicURL, now)
	if err != nil {
		return nil, fmt.Errorf("api: outlook: %w", err)
	}
	s.outlook.latest = made
	return made, nil
}

// getOutlook writes the latest edition as JSON: of the lines, those that have changed since a position, where one is named.
func (s *server) getOutlook(c *gin.Context) {
	e, err := s.edition(c.Request.Context())
	if err != nil {
		s.refuse(c, err)
		return
	}
	if lines, known := e.since(c.Query("apres")); known {
		c.Header("Content-Type", "application/json")
		sendEdition(c, e, packed(e.json(false, lines), gzip.BestSpeed))
		return
	}
	c.Header("Content-Type", "application/json")
	sendEdition(c, e, e.whole)
}

// getOutlookCSV writes the latest edition as a table.
func (s *server) getOutlookCSV(c *gin.Context) {
	e, err := s.edition(c.Request.Context())
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.Header("Content-Type", "text/csv; charset=utf-8")
	sendEdition(c, e, e.table)
}

// fromAnywhere lets a script of any site read the answer, and a refusal with what says when to ask again (Fetch, CORS protocol).
func fromAnywhere(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Access-Control-Expose-Headers", "ETag, RateLimit, RateLimit-Policy, Retry-After")
}

// sendEdition sends what is kept compressed: it is the same for all who ask and holds no secret (docs/decisions/0034).
func sendEdition(c *gin.Context, e *edition, body []byte) {
	tag := `W/"` + e.position() + `"` // of both codings
	c.Header("ETag", tag)
	c.Header("Last-Modified", e.made.UTC().Format(http.TimeFormat))
	c.Header("Cache-Control", fmt.Sprintf("public, max-age=%d", seconds(editionEvery)))
	c.Header("Vary", "Accept-Encoding")
	if hasTag(c.Request, tag) {
		c.Status(http.StatusNotModified)
		return
	}
	if takesGzip(c.Request) {
		c.Header("Content-Encoding", "gzip")
		c.Header("Content-Length", strconv.Itoa(len(body)))
		_, _ = c.Writer.Write(body) // who has left is not told
		return
	}
	plain, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return // we have packed it ourselves
	}
	_, _ = io.Copy(c.Writer, plain) // #nosec G110 -- we have packed it ourselves
}

// hasTag reports whether the caller says that it has this already (RFC 9110 §13.1.2).
func hasTag(r *http.Request, tag string) bool {
	for known := range strings.SplitSeq(strings.Join(r.Header.Values("If-None-Match"), ","), ",") {
		if known = strings.TrimSpace(known); known == "*" || strings.TrimPrefix(known, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// takesGzip reports whether the caller can read gzip (RFC 9110 §12.5.3).
func takesGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, weight, weighed := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return !weighed || err == nil && q > 0
		}
	}
	return false
}

// packed is a text as gzip has it. Writing to memory does not fail, and the levels are ours.
func packed(text []byte, level int) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, level)
	_, _ = z.Write(text)
	_ = z.Close()
	return b.Bytes()
}
