package contention

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// motifs overlap each other: they last differently, begin in step with none of the longer ones, and two of them keep time
// free after each appointment. One is for groups.
func motifs() []booking.Motif {
	return []booking.Motif{
		{ID: "m15", HorizonDays: horizon, Duration: 15 * time.Minute, Step: 15 * time.Minute},
		{ID: "m30", HorizonDays: horizon, Duration: 30 * time.Minute, Step: 15 * time.Minute},
		{ID: "m45", HorizonDays: horizon, Duration: 45 * time.Minute, Step: 15 * time.Minute, Buffer: 10 * time.Minute},
		{ID: "m60", HorizonDays: horizon, Duration: 60 * time.Minute, Step: 30 * time.Minute},
		{ID: "m90", HorizonDays: horizon, Duration: 90 * time.Minute, Step: 30 * time.Minute, Buffer: 15 * time.Minute},
		{ID: "groupe", HorizonDays: horizon, Duration: 60 * time.Minute, Step: 30 * time.Minute, Group: true, Seats: seats},
	}
}

const (
	seats        = 5 // of a group session
	islandHours  = 7
	islandsInDay = 3 // from midnight, with an hour between two: nothing reaches from one to the next
	hours        = "Mo-Su 00:00-07:00,08:00-15:00,16:00-23:00"
	firstDay     = 2 // from today
	lastDay      = 8
	horizon      = lastDay + 1 // whoever is refused is offered others: the nearer, the quicker
)

// islands lists the open times of a diary in which the clients meet, one round in each: what happens in one has nothing
// to do with another. Where the clocks change there is none.
func islands(now time.Time, zone *time.Location) (out []interval.Interval) {
	y, m, d := now.In(zone).Date()
	for day := firstDay; day <= lastDay; day++ {
		for n := range islandsInDay {
			span := interval.Of(time.Date(y, m, d+day, 8*n, 0, 0, 0, zone), time.Date(y, m, d+day, 8*n+islandHours, 0, 0, 0, zone))
			if span.Duration() == islandHours*time.Hour {
				out = append(out, span)
			}
		}
	}
	return out
}

// want is a slot that somebody asks for, and the time that it takes.
type want struct {
	motif     booking.Motif
	slot      interval.Interval
	footprint interval.Interval // with its buffer
	session   string            // what may share the time; empty when nobody may
	seats     int
}

// anySlot picks a motif and a place on its grid.
func anySlot(random *rand.Rand, island interval.Interval) want {
	list := motifs()
	m := list[random.IntN(len(list))]
	step, length := int64(m.Step.Seconds()), int64(m.Duration.Seconds())
	places := (island.End-island.Start-length)/step + 1
	return wantOf(m, island.Start+random.Int64N(places)*step, 1)
}

func wantOf(m booking.Motif, start int64, seats int) want {
	slot := interval.Interval{Start: start, End: start + int64(m.Duration.Seconds())}
	w := want{motif: m, slot: slot, footprint: slot, seats: seats}
	w.footprint.End += int64(m.Buffer.Seconds())
	if m.Group {
		w.session = fmt.Sprintf("%s/%d", m.ID, start)
	}
	return w
}

func (w want) ref(diary string) booking.SlotRef {
	return booking.SlotRef{Place: diary, Agenda: diary, Motif: w.motif.ID, Interval: w.slot}
}

func motifOf(id string) (booking.Motif, bool) {
	list := motifs()
	i := slices.IndexFunc(list, func(m booking.Motif) bool { return m.ID == id })
	if i < 0 {
		return booking.Motif{}, false
	}
	return list[i], true
}
