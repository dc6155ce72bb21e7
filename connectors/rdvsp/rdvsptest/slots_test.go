package rdvsptest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// times are the clock times of slots.
func times(list []slot) string {
	var all []string
	for _, start := range starts(list) {
		all = append(all, start.Format("15:04"))
	}
	return strings.Join(all, " ")
}

func TestSlotsAreCutAsTheirsAre(t *testing.T) {
	type hours [4]int // from hour, minute, to hour, minute
	span := func(day int, h hours) (time.Time, time.Time) { return at(day, h[0], h[1]), at(day, h[2], h[3]) }
	for name, c := range map[string]struct {
		now      time.Time
		openings []hours
		rdvs     []hours
		absences []hours
		motif    Motif
		want     string
	}{
		"what does not fit is left":              {now: at(7, 8, 0), openings: []hours{{9, 0, 11, 20}}, want: "09:00 10:00"},
		"the first begins on a grid of its own":  {now: at(8, 15, 3), openings: []hours{{14, 0, 17, 0}, {18, 0, 21, 0}}, motif: Motif{MinDelay: 1}, want: "15:05 18:00 19:00 20:00"},
		"busy time is taken away":                {now: at(7, 8, 0), openings: []hours{{9, 0, 11, 0}}, rdvs: []hours{{9, 0, 10, 0}}, absences: []hours{{9, 15, 9, 45}}, want: "10:00"},
		"a delay does not move the grid":         {now: at(7, 15, 34), openings: []hours{{10, 0, 18, 0}}, motif: Motif{MinDelay: 24 * time.Hour}, want: "16:00 17:00"},
		"what touches does not overlap":          {now: at(7, 8, 0), openings: []hours{{9, 0, 12, 0}}, rdvs: []hours{{10, 0, 11, 0}}, want: "09:00 11:00"},
		"a shorter motif takes the other rhythm": {now: at(7, 8, 0), openings: []hours{{9, 0, 12, 0}}, rdvs: []hours{{9, 0, 10, 0}}, motif: Motif{Minutes: 45}, want: "10:00 10:45"},
		"two openings of one hour count once":    {now: at(7, 8, 0), openings: []hours{{9, 0, 10, 0}, {9, 0, 10, 0}}, want: "09:00"},
		"too late for today":                     {now: at(8, 8, 45), openings: []hours{{9, 0, 10, 0}}, want: ""},
		"what is too far is shown on its day":    {now: at(7, 10, 0), openings: []hours{{9, 0, 12, 0}}, motif: Motif{MaxDelay: 24 * time.Hour}, want: "09:00 10:00 11:00"},
		"and not on the next":                    {now: at(6, 23, 0), openings: []hours{{9, 0, 12, 0}}, motif: Motif{MaxDelay: 24 * time.Hour}, want: ""},
		"nothing is open":                        {now: at(7, 8, 0), want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(t, Options{Now: func() time.Time { return c.now }})
			m := s.AddMotif(c.motif)
			for _, h := range c.openings {
				from, to := span(8, h)
				s.AddOpening(Opening{Agent: 1, Motifs: []int{m.ID}, Start: from, End: to})
			}
			for _, h := range c.rdvs {
				from, to := span(8, h)
				s.AddRdv(Rdv{Motif: 99, Agent: 1, Start: from, Minutes: int(to.Sub(from).Minutes())})
				s.AddRdv(Rdv{Motif: 99, Agent: 1, Start: at(8, 9, 0), Minutes: 600, Status: Revoked}) // frees its time
				s.AddRdv(Rdv{Motif: 99, Agent: 2, Start: at(8, 9, 0), Minutes: 600})                  // somebody else's
			}
			for _, h := range c.absences {
				from, to := span(8, h)
				s.AddAbsence(Absence{Agent: 1, Start: from, End: to})
			}
			if got := times(s.slots(m, at(8, 0, 0), at(8, 0, 0))); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestTheAgentIsDrawn(t *testing.T) {
	w := newWorld(t, nil)
	w.AddOpening(Opening{Agent: w.admin.ID, Lieu: w.lieu.ID, Motifs: []int{w.motif.ID}, Start: at(8, 9, 0), End: at(8, 12, 0)})
	drawn := make(map[int]bool)
	for range 50 {
		found, _ := w.draw(w.motif, at(8, 9, 0).UTC(), 0)
		drawn[found.agent] = true
	}
	if len(drawn) != 2 {
		t.Errorf("drawn: %v", drawn)
	}
}

func TestTheHourIsThatOfParisInBothSeasons(t *testing.T) {
	s := New(t, Options{Now: func() time.Time { return time.Date(2026, 10, 23, 8, 0, 0, 0, paris) }})
	m := s.AddMotif(Motif{})
	var want []string
	for day := 24; day <= 26; day++ { // the clocks go back on the 25th
		start := time.Date(2026, 10, day, 9, 0, 0, 0, paris)
		s.AddOpening(Opening{Agent: 1, Motifs: []int{m.ID}, Start: start, End: start.Add(time.Hour)})
		want = append(want, start.Format(time.RFC3339))
	}
	var got []string
	for _, f := range s.slots(m, time.Date(2026, 10, 24, 0, 0, 0, 0, paris), time.Date(2026, 10, 26, 0, 0, 0, 0, paris)) {
		got = append(got, f.start.Format(time.RFC3339))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}
