package prove

import (
	"os"
	"strconv"
)

// Size is how much of something a test does: few in an ordinary run; all where PASSERELLE_PROVE is set, times what it
// says (make prove sets 1, make torture 10).
func Size(few, all int) int {
	times, err := strconv.Atoi(os.Getenv("PASSERELLE_PROVE"))
	if err != nil || times < 1 {
		return few
	}
	return all * times
}

// Long reports whether this is a long run.
func Long() bool { return Size(0, 1) > 0 }
