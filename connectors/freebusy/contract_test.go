package freebusy

import (
	"testing"

	"passerelle/connectors"
	"passerelle/connectors/connectorstest"
	"passerelle/connectors/interval"
)

// The free/busy time of one account for the frame of the suite, as Zimbra publishes it.
func TestTheContract(t *testing.T) {
	frame := []string{"DTSTART:" + connectorstest.Frame.StartTime().Format(stamp), "DTEND:" + connectorstest.Frame.EndTime().Format(stamp)}
	connectorstest.Run(t, connectorstest.Document{
		Connector: Connector, Path: "/home/s3cr3t/calendar.ifb", Secret: "s3cr3t", Basis: connectors.Busy,
		Text: func(lines []string) string { return answer(vfreebusy(append(frame, lines...)...)) },
		Taken: func(_ int, i interval.Interval) string {
			return "FREEBUSY;FBTYPE=BUSY:" + i.StartTime().Format(stamp) + "/" + i.EndTime().Format(stamp)
		},
		Spoil: func(i interval.Interval) string {
			return "FREEBUSY;FBTYPE=BUSY:" + i.StartTime().Format(stamp) + "/demain"
		},
	}.Harness())
}
