// Package testservers starts the real programs (PostgreSQL, Redis, its Sentinel and its Cluster, the calendar servers
// Radicale, Xandikos, SabreDAV and SOGo, the OpenID Connect provider oidc-provider, and the browser Chromium) on loopback
// for a test, each in a folder of its own under the system's folder for temporary files, and ends them with the test.
// Where a program is not installed the test skips; in CI (the variable CI is "true") that is a failure.
//
// No program survives the test binary, not even one that is killed: on Linux each gets a signal when its parent dies,
// and what leaves children behind has a watch beside it that ends them. Nothing is shared between two servers, and
// nothing is kept between two runs.
//
// A name server of our own stands beside them, for what names may do to us: no program lets a test change its mind; and a
// mail server that hands a test what it took. Scrape reads what a Prometheus would.
//
// It owns processes, ports and folders. It must not know what the tests do with the servers: it speaks to them through
// their own programs (psql, redis-cli), to calendar servers with one PROPFIND, to the OpenID Connect provider as the
// browser of who signs in, and imports no driver. Only tests import it.
package testservers
