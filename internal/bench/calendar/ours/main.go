// Command ours times this project's reader.
package main

import (
	"fmt"
	"os"

	"passerelle/connectors/icalendar"
	"passerelle/connectors/interval"
	"passerelle/internal/bench/calendar"
)

func main() {
	paris, from, to, err := calendar.Year()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	window := interval.Of(from, to)
	calendar.Run(func(text []byte) (int, error) {
		c, err := icalendar.Read(text, window, icalendar.Options{Zone: paris})
		if err != nil {
			return 0, err
		}
		if !c.Complete() {
			return 0, fmt.Errorf("doubt: %v", c.Doubt)
		}
		return len(c.Occurrences), nil
	})
}
