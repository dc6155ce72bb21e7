package directory

import (
	"net/url"
	"strings"
)

// linkKey is what two writings of one web address have in common: http is https, the host has no case nor default
// port, a slash at the end of the path says nothing. Path and query keep their case. What is no web address is itself.
func linkKey(raw string) string {
	raw = clean(raw)
	address := raw
	if !strings.Contains(address, ":") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return raw
	}
	if scheme := strings.ToLower(u.Scheme); scheme != "http" && scheme != "https" {
		return raw
	}
	host := strings.ToLower(u.Host)
	for _, port := range []string{":80", ":443"} {
		host = strings.TrimSuffix(host, port)
	}
	key := host + strings.TrimRight(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		key += "?" + u.RawQuery
	}
	if u.Fragment != "" {
		key += "#" + u.EscapedFragment()
	}
	return key
}
