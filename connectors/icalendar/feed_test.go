package icalendar

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"passerelle/connectors/interval"
)

func subscribed(n int) Feed {
	f := Feed{Name: "Rendez-vous ; Médiathèque", Refresh: 5 * time.Minute}
	for i := range n {
		m := message()
		m.Method, m.UID = "", m.UID+strings.Repeat("x", i)
		m.Start, m.End = m.Start+int64(i)*3600, m.End+int64(i)*3600
		f.Events = append(f.Events, m)
	}
	return f
}

func TestAFeedIsReadBackEventByEvent(t *testing.T) {
	for n := range 4 {
		f := subscribed(n)
		var out bytes.Buffer
		if err := WriteFeed(&out, f); err != nil {
			t.Fatal(err)
		}
		all := message().Interval
		c, err := Read(out.Bytes(), interval.Interval{Start: all.Start - day, End: all.End + day}, Options{})
		if err != nil || len(c.Occurrences) != n || !c.Complete() || c.Skipped.Lines > 0 {
			t.Fatalf("%d events are read back as %+v, %v\n%s", n, c, err, out.String())
		}
		for i, o := range c.Occurrences {
			if o.UID != f.Events[i].UID || o.Interval != f.Events[i].Interval || o.Summary != f.Events[i].Summary {
				t.Errorf("event %d is read back as %v %+v", i, o.Interval, *o.Event)
			}
		}
		for _, line := range []string{`NAME:Rendez-vous \; Médiathèque`, `X-WR-CALNAME:Rendez-vous \; Médiathèque`, "REFRESH-INTERVAL;VALUE=DURATION:PT5M", "X-PUBLISHED-TTL:PT5M"} {
			if !strings.Contains(out.String(), "\r\n"+line+"\r\n") {
				t.Errorf("%q is not in\n%s", line, out.String())
			}
		}
		if strings.Contains(out.String(), "METHOD") {
			t.Error("a feed invites somebody")
		}
	}
}

func TestAFeedRefusesWhatItCannotWrite(t *testing.T) {
	for what, spoil := range map[string]func(*Feed){
		"no name":          func(f *Feed) { f.Name = " \x00" },
		"no refresh":       func(f *Feed) { f.Refresh = 0 },
		"one UID twice":    func(f *Feed) { f.Events[1].UID = f.Events[0].UID },
		"an invitation":    func(f *Feed) { f.Events[1].Method = "REQUEST" },
		"an event without": func(f *Feed) { f.Events[1].Stamp = time.Time{} },
	} {
		f := subscribed(2)
		spoil(&f)
		var out bytes.Buffer
		if err := WriteFeed(&out, f); err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes written", what, err, out.Len())
		}
	}
}
