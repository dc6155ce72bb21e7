package egress

import (
	"net/http"
	"slices"
)

// readMethods change nothing at a server, however often they are asked (RFC 9110 §9.2.1, RFC 4918 §9.1, RFC 3253 §3.6).
var readMethods = []string{http.MethodGet, http.MethodHead, http.MethodOptions, "PROPFIND", "REPORT"}

func isRead(r *http.Request) bool { return slices.Contains(readMethods, r.Method) }
