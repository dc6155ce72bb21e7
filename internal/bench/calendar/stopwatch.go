package calendar

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
	_ "time/tzdata"
)

// Year is the window of the comparison: 2026 in Paris.
func Year() (paris *time.Location, from, to time.Time, err error) {
	paris, err = time.LoadLocation("Europe/Paris")
	if err != nil {
		return nil, from, to, err
	}
	return paris, time.Date(2026, 1, 1, 0, 0, 0, 0, paris), time.Date(2027, 1, 1, 0, 0, 0, 0, paris), nil
}

// Run is the main function of a program in Go: it times read, which answers the number of occurrences.
func Run(read func(text []byte) (int, error)) {
	if err := run(read); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(read func(text []byte) (int, error)) error {
	if len(os.Args) != 3 {
		return fmt.Errorf("usage: %s FILE SECONDS", os.Args[0])
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	if err != nil {
		return err
	}
	occurrences, err := read(text) // once, to warm up
	if err != nil {
		return err
	}
	var times []time.Duration
	for begun := time.Now(); time.Since(begun).Seconds() < seconds || len(times) < 3; {
		start := time.Now()
		if _, err := read(text); err != nil {
			return err
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	fmt.Printf("%.4f %d\n", times[len(times)/2].Seconds()*1000, occurrences)
	return nil
}
