package icalendar

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	ical "github.com/emersion/go-ical"
)

// Feed is a calendar that programs subscribe to.
type Feed struct {
	Name    string        // what they call it; required
	Refresh time.Duration // how often they may look; required, whole minutes
	Events  []Message     // no two with one UID, and none with a Method: nobody is invited by a calendar
}

// WriteFeed writes a Feed, as Write writes one Message.
func WriteFeed(w io.Writer, f Feed) error {
	name, uids := printable(f.Name), make(map[string]bool, len(f.Events))
	if name == "" || f.Refresh < time.Minute {
		return errors.New("icalendar: feed: Name or Refresh is missing")
	}
	events := make([]*ical.Component, len(f.Events))
	for i, m := range f.Events {
		if m.Method != "" || uids[m.UID] {
			return errors.New("icalendar: feed: an event has a Method, or another's UID")
		}
		uids[m.UID] = true
		var err error
		if events[i], err = m.event(); err != nil {
			return err
		}
	}
	if len(events) == 0 {
		events = append(events, universalTime())
	}
	calendar := newCalendar(events...)
	calendar.Props.SetText(ical.PropName, name) // RFC 7986 §5.1; most programs read the older name
	calendar.Props.Set(&ical.Prop{Name: "X-WR-CALNAME", Params: ical.Params{}, Value: calendar.Props.Get(ical.PropName).Value})
	often := "PT" + strconv.Itoa(int(f.Refresh/time.Minute)) + "M"
	calendar.Props.Set(&ical.Prop{Name: ical.PropRefreshInterval, Params: ical.Params{ical.ParamValue: {"DURATION"}}, Value: often})
	calendar.Props.Set(&ical.Prop{Name: "X-PUBLISHED-TTL", Params: ical.Params{}, Value: often})
	if err := encode(w, calendar); err != nil {
		return fmt.Errorf("icalendar: feed: %w", err)
	}
	return nil
}

// universalTime stands in a calendar that has no event: one has a component at least (RFC 5545 §3.6).
func universalTime() *ical.Component {
	standard := ical.NewComponent(ical.CompTimezoneStandard)
	for name, value := range map[string]string{
		ical.PropDateTimeStart: "19700101T000000", ical.PropTimezoneOffsetFrom: "+0000", ical.PropTimezoneOffsetTo: "+0000",
	} {
		standard.Props.Set(&ical.Prop{Name: name, Params: ical.Params{}, Value: value})
	}
	zone := ical.NewComponent(ical.CompTimezone)
	zone.Props.SetText(ical.PropTimezoneID, "Etc/UTC")
	zone.Children = append(zone.Children, standard)
	return zone
}
