// Package directory owns the places: it reads the files of the national standard "standard-mediation-num" (CSV or
// JSON), completes what they leave out (INSEE code, time zone, aliases), finds places by id, by territory, by
// distance and by facet, and re-reads its sources while serving.
//
// What a file says wrongly is reported with its line and never costs more than its own row. Places are shared and
// never change once they are in a Directory: a new reading makes new ones and replaces all of them at once.
//
// It must not know of agendas, of what is free, of the ledger, nor of who asks.
package directory
