package search

import (
	"fmt"
	"io"
	"math"
	"slices"
	"testing"
)

// row is one line of the table: what was measured, what must not be fallen short of, and what is aimed at.
type row struct {
	what       string
	measured   float64
	floor, aim float64
	unit       string // empty: a ratio
	most       bool   // it is a cost: it must not exceed the floor
	note       string // what the figure is made of
}

// missed reports whether the floor is.
func (r row) missed() bool {
	return r.most && !(r.measured <= r.floor) || !r.most && !(r.measured >= r.floor) // a figure that is none misses it too
}

func (r row) String() string {
	more := ""
	if r.note != "" {
		more = " · " + r.note
	}
	if r.missed() {
		more += " · MISSED"
	}
	return fmt.Sprintf("%s · %.2f%s · %.2f%s · %.2f%s%s", r.what, r.measured, r.unit, r.floor, r.unit, r.aim, r.unit, more)
}

// table is all that was measured.
type table []row

// print writes it, in order, under what it was measured with.
func (rows table) print(w io.Writer, with string) {
	fmt.Fprintf(w, "%s\nwhat · measured · floor · aim\n", with)
	for _, r := range rows {
		fmt.Fprintln(w, r)
	}
}

// judge fails for every floor that is missed.
func (rows table) judge(t *testing.T) {
	for _, r := range rows {
		if r.missed() {
			t.Errorf("missed: %v", r)
		}
	}
}

// median is none of nothing.
func median(list []float64) float64 {
	if len(list) == 0 {
		return math.NaN()
	}
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// percentile is that of a list; p is a hundredth.
func percentile(list []float64, p int) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[min(len(list)-1, len(list)*p/100)]
}

func TestAFloorIsMissedBelowARateAndAboveACost(t *testing.T) {
	for _, c := range []struct {
		row
		want bool
	}{
		{row{measured: 0.34, floor: 0.35}, true},
		{row{measured: 0.35, floor: 0.35}, false},
		{row{measured: 3.1, floor: 3, most: true}, true},
		{row{measured: 3, floor: 3, most: true}, false},
		{row{measured: math.NaN(), floor: 3, most: true}, true},
		{row{measured: math.NaN(), floor: 3}, true},
	} {
		if got := c.missed(); got != c.want {
			t.Errorf("%v: missed %v", c.row, got)
		}
	}
}
