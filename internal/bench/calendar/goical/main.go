// Command goical times go-ical with rrule-go, used the way their documentation shows.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	ical "github.com/emersion/go-ical"

	"passerelle/internal/bench/calendar"
)

func main() {
	paris, from, to, err := calendar.Year()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	calendar.Run(func(text []byte) (int, error) { return read(text, paris, from, to) })
}

// read counts the occurrences that overlap the window.
func read(text []byte, paris *time.Location, from, to time.Time) (int, error) {
	count := 0
	for decoder := ical.NewDecoder(bytes.NewReader(text)); ; {
		c, err := decoder.Decode()
		if errors.Is(err, io.EOF) {
			return count, nil
		}
		if err != nil {
			return 0, err
		}
		for _, event := range c.Events() {
			n, err := occurrences(event, paris, from, to)
			if err != nil {
				return 0, err
			}
			count += n
		}
	}
}

func occurrences(event ical.Event, paris *time.Location, from, to time.Time) (int, error) {
	start, err := event.DateTimeStart(paris)
	if err != nil {
		return 0, err
	}
	end, err := event.DateTimeEnd(paris)
	if err != nil {
		return 0, err
	}
	set, err := event.RecurrenceSet(paris)
	switch {
	case err != nil:
		return 0, err
	case set != nil:
		return len(set.Between(from.Add(start.Sub(end)+time.Second), to.Add(-time.Second), true)), nil
	case start.Before(to) && end.After(from):
		return 1, nil
	}
	return 0, nil
}
