package availability

import (
	"fmt"
	"strings"
	"testing"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

func explained(list []booking.Stretch) string {
	names := map[booking.Why]string{booking.Free: "free", booking.Reserved: "ours", booking.Busy: "busy", booking.Doubtful: "doubt"}
	var out []string
	for _, s := range list {
		text := fmt.Sprintf("%s-%s %s", s.StartTime().In(paris).Format("15:04"), s.EndTime().In(paris).Format("15:04"), names[s.Why])
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestWhyATimeIsFreeOrNot(t *testing.T) {
	busy := connectors.Reading{
		Basis: connectors.Busy, Busy: []interval.Interval{span(23, "09:30", "10:00"), span(23, "13:00", "14:00")},
		Doubt: []connectors.Doubt{{Interval: span(23, "11:00", "11:30"), Reason: "RRULE"}},
	}
	ours := claims{{Interval: span(23, "10:00", "10:30"), Session: "s", Seats: 1, Appointments: []string{"x"}}}
	for name, c := range map[string]struct {
		a    ask
		want string
	}{
		"busy": {ask{diary: says(busy), claims: ours}, "09:00-09:30 free, 09:30-10:00 busy, 10:00-10:30 ours, 10:30-11:00 free, 11:00-11:30 doubt, 11:30-12:00 free, 13:00-14:00 busy"},
		"open": {ask{diary: says(connectors.Reading{Basis: connectors.Open, Open: []interval.Interval{span(23, "14:00", "15:00")}})}, "14:00-15:00 free"},
		"slots": {
			ask{diary: says(connectors.Reading{Basis: connectors.Slots, Slots: []connectors.Slot{{Interval: span(23, "14:00", "14:30"), Seats: 1}, {Interval: span(23, "14:30", "15:00"), Seats: 1}}})},
			"14:00-15:00 free",
		},
		"an event of ours, which is in the claims": {ask{
			diary:  says(connectors.Reading{Basis: connectors.Busy, Own: []connectors.Own{{Reference: "x", Interval: span(23, "10:00", "10:30")}}}),
			claims: ours,
		}, "09:00-10:00 free, 10:00-10:30 ours, 10:30-12:00 free"},
	} {
		now := monday
		r := c.a.reader(&now)
		got, err := r.Explain(t.Context(), c.a.query())
		if err != nil || explained(got) != c.want {
			t.Errorf("%s: %q, %v; want %q", name, explained(got), err, c.want)
		}
		for i := 1; i < len(got); i++ {
			if got[i].Start < got[i-1].End {
				t.Errorf("%s: two overlap", name)
			}
		}
		r.Close()
	}
	now := monday
	r := ask{}.reader(&now)
	defer r.Close()
	if _, err := r.Explain(t.Context(), ask{diary: fails(connectors.Misconfigured)}.query()); connectors.KindOf(err) != connectors.Misconfigured {
		t.Errorf("an agenda that refuses us: %v", err)
	}
	if _, err := r.Explain(t.Context(), ask{diary: says(busy), hours: "quand il fait beau"}.query()); err == nil {
		t.Error("hours that nobody understands are explained")
	}
}
