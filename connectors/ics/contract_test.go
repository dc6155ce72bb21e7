package ics

import (
	"fmt"
	"strings"
	"testing"

	"passerelle/connectors"
	"passerelle/connectors/connectorstest"
	"passerelle/connectors/interval"
)

// vevent is an event with some lines of its own.
func vevent(uid string, i interval.Interval, lines string) string {
	const stamp = "20060102T150405Z"
	return "BEGIN:VEVENT\r\nUID:" + uid + "@exemple.fr\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:" + i.StartTime().Format(stamp) + "\r\nDTEND:" + i.EndTime().Format(stamp) +
		"\r\n" + lines + "END:VEVENT\r\n"
}

func TestTheContract(t *testing.T) {
	feed := connectorstest.Document{
		Connector: Connector, Path: "/s3cr3t.ics", Secret: "s3cr3t", Basis: connectors.Busy,
		Text: func(events []string) string {
			return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple//FR\r\n" + strings.Join(events, "") + "END:VCALENDAR\r\n"
		},
		Taken: func(n int, i interval.Interval) string { return vevent(fmt.Sprint(n), i, "") },
		Spoil: func(i interval.Interval) string { return vevent("flou", i, "RRULE:FREQ=NEVER\r\n") },
	}
	t.Run("events are busy time", func(t *testing.T) { connectorstest.Run(t, feed.Harness()) })

	feed.Settings, feed.Basis = `{"ouvertures":{"categorie":"Permanence"}}`, connectors.Open
	feed.Free = func(n int, i interval.Interval) string { return vevent(fmt.Sprint(n), i, "CATEGORIES:Permanence\r\n") }
	t.Run("events are openings", func(t *testing.T) { connectorstest.Run(t, feed.Harness()) })
}
