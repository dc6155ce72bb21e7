// Package calendar holds the programs that run.sh compares: this project's reader of calendars, go-ical with
// rrule-go, and libical. It is a module of its own, so that the program depends on nothing that is only compared.
//
// Each program takes a file and a number of seconds, reads the year 2026 of the file in Europe/Paris (text to
// occurrences, nothing kept from one time to the next) again and again for that long, and prints the median time in
// milliseconds and the number of occurrences.
package calendar
