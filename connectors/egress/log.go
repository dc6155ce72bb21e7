package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// logAnswer says nothing of path, query or content: they may be somebody's secret.
func (w *wire) logAnswer(r *http.Response, c call, bytes int64) {
	if !w.options.Logger.Enabled(c.Context(), slog.LevelDebug) {
		return
	}
	w.options.Logger.LogAttrs(c.Context(), slog.LevelDebug, "egress: answer",
		slog.String("host", c.host),
		slog.String("method", c.Method),
		slog.Int("status", r.StatusCode),
		slog.Duration("duration", w.options.Now().Sub(c.start)),
		slog.Int64("bytes", bytes))
}

func (w *wire) logFailure(r *http.Request, start time.Time, err error) {
	host := ""
	if r.URL != nil {
		host = r.URL.Hostname()
	}
	w.options.Logger.LogAttrs(r.Context(), slog.LevelDebug, "egress: failure",
		slog.String("host", host),
		slog.String("method", r.Method),
		slog.Duration("duration", w.options.Now().Sub(start)),
		slog.String("cause", cause(err)))
}

// cause is the text of an error if it can only speak of the connection; of others, which may quote the other
// side, it is the type.
func cause(err error) string {
	_, network := errors.AsType[net.Error](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	if refusedOrSpared(err) || network || certificate || errors.Is(err, context.Canceled) {
		return err.Error()
	}
	return fmt.Sprintf("%T", err)
}
